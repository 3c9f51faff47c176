import assert from "node:assert/strict";
import { test } from "node:test";
import { placeOf, rangeOf } from "./offsets.ts";

test("an offset counts code points, a place UTF-16 units", () => {
  assert.deepEqual(placeOf(["a😀b", "cd"], 2, false), { text: 0, unit: 3 });
  assert.deepEqual(placeOf(["a😀b", "cd"], 3, false), { text: 1, unit: 0 });
  assert.deepEqual(placeOf(["a😀b", "cd"], 3, true), { text: 0, unit: 4 });
  assert.equal(placeOf(["ab"], 3, true), null);
});

test("a range is two positions, the first before the second", () => {
  assert.deepEqual(rangeOf("#char=2532,2586"), [2532, 2586]);
  for (const wrong of ["#char=9,9", "#char=9,3", "#char=1", "#sentence-3", ""]) {
    assert.equal(rangeOf(wrong), null);
  }
});
