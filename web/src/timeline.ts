// The timeline: kinds are filtered at once, and the years that are shown can be narrowed.

import { pngButtons } from "./visuals/png.ts";

const strips = document.querySelector<HTMLElement>(".strips");
const filter = document.querySelector<HTMLFormElement>("[data-filter]");

function filterKinds(): void {
  const shown = new Set(new FormData(filter ?? undefined).getAll("kind"));
  for (const group of strips?.querySelectorAll<HTMLElement>("[data-group]") ?? []) {
    group.hidden = !shown.has(group.dataset["group"] ?? "");
  }
}

/** Show only some years: every strip's view box is that part of its scale. */
function narrow(first: number, last: number, from: number, to: number): void {
  const day = (year: number): number => Date.UTC(year, 0, 1);
  const whole = day(last + 1) - day(first);
  const x = ((day(from) - day(first)) / whole) * 1000;
  const width = ((day(to + 1) - day(from)) / whole) * 1000;
  for (const strip of document.querySelectorAll<SVGSVGElement>("svg.strip")) {
    strip.setAttribute("viewBox", `${x} 0 ${width} 20`);
  }
  const axis = document.querySelector<SVGSVGElement>(".years");
  const step = Math.max(1, Math.ceil((to - from + 1) / 8));
  const years = Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, n) => from + n * step);
  axis?.replaceChildren(
    ...years.map((year) => {
      const mark = document.createElementNS("http://www.w3.org/2000/svg", "text");
      mark.textContent = String(year);
      const share = (day(year) - day(from)) / (day(to + 1) - day(from));
      mark.setAttribute("x", `${share * 100}%`);
      if (share > 0.94) mark.setAttribute("text-anchor", "end");
      mark.setAttribute("y", "14");
      return mark;
    }),
  );
}

if (strips && filter) {
  const [first, last] = [Number(strips.dataset["first"]), Number(strips.dataset["last"])];
  filter.addEventListener("change", filterKinds);
  const [from, to] = filter.querySelectorAll<HTMLInputElement>('input[type="number"]');
  filter.addEventListener("input", () => {
    const [one, other] = [Number(from?.value), Number(to?.value)];
    if (one >= first && other <= last && one <= other) narrow(first, last, one, other);
  });
}
pngButtons(document);
