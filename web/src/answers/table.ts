import type { Cell, Kind, Table } from "../views/view.ts";

/** Read a result table of the page, without its column of quotes. */
export function readTable(table: HTMLTableElement): Table {
  const heads = [...(table.tHead?.rows[0]?.cells ?? [])].filter((cell) => cell.dataset["name"]);
  return {
    columns: heads.map((cell) => ({
      name: cell.dataset["name"] ?? "",
      title: cell.textContent?.trim() ?? "",
    })),
    rows: [...(table.tBodies[0]?.rows ?? [])].map((row) =>
      [...row.cells].slice(0, heads.length).map(readCell),
    ),
  };
}

function readCell(cell: HTMLTableCellElement): Cell {
  const text = cell.textContent?.trim() ?? "";
  return {
    text,
    value: cell.dataset["value"] ?? text,
    kind: (cell.dataset["kind"] ?? "text") as Kind,
    href: cell.querySelector("a")?.getAttribute("href") ?? null,
  };
}
