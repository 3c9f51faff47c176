/** What the server finds, as its /search.json tells it. */
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
  isSought: boolean;
}

/** A text cut where what was sought begins and ends; the ranges count code points. */
export function partsOf(text: string, ranges: readonly [number, number][]): Part[] {
  const points = [...text];
  const parts: Part[] = [];
  let at = 0;
  const add = (start: number, end: number, isSought: boolean) => {
    if (start < end) parts.push({ text: points.slice(start, end).join(""), isSought });
  };
  for (const [start, end] of ranges) {
    add(at, start, false);
    add(start, end, true);
    at = end;
  }
  add(at, points.length, false);
  return parts;
}

/** The next place in a list of so many, or none (-1) when it is left at either end. */
export function moved(place: number, step: 1 | -1, count: number): number {
  const next = place + step;
  if (next < -1) return count - 1;
  return next >= count ? -1 : next;
}
