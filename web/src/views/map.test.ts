import assert from "node:assert/strict";
import test from "node:test";
import { map, points } from "./map.ts";
import type { Cell, Kind, Table } from "./view.ts";

const cell = (value: string, kind: Kind): Cell => ({ text: value, value, kind, href: null });
const table: Table = {
  columns: ["city", "latitude", "longitude"].map((name) => ({ name, title: name })),
  rows: [
    [cell("Almaty", "iri"), cell("43.25", "number"), cell("76.9", "number")],
    [cell("nowhere", "iri"), cell("", "empty"), cell("", "empty")],
  ],
};

test("rows with coordinates have a place and a name", () => {
  assert.deepEqual(points(table), [[76.9, 43.25, "Almaty", null]]);
});

test("a table without coordinates has no map", () => {
  assert.ok(map.fits(table));
  assert.ok(!map.fits({ ...table, columns: table.columns.slice(0, 1) }));
});
