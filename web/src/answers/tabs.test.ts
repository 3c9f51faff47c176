import assert from "node:assert/strict";
import test from "node:test";
import { tabByKey } from "./tabs.ts";

test("arrows go round, in the direction of the page", () => {
  assert.equal(tabByKey("ArrowRight", 2, 3, false), 0);
  assert.equal(tabByKey("ArrowLeft", 0, 3, false), 2);
  assert.equal(tabByKey("ArrowLeft", 0, 3, true), 1);
  assert.equal(tabByKey("ArrowRight", 1, 3, true), 0);
});

test("Home and End lead to the first and the last tab", () => {
  assert.equal(tabByKey("Home", 2, 3, false), 0);
  assert.equal(tabByKey("End", 0, 3, true), 2);
});

test("other keys lead nowhere", () => assert.equal(tabByKey("a", 0, 3, false), undefined));
