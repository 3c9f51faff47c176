"""Facts and derived triples in plain sentences, from the dataset's own names."""

from __future__ import annotations

import re
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from rdflib import DCTERMS, RDF, RDFS, Literal, URIRef

from alaqat.describe.grammar import PatternPart, fill
from alaqat.describe.literals import (
    amount_words,
    bounds_words,
    day_words,
    time_words,
)
from alaqat.describe.resource import is_term
from alaqat.i18n import (
    fallback_chain,
    read_texts,
    texts,
)
from alaqat.terms import (
    AL,
    BASE,
    OA,
    ONTOLOGY_GRAPH,
    SCHEMA,
    local,
    short,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rdflib.term import Node

    from alaqat.describe.grammar import Sentence
    from alaqat.describe.resource import Descriptions


_BOUNDS = (AL.startEarliest, AL.startLatest, AL.endEarliest, AL.endLatest)
_BODIES = {AL.Party, AL.Institution}
_TRIPLE = (RDF.subject, RDF.predicate, RDF.object)
_DAY = 10  # letters of 2010-06-15
_LONG = 80  # letters of words that stand for a name


class Verbalizer:
    """Tells what a dataset says, in one language.

    Args:
        descriptions: of the dataset.
        language: ``ar`` or ``en``.
    """

    def __init__(self, descriptions: Descriptions, language: str) -> None:
        self.language = language
        self.said, self._proofs = descriptions.said, descriptions.proofs
        self._ontology = descriptions.graphs.get(ONTOLOGY_GRAPH, self.said)
        self._names = descriptions.names

    def name(self, node: Node) -> PatternPart:
        """What a thing is called: in the language, else in another, else its IRI."""
        if isinstance(node, Literal):
            return PatternPart(str(node), language=node.language or "")
        names = self._names.get(node, {})
        for code in (*fallback_chain(self.language), *names):
            if code in names:
                return PatternPart(
                    names[code], node, "" if code == self.language else code
                )
        return self._nameless(node)

    def depth(self, kind: Node) -> int:
        """How many classes stand above a class, it included."""
        return self._depths.get(kind, 0)

    def has_name(self, node: Node) -> bool:
        """Whether the dataset gives a thing a name in the language."""
        return self.language in self._names.get(node, {})

    def fact(self, fact: Node, *, timed: bool = True) -> Sentence:
        """A fact as a sentence, with or without its time."""
        form = texts("facts", self.language)[self.form(fact)]
        slots = {**self._slots(fact), **({} if timed else {"time": ()})}
        return self._begun(fill(form, slots, self.language))

    def can_tell(self, predicate: Node) -> bool:
        """Whether triples of a property have a form of their own."""
        return is_term(predicate) and local(str(predicate)) in read_texts("relations")

    def triple(self, subject: Node, predicate: Node, value: Node) -> Sentence:
        """A triple as a sentence; one without a form as its three names in a row."""
        slots = {"s": (self._in_text(subject),), "o": (self._in_text(value),)}
        if self.can_tell(predicate):
            form = texts("relations", self.language)[local(str(predicate))]
            return self._begun(fill(form, slots, self.language))
        slots = {"s": (self.name(subject),), "o": (self.name(value),)}
        slots["p"] = (self.name(predicate),)
        return fill("{s} — {p} — {o}", slots, self.language)

    def time(self, fact: Node) -> str:
        """When a fact was, as stated, else as far as its bounds say; else nothing."""
        stated = sorted(map(str, self.said.objects(fact, AL.edtf)))
        if stated:
            return time_words(stated[0], self.language)
        first, second, third, last = (self._day(fact, one) for one in _BOUNDS)
        return bounds_words((first, second, third, last), self.language)

    def day(self, fact: Node, property_: URIRef) -> str:
        """A day that a fact has, in words; nothing if it has none."""
        found = self._day(fact, property_)
        return day_words(found, self.language) if found else ""

    def form(self, fact: Node) -> str:
        """The name of the nearest class of a fact that the grammar has a form for."""
        classes = (kind for kind in self.said.objects(fact, RDF.type) if is_term(kind))
        known = [kind for kind in classes if local(str(kind)) in read_texts("facts")]
        depths = ((-self._depths.get(kind, 0), local(str(kind))) for kind in known)
        return min(depths, default=(0, "Fact"))[1]

    def _nameless(self, node: Node) -> PatternPart:
        """What to call a thing without a name: its words, its number or its triple."""
        said, terms = self.said, texts("terms", self.language)
        name = short(str(node))
        if name in terms:
            return PatternPart(terms[name], node)
        quote = f"{str(node).partition('#')[0]}#quote"
        for where, property_ in ((node, RDF.value), (quote, OA.exact)):
            words = said.value(URIRef(str(where)), property_)
            if words is not None:
                return PatternPart(_shortened(str(words)), node, self._written)
        described = {
            t.language: t
            for t in said.objects(node, DCTERMS.description)
            if isinstance(t, Literal)
        }
        if self.language in described:
            return PatternPart(_shortened(str(described[self.language])), node)
        number = said.value(node, SCHEMA.position)
        kind = max(said.objects(node, RDF.type), key=self.depth, default=None)
        if number is not None and kind is not None:
            return PatternPart(f"{self.name(kind).text} {number}", node)
        parts = [self._proofs.value(node, one) for one in _TRIPLE]
        if all(parts):
            return PatternPart(
                " — ".join(self.name(one or node).text for one in parts), node
            )
        return PatternPart(name.removeprefix(f"{BASE}id/"), node)

    @cached_property
    def _written(self) -> str:
        """The language that documents are written in."""
        documents = self.said.subjects(RDF.type, AL.Document)
        codes = (
            code
            for one in documents
            for code in self.said.objects(one, DCTERMS.language)
        )
        return min(map(str, codes), default="")

    @cached_property
    def _depths(self) -> Mapping[Node, int]:
        """How many classes stand above each class."""
        graph = self._ontology
        return {
            kind: len(set(graph.transitive_objects(kind, RDFS.subClassOf)))
            for kind in graph.subjects(RDFS.subClassOf, None, unique=True)
        }

    def _day(self, fact: Node, property_: URIRef) -> date | None:
        found = self.said.value(fact, property_)
        return None if found is None else date.fromisoformat(str(found)[:_DAY])

    def _slots(self, fact: Node) -> Mapping[str, Sequence[PatternPart]]:
        said = self.said
        slots = {
            local(str(property_)): self._values(said.objects(fact, property_))
            for property_ in set(said.predicates(fact))
        }
        slots["label"] = (self.name(fact),)
        if "holder" not in slots:
            slots["holder"] = self._values(said.subjects(AL.hasRelation, fact))
        slots["kind"] = [self._within(part) for part in slots.get("kind", ())]
        for key, text in (
            ("time", self.time(fact)),
            ("amount", amount_words(said, fact, self.language)),
        ):
            slots[key] = (PatternPart(text),) if text else ()
        return slots

    def _values(self, nodes: Iterable[Node]) -> Sequence[PatternPart]:
        """Values in the order of their names; of texts, those in the language."""
        named = sorted(set(nodes), key=lambda node: self.name(node).text)
        parts = [self._in_text(node) for node in named]
        literals = [part for part in parts if part.node is None]
        ours = [
            PatternPart(one.text) for one in literals if one.language == self.language
        ]
        things = [part for part in parts if part.node is not None]
        return [*things, *(ours or literals)]

    def _in_text(self, node: Node) -> PatternPart:
        """A name within a sentence, where some take an article."""
        part = self.name(node)
        names = texts("names", self.language)
        if not names["article"] or part.node is None or part.language:
            return part
        kinds = set(self.said.objects(node, RDF.type))
        if not kinds & _BODIES or not re.search(names["takes_article"], part.text):
            return part
        return PatternPart(names["article"].format(part.text), part.node)

    @staticmethod
    def _begun(sentence: Sentence) -> Sentence:
        """A sentence that begins with a capital."""
        first, *rest = sentence
        begun = f"{first.text[:1].upper()}{first.text[1:]}"
        return (PatternPart(begun, first.node, first.language), *rest)

    def _within(self, part: PatternPart) -> PatternPart:
        """A name as it is written within a sentence: kinds have no capital there."""
        if part.text[1:2].isupper():
            return part
        return PatternPart(
            part.text[:1].lower() + part.text[1:], part.node, part.language
        )


def _shortened(text: str) -> str:
    """A long text up to the end of a word."""
    if len(text) <= _LONG:
        return text
    return f"{text[:_LONG].rpartition(' ')[0]} …"
