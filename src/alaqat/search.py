"""Full-text search over entities, facts, sentences, questions and ontology terms.

The index is one string of all texts, normalized. A dataset has some thousands of short
texts: scanning them takes less than a millisecond, needs no second store to keep in
sync, and finds substrings of words too, which matters in Arabic, where articles and
conjunctions are prefixes.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import accumulate
from typing import Literal

from rdflib import OWL, RDF, RDFS, SKOS, Graph, URIRef
from rdflib import Literal as RdfLiteral
from rdflib.term import Node

from alaqat.queries.query import SavedQuery
from alaqat.rdf.graphs import default_graph, new_graph
from alaqat.terms import (
    AL,
    ENTITIES_GRAPH,
    OA,
    ONTOLOGY_GRAPH,
    STORE_DEFAULT_GRAPH,
    document_graph,
    short,
)
from alaqat.text.normalize import (
    FoldedText,
    fold,
    fold_with_offsets,
)

EntryKind = Literal["entity", "fact", "sentence", "question", "term"]

#: In the order of the results page.
ENTRY_KINDS: tuple[EntryKind, ...] = ("entity", "fact", "sentence", "question", "term")

Role = Literal["label", "other", "code", "words"]

_NAME_PROPERTIES: dict[Node, Role] = {
    RDFS.label: "label",
    SKOS.prefLabel: "label",
    SKOS.altLabel: "other",
    SKOS.hiddenLabel: "other",
    SKOS.notation: "code",
}

# The properties that the index reads.
_INDEXED = (*_NAME_PROPERTIES, RDF.type, RDFS.subClassOf, OA.hasBody, OA.exact)


@dataclass(frozen=True, slots=True)
class SearchText:
    """A text by which an entry is found.

    Attributes:
        text: the text itself.
        language: its language; empty if it has none.
        role: whether it is a label, another name, a code, or words of a document.
    """

    text: str
    language: str
    role: Role


@dataclass(frozen=True, slots=True)
class SearchEntry:
    """A resource or a saved question that can be found.

    Attributes:
        kind: the group of results that it belongs to.
        name: its IRI; of a saved question, its name.
        labels: its labels by language.
        about: the IRI of its class; of a sentence, of its document.
        texts: the texts by which it is found.
        weight: the number of triples that refer to it.
    """

    kind: EntryKind
    name: str
    labels: Mapping[str, str]
    about: str
    texts: tuple[SearchText, ...]
    weight: int = 0


def dataset_entries(graphs: Mapping[URIRef, Graph]) -> Iterator[SearchEntry]:
    """Yield the entities, facts, sentences and terms of a dataset."""
    default = default_graph(graphs)
    references = Counter(default.objects())
    indexed = new_graph(
        triple for one in _INDEXED for triple in default.triples((None, one, None))
    )
    quotes = _quotes(indexed)
    seen: set[Node] = set()
    for kind, subjects in (
        ("fact", quotes.keys()),
        ("entity", _named(graphs.get(ENTITIES_GRAPH, Graph()))),
        ("term", _named(graphs.get(ONTOLOGY_GRAPH, Graph()))),
        ("entity", _named(graphs.get(STORE_DEFAULT_GRAPH, Graph()))),
    ):
        for node in sorted(set(subjects) - seen, key=str):
            seen.add(node)
            texts = (*_names(indexed, node), *quotes.get(node, ()))
            if isinstance(node, URIRef) and texts:
                yield SearchEntry(
                    kind=kind,  # type: ignore[arg-type] # one of the three above
                    name=str(node),
                    labels=_labels(texts),
                    about=_class(indexed, node),
                    texts=(*texts, SearchText(short(node), "", "code")),
                    weight=references[node],
                )
    yield from _sentences(graphs)


def question_entries(queries: Iterable[SavedQuery]) -> Iterator[SearchEntry]:
    """Yield saved questions, with their names and their texts in every language."""
    for query in queries:
        texts = [
            SearchText(text, code, "label") for code, text in query.summary.items()
        ]
        texts += [
            SearchText(text, code, "words") for code, text in query.description.items()
        ]
        texts += [SearchText(query.name, "", "other")]
        texts += [SearchText(query.name.replace("-", " "), "", "other")]
        yield SearchEntry("question", query.name, query.summary, "", tuple(texts))


def _named(graph: Graph) -> set[Node]:
    """Return the nodes of a graph that have a name."""
    return {node for name in _NAME_PROPERTIES for node in graph.subjects(name)}


def _names(graph: Graph, node: Node) -> Iterator[SearchText]:
    """Yield the names of a node, its labels first."""
    for predicate, role in _NAME_PROPERTIES.items():
        for text in sorted(graph.objects(node, predicate), key=str):
            if isinstance(text, RdfLiteral):
                yield SearchText(str(text), text.language or "", role)


def _labels(texts: Iterable[SearchText]) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in texts:
        if text.role == "label":
            found.setdefault(text.language, text.text)
    return found


def _class(graph: Graph, node: Node) -> str:
    """Return one of the most specific labelled classes of a node; empty if none."""
    classes = [
        one
        for one in graph.objects(node, RDF.type)
        if isinstance(one, URIRef) and (one, RDFS.label, None) in graph
    ]
    superclasses = {
        other
        for one in classes
        for other in graph.transitive_objects(one, RDFS.subClassOf)
        if other != one
    }
    specific = sorted(set(classes) - superclasses - {OWL.NamedIndividual}, key=str)
    return str(specific[0]) if specific else ""


def _quotes(graph: Graph) -> dict[Node, tuple[SearchText, ...]]:
    """Return the quotes that state each fact."""
    found: dict[Node, dict[str, SearchText]] = {}
    for claim, fact in graph.subject_objects(OA.hasBody):
        quote = str(graph.value(URIRef(f"{claim}#quote"), OA.exact) or "")
        found.setdefault(fact, {})[quote] = SearchText(quote, "", "words")
    return {fact: tuple(texts.values()) for fact, texts in found.items()}


def _sentences(graphs: Mapping[URIRef, Graph]) -> Iterator[SearchEntry]:
    """Yield the sentences of every document."""
    for name in sorted(graphs):
        if not name.startswith(document_graph("")):
            continue
        graph = graphs[name]
        for node in sorted(graph.subjects(RDF.type, AL.Sentence), key=str):
            words = graph.value(node, RDF.value)
            if isinstance(words, RdfLiteral):
                text = SearchText(str(words), words.language or "", "words")
                about = str(node).partition("/sentence/")[0]
                yield SearchEntry("sentence", str(node), {}, about, (text,))


#: The longest query in characters; the rest is ignored.
MAX_QUERY_LENGTH = 200

_MAX_WORDS = 8  # further words of a query are ignored
_ARTICLE = "\u0627\u0644"  # the Arabic definite article, al-
_SHORT = 2  # words of so few letters only match at the start of a word


class MatchQuality(IntEnum):
    """The quality of a match; lower is better."""

    EXACT = 0
    BEGINS = 1
    WORDS = 2
    INSIDE = 3


@dataclass(frozen=True, slots=True)
class Hit:
    """One search result.

    Attributes:
        entry: the entry found.
        text: its text that matches best.
        quality: how well the text matches.
        ranges: the matching parts of the text, as pairs of start and end.
    """

    entry: SearchEntry
    text: SearchText
    quality: MatchQuality
    ranges: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class SearchResults:
    """The results of a query.

    Attributes:
        hits: by kind, the best first, up to the limit.
        counts: the number of matching entries by kind, without limit.
    """

    hits: Mapping[EntryKind, tuple[Hit, ...]]
    counts: Mapping[EntryKind, int]


class SearchIndex:
    """Finds entries by their texts."""

    def __init__(self, entries: Iterable[SearchEntry]) -> None:
        rows = [
            (entry, text, fold(text.text)) for entry in entries for text in entry.texts
        ]
        # Among texts that match equally well, the first in this order wins.
        rows.sort(key=lambda row: _rank(*row))
        self._rows = [(entry, text) for entry, text, _ in rows]
        # Each text begins with a space, so that " x" finds x at the start of a word.
        self._texts = [f" {folded}\n" for _, _, folded in rows]
        self._ends = list(accumulate(map(len, self._texts)))
        self._all = "".join(self._texts)

    def find(
        self, query: str, *, limit: int = 10, kinds: Collection[EntryKind] = ENTRY_KINDS
    ) -> SearchResults:
        """Return entries with a text that contains all words of a query, in any order.

        Without results, words are searched again without the Arabic article.

        Args:
            query: the text as typed.
            limit: the most hits of each kind.
            kinds: the kinds of entries to search.
        """
        folded = fold(query[:MAX_QUERY_LENGTH])
        found = self._find(folded, limit, kinds)
        bare = " ".join(map(_without_article, folded.split()))
        return found if found.hits or bare == folded else self._find(bare, limit, kinds)

    def _find(
        self, folded: str, limit: int, kinds: Collection[EntryKind]
    ) -> SearchResults:
        words = list(dict.fromkeys(folded.split()))[:_MAX_WORDS]
        best: dict[int, tuple[MatchQuality, int]] = {}
        for number in self._candidates(words):
            entry, text = self._rows[number]
            quality = _match(self._texts[number], folded, words)
            is_accidental = quality is MatchQuality.INSIDE and text.role == "code"
            if quality is not None and entry.kind in kinds and not is_accidental:
                rank = quality, number
                best[id(entry)] = min(rank, best.get(id(entry), rank))
        return self._results(sorted(best.values()), words, limit, kinds)

    def _candidates(self, words: Sequence[str]) -> Iterator[int]:
        """Yield the numbers of the texts that contain the longest word."""
        word = max(map(_pattern, words), key=len, default="")
        at = self._all.find(word) if word else -1
        while at >= 0:
            number = bisect_right(self._ends, at)
            yield number
            at = self._all.find(word, self._ends[number])

    def _results(
        self,
        ranked: Sequence[tuple[MatchQuality, int]],
        words: Sequence[str],
        limit: int,
        kinds: Collection[EntryKind],
    ) -> SearchResults:
        """Group ranked texts by kind, and find the ranges to highlight."""
        by_kind: dict[EntryKind, list[tuple[MatchQuality, int]]] = {
            kind: [] for kind in ENTRY_KINDS
        }
        for quality, number in ranked:
            by_kind[self._rows[number][0].kind].append((quality, number))
        hits = {
            kind: tuple(self._hit(*rank, words) for rank in by_kind[kind][:limit])
            for kind in ENTRY_KINDS
            if kind in kinds and by_kind[kind]
        }
        return SearchResults(hits, {kind: len(by_kind[kind]) for kind in hits})

    def _hit(self, quality: MatchQuality, number: int, words: Sequence[str]) -> Hit:
        entry, text = self._rows[number]
        return Hit(entry, text, quality, _ranges(fold_with_offsets(text.text), words))


def _without_article(word: str) -> str:
    """Return a word without the Arabic article, unless too little of it remains."""
    bare = word.removeprefix(_ARTICLE)
    return bare if len(bare) > _SHORT else word


def _pattern(word: str) -> str:
    """Return the substring to search for: a short word only at the start of a word."""
    return word if len(word) > _SHORT else f" {word}"


def _match(text: str, query: str, words: Sequence[str]) -> MatchQuality | None:
    """Return how well a normalized text matches; None if it lacks a word."""
    if not all(_pattern(word) in text for word in words):
        return None
    if text.startswith(query, 1):
        return (
            MatchQuality.EXACT if len(text) == len(query) + 2 else MatchQuality.BEGINS
        )
    begins = all(f" {word}" in text for word in words)
    return MatchQuality.WORDS if begins else MatchQuality.INSIDE


_ROLES = ("label", "code", "other", "words")


def _rank(entry: SearchEntry, text: SearchText, folded: str) -> tuple[object, ...]:
    """Return the sort key of a text: role, weight of its entry, length."""
    role = _ROLES.index(text.role)
    return role, -entry.weight, len(folded), entry.name, text.text


def _ranges(folded: FoldedText, words: Iterable[str]) -> tuple[tuple[int, int], ...]:
    """Return the ranges of words in the original text, merged where they touch."""
    found: list[tuple[int, int]] = []
    for word in words:
        at = folded.text.find(word)
        while at >= 0:
            found.append(folded.original_span(at, at + len(word)))
            at = folded.text.find(word, at + len(word))
    joined: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return tuple(joined)
