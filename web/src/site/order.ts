const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/** Which of two values comes first: numbers by value, texts by their language, nothing last. */
export function compare(a: string, b: string, language: string): number {
  if (!a || !b) return Number(!a) - Number(!b);
  if (NUMBER.test(a) && NUMBER.test(b)) return Number(a) - Number(b);
  return a.localeCompare(b, language, { numeric: true });
}
