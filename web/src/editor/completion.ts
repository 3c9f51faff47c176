import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import type { EditorView } from "@codemirror/view";
import { typedAt } from "./caret.ts";
import { keywordsFrom } from "./keywords.ts";
import { declaration, labelOf, lookup, shortened, type Match, type Terms } from "./terms.ts";

/** The terms of the endpoint's data, and a search among them. */
export interface Vocabulary {
  terms: Terms;
  find: (text: string) => Match[];
}

/** Load the vocabulary lazily, and once. */
export function vocabulary(address: string): () => Promise<Vocabulary> {
  let loading: Promise<Vocabulary> | undefined;
  return () =>
    (loading ??= fetch(address)
      .then((reply) => reply.json() as Promise<Terms>)
      .then((terms) => ({ terms, find: lookup(terms.terms) })));
}

/** A completion source for prefixes, keywords, variables and terms. */
export function completion(load: () => Promise<Vocabulary>) {
  let loaded: Vocabulary | undefined;
  return (context: CompletionContext): CompletionResult | null | Promise<CompletionResult | null> => {
    const line = context.state.doc.lineAt(context.pos);
    const typed = typedAt(line.text.slice(0, context.pos - line.from), context.explicit);
    if (!typed) return null;
    const from = context.pos - typed.text.length;
    if (typed.kind === "variable") return variables(context, from, typed.text);
    const complete = (vocabulary: Vocabulary): CompletionResult | null => {
      loaded = vocabulary;
      return typed.kind === "prefix"
        ? { from, options: declarations(vocabulary.terms) }
        : words(typed.text, from, vocabulary);
    };
    // Synchronously once it is loaded: a late result would be for an outdated text.
    return loaded ? complete(loaded) : load().then(complete);
  };
}

/** Keywords and terms that match a word. */
function words(word: string, from: number, { terms, find }: Vocabulary): CompletionResult | null {
  const options = [
    ...keywordsFrom(word).map((label): Completion => ({ label, type: "keyword" })),
    ...find(word).map((match) => option(match, terms)),
  ];
  return options.length ? { from, options, filter: false } : null;
}

function variables(context: CompletionContext, from: number, typed: string): CompletionResult {
  const names = new Set(context.state.doc.toString().match(/[?$]\w+/g));
  names.delete(typed);
  const options = [...names].map((label): Completion => ({ label, type: "variable" }));
  return { from, options, validFor: /^[?$]\w*$/ };
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
  const isByName = by === term.term;
  const isRightToLeft = document.documentElement.dir === "rtl";
  const detail = isByName ? (labelOf(term, isRightToLeft) ?? "") : shortened(term.term);
  return { label: by, detail, type: term.kind, apply: inserter(term.term, terms) };
}

/** Insert a term in place of the typed text, and declare its prefix at the top. */
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
