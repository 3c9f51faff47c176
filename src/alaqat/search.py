"""Search: from what a person types to entities, facts, sentences, questions, terms.

What can be found: everything that has a name or words, with both.

The index: every text folded once, all in one string that is looked through.

A dataset has some thousands of short texts. Looking through all of them takes less than
a millisecond, needs no second store to keep in step, and finds what stands inside words
too, which matters in Arabic, where articles and conjunctions are written on to them.
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

Kind = Literal["entity", "fact", "sentence", "question", "term"]

KINDS: tuple[Kind, ...] = ("entity", "fact", "sentence", "question", "term")
"""What can be found, in the order in which it is shown."""

Role = Literal["label", "other", "code", "words"]

_NAMES: dict[Node, Role] = {
    RDFS.label: "label",
    SKOS.prefLabel: "label",
    SKOS.altLabel: "other",
    SKOS.hiddenLabel: "other",
    SKOS.notation: "code",
}

# What is read of everything, property by property.
_READ = (*_NAMES, RDF.type, RDFS.subClassOf, OA.hasBody, OA.exact)


@dataclass(frozen=True, slots=True)
class Text:
    """Words by which something can be found.

    Attributes:
        text: the words.
        language: of the words; empty if they have none.
        role: what it is called, another name, a code, or words of a document.
    """

    text: str
    language: str
    role: Role


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that can be found.

    Attributes:
        kind: what sort of thing.
        name: its IRI; of a saved question, its name.
        labels: what it is called, by language.
        about: the IRI of what it is: a class, or the document of a sentence.
        texts: by which it is found.
        weight: how often others speak of it.
    """

    kind: Kind
    name: str
    labels: Mapping[str, str]
    about: str
    texts: tuple[Text, ...]
    weight: int = 0


def entries_of(graphs: Mapping[URIRef, Graph]) -> Iterator[Entry]:
    """The entities, facts, sentences and terms of a dataset."""
    default = default_graph(graphs)
    spoken = Counter(default.objects())
    known = new_graph(t for one in _READ for t in default.triples((None, one, None)))
    quotes = _quotes(known)
    seen: set[Node] = set()
    for kind, subjects in (
        ("fact", quotes.keys()),
        ("entity", _named(graphs.get(ENTITIES_GRAPH, Graph()))),
        ("term", _named(graphs.get(ONTOLOGY_GRAPH, Graph()))),
        ("entity", _named(graphs.get(STORE_DEFAULT_GRAPH, Graph()))),
    ):
        for node in sorted(set(subjects) - seen, key=str):
            seen.add(node)
            texts = (*_names(known, node), *quotes.get(node, ()))
            if isinstance(node, URIRef) and texts:
                yield Entry(
                    kind=kind,  # type: ignore[arg-type] # one of the three above
                    name=str(node),
                    labels=_labels(texts),
                    about=_class(known, node),
                    texts=(*texts, Text(short(node), "", "code")),
                    weight=spoken[node],
                )
    yield from _sentences(graphs)


def questions(saved: Iterable[SavedQuery]) -> Iterator[Entry]:
    """The saved questions, found by their texts in every language and their name."""
    for query in saved:
        texts = [Text(text, code, "label") for code, text in query.summary.items()]
        texts += [Text(text, code, "words") for code, text in query.description.items()]
        texts += [Text(query.name, "", "other")]
        texts += [Text(query.name.replace("-", " "), "", "other")]
        yield Entry("question", query.name, query.summary, "", tuple(texts))


def _named(graph: Graph) -> set[Node]:
    """What a graph gives a name."""
    return {node for name in _NAMES for node in graph.subjects(name)}


def _names(graph: Graph, node: Node) -> Iterator[Text]:
    """The names of a node, what it is called first."""
    for name, role in _NAMES.items():
        for text in sorted(graph.objects(node, name), key=str):
            if isinstance(text, RdfLiteral):
                yield Text(str(text), text.language or "", role)


def _labels(texts: Iterable[Text]) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in texts:
        if text.role == "label":
            found.setdefault(text.language, text.text)
    return found


def _class(graph: Graph, node: Node) -> str:
    """A class of a node that has a name; an asserted or narrow one goes first."""
    classes = [
        one
        for one in graph.objects(node, RDF.type)
        if isinstance(one, URIRef) and (one, RDFS.label, None) in graph
    ]
    above = {
        other
        for one in classes
        for other in graph.transitive_objects(one, RDFS.subClassOf)
        if other != one
    }
    narrow = sorted(set(classes) - above - {OWL.NamedIndividual}, key=str)
    return str(narrow[0]) if narrow else ""


def _quotes(graph: Graph) -> dict[Node, tuple[Text, ...]]:
    """By fact: the words that state it."""
    found: dict[Node, dict[str, Text]] = {}
    for claim, fact in graph.subject_objects(OA.hasBody):
        words = str(graph.value(URIRef(f"{claim}#quote"), OA.exact) or "")
        found.setdefault(fact, {})[words] = Text(words, "", "words")
    return {fact: tuple(texts.values()) for fact, texts in found.items()}


def _sentences(graphs: Mapping[URIRef, Graph]) -> Iterator[Entry]:
    """The sentences of every document."""
    for name in sorted(graphs):
        if not name.startswith(document_graph("")):
            continue
        graph = graphs[name]
        for node in sorted(graph.subjects(RDF.type, AL.Sentence), key=str):
            words = graph.value(node, RDF.value)
            if isinstance(words, RdfLiteral):
                text = Text(str(words), words.language or "", "words")
                about = str(node).partition("/sentence/")[0]
                yield Entry("sentence", str(node), {}, about, (text,))


LONGEST = 200
"""The most characters of a query that are looked at."""

_WORDS = 8  # the most words of a query that are looked for
_ARTICLE = "\u0627\u0644"  # al-
_SHORT = 2  # letters of a word that would be found inside almost anything


class Fit(IntEnum):
    """How well a text fits a query; the lower, the better."""

    EXACT = 0
    BEGINS = 1
    WORDS = 2
    INSIDE = 3


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found.

    Attributes:
        entry: what.
        text: the best of its texts.
        fit: how well that fits.
        ranges: the characters of the text that fit, from start to end.
    """

    entry: Entry
    text: Text
    fit: Fit
    ranges: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class SearchResults:
    """What a query found.

    Attributes:
        hits: by kind, the best first, no more of each than were asked for.
        counts: by kind, how many there are in all.
    """

    hits: Mapping[Kind, tuple[Hit, ...]]
    counts: Mapping[Kind, int]


class SearchIndex:
    """Finds entries by their texts.

    Args:
        entries: what can be found.
    """

    def __init__(self, entries: Iterable[Entry]) -> None:
        rows = [
            (entry, text, fold(text.text)) for entry in entries for text in entry.texts
        ]
        # Among texts that fit equally well, the one that stands first is the better.
        rows.sort(key=lambda row: _order(*row))
        self._rows = [(entry, text) for entry, text, _ in rows]
        # All texts in one, each after a space, so that the start of a word can be told.
        self._texts = [f" {folded}\n" for _, _, folded in rows]
        self._ends = list(accumulate(map(len, self._texts)))
        self._all = "".join(self._texts)

    def find(
        self, query: str, *, limit: int = 10, kinds: Collection[Kind] = KINDS
    ) -> SearchResults:
        """What fits a query: all its words, in one text, in any order.

        What is not found with the Arabic article is sought without it.

        Args:
            query: what a person typed.
            limit: the most hits of each kind.
            kinds: what to look for.
        """
        folded = fold(query[:LONGEST])
        found = self._find(folded, limit, kinds)
        bare = " ".join(map(_without_article, folded.split()))
        return found if found.hits or bare == folded else self._find(bare, limit, kinds)

    def _find(self, folded: str, limit: int, kinds: Collection[Kind]) -> SearchResults:
        """What fits a folded query."""
        words = list(dict.fromkeys(folded.split()))[:_WORDS]
        best: dict[int, tuple[Fit, int]] = {}
        for number in self._candidates(words):
            entry, text = self._rows[number]
            fit = _fit(self._texts[number], folded, words)
            is_chance = fit is Fit.INSIDE and text.role == "code"
            if fit is not None and entry.kind in kinds and not is_chance:
                rank = fit, number
                best[id(entry)] = min(rank, best.get(id(entry), rank))
        return self._found(sorted(best.values()), words, limit, kinds)

    def _candidates(self, words: Sequence[str]) -> Iterator[int]:
        """The texts that hold the longest of some words, in their order."""
        word = max(map(_sought, words), key=len, default="")
        at = self._all.find(word) if word else -1
        while at >= 0:
            number = bisect_right(self._ends, at)
            yield number
            at = self._all.find(word, self._ends[number])

    def _found(
        self,
        ranked: Sequence[tuple[Fit, int]],
        words: Sequence[str],
        limit: int,
        kinds: Collection[Kind],
    ) -> SearchResults:
        """The best of what was found, with what is to be highlighted."""
        by_kind: dict[Kind, list[tuple[Fit, int]]] = {kind: [] for kind in KINDS}
        for fit, number in ranked:
            by_kind[self._rows[number][0].kind].append((fit, number))
        hits = {
            kind: tuple(
                self._hit(fit, number, words) for fit, number in by_kind[kind][:limit]
            )
            for kind in KINDS
            if kind in kinds and by_kind[kind]
        }
        return SearchResults(hits, {kind: len(by_kind[kind]) for kind in hits})

    def _hit(self, fit: Fit, number: int, words: Sequence[str]) -> Hit:
        entry, text = self._rows[number]
        return Hit(entry, text, fit, _ranges(fold_with_offsets(text.text), words))


def _without_article(word: str) -> str:
    """A word without the Arabic article, if enough of it is left."""
    bare = word.removeprefix(_ARTICLE)
    return bare if len(bare) > _SHORT else word


def _sought(word: str) -> str:
    """What is looked for of a word: one or two letters only where a word begins."""
    return word if len(word) > _SHORT else f" {word}"


def _fit(text: str, query: str, words: Sequence[str]) -> Fit | None:
    """How well a folded text fits; None if a word of the query is not in it."""
    for word in words:
        if _sought(word) not in text:
            return None
    if text.startswith(query, 1):
        return Fit.EXACT if len(text) == len(query) + 2 else Fit.BEGINS
    begins = all(f" {word}" in text for word in words)
    return Fit.WORDS if begins else Fit.INSIDE


_ROLES = ("label", "code", "other", "words")


def _order(entry: Entry, text: Text, folded: str) -> tuple[object, ...]:
    """What texts are sorted by: sort of text, how much it is spoken of, length."""
    role = _ROLES.index(text.role)
    return role, -entry.weight, len(folded), entry.name, text.text


def _ranges(folded: FoldedText, words: Iterable[str]) -> tuple[tuple[int, int], ...]:
    """Where words stand in the original of a folded text, joined where they meet."""
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
