import assert from "node:assert/strict";
import test from "node:test";
import { keywordsFrom } from "./keywords.ts";

test("keywords are completed in any case, written as the grammar has them", () => {
  assert.deepEqual(keywordsFrom("sel"), ["SELECT"]);
  assert.deepEqual(keywordsFrom("ISB"), ["isBlank"]);
  assert.deepEqual(keywordsFrom("tr"), ["true", "TRIPLE"]);
});

test("keywords of updates and of federation are not offered", () => {
  assert.deepEqual(keywordsFrom("INSERT"), []);
  assert.deepEqual(keywordsFrom("SERV"), []);
});
