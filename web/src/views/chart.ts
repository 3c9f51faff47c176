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
    const draw = (place: number): void => list.replaceChildren(...bars(table, place).map(barElement));
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

export interface Bar {
  name: string;
  /** The amount as the table shows it. */
  text: string;
  /** Its length as a share of the longest. */
  share: number;
  isNegative: boolean;
}

/** The bars of the rows that have an amount in a column. */
export function bars(table: Table, place: number): Bar[] {
  const label = labelColumn(table) ?? 0;
  const rows = table.rows.filter((row) => row[place]?.kind === "number").slice(0, MOST);
  const amounts = rows.map((row) => Number(row[place]?.value));
  const largest = Math.max(...amounts.map(Math.abs), Number.MIN_VALUE);
  return rows.map((row, number) => {
    const amount = amounts[number] ?? 0;
    return {
      name: row[label]?.text ?? "",
      text: row[place]?.text ?? "",
      share: Math.abs(amount) / largest,
      isNegative: amount < 0,
    };
  });
}

function barElement({ name, text, share, isNegative }: Bar): HTMLElement {
  const item = document.createElement("li");
  const part = (className: string, textContent = ""): HTMLElement =>
    Object.assign(document.createElement("span"), { className, textContent });
  const [label, bar] = [part("bar-name", name), part("bar")];
  label.dir = "auto";
  bar.style.setProperty("--share", String(share));
  bar.classList.toggle("below", isNegative);
  item.append(label, bar, part("bar-value", text));
  return item;
}
