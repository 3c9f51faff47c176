import assert from "node:assert/strict";
import test from "node:test";
import cases from "../../../tests/data/shared/folding.json" with { type: "json" };
import { fold } from "./fold.ts";

for (const [name, written, folded] of cases as [string, string, string][]) {
  test(`folding: ${name}`, () => assert.equal(fold(written), folded));
}
