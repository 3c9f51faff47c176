import table from "../../../src/alaqat/store/keywords.json" with { type: "json" };

// The editor is for queries, not updates, and SERVICE is off unless the operator allows it.
const { updates, federation, ...ofQueries } = table;
const KEYWORDS = Object.values(ofQueries).flat();

/** The keywords of queries that begin with some letters. */
export function keywordsFrom(start: string): string[] {
  return KEYWORDS.filter((keyword) => keyword.toLowerCase().startsWith(start.toLowerCase()));
}
