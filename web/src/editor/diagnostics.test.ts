import assert from "node:assert/strict";
import test from "node:test";
import { underlined } from "./diagnostics.ts";

test("the word at the column is underlined", () => {
  assert.deepEqual(underlined("SELECT ?x {", 8), [7, 9]);
});

test("columns count code points, the browser UTF-16 units", () => {
  assert.deepEqual(underlined("😀 foo}", 3), [3, 6]);
});

test("behind the last word, that word is underlined", () => {
  assert.deepEqual(underlined("a } ", 3), [0, 2]);
  assert.deepEqual(underlined("SELECT ?x {", 12), [10, 11]);
});

test("there is always something to underline", () => {
  assert.deepEqual(underlined("}", 1), [0, 1]);
  assert.deepEqual(underlined("", 1), [0, 1]);
});
