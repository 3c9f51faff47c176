import assert from "node:assert/strict";
import { test } from "node:test";
import { between, later, shade, standing, stretchAt } from "./days.ts";

test("days are counted over years and leap days", () => {
  assert.equal(later("1992-02-28", 2), "1992-03-01");
  assert.equal(between("1991-12-31", "1993-01-01"), 367);
});

test("a stretch begins on its first day", () => {
  const starts = ["1991-01-01", "1992-08-27"];
  assert.deepEqual(
    ["1990-12-31", "1991-01-01", "1992-08-26", "1992-08-27"].map((day) => stretchAt(starts, day)),
    [0, 1, 1, 2],
  );
  assert.equal(stretchAt([], "2000-01-01"), 0);
});

test("letters say how surely, and what is denied", () => {
  assert.deepEqual(["c", "P", "."].map(standing), ["certain", "presumed", "out"]);
  assert.deepEqual(["c", "Q", ".", "!"].map(shade), [
    "related certain",
    "denied possible",
    "out",
    "contradicted",
  ]);
});
