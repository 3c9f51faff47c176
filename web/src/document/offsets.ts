/** A place between two UTF-16 units of one of several texts. */
export interface Place {
  text: number;
  unit: number;
}

/**
 * Where a code point stands among texts that follow one another.
 *
 * Offsets of the site count code points; the browser counts UTF-16 units.
 *
 * @param texts - in their order; together they are the whole.
 * @param offset - a position between code points, from 0.
 * @param isEnd - whether something ends there: then the place is the end of the text before it.
 */
export function placeOf(texts: readonly string[], offset: number, isEnd: boolean): Place | null {
  let left = offset;
  for (const [number, text] of texts.entries()) {
    const points = [...text];
    if (left < points.length || (isEnd && left === points.length)) {
      return { text: number, unit: points.slice(0, left).join("").length };
    }
    left -= points.length;
  }
  return null;
}

/** The two positions of "char=10,20" (RFC 5147 §2.2.1), or null if it is something else. */
export function rangeOf(fragment: string): [number, number] | null {
  const found = /^#?char=(\d{1,7}),(\d{1,7})$/.exec(fragment);
  if (!found) return null;
  const [start, end] = [Number(found[1]), Number(found[2])];
  return start < end ? [start, end] : null;
}
