import assert from "node:assert/strict";
import test from "node:test";
import { fold } from "./fold.ts";

for (const [name, written, sought] of [
  ["hamza", "أذربيجان", "اذربيجان"],
  ["ta marbuta", "منظمة", "منظمه"],
  ["vowel signs", "مُنَظَّمة", "منظمه"],
  ["tatweel", "علاقـات", "علاقات"],
  ["alef maqsura", "المستوى", "المستوي"],
  ["accents and capitals", "Türkiye", "turkiye"],
] as const) {
  test(`${name} does not hide a match`, () => assert.equal(fold(written), sought));
}
