import type { Kind, Table } from "./view.ts";

/** The places of the columns whose bound cells are all of a kind, of one at least. */
export function columnsOf(table: Table, kind: Kind): number[] {
  return table.columns.flatMap((_, place) => {
    const kinds = new Set(table.rows.map((row) => row[place]?.kind ?? "empty"));
    kinds.delete("empty");
    return kinds.size === 1 && kinds.has(kind) ? [place] : [];
  });
}

/** The place of the first column that tells what a row is about. */
export function labelColumn(table: Table): number | undefined {
  const numbers = new Set(columnsOf(table, "number"));
  const places = table.columns.map((_, place) => place).filter((place) => !numbers.has(place));
  const distinct = (place: number): number => new Set(table.rows.map((row) => row[place]?.text)).size;
  return places.toSorted((a, b) => distinct(b) - distinct(a) || a - b)[0];
}
