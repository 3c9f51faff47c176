import { fold } from "../text/fold.ts";

export interface Term {
  /** In SPARQL: a prefixed name, or an IRI in brackets. */
  term: string;
  kind: "class" | "property" | "thing";
  labels: readonly string[];
}

export interface Terms {
  prefixes: Readonly<Record<string, string>>;
  terms: readonly Term[];
}

export interface Match {
  term: Term;
  /** The label or prefixed name that matched. */
  by: string;
}

const MOST = 60;

/** Index terms by their prefixed names and labels, for search in any spelling. */
export function lookup(terms: readonly Term[]): (text: string) => Match[] {
  const entries = terms.flatMap((term) =>
    [...prefixedNames(term), ...term.labels].map((by) => ({ term, by, folded: fold(by) })),
  );
  return (text) => {
    const typed = fold(text);
    const best = new Map<Term, { match: Match; rank: number }>();
    for (const { term, by, folded } of entries) {
      const rank = rankOf(folded, typed);
      const previous = best.get(term);
      if (rank !== undefined && (!previous || rank < previous.rank)) {
        best.set(term, { match: { term, by }, rank });
      }
    }
    return [...best.values()]
      .sort((a, b) => a.rank - b.rank || a.match.by.length - b.match.by.length)
      .slice(0, MOST)
      .map(({ match }) => match);
  };
}

/** A prefixed name as it is; of an IRI, the last segment. */
export function shortened(term: string): string {
  return term.startsWith("<") ? `…${term.slice(term.lastIndexOf("/"), -1)}` : term;
}

/** The first label in letters of a direction, else the first. */
export function labelOf(term: Term, isRightToLeft: boolean): string | undefined {
  return term.labels.find((label) => /[\u0590-\u08ff]/.test(label) === isRightToLeft) ?? term.labels[0];
}

/** The prefixed name of a term, if it has one: nobody types an IRI. */
function prefixedNames({ term }: Term): string[] {
  return term.startsWith("<") ? [] : [term];
}

/** The rank of a match: at the start, behind the article, at the start of a later word. */
function rankOf(name: string, typed: string): number | undefined {
  if (name.startsWith(typed)) return 0;
  if (name.startsWith(`ال${typed}`)) return 1;
  const at = name.indexOf(typed);
  return at > 0 && /[\s:/«(-]|ال$/.test(name.slice(0, at).slice(-2)) ? 2 : undefined;
}

/** The PREFIX declaration that a term needs in a query; empty if it needs none. */
export function declaration(query: string, term: string, terms: Terms): string {
  const prefix = /^([\w-]+):/.exec(term)?.[1];
  const iri = prefix && terms.prefixes[prefix];
  if (!prefix || !iri) return "";
  const declared = new RegExp(`^\\s*PREFIX\\s+${prefix}:`, "im").test(query);
  return declared ? "" : `PREFIX ${prefix}: <${iri}>\n`;
}
