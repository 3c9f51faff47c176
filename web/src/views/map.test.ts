import assert from "node:assert/strict";
import test from "node:test";
import { geoEqualEarth } from "d3-geo";
import world from "../../../src/alaqat/visuals/world.json" with { type: "json" };
import cases from "../../../tests/data/shared/places-on-map.json" with { type: "json" };
import { map, points, projectionOf } from "./map.ts";
import type { Cell, Kind, Table } from "./view.ts";

const cell = (value: string, kind: Kind): Cell => ({ text: value, value, kind, href: null });
const table: Table = {
  columns: ["city", "latitude", "longitude"].map((name) => ({ name, title: name })),
  rows: [
    [cell("Almaty", "iri"), cell("43.25", "number"), cell("76.9", "number")],
    [cell("nowhere", "iri"), cell("", "empty"), cell("", "empty")],
  ],
};

test("rows with coordinates have a place and a name", () => {
  assert.deepEqual(points(table), [[76.9, 43.25, "Almaty", null]]);
});

test("a table without coordinates has no map", () => {
  assert.ok(map.fits(table));
  assert.ok(!map.fits({ ...table, columns: table.columns.slice(0, 1) }));
});

for (const [longitude, latitude, x, y] of cases as [number, number, number, number][]) {
  test(`where ${longitude}, ${latitude} lies on the map`, () => {
    const [foundX, foundY] = projectionOf(world, geoEqualEarth())([longitude, latitude]) ?? [0, 0];
    assert.ok(Math.hypot(foundX - x, foundY - y) < 0.01);
  });
}
