// What is typed at the caret of a query, read from the text of its line before the caret.

/** What can be completed: a variable, the declaration of a prefix, or a term or keyword. */
export interface Typed {
  kind: "variable" | "prefix" | "word";
  text: string;
}

// A prefixed name, or a word of any script, up to the caret.
const WORD = /(?:[\w-]*:)?[\p{L}\p{M}\p{N}_-]+$|[\w-]+:$/u;
const SHORTEST = 2; // letters of a word that is completed unasked

/**
 * What is to be completed, if anything.
 *
 * @param before - the line up to the caret.
 * @param isExplicit - whether completion was asked for by its key.
 */
export function typedAt(before: string, isExplicit: boolean): Typed | undefined {
  const variable = /[?$]\w*$/.exec(before);
  if (variable) return { kind: "variable", text: variable[0] };
  const prefix = /^\s*PREFIX\s+([\w-]*)$/i.exec(before);
  if (prefix) return { kind: "prefix", text: prefix[1] ?? "" };
  const text = WORD.exec(before)?.[0] ?? "";
  if (!isExplicit && text.length < SHORTEST) return undefined;
  return isInsideText(before) ? undefined : { kind: "word", text };
}

/** The prefix with its colon of the name that is being typed, outside declarations. */
export function prefixAt(before: string): string | undefined {
  if (/^\s*PREFIX/i.test(before)) return undefined;
  return /(?:^|[\s(/|^!])([\w-]+:)[\w-]*$/.exec(before)?.[1];
}

/** Whether the caret stands in a string, a comment or an IRI. */
function isInsideText(before: string): boolean {
  const plain = before.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|<[^<>\s]*>/g, "");
  return /["'#]|<[^\s>]*$/.test(plain);
}
