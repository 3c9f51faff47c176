import assert from "node:assert/strict";
import test from "node:test";
import { holdsWords } from "./filter.ts";
import { fold } from "./fold.ts";

const question = fold("أيّ الدول الأعضاء في منظمة الأمن؟");

test("all words are needed, in any order and spelling", () => {
  assert.ok(holdsWords(question, "منظمه  الدول"));
  assert.ok(!holdsWords(question, "منظمة السفارات"));
});

test("an empty query leaves everything", () => assert.ok(holdsWords(question, "  ")));
