import assert from "node:assert/strict";
import test from "node:test";
import { bars, chart } from "./chart.ts";
import type { Cell, Kind, Table } from "./view.ts";

const cell = (value: string, kind: Kind): Cell => ({ text: value, value, kind, href: null });
const table = (amount: string): Table => ({
  columns: ["what", amount].map((name) => ({ name, title: name })),
  rows: [
    [cell("a", "text"), cell("4", "number")],
    [cell("b", "text"), cell("", "empty")],
    [cell("c", "text"), cell("-2", "number")],
  ],
});

test("each row with an amount has a bar, the longest of which is whole", () => {
  assert.deepEqual(bars(table("sum"), 1), [
    { name: "a", text: "4", share: 1, isNegative: false },
    { name: "c", text: "-2", share: 0.5, isNegative: true },
  ]);
});

test("zeros have bars without length", () => {
  const zero: Table = { ...table("sum"), rows: [[cell("a", "text"), cell("0", "number")]] };
  assert.deepEqual(bars(zero, 1).map(({ share }) => share), [0]);
});

test("numbers that are places, years or codes make no chart", () => {
  assert.ok(chart.fits(table("sum")));
  for (const name of ["latitude", "long", "year", "m49"]) assert.ok(!chart.fits(table(name)), name);
});
