import assert from "node:assert/strict";
import test from "node:test";
import { prefixAt, typedAt } from "./caret.ts";

test("variables, prefixes and words are told apart", () => {
  assert.deepEqual(typedAt("SELECT ?par", false), { kind: "variable", text: "?par" });
  assert.deepEqual(typedAt("  prefix rd", false), { kind: "prefix", text: "rd" });
  assert.deepEqual(typedAt("?x al:mem", false), { kind: "word", text: "al:mem" });
  assert.deepEqual(typedAt("?x al:", false), { kind: "word", text: "al:" });
  assert.deepEqual(typedAt("?x أذربي", false), { kind: "word", text: "أذربي" });
});

test("a single letter is completed only on request", () => {
  assert.equal(typedAt("a", false), undefined);
  assert.deepEqual(typedAt("a", true), { kind: "word", text: "a" });
  assert.deepEqual(typedAt("", true), { kind: "word", text: "" });
});

test("nothing is completed in strings, comments and IRIs", () => {
  for (const before of ['FILTER (?x = "embassy', "# embassy", "<https://example.org/embassy"]) {
    assert.equal(typedAt(before, false), undefined, before);
  }
  assert.deepEqual(typedAt('"closed" embassy', false), { kind: "word", text: "embassy" });
});

test("the prefix of a name is found, not one that is declared", () => {
  assert.equal(prefixAt("?x al:mem"), "al:");
  assert.equal(prefixAt("?x al:memberOf/rdfs:"), "rdfs:");
  assert.equal(prefixAt("?x <https:"), undefined);
  assert.equal(prefixAt("PREFIX al:"), undefined);
});
