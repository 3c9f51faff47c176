// Completion context: what is being typed, from the text of the line before the caret.

/** A variable, the name of a prefix in its declaration, or a term or keyword. */
export interface Typed {
  kind: "variable" | "prefix" | "word";
  text: string;
}

// A prefixed name, or a word of any script, up to the caret.
const WORD = /(?:[\w-]*:)?[\p{L}\p{M}\p{N}_-]+$|[\w-]+:$/u;
const SHORTEST = 2; // letters of a word that is completed as one types

/**
 * The text to complete, if there is any.
 *
 * @param before - the line up to the caret.
 * @param isExplicit - whether completion was requested by its key.
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

/** The prefix, with its colon, of the name being typed; none inside a declaration. */
export function prefixAt(before: string): string | undefined {
  if (/^\s*PREFIX/i.test(before)) return undefined;
  return /(?:^|[\s(/|^!])([\w-]+:)[\w-]*$/.exec(before)?.[1];
}

/** Whether the caret is inside a string, a comment or an IRI. */
function isInsideText(before: string): boolean {
  const plain = before.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|<[^<>\s]*>/g, "");
  return /["'#]|<[^\s>]*$/.test(plain);
}
