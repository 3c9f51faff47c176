"""Verbalization: facts and triples as sentences in one language."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from rdflib import DCTERMS, RDF, RDFS, Literal, URIRef

from alaqat.describe.grammar import TextPart, render_pattern
from alaqat.describe.literals import (
    format_amount,
    format_bounds,
    format_day,
    format_edtf,
)
from alaqat.describe.resource import is_term
from alaqat.i18n import by_language, fallback_chain, read_texts, texts
from alaqat.lexical import read_day
from alaqat.temporal.edtf import BOUND_PROPERTIES, Bounds
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

    from alaqat.describe.grammar import RichText
    from alaqat.describe.resource import Descriptions


_TAKING_ARTICLE = {AL.Party, AL.Institution}
_TRIPLE = (RDF.subject, RDF.predicate, RDF.object)
_MAX_QUOTE = 80  # characters of a text that stands in for a name


class Verbalizer:
    """Verbalizes the contents of a dataset in one language.

    Args:
        descriptions: of the dataset.
        language: of the sentences.
    """

    def __init__(self, descriptions: Descriptions, language: str) -> None:
        self.language = language
        self.graph, self._proofs = descriptions.union_graph, descriptions.proofs
        self._ontology = descriptions.graphs.get(ONTOLOGY_GRAPH, self.graph)
        self._labels = descriptions.labels

    def name(self, node: Node) -> TextPart:
        """Return the name of a node: in the language, in another, or a substitute."""
        if isinstance(node, Literal):
            return TextPart(str(node), language=node.language or "")
        return self._label(node) or self._substitute_name(node)

    def _label(self, node: Node) -> TextPart | None:
        """Return the label of a node: in the language, else in another; maybe none."""
        labels = self._labels.get(node, {})
        for code in (*fallback_chain(self.language), *labels):
            if code in labels:
                language = "" if code == self.language else code
                return TextPart(labels[code], node, language)
        return None

    def depth(self, kind: Node) -> int:
        """Return the number of superclasses of a class, counting itself."""
        return self._depths.get(kind, 0)

    def has_name(self, node: Node) -> bool:
        """Return whether a node has a label in the language."""
        return self.language in self._labels.get(node, {})

    def fact(self, fact: Node, *, with_time: bool = True) -> RichText:
        """Return a fact as a sentence."""
        pattern = texts("facts", self.language)[self.kind(fact)]
        slots = {**self._slots(fact), **({} if with_time else {"time": ()})}
        return _capitalize(render_pattern(pattern, slots, self.language))

    def has_pattern(self, predicate: Node) -> bool:
        """Return whether there is a sentence pattern for triples of a property."""
        return is_term(predicate) and local(str(predicate)) in read_texts("relations")

    def triple(self, subject: Node, predicate: Node, value: Node) -> RichText:
        """Return a triple as a sentence, or as its three names without a pattern."""
        if self.has_pattern(predicate):
            slots = {
                "s": (self._with_article(subject),),
                "o": (self._with_article(value),),
            }
            pattern = texts("relations", self.language)[local(str(predicate))]
            return _capitalize(render_pattern(pattern, slots, self.language))
        slots = {"s": (self.name(subject),), "o": (self.name(value),)}
        slots["p"] = (self.name(predicate),)
        return render_pattern("{s} — {p} — {o}", slots, self.language)

    def time(self, fact: Node) -> str:
        """Return the stated time of a fact, else its bounds, in words; maybe empty."""
        stated = sorted(map(str, self.graph.objects(fact, AL.edtf)))
        if stated:
            return format_edtf(stated[0], self.language)
        days = {name: self._date(fact, one) for name, one in BOUND_PROPERTIES.items()}
        return format_bounds(Bounds(**days), self.language)

    def day(self, fact: Node, property_: URIRef) -> str:
        """Return a date of a fact in words; empty if it has none."""
        found = self._date(fact, property_)
        return format_day(found, self.language) if found else ""

    def kind(self, fact: Node) -> str:
        """Return the local name of the most specific class that has a pattern."""
        classes = (one for one in self.graph.objects(fact, RDF.type) if is_term(one))
        names = {local(str(one)): -self.depth(one) for one in classes}
        known = names.keys() & read_texts("facts").keys()
        return min(((names[name], name) for name in known), default=(0, "Fact"))[1]

    def _substitute_name(self, node: Node) -> TextPart:
        """Name a node without a label by its text, number, triple or IRI."""
        graph, terms = self.graph, texts("terms", self.language)
        name = short(str(node))
        if name in terms:
            return TextPart(terms[name], node)
        quote = URIRef(f"{str(node).partition('#')[0]}#quote")
        for owner, property_ in ((node, RDF.value), (quote, OA.exact)):
            text = graph.value(owner, property_)
            if text is not None:
                return TextPart(_truncate(str(text)), node, self._document_language)
        descriptions = by_language(graph.objects(node, DCTERMS.description))
        if self.language in descriptions:
            return TextPart(_truncate(descriptions[self.language]), node)
        number = graph.value(node, SCHEMA.position)
        kind = max(graph.objects(node, RDF.type), key=self.depth, default=None)
        if number is not None and kind is not None:
            return TextPart(f"{self._name_of_class(kind)} {number}", node)
        parts = [self._proofs.value(node, one) for one in _TRIPLE]
        if None not in parts:
            return TextPart(" — ".join(map(self._name_of_part, parts)), node)
        return TextPart(name.removeprefix(f"{BASE}id/"), node)

    def _name_of_class(self, kind: Node) -> str:
        label = self._label(kind)
        return short(str(kind)) if label is None else label.text

    def _name_of_part(self, node: Node | None) -> str:
        """Name a term of a proof's triple, but no other proof: they may be circular."""
        is_proof = (node, _TRIPLE[0], None) in self._proofs
        return short(str(node)) if node is None or is_proof else self.name(node).text

    @cached_property
    def _document_language(self) -> str:
        documents = self.graph.subjects(RDF.type, AL.Document)
        codes = (
            str(code)
            for document in documents
            for code in self.graph.objects(document, DCTERMS.language)
        )
        return min(codes, default="")

    @cached_property
    def _depths(self) -> Mapping[Node, int]:
        graph = self._ontology
        return {
            kind: len(set(graph.transitive_objects(kind, RDFS.subClassOf)))
            for kind in graph.subjects(RDFS.subClassOf, None, unique=True)
        }

    def _date(self, fact: Node, property_: URIRef) -> date | None:
        days = map(read_day, self.graph.objects(fact, property_))
        return min(filter(None, days), default=None)

    def _slots(self, fact: Node) -> Mapping[str, Sequence[TextPart]]:
        """Return the slot values of a fact: its properties, and some computed ones."""
        graph = self.graph
        slots = {
            local(str(property_)): self._values(graph.objects(fact, property_))
            for property_ in set(graph.predicates(fact))
        }
        slots["label"] = (self.name(fact),)
        if "holder" not in slots:
            slots["holder"] = self._values(graph.subjects(AL.hasRelation, fact))
        slots["kind"] = [_lowercase(part) for part in slots.get("kind", ())]
        for key, text in (
            ("time", self.time(fact)),
            ("amount", format_amount(graph, fact, self.language)),
        ):
            slots[key] = (TextPart(text),) if text else ()
        return slots

    def _values(self, nodes: Iterable[Node]) -> Sequence[TextPart]:
        """Return nodes sorted by name, then texts, in the language if there are any."""
        ranked = sorted(set(nodes), key=lambda node: self.name(node).text)
        parts = [self._with_article(node) for node in ranked]
        literals = [part for part in parts if part.node is None]
        translated = [
            TextPart(one.text) for one in literals if one.language == self.language
        ]
        entities = [part for part in parts if part.node is not None]
        return [*entities, *(translated or literals)]

    def _with_article(self, node: Node) -> TextPart:
        """Return a name with the article that some names take within a sentence."""
        part = self.name(node)
        names = texts("names", self.language)
        if not names["article"] or part.node is None or part.language:
            return part
        kinds = set(self.graph.objects(node, RDF.type))
        pattern = names["takes_article"]
        if not kinds & _TAKING_ARTICLE or not re.search(pattern, part.text):
            return part
        return replace(part, text=names["article"].format(part.text))


def _capitalize(sentence: RichText) -> RichText:
    """Capitalize the first letter of a sentence."""
    first, *rest = sentence
    return (replace(first, text=first.text[:1].upper() + first.text[1:]), *rest)


def _lowercase(part: TextPart) -> TextPart:
    """Lowercase the first letter of a name unless it is an abbreviation."""
    if part.text[1:2].isupper():
        return part
    return replace(part, text=part.text[:1].lower() + part.text[1:])


def _truncate(text: str) -> str:
    """Truncate a long text at the end of a word."""
    if len(text) <= _MAX_QUOTE:
        return text
    return f"{text[:_MAX_QUOTE].rpartition(' ')[0]} …"
