import assert from "node:assert/strict";
import { test } from "node:test";
import letters from "../../../tests/data/shared/history-letters.json" with { type: "json" };
import { addDays, certaintyOf, dateFormat, daysBetween, fillIn, intervalAt, mapClasses } from "./intervals.ts";

test("days are counted over years and leap days", () => {
  assert.equal(addDays("1992-02-28", 2), "1992-03-01");
  assert.equal(daysBetween("1991-12-31", "1993-01-01"), 367);
});

test("an interval begins on its first day", () => {
  const starts = ["1991-01-01", "1992-08-27"];
  assert.deepEqual(
    ["1990-12-31", "1991-01-01", "1992-08-26", "1992-08-27"].map((day) => intervalAt(starts, day)),
    [0, 1, 1, 2],
  );
  assert.equal(intervalAt([], "2000-01-01"), 0);
});

for (const [letter, classes] of letters as [string, string][]) {
  test(`the classes of ${letter} on a map`, () => assert.equal(mapClasses(letter).join(" "), classes));
}

test("a letter says how sure it is; none is as a dot", () => {
  assert.deepEqual(["c", "P", "q", ".", undefined].map(certaintyOf), ["certain", "presumed", "possible", "out", "out"]);
});

test("a date is written as the server writes it", () => {
  const day = new Date("2010-06-15T00:00:00Z");
  assert.equal(dateFormat("en-GB").format(day), "15 June 2010");
  assert.equal(dateFormat("ar").format(day), "15 يونيو 2010");
});

test("a template is filled in by name", () => {
  assert.equal(fillIn("{day}: {certain} certain{none}", { day: "today", certain: "3" }), "today: 3 certain");
});
