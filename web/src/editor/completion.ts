import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import type { EditorView } from "@codemirror/view";
import { declaration, lookup, type Match, type Term, type Terms } from "./terms.ts";

const KEYWORDS = (
  "SELECT DISTINCT WHERE FILTER OPTIONAL UNION MINUS GRAPH BIND VALUES AS ASK CONSTRUCT DESCRIBE FROM " +
  "NAMED PREFIX ORDER BY ASC DESC LIMIT OFFSET GROUP HAVING EXISTS NOT IN COUNT SUM MIN MAX AVG SAMPLE " +
  "GROUP_CONCAT SEPARATOR IF COALESCE STR LANG LANGMATCHES DATATYPE BOUND IRI STRLEN SUBSTR UCASE LCASE " +
  "CONTAINS STRSTARTS STRENDS REGEX REPLACE CONCAT YEAR MONTH DAY ABS ROUND CEIL FLOOR isIRI isBlank " +
  "isLiteral isNumeric sameTerm STRDT STRLANG true false"
).split(" ");

// A prefixed name, or a word of any script, up to the caret.
const WORD = /(?:[\w-]*:)?[\p{L}\p{M}\p{N}_-]+$|[\w-]+:$/u;

/** What the endpoint's own data offer, once they are loaded. */
export interface Vocabulary {
  terms: Terms;
  find: (text: string) => Match[];
}

/** Loads the vocabulary when it is first needed, and once. */
export function vocabulary(address: string): () => Promise<Vocabulary> {
  let loading: Promise<Vocabulary> | undefined;
  return () =>
    (loading ??= fetch(address)
      .then((reply) => reply.json() as Promise<Terms>)
      .then((terms) => ({ terms, find: lookup(terms.terms) })));
}

/** Completes prefixes, keywords, variables, and terms by their names and their labels. */
export function completion(load: () => Promise<Vocabulary>) {
  let known: Vocabulary | undefined;
  return (context: CompletionContext): CompletionResult | null | Promise<CompletionResult | null> => {
    const line = context.state.doc.lineAt(context.pos);
    const before = line.text.slice(0, context.pos - line.from);
    const variable = /[?$]\w*$/.exec(before);
    if (variable) return variables(context, variable[0]);
    const prefix = /^\s*PREFIX\s+([\w-]*)$/i.exec(before);
    const word = prefix ? (prefix[1] ?? "") : (WORD.exec(before)?.[0] ?? "");
    if (!prefix && !context.explicit && word.length < 2) return null;
    if (isInsideText(before)) return null;
    const from = context.pos - word.length;
    const offer = (found: Vocabulary): CompletionResult | null => {
      known = found;
      return prefix ? { from, options: declarations(found.terms) } : offers(word, from, found);
    };
    // At once where that can be: an answer that comes late is for a text that has gone on.
    return known ? offer(known) : load().then(offer);
  };
}

/** The keywords and terms that fit a word. */
function offers(word: string, from: number, { terms, find }: Vocabulary): CompletionResult | null {
  const keywords = KEYWORDS.filter((one) => one.toLowerCase().startsWith(word.toLowerCase()));
  const options = [
    ...keywords.map((label): Completion => ({ label, type: "keyword" })),
    ...find(word).map((match) => option(match, terms)),
  ];
  return options.length ? { from, options, filter: false } : null;
}

/** Whether the caret stands in a string, a comment or an IRI. */
function isInsideText(before: string): boolean {
  const plain = before.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|<[^<>\s]*>/g, "");
  return /["'#]|<[^\s>]*$/.test(plain);
}

function variables(context: CompletionContext, word: string): CompletionResult {
  const names = new Set(context.state.doc.toString().match(/[?$]\w+/g));
  names.delete(word);
  const options = [...names].map((label): Completion => ({ label, type: "variable" }));
  return { from: context.pos - word.length, options, validFor: /^[?$]\w*$/ };
}

function declarations(terms: Terms): Completion[] {
  return Object.entries(terms.prefixes).map(([name, iri]) => ({
    label: `${name}:`,
    detail: iri,
    apply: `${name}: <${iri}>`,
    type: "namespace",
  }));
}

function option({ term, by }: Match, terms: Terms): Completion {
  const label = by === term.term ? `${term.term}` : by;
  const detail = by === term.term ? (labelOf(term) ?? "") : shortened(term.term);
  return { label, detail, type: term.kind, apply: inserter(term.term, terms) };
}

/** A term as the list tells it: of a long IRI its last part. */
function shortened(term: string): string {
  return term.startsWith("<") ? `…${term.slice(term.lastIndexOf("/"), -1)}` : term;
}

/** A label in letters that run as the page does, if there is one. */
function labelOf(term: Term): string | undefined {
  const isRtl = document.documentElement.dir === "rtl";
  return term.labels.find((label) => /[\u0590-\u08ff]/.test(label) === isRtl) ?? term.labels[0];
}

/** Put a term in the place of what was typed, and declare its prefix above. */
function inserter(term: string, terms: Terms) {
  return (view: EditorView, _: Completion, from: number, to: number): void => {
    const above = declaration(view.state.doc.toString(), term, terms);
    view.dispatch({
      changes: [{ from: 0, insert: above }, { from, to, insert: term }],
      selection: { anchor: above.length + from + term.length },
      userEvent: "input.complete",
    });
  };
}
