// A scale of whole years, as the server draws it.

const STEPS = [1, 2, 5, 10, 20, 50, 100]; // years between two ticks
const MOST_TICKS = 8;

export interface Years {
  first: number;
  last: number;
}

/** The years to mark: multiples of a round step. */
export function ticks({ first, last }: Years): number[] {
  const count = last - first + 1;
  const step = STEPS.find((one) => count / one <= MOST_TICKS) ?? 100;
  const start = Math.ceil(first / step) * step;
  return Array.from({ length: Math.floor((last - start) / step) + 1 }, (_, n) => start + n * step);
}

/** The share of a scale before a year begins. */
export function shareBefore(year: number, { first, last }: Years): number {
  return (newYear(year) - newYear(first)) / (newYear(last + 1) - newYear(first));
}

/** The position and width of a range of years in a drawing of the whole scale. */
export function partOf(whole: Years, part: Years, width: number): [x: number, width: number] {
  const x = shareBefore(part.first, whole) * width;
  return [x, shareBefore(part.last + 1, whole) * width - x];
}

function newYear(year: number): number {
  return new Date(0).setUTCFullYear(year, 0, 1); // Date.UTC takes 99 for 1999
}
