import assert from "node:assert/strict";
import test from "node:test";
import { columnsOf, labelColumn } from "./columns.ts";
import type { Cell, Kind, Table } from "./view.ts";

const cell = (text: string, kind: Kind): Cell => ({ text, value: text, kind, href: null });
const table: Table = {
  columns: ["kind", "city", "missions"].map((name) => ({ name, title: name })),
  rows: [
    [cell("embassy", "text"), cell("Astana", "iri"), cell("3", "number")],
    [cell("embassy", "text"), cell("Almaty", "iri"), cell("", "empty")],
  ],
};

test("a column with gaps is still of its kind", () => {
  assert.deepEqual(columnsOf(table, "number"), [2]);
});

test("an empty column is of no kind", () => {
  const empty: Table = { columns: [{ name: "x", title: "x" }], rows: [[cell("", "empty")]] };
  assert.deepEqual(columnsOf(empty, "number"), []);
});

test("rows are told apart by the column whose values differ most", () => {
  assert.equal(labelColumn(table), 1);
});
