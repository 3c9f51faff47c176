// A day: the slider moves lists, map and network without asking the server. Every mark on
// the page has its course, a letter for each stretch of days in which nothing changes.

import "./map.ts";
import { between, later, shade, standing, stretchAt } from "./visuals/days.ts";

const page = document.querySelector<HTMLElement>("[data-starts]");
const slider = page?.querySelector<HTMLInputElement>('input[type="range"]');
const field = page?.querySelector<HTMLInputElement>('input[type="date"]');

if (page && slider && field) {
  const starts = (page.dataset["starts"] ?? "").split(" ").filter(Boolean);
  const origin = slider.dataset["origin"] ?? "";
  const least = Number(slider.min);
  // As the server has it: 15 June 2010.
  const locale = page.dataset["locale"] ?? "";
  const words = new Intl.DateTimeFormat(`${locale}-u-nu-latn-ca-gregory`, {
    dateStyle: "long",
    timeZone: "UTC",
  });
  const marks = [...page.querySelectorAll<HTMLElement | SVGElement>("[data-course]")];
  let shown = -1;
  let waiting = 0;

  /** Bring every mark to a stretch. */
  const move = (stretch: number): void => {
    for (const mark of marks) {
      const letter = mark.dataset["course"]?.[stretch];
      if (mark instanceof HTMLLIElement) {
        mark.className = standing(letter);
        mark.hidden = letter === ".";
        const word = mark.querySelector(".standing-word");
        const name = page.querySelector(`[data-name="${standing(letter)}"]`);
        if (word && name) word.textContent = name.textContent;
      } else if (mark instanceof HTMLElement) mark.hidden = letter === ".";
      else {
        const kept = [...mark.classList].filter((name) => /^(area|city|tie|away)$/.test(name));
        mark.setAttribute("class", [...kept, ...shade(letter).split(" ")].join(" "));
      }
    }
    for (const list of page.querySelectorAll(".day-list")) {
      const items = [...list.children] as HTMLElement[];
      const order = ["certain", "presumed", "possible", "out"];
      items.sort((a, b) => order.indexOf(a.className) - order.indexOf(b.className));
      list.append(...items);
      const held = list.parentElement?.querySelector("[data-held]");
      const count = items.filter((item) => !item.hidden).length;
      if (held) held.textContent = String(count);
      if (list.parentElement) list.parentElement.hidden = count === 0;
    }
  };

  /** Say where we are: in words, in the address, and to those who listen. */
  const tell = (day: string): void => {
    const heading = page.querySelector<HTMLElement>("[data-heading]");
    const told = words.format(new Date(`${day}T00:00:00Z`));
    if (heading) heading.textContent = (heading.dataset["heading"] ?? "").replace("{}", told);
    slider.setAttribute("aria-valuetext", told);
    const counts: Record<string, string> = { day: told };
    for (const count of page.querySelectorAll<HTMLElement>("[data-count]")) {
      const name = count.dataset["count"] ?? "";
      counts[name] = String(page.querySelectorAll(`.day-list > .${name}`).length);
      count.textContent = counts[name];
    }
    for (const file of page.querySelectorAll<HTMLAnchorElement>("[data-day-file]")) {
      file.href = `${page.dataset["base"]}/${day}${file.dataset["dayFile"]}`;
    }
    const beyond = page.querySelector<HTMLElement>("[data-beyond]");
    const [from, to] = [beyond?.dataset["from"] ?? "", beyond?.dataset["to"] ?? ""];
    if (beyond) beyond.hidden = day >= from && day <= to;
    page.querySelector(".steps")?.remove();
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      history.replaceState(null, "", `${page.dataset["base"]}/${day}${location.search}`);
      const status = page.querySelector<HTMLElement>("[data-announce]");
      const form = status?.dataset["announce"] ?? "";
      if (status) status.textContent = form.replace(/\{(\w+)\}/g, (_, name: string) => counts[name] ?? "");
    }, 350);
  };

  const show = (day: string): void => {
    const stretch = stretchAt(starts, day);
    if (stretch !== shown) move(stretch);
    shown = stretch;
    tell(day);
  };

  slider.disabled = false;
  slider.addEventListener("input", () => {
    field.value = later(origin, Number(slider.value) - least);
    show(field.value);
  });
  field.addEventListener("input", () => {
    if (!field.value || !field.validity.valid) return;
    slider.value = String(least + between(origin, field.value));
    show(field.value);
  });
  field.form?.addEventListener("submit", (event) => {
    if (!field.validity.valid) return;
    event.preventDefault();
    show(field.value);
  });
  shown = stretchAt(starts, field.value);
}
