"""Wording of proofs: labels of terms, triples and axioms in each language."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from rdflib import OWL, RDF, RDFS, SKOS, BNode, Graph, Literal

from alaqat.i18n import (
    DIRECTIONS,
    FSI,
    LANGUAGES,
    PDI,
    bidi_isolate,
    fallback_chain,
    read_texts,
    texts,
    translate,
)
from alaqat.reason.compiler import read_list
from alaqat.terms import (
    ONTOLOGY_GRAPH,
    local,
    short,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rdflib import URIRef
    from rdflib.term import Node

    from alaqat.reason.rules import Rule, Triple


# The properties by which an anonymous class expression is worded.
# Anonymous classes that are worded inside one another, and members of inner ones.
_MAX_NESTING, _MAX_NESTED_MEMBERS = 3, 20
_CLASS_EXPRESSIONS = (
    OWL.allValuesFrom,
    OWL.someValuesFrom,
    OWL.hasValue,
    OWL.unionOf,
    OWL.intersectionOf,
)


class TermWording:
    """Words terms, triples and rules in one language, by the labels of a dataset.

    Args:
        graphs: all named graphs.
        language: a term without a label in it gets that of a fallback, or its short
            IRI.
        plain: whether to leave out bidi isolates, as for programs.
    """

    def __init__(
        self, graphs: Mapping[URIRef, Graph], language: str, *, plain: bool = False
    ) -> None:
        self.language, self._plain = language, plain
        self._ontology = graphs.get(ONTOLOGY_GRAPH, Graph())
        by_language: dict[str, dict[Node, str]] = {}
        for graph in graphs.values():
            for label in (SKOS.prefLabel, RDFS.label):
                for node, text in graph.subject_objects(label):
                    if isinstance(text, Literal):
                        labels = by_language.setdefault(text.language or "", {})
                        labels.setdefault(node, str(text))
        self._labels: dict[Node, str] = {}
        for code in reversed(fallback_chain(language)):
            self._labels |= by_language.get(code, {})
        self.term = cache(self._term)

    @classmethod
    def for_programs(cls, graphs: Mapping[URIRef, Graph]) -> dict[str, TermWording]:
        """Return the wording of every language, without bidi isolates."""
        return {code: cls(graphs, code, plain=True) for code in LANGUAGES}

    def bidi_isolate(self, text: str) -> str:
        """Wrap a text in bidi isolates if it may run against its neighbours."""
        if self._plain:
            return text
        is_ltr = DIRECTIONS[self.language] == "ltr"
        return bidi_isolate(text) if is_ltr else f"{FSI}{text}{PDI}"

    def triple(self, triple: Triple) -> str:
        """Return a triple as three labels, each in its own bidi isolate."""
        subject, predicate, value = triple
        is_typed = predicate == RDF.type
        verb = self.text("is_of_class") if is_typed else self.term(predicate)
        parts = self._label(subject), self.bidi_isolate(verb), self._label(value)
        return " — ".join(parts)

    def axiom(self, rule: Rule) -> str:
        """Return the axiom of a rule in words."""
        known = next(filter(rule.name.startswith, read_texts("rules")), None)
        area, key = ("rules", known) if known else ("proofs", "unknown_rule")
        blank = (RDF.nil, RDF.nil, RDF.nil)
        subject, _, value = rule.axiom[0] if rule.axiom else blank
        on = (o for _, p, o in rule.axiom if p == OWL.onProperty)
        body = (predicate for _, predicate, _ in rule.body if predicate != RDF.type)
        return translate(
            *(area, key, self.language),
            s=self._label(subject),
            o=self._label(value),
            on=self._label(next(on, RDF.nil)),
            chain=self._labels_of(
                dict.fromkeys(body), "then" if rule.name == "prp-spo2" else "and"
            ),
            members=self._labels_of(self._members(value), "comma"),
            rule=rule.name,
        )

    def text(self, key: str, *values: str, **named: str) -> str:
        """Return a translated text of proofs, its placeholders filled."""
        return translate("proofs", key, self.language, *values, **named)

    def _label(self, node: Node, depth: int = 0) -> str:
        return self.bidi_isolate(self.term(node, depth) if depth else self.term(node))

    def _labels_of(self, terms: Iterable[Node], separator: str, depth: int = 0) -> str:
        marks = texts("marks", self.language)
        joined: str = marks[separator].join(
            marks["quotes"].format(self._label(term, depth)) for term in terms
        )
        return joined

    def _members(self, head: Node) -> Sequence[Node]:
        return read_list(self._ontology, head)[1]

    def _term(self, node: Node, depth: int = 0) -> str:
        if node in self._labels:
            return self._labels[node]
        if isinstance(node, BNode) and depth < _MAX_NESTING:
            return self._class_expression(node, depth + 1)
        return str(node) if isinstance(node, Literal) else short(str(node))

    def _class_expression(self, node: BNode, depth: int) -> str:
        """Word an anonymous class by its defining property.

        Classes inside it are worded too, but only so deep, as they may be circular.
        """
        for predicate in _CLASS_EXPRESSIONS:
            value = self._ontology.value(node, predicate)
            if value is not None:
                on = self._ontology.value(node, OWL.onProperty) or RDF.nil
                members = self._members(value)
                if depth > 1:
                    members = members[:_MAX_NESTED_MEMBERS]
                return translate(
                    *("classes", local(predicate), self.language),
                    on=self._label(on, depth),
                    o=self._label(value, depth) if not members else "",
                    members=self._labels_of(members, "comma", depth),
                )
        return f"_:{node}"
