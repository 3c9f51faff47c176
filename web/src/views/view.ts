// The interface of a view of a result table. A view that needs a large library loads it in
// show, so that it costs nothing until it is selected.

export type Kind = "iri" | "number" | "date" | "boolean" | "text" | "empty";

export interface Cell {
  /** What the table shows, in the language of the page. */
  text: string;
  /** The lexical form of a literal, or the IRI. */
  value: string;
  kind: Kind;
  /** Where an IRI leads. */
  href: string | null;
}

export interface Column {
  /** The variable. */
  name: string;
  /** What the table calls it. */
  title: string;
}

export interface Table {
  columns: readonly Column[];
  rows: readonly (readonly Cell[])[];
}

export interface View {
  /** Its name, under which the page has its title. */
  name: "chart" | "map" | "timeline" | "network";
  /** Whether the shape of the answer allows it. */
  fits(table: Table): boolean;
  /** Draw it into an empty element of the page. */
  show(table: Table, host: HTMLElement): void | Promise<void>;
}
