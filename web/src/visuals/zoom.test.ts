import assert from "node:assert/strict";
import { test } from "node:test";
import { movedTo, zoomedBy } from "./zoom.ts";

const size = { width: 200, height: 100 };
const whole = { x: 0, y: 0, scale: 1 };

test("the middle stays where it is", () => {
  assert.deepEqual(zoomedBy(whole, size, 2), { x: 50, y: 25, scale: 2 });
});

test("so does the place that was pointed at", () => {
  assert.deepEqual(zoomedBy(whole, size, 2, 1, 0), { x: 100, y: 0, scale: 2 });
});

test("nothing is smaller than the whole, or larger than can be of use", () => {
  assert.deepEqual(zoomedBy({ x: 50, y: 25, scale: 2 }, size, 0), whole);
  assert.equal(zoomedBy(whole, size, 1000).scale, 12);
});

test("the view does not leave the drawing", () => {
  assert.deepEqual(movedTo({ x: -5, y: 80, scale: 2 }, size), { x: 0, y: 50, scale: 2 });
});
