import assert from "node:assert/strict";
import test from "node:test";
import { spans, timeline } from "./timeline.ts";
import type { Cell, Kind, Table } from "./view.ts";

const cell = (value: string, kind: Kind): Cell => ({ text: value, value, kind, href: null });
const table: Table = {
  columns: ["what", "first", "last"].map((name) => ({ name, title: name })),
  rows: [
    [cell("b", "text"), cell("1993-02-02", "date"), cell("", "empty")],
    [cell("a", "text"), cell("1992-01-01", "date"), cell("1992-12-31", "date")],
  ],
};

test("rows are ordered by their first date, and reach to their last", () => {
  const rows = spans(table).map(([first, last, row]) => [row, (last - first) / 86_400_000]);
  assert.deepEqual(rows, [[1, 365], [0, 0]]);
});

test("rows without dates make no timeline", () => {
  assert.ok(timeline.fits(table));
  assert.ok(!timeline.fits({ ...table, rows: table.rows.map((row) => row.slice(0, 1)) }));
});
