import assert from "node:assert/strict";
import test from "node:test";
import { declaration, labelOf, lookup, shortened, type Term } from "./terms.ts";

const terms: Term[] = [
  { term: "al:Embassy", kind: "class", labels: ["embassy", "سفارة"] },
  { term: "state:AZE", kind: "thing", labels: ["Azerbaijan", "أذربيجان"] },
  { term: "org:osce", kind: "thing", labels: ["Organization for Security", "منظمة الأمن والتعاون"] },
];
const found = (text: string): string[] => lookup(terms)(text).map(({ term }) => term.term);

test("a label is found however its alef is written", () => {
  assert.deepEqual(found("اذربي"), ["state:AZE"]);
  assert.deepEqual(found("أذربي"), ["state:AZE"]);
});

test("a word inside a label is found, also without its article", () => {
  assert.deepEqual(found("security"), ["org:osce"]);
  assert.deepEqual(found("امن"), ["org:osce"]);
});

test("the name after a prefix is found", () => {
  assert.deepEqual(found("al:emb"), ["al:Embassy"]);
  assert.deepEqual(found("emb"), ["al:Embassy"]);
});

test("letters inside a word are no match", () => {
  assert.deepEqual(found("baijan"), []);
});

test("a prefix is declared once", () => {
  const all = { prefixes: { al: "https://e/#" }, terms };
  assert.equal(declaration("SELECT * {}", "al:Embassy", all), "PREFIX al: <https://e/#>\n");
  assert.equal(declaration("prefix al: <https://e/#>\nASK {}", "al:Embassy", all), "");
  assert.equal(declaration("ASK {}", "<https://e/x>", all), "");
});

test("a long IRI is shown by its last part, a prefixed name whole", () => {
  assert.equal(shortened("<https://e/id/thing>"), "…/thing");
  assert.equal(shortened("al:Embassy"), "al:Embassy");
});

test("a label runs as the page does if there is one", () => {
  const [embassy] = terms as [Term, ...Term[]];
  assert.equal(labelOf(embassy, true), "سفارة");
  assert.equal(labelOf(embassy, false), "embassy");
  assert.equal(labelOf({ ...embassy, labels: ["embassy"] }, true), "embassy");
});
