import assert from "node:assert/strict";
import { test } from "node:test";
import cases from "../../../tests/data/shared/year-ticks.json" with { type: "json" };
import { partOf, shareBefore, ticks } from "./years.ts";

for (const [first, last, years] of cases as [number, number, number[]][]) {
  test(`the ticks from ${first} to ${last}`, () => assert.deepEqual(ticks({ first, last }), years));
}

test("shares of a scale count days", () => {
  assert.equal(shareBefore(1991, { first: 1991, last: 1992 }), 0);
  assert.equal(shareBefore(1992, { first: 1991, last: 1992 }), 365 / 731);
  assert.equal(shareBefore(1993, { first: 1991, last: 1992 }), 1);
});

test("some years are a part of the drawing of all", () => {
  assert.deepEqual(partOf({ first: 1991, last: 1992 }, { first: 1991, last: 1992 }, 1000), [0, 1000]);
  const [x, width] = partOf({ first: 1991, last: 1992 }, { first: 1992, last: 1992 }, 731);
  assert.ok(Math.abs(x - 365) < 1e-9 && Math.abs(width - 366) < 1e-9);
});

test("the first century is not taken for the twentieth", () => {
  assert.equal(shareBefore(51, { first: 1, last: 100 }) > 0.49, true);
});
