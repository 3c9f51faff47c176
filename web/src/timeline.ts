// The timeline: kinds are filtered at once, and the years that are shown can be narrowed.

import { pngButtons } from "./visuals/png.ts";
import { partOf, shareBefore, ticks, type Years } from "./visuals/years.ts";

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 1000;
const strips = document.querySelector<HTMLElement>(".strips");
const filter = document.querySelector<HTMLFormElement>("[data-filter]");

function filterKinds(): void {
  const shown = new Set(new FormData(filter ?? undefined).getAll("kind"));
  for (const group of strips?.querySelectorAll<HTMLElement>("[data-group]") ?? []) {
    group.hidden = !shown.has(group.dataset["group"] ?? "");
  }
}

/** Show only some years: every strip's view box is that part of its scale. */
function narrow(whole: Years, part: Years): void {
  const [x, width] = partOf(whole, part, WIDTH);
  for (const strip of document.querySelectorAll<SVGSVGElement>("svg.strip")) {
    strip.setAttribute("viewBox", `${x} 0 ${width} 20`);
  }
  document.querySelector<SVGSVGElement>(".years")?.replaceChildren(
    ...ticks(part).map((year) => {
      const share = shareBefore(year, part);
      const mark = document.createElementNS(SVG, "text");
      mark.textContent = String(year);
      mark.setAttribute("x", `${share * 100}%`);
      mark.setAttribute("y", "14");
      if (share > 0.94) mark.setAttribute("text-anchor", "end");
      return mark;
    }),
  );
}

if (strips && filter) {
  const whole = { first: Number(strips.dataset["first"]), last: Number(strips.dataset["last"]) };
  filter.addEventListener("change", filterKinds);
  const [from, to] = filter.querySelectorAll<HTMLInputElement>('input[type="number"]');
  filter.addEventListener("input", () => {
    const part = { first: Number(from?.value), last: Number(to?.value) };
    if (whole.first <= part.first && part.first <= part.last && part.last <= whole.last) narrow(whole, part);
  });
}
pngButtons(document);
