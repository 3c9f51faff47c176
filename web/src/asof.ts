// A day: the slider moves lists, map and network without asking the server. Every mark on
// the page has its history, a letter for each interval of days in which nothing changes.

import "./map.ts";
import { addDays, certaintyOf, dateFormat, daysBetween, fillIn, intervalAt, mapClasses, ORDER } from "./visuals/intervals.ts";

const page = document.querySelector<HTMLElement>("[data-starts]");
const slider = page?.querySelector<HTMLInputElement>('input[type="range"]');
const field = page?.querySelector<HTMLInputElement>('input[type="date"]');
const PAUSE = 350; // milliseconds before the address and the announcement follow

if (page && slider && field) {
  const starts = (page.dataset["starts"] ?? "").split(" ").filter(Boolean);
  const origin = slider.dataset["origin"] ?? "";
  const least = Number(slider.min);
  const inWords = dateFormat(page.dataset["locale"] ?? "");
  const marks = [...page.querySelectorAll<HTMLElement | SVGElement>("[data-course]")];
  let shown = -1;
  let timer = 0;

  const showMark = (mark: HTMLElement | SVGElement, letter: string | undefined): void => {
    if (mark instanceof HTMLElement) mark.hidden = letter === ".";
    if (mark instanceof HTMLLIElement) {
      const certainty = certaintyOf(letter);
      mark.className = certainty;
      const word = mark.querySelector(".certainty-word");
      const name = page.querySelector(`[data-name="${certainty}"]`);
      if (word && name) word.textContent = name.textContent;
    } else if (mark instanceof SVGElement) {
      const others = [...mark.classList].filter((name) => /^(area|city|tie|away)$/.test(name));
      mark.setAttribute("class", [...others, ...mapClasses(letter)].join(" "));
    }
  };

  /** Show what holds in an interval: every mark, and the lists in order with their counts. */
  const showInterval = (interval: number): void => {
    for (const mark of marks) showMark(mark, mark.dataset["course"]?.[interval]);
    for (const list of page.querySelectorAll(".day-list")) {
      const items = [...list.children] as HTMLElement[];
      const rank = ({ className }: HTMLElement): number => ORDER.findIndex((one) => one === className);
      items.sort((a, b) => rank(a) - rank(b));
      list.append(...items);
      const number = list.parentElement?.querySelector("[data-held]");
      const count = items.filter((item) => !item.hidden).length;
      if (number) number.textContent = String(count);
      if (list.parentElement) list.parentElement.hidden = count === 0;
    }
  };

  /** Show the day itself: in words, in links, in the address, and to screen readers. */
  const showDay = (day: string): void => {
    const heading = page.querySelector<HTMLElement>("[data-heading]");
    const words = inWords.format(new Date(`${day}T00:00:00Z`));
    if (heading) heading.textContent = (heading.dataset["heading"] ?? "").replace("{}", words);
    slider.setAttribute("aria-valuetext", words);
    const values: Record<string, string> = { day: words };
    for (const count of page.querySelectorAll<HTMLElement>("[data-count]")) {
      const name = count.dataset["count"] ?? "";
      values[name] = String(page.querySelectorAll(`.day-list > .${name}`).length);
      count.textContent = values[name];
    }
    for (const file of page.querySelectorAll<HTMLAnchorElement>("[data-day-file]")) {
      file.href = `${page.dataset["base"]}/${day}${file.dataset["dayFile"]}`;
    }
    const beyond = page.querySelector<HTMLElement>("[data-beyond]");
    const [from, to] = [beyond?.dataset["from"] ?? "", beyond?.dataset["to"] ?? ""];
    if (beyond) beyond.hidden = day >= from && day <= to;
    page.querySelector(".steps")?.remove();
    clearTimeout(timer);
    timer = setTimeout(() => {
      history.replaceState(null, "", `${page.dataset["base"]}/${day}${location.search}`);
      const status = page.querySelector<HTMLElement>("[data-announce]");
      if (status) status.textContent = fillIn(status.dataset["announce"] ?? "", values);
    }, PAUSE);
  };

  const show = (day: string): void => {
    const interval = intervalAt(starts, day);
    if (interval !== shown) showInterval(interval);
    shown = interval;
    showDay(day);
  };

  slider.disabled = false;
  slider.addEventListener("input", () => {
    field.value = addDays(origin, Number(slider.value) - least);
    show(field.value);
  });
  field.addEventListener("input", () => {
    if (!field.value || !field.validity.valid) return;
    slider.value = String(least + daysBetween(origin, field.value));
    show(field.value);
  });
  field.form?.addEventListener("submit", (event) => {
    if (!field.validity.valid) return;
    event.preventDefault();
    show(field.value);
  });
  shown = intervalAt(starts, field.value);
}
