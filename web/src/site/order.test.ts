import assert from "node:assert/strict";
import test from "node:test";
import { compare } from "./order.ts";

const sorted = (values: string[], language: string): string[] =>
  values.toSorted((a, b) => compare(a, b, language));

test("numbers are sorted by value, not by their digits", () => {
  assert.deepEqual(sorted(["10", "9", "-1", "2.5"], "en"), ["-1", "2.5", "9", "10"]);
});

test("empty values come last", () => {
  assert.deepEqual(sorted(["", "b", "a"], "en"), ["a", "b", ""]);
});

test("Arabic is sorted as Arabic readers expect", () => {
  assert.deepEqual(sorted(["يد", "أرض", "باب"], "ar"), ["أرض", "باب", "يد"]);
});

test("dates sort by time because they are lexical", () => {
  assert.deepEqual(sorted(["1992-08-27", "1991-12-16"], "en"), ["1991-12-16", "1992-08-27"]);
});
