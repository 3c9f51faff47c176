import assert from "node:assert/strict";
import { test } from "node:test";
import { moved, partsOf } from "./hits.ts";

test("a text is cut at its ranges, which count code points", () => {
  assert.deepEqual(partsOf("😀abc", [[1, 2]]), [
    { text: "😀", isSought: false },
    { text: "a", isSought: true },
    { text: "bc", isSought: false },
  ]);
  assert.deepEqual(partsOf("ab", []), [{ text: "ab", isSought: false }]);
});

test("arrows go through the list and out of it at both ends", () => {
  assert.equal(moved(-1, 1, 3), 0);
  assert.equal(moved(2, 1, 3), -1);
  assert.equal(moved(-1, -1, 3), 2);
  assert.equal(moved(0, -1, 3), -1);
});
