/** A syntax error of a query, as the server reports it; line and column count from one. */
export interface QueryError {
  line: number;
  /** In code points. */
  column: number;
  message: string;
}

/**
 * The characters of a line to be underlined, as offsets of UTF-16 units.
 *
 * The word at a column; where there is none, the last word before it; else one character,
 * which may lie behind the end of the line.
 */
export function underlined(line: string, column: number): [from: number, to: number] {
  const at = [...line].slice(0, Math.max(column - 1, 0)).join("").length;
  const after = /^[^\s{}();,]+/.exec(line.slice(at))?.[0] ?? "";
  const before = after ? "" : (/\S+\s*$/.exec(line.slice(0, at))?.[0] ?? "");
  const from = at - before.length;
  return [from, from + Math.max(after.length, before.length, 1)];
}
