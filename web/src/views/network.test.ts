import assert from "node:assert/strict";
import test from "node:test";
import { elements, network } from "./network.ts";
import type { Cell, Table } from "./view.ts";

const iri = (name: string): Cell => ({ text: name, value: `http://e/${name}`, kind: "iri", href: `/${name}` });
const table: Table = {
  columns: ["one", "other"].map((name) => ({ name, title: name })),
  rows: [
    [iri("a"), iri("b")],
    [iri("a"), iri("c")],
  ],
};

test("a network has each thing once and an edge for each row", () => {
  const ids = elements(table).map((one) => one.data["id"]);
  assert.deepEqual(ids, ["http://e/a", "http://e/b", "http://e/c", "edge 0", "edge 1"]);
});

test("rows with one thing make no network", () => {
  assert.ok(network.fits(table));
  assert.ok(!network.fits({ ...table, rows: table.rows.map((row) => row.slice(0, 1)) }));
});
