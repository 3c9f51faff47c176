import table from "../../../src/alaqat/folding.json" with { type: "json" };

const BECOMES = new Map(table.letters.map(({ letter, becomes }) => [letter, becomes]));
const LETTERS = new RegExp(`[${[...BECOMES.keys()].join("")}]`, "gu");
const REMOVED = new RegExp(`[${table.removed.map((category) => `\\p{${category}}`).join("")}]`, "gu");
// White space as Python defines it.
const SPACE = /[\s\x1c-\x1f\x85]+/g;

/**
 * A text without what people write in different ways, so that it can be compared.
 *
 * By the same table as the server's search, and with the same result.
 */
export function fold(text: string): string {
  return text
    .normalize("NFKD")
    .toLowerCase()
    .replace(LETTERS, (letter) => BECOMES.get(letter) ?? "")
    .replace(REMOVED, "")
    .replace(/\p{Nd}/gu, asciiDigit)
    .replace(SPACE, " ")
    .trim();
}

/** The ASCII digit of a decimal digit; Unicode puts each script's ten in a row from zero. */
function asciiDigit(digit: string): string {
  const point = digit.codePointAt(0) ?? 0;
  let value = 0;
  while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(point - value - 1))) value++;
  return String(value);
}
