import assert from "node:assert/strict";
import { test } from "node:test";
import { partsOf, placeAfter, suggestionsUrl } from "./hits.ts";

test("a text is cut at its ranges, which count code points", () => {
  assert.deepEqual(partsOf("😀abc", [[1, 2]]), [
    { text: "😀", isMatch: false },
    { text: "a", isMatch: true },
    { text: "bc", isMatch: false },
  ]);
  assert.deepEqual(partsOf("ab", []), [{ text: "ab", isMatch: false }]);
});

test("arrows go through the list and out of it at both ends", () => {
  assert.equal(placeAfter(-1, 1, 3), 0);
  assert.equal(placeAfter(2, 1, 3), -1);
  assert.equal(placeAfter(-1, -1, 3), 2);
  assert.equal(placeAfter(0, -1, 3), -1);
});

test("suggestions are asked for beside the search page", () => {
  assert.equal(
    suggestionsUrl("/at/en/search", "https://e/at/en/day/2010", "a&b", ""),
    "https://e/at/en/search.json?q=a%26b&limit=5",
  );
  assert.match(suggestionsUrl("/search", "https://e/", "a", "entity,term"), /&kind=entity%2Cterm$/);
});
