// Days, the stretches in which nothing changes, and the letters of a course.

const DAY = 86_400_000;

/** The day so many days after another; both as YYYY-MM-DD. */
export function later(day: string, count: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + count * DAY).toISOString().slice(0, 10);
}

/** How many days lie between two days. */
export function between(first: string, last: string): number {
  return Math.round((Date.parse(`${last}T00:00:00Z`) - Date.parse(`${first}T00:00:00Z`)) / DAY);
}

/** The number of the stretch in which a day lies; `starts` are those of all but the first. */
export function stretchAt(starts: readonly string[], day: string): number {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? "") <= day) low = middle + 1;
    else high = middle;
  }
  return low;
}

const WORDS: Record<string, string> = { c: "certain", p: "presumed", q: "possible" };

/** How surely something held, by its letter. */
export function standing(letter: string | undefined): string {
  return WORDS[(letter ?? ".").toLowerCase()] ?? "out";
}

/** The classes of a letter on a map: small letters are relations, capitals denials. */
export function shade(letter: string | undefined): string {
  if (letter === "!") return "contradicted";
  const word = standing(letter);
  if (word === "out") return word;
  return `${letter === letter?.toUpperCase() ? "denied" : "related"} ${word}`;
}
