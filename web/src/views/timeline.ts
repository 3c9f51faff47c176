import { columnsOf, labelColumn } from "./columns.ts";
import type { Table, View } from "./view.ts";

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 1000;
const MOST = 200;

/** A strip for each row, from its earliest to its latest date. */
export const timeline: View = {
  name: "timeline",
  fits: (table) =>
    table.rows.length > 1 && columnsOf(table, "date").length > 0 && labelColumn(table) !== undefined,
  show(table, host) {
    const label = labelColumn(table) ?? 0;
    const found = spans(table);
    const all = found.flatMap(([first, last]) => [first, last]);
    const [least, most] = [Math.min(...all), Math.max(...all)];
    const at = (time: number): number => ((time - least) / Math.max(most - least, 1)) * (WIDTH - 6);
    const list = document.createElement("ol");
    list.className = "dated";
    for (const [first, last, row] of found.slice(0, MOST)) {
      const cell = table.rows[row]?.[label];
      const item = document.createElement("li");
      const name = document.createElement(cell?.href ? "a" : "span");
      name.textContent = cell?.text ?? "";
      name.dir = "auto";
      if (name instanceof HTMLAnchorElement && cell?.href) name.href = cell.href;
      const when = Object.assign(document.createElement("span"), { className: "when" });
      when.textContent = [first, last].map((time) => new Date(time).toISOString().slice(0, 10))
        .filter((day, place, days) => days.indexOf(day) === place).join(" – ");
      const strip = document.createElementNS(SVG, "svg");
      strip.setAttribute("class", "strip");
      strip.setAttribute("viewBox", `0 0 ${WIDTH} 20`);
      strip.setAttribute("preserveAspectRatio", "none");
      strip.setAttribute("aria-hidden", "true");
      const bar = document.createElementNS(SVG, "rect");
      const box = { x: at(first), y: 6, width: Math.max(at(last) - at(first), 6), height: 8 };
      for (const [key, value] of Object.entries(box)) bar.setAttribute(key, String(value));
      bar.setAttribute("class", "sure");
      strip.append(bar);
      item.append(name, when, strip);
      list.append(item);
    }
    host.classList.add("picture", "strips");
    host.append(list);
  },
};

/** The first and last time of each row with dates, and the row's number, in order of time. */
export function spans(table: Table): [number, number, number][] {
  const places = columnsOf(table, "date");
  return table.rows
    .flatMap((row, number): [number, number, number][] => {
      const times = places.map((place) => Date.parse(row[place]?.value ?? "")).filter(Number.isFinite);
      return times.length > 0 ? [[Math.min(...times), Math.max(...times), number]] : [];
    })
    .toSorted((a, b) => a[0] - b[0] || a[1] - b[1]);
}
