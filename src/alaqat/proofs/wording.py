"""Terms, triples, rules and axioms in words of each language."""

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
    from collections.abc import Iterable, Mapping

    from rdflib import URIRef
    from rdflib.term import Node

    from alaqat.reason.rules import Rule, Triple


# The properties that make a class without a name what it is.
_MAKERS = (
    OWL.allValuesFrom,
    OWL.someValuesFrom,
    OWL.hasValue,
    OWL.unionOf,
    OWL.intersectionOf,
)


class TermWording:
    """Tells terms and rules in one language.

    Args:
        graphs: all named graphs; their labels are used.
        language: a term without a label in it has that of a fallback, or its short IRI.
        bare: for programs, without the marks that keep directions apart.
    """

    def __init__(
        self, graphs: Mapping[URIRef, Graph], language: str, *, bare: bool = False
    ) -> None:
        self.language, self._bare = language, bare
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
        """The words of every language, for programs."""
        return {code: cls(graphs, code, bare=True) for code in LANGUAGES}

    def bidi_isolate(self, text: str) -> str:
        """A text kept apart from neighbours that may run the other way."""
        if self._bare:
            return text
        is_ltr = DIRECTIONS[self.language] == "ltr"
        return bidi_isolate(text) if is_ltr else f"{FSI}{text}{PDI}"

    def triple(self, triple: Triple) -> str:
        """A triple as three names in a row, each kept apart from its neighbours."""
        subject, predicate, value = triple
        is_typed = predicate == RDF.type
        verb = self.text("is_of_class") if is_typed else self.term(predicate)
        return " — ".join(
            map(self.bidi_isolate, (self.term(subject), verb, self.term(value)))
        )

    def axiom(self, rule: Rule) -> str:
        """What the axiom of a rule says."""
        known = next(filter(rule.name.startswith, read_texts("rules")), None)
        area, key = ("rules", known) if known else ("proofs", "unknown_rule")
        blank = (RDF.nil, RDF.nil, RDF.nil)
        subject, _, value = rule.axiom[0] if rule.axiom else blank
        on = (o for _, p, o in rule.axiom if p == OWL.onProperty)
        body = (predicate for _, predicate, _ in rule.body if predicate != RDF.type)
        return translate(
            *(area, key, self.language),
            s=self.bidi_isolate(self.term(subject)),
            o=self.bidi_isolate(self.term(value)),
            on=self.bidi_isolate(self.term(next(on, RDF.nil))),
            chain=self._each(
                dict.fromkeys(body), "then" if rule.name == "prp-spo2" else "and"
            ),
            members=self._each(self._members(value), "comma"),
            rule=rule.name,
        )

    def text(self, key: str, *values: str, **named: str) -> str:
        """Return one of the texts of proofs, its gaps filled."""
        return translate("proofs", key, self.language, *values, **named)

    def _each(self, terms: Iterable[Node], between: str) -> str:
        marks = texts("marks", self.language)
        quoted = (
            marks["quotes"].format(self.bidi_isolate(self.term(one))) for one in terms
        )
        joined: str = marks[between].join(quoted)
        return joined

    def _members(self, head: Node) -> Iterable[Node]:
        return read_list(self._ontology, head)[1]

    def _term(self, node: Node) -> str:
        if node in self._labels:
            return self._labels[node]
        if isinstance(node, BNode):
            return self._nameless(node)
        return str(node) if isinstance(node, Literal) else short(str(node))

    def _nameless(self, node: BNode) -> str:
        """A class without a name, by what makes it what it is."""
        for makes in _MAKERS:
            value = self._ontology.value(node, makes)
            if value is not None:
                on = self._ontology.value(node, OWL.onProperty) or RDF.nil
                members = self._members(value)
                return translate(
                    *("classes", local(makes), self.language),
                    on=self.bidi_isolate(self.term(on)),
                    o=self.bidi_isolate(self.term(value)) if not members else "",
                    members=self._each(members, "comma"),
                )
        return f"_:{node}"
