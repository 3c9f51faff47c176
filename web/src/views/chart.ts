import { columnsOf, labelColumn } from "./columns.ts";
import type { Table, View } from "./view.ts";

// Numbers that are places or codes, not amounts.
const NO_AMOUNT = /^(lat(itude)?|long(itude)?|start|end|m49|line_number|offset|order|year)$/;
const MOST = 60;

const amounts = (table: Table): number[] =>
  columnsOf(table, "number").filter((place) => !NO_AMOUNT.test(table.columns[place]?.name ?? ""));

/** Bars, one for each row, in the order of the table. */
export const chart: View = {
  name: "chart",
  fits: (table) =>
    table.rows.length > 1 && amounts(table).length > 0 && labelColumn(table) !== undefined,
  show(table, host) {
    const places = amounts(table);
    const list = document.createElement("ul");
    list.className = "bars";
    const draw = (place: number): void => list.replaceChildren(...bars(table, place));
    draw(places[0] ?? 0);
    if (places.length > 1) host.append(chooser(table, places, draw));
    host.append(list);
  },
};

/** A field that chooses which amount is drawn. */
function chooser(table: Table, places: number[], draw: (place: number) => void): HTMLElement {
  const field = document.createElement("fieldset");
  field.className = "chooser";
  for (const place of places) {
    const label = document.createElement("label");
    const radio = Object.assign(document.createElement("input"), { type: "radio", name: "amount" });
    radio.checked = place === places[0];
    radio.addEventListener("change", () => draw(place));
    label.append(radio, ` ${table.columns[place]?.title ?? ""}`);
    field.append(label);
  }
  return field;
}

function bars(table: Table, place: number): HTMLElement[] {
  const label = labelColumn(table) ?? 0;
  const rows = table.rows.filter((row) => row[place]?.kind === "number").slice(0, MOST);
  const largest = Math.max(...rows.map((row) => Math.abs(Number(row[place]?.value))), Number.MIN_VALUE);
  return rows.map((row) => {
    const amount = Number(row[place]?.value);
    const item = document.createElement("li");
    const [name, bar, value] = ["bar-name", "bar", "bar-value"].map((className) =>
      Object.assign(document.createElement("span"), { className }),
    ) as [HTMLElement, HTMLElement, HTMLElement];
    name.textContent = row[label]?.text ?? "";
    name.dir = "auto";
    value.textContent = row[place]?.text ?? "";
    bar.style.setProperty("--share", String(Math.abs(amount) / largest));
    bar.classList.toggle("below", amount < 0);
    item.append(name, bar, value);
    return item;
  });
}
