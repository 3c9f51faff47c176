import type { Kind, Table } from "./view.ts";

/** The columns whose non-empty cells are all of a kind; not those without any. */
export function columnsOf(table: Table, kind: Kind): number[] {
  return table.columns.flatMap((_, place) => {
    const kinds = new Set(table.rows.map((row) => row[place]?.kind ?? "empty"));
    kinds.delete("empty");
    return kinds.size === 1 && kinds.has(kind) ? [place] : [];
  });
}

/** The column that labels rows best: not numbers, and with most distinct values. */
export function labelColumn(table: Table): number | undefined {
  const numbers = new Set(columnsOf(table, "number"));
  const places = table.columns.map((_, place) => place).filter((place) => !numbers.has(place));
  const distinct = (place: number): number => new Set(table.rows.map((row) => row[place]?.text)).size;
  return places.toSorted((a, b) => distinct(b) - distinct(a) || a - b)[0];
}
