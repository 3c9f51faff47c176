import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import test from "node:test";

const FILES = globSync("**/*.ts", { cwd: import.meta.dirname }).filter((name) => !name.endsWith(".d.ts"));

/** The modules here that one imports, for types too. */
function importsOf(name: string): string[] {
  const text = readFileSync(join(import.meta.dirname, name), "utf8");
  const found = text.matchAll(/^(?:import|export)\b[^"';]*["'](\.[^"']+)["']|\bimport\(["'](\.[^"']+)["']\)/gm);
  return [...found].map(([, still, lazy]) => join(dirname(name), still ?? lazy ?? ""));
}

/** The modules on a way that leads from one back to itself, if there is one. */
function circleFrom(name: string, way: string[], done: Set<string>): string[] | undefined {
  if (way.includes(name)) return [...way.slice(way.indexOf(name)), name];
  if (done.has(name)) return undefined;
  for (const next of importsOf(name).filter((one) => FILES.includes(one))) {
    const circle = circleFrom(next, [...way, name], done);
    if (circle) return circle;
  }
  done.add(name);
  return undefined;
}

test("imports are found", () => {
  assert.deepEqual(importsOf("questions.ts"), ["answers/enhance.ts", "text/filter.ts"]);
  assert.ok(importsOf("editor/editor.ts").includes("editor/completion.ts"));
});

test("no import goes in a circle, not even of types", () => {
  const done = new Set<string>();
  const circle = FILES.map((name) => circleFrom(name, [], done)).find((found) => found);
  assert.equal(circle?.join(" → "), undefined);
});
