const LIMIT = 5; // suggestions of each kind

/** A result of the server's /search.json. */
export interface Hit {
  kind: string;
  name: string;
  labels: Record<string, string>;
  text: string;
  language: string | null;
  ranges: [number, number][];
  page: string;
}

export interface Part {
  text: string;
  isMatch: boolean;
}

/** A text cut where matches begin and end; the ranges count code points. */
export function partsOf(text: string, ranges: readonly [number, number][]): Part[] {
  const points = [...text];
  const parts: Part[] = [];
  let at = 0;
  const add = (start: number, end: number, isMatch: boolean) => {
    if (start < end) parts.push({ text: points.slice(start, end).join(""), isMatch });
  };
  for (const [start, end] of ranges) {
    add(at, start, false);
    add(start, end, true);
    at = end;
  }
  add(at, points.length, false);
  return parts;
}

/** The place in a list of so many to which an arrow key leads; -1 when it leaves the list. */
export function placeAfter(place: number, step: 1 | -1, count: number): number {
  const next = place + step;
  if (next < -1) return count - 1;
  return next >= count ? -1 : next;
}

/**
 * The address of suggestions, beside the search page of the language of a page.
 *
 * @param action - of the form of the search box.
 * @param base - the address of the page.
 * @param text - what is typed.
 * @param kinds - what to look for, separated by commas; empty for everything.
 */
export function suggestionsUrl(action: string, base: string, text: string, kinds: string): string {
  const url = new URL(`${action}.json`, base);
  url.searchParams.set("q", text);
  url.searchParams.set("limit", String(LIMIT));
  if (kinds) url.searchParams.set("kind", kinds);
  return url.href;
}
