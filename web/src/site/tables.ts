import { compare } from "./order.ts";

/** Let the headings of each table with data-sortable sort it; they become buttons. */
export function sortableTables(root: ParentNode): void {
  for (const table of root.querySelectorAll<HTMLTableElement>("table[data-sortable]")) {
    for (const heading of table.tHead?.rows[0]?.cells ?? []) makeSortable(table, heading);
  }
}

function makeSortable(table: HTMLTableElement, heading: HTMLTableCellElement): void {
  if (!heading.textContent?.trim() || heading.querySelector("button")) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "sort";
  button.append(...heading.childNodes);
  heading.append(button);
  button.addEventListener("click", () => {
    const down = heading.getAttribute("aria-sort") === "ascending";
    for (const other of heading.parentElement?.children ?? []) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", down ? "descending" : "ascending");
    sort(table, heading.cellIndex, down ? -1 : 1);
  });
}

function sort(table: HTMLTableElement, column: number, sign: 1 | -1): void {
  const body = table.tBodies[0];
  if (!body) return;
  const language = document.documentElement.lang;
  const rows = [...body.rows].map((row) => ({ row, key: key(row.cells[column]) }));
  rows.sort((a, b) => sign * compare(a.key, b.key, language));
  body.append(...rows.map(({ row }) => row));
}

/** What a cell is sorted by: its data-value, which is lexical, or what it shows. */
function key(cell: HTMLTableCellElement | undefined): string {
  return cell?.dataset["value"] ?? cell?.textContent?.trim() ?? "";
}
