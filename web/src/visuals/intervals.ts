// Days, the intervals between changes, and the certainty of a fact in each.
//
// A mark's history has a letter for each interval: c, p or q for certain, presumed or
// possible; in capitals where a relation is denied; ! where sources contradict one another;
// a dot where nothing is known.

const DAY = 86_400_000;
const CERTAINTIES: Record<string, Certainty> = { c: "certain", p: "presumed", q: "possible" };

/** How certain it is that something held; out if nothing says so. Most certain first. */
export type Certainty = "certain" | "presumed" | "possible" | "out";
export const ORDER: readonly Certainty[] = ["certain", "presumed", "possible", "out"];

/** The day so many days after another; both as YYYY-MM-DD. */
export function addDays(day: string, count: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + count * DAY).toISOString().slice(0, 10);
}

/** How many days lie between two days. */
export function daysBetween(first: string, last: string): number {
  return Math.round((Date.parse(`${last}T00:00:00Z`) - Date.parse(`${first}T00:00:00Z`)) / DAY);
}

/** A date in words, as the server writes it in a locale. */
export function dateFormat(locale: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(`${locale}-u-nu-latn-ca-gregory`, { dateStyle: "long", timeZone: "UTC" });
}

/** The number of the interval in which a day lies; `starts` are those of all but the first. */
export function intervalAt(starts: readonly string[], day: string): number {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? "") <= day) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The certainty that a letter stands for. */
export function certaintyOf(letter: string | undefined): Certainty {
  return CERTAINTIES[(letter ?? ".").toLowerCase()] ?? "out";
}

/** The CSS classes of a letter on a map. */
export function mapClasses(letter: string | undefined): string[] {
  if (letter === "!") return ["contradicted"];
  const certainty = certaintyOf(letter);
  if (certainty === "out") return [certainty];
  return [letter === letter?.toUpperCase() ? "denied" : "related", certainty];
}

/** A template with each {name} replaced by its value; one without a value by nothing. */
export function fillIn(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? "");
}
