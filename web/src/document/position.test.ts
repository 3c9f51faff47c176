import assert from "node:assert/strict";
import { test } from "node:test";
import { besideWords } from "./position.ts";

const room = { width: 800, height: 600 };
const popover = { width: 200, height: 100 };
const line = (top: number, left: number) => ({ top, bottom: top + 20, left, width: 100 });

test("a popover goes below the last line of the words, in their middle", () => {
  assert.deepEqual(besideWords([line(100, 700), line(120, 300)], popover, room), { top: 146, left: 250 });
});

test("it goes above the first line where there is no room below", () => {
  assert.deepEqual(besideWords([line(540, 300), line(560, 300)], popover, room), { top: 434, left: 250 });
});

test("it goes below all the same where there is no room above either", () => {
  assert.equal(besideWords([line(50, 300)], popover, { width: 800, height: 120 }).top, 76);
});

test("it stays within the window", () => {
  assert.equal(besideWords([line(100, 0)], popover, room).left, 8);
  assert.equal(besideWords([line(100, 750)], popover, room).left, 592);
});
