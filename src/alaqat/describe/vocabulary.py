"""The ontology and the shapes, told for people: terms, axioms, rules and their use."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from rdflib import OWL, RDF, RDFS, SH, SKOS, Graph, Literal, URIRef

from alaqat.describe.resource import is_term, ordered
from alaqat.terms import (
    AL,
    ONTOLOGY_GRAPH,
    local,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from rdflib.term import Node

    from alaqat.describe.entity_pages import EntityPages
    from alaqat.describe.grammar import PatternPart
    from alaqat.describe.view_models import Fact
    from alaqat.proofs.wording import TermWording
    from alaqat.queries.query import SavedQuery
    from alaqat.reason.rules import Rule


_USED = re.compile(r"\bal:(\w+)")
_DESCENDED = re.compile(r"\brdfs:subClassOf[+*] al:(\w+)")
_EXAMPLES = 2
_MATCHES = (
    *(SKOS.closeMatch, SKOS.exactMatch, SKOS.broadMatch, SKOS.narrowMatch),
    *(RDFS.seeAlso, OWL.equivalentClass, OWL.equivalentProperty),
)
_SEVERITIES = ("Violation", "Warning", "Info")


@dataclass(frozen=True, slots=True)
class ShapeRule:
    """A rule of the shapes.

    Attributes:
        iri: of the shape or constraint that has the message.
        name: what is checked.
        messages: what a finding says, by language.
        severity: Violation, Warning or Info.
        targets: the classes it is held against.
        terms: every term of ours that it speaks of.
        query: in SPARQL, if it is one.
    """

    iri: URIRef
    name: str
    messages: Mapping[str, str]
    severity: str
    targets: tuple[PatternPart, ...]
    terms: frozenset[Node]
    query: str


@dataclass(frozen=True, slots=True)
class Term:
    """A class or property of the ontology."""

    iri: URIRef
    name: PatternPart
    labels: Mapping[str, str]
    definitions: Mapping[str, str]
    scopes: Mapping[str, str]
    parents: tuple[PatternPart, ...]
    children: tuple[PatternPart, ...]
    domain: tuple[PatternPart, ...]
    range: tuple[PatternPart, ...]
    axioms: tuple[str, ...]
    matches: tuple[str, ...]
    examples: tuple[Fact, ...]
    questions: tuple[SavedQuery, ...]
    checks: tuple[ShapeRule, ...]


class Vocabulary:
    """Documents the ontology of a dataset and the shapes it is held against.

    Args:
        pages: of the dataset, in the language of the documentation.
        words: of the same language.
        rules: that the axioms were read as.
        shapes: all of them in one graph.
        questions: the saved ones.
    """

    def __init__(
        self,
        pages: EntityPages,
        words: TermWording,
        rules: Iterable[Rule],
        shapes: Graph,
        questions: Sequence[SavedQuery],
    ) -> None:
        self._pages, self._words, self._rules = pages, words, tuple(rules)
        self._speaker = pages.speaker
        self._said = pages.speaker.said
        self._shapes = shapes
        self._questions = questions
        self.ontology = pages.graph(ONTOLOGY_GRAPH)

    @cached_property
    def groups(self) -> Mapping[str, Sequence[Term]]:
        """Every term of ours, by the part of the ontology it belongs to."""
        found: dict[str, list[Term]] = {key: [] for key in _GROUPS}
        for iri in ordered(set(self.ontology.subjects(RDF.type, None))):
            if is_term(iri):
                key = next(k for k, fits in _GROUPS.items() if fits(self.ontology, iri))
                found[key].append(self._term(iri))
        return {
            key: sorted(terms, key=lambda term: term.name.text.casefold())
            for key, terms in found.items()
        }

    @cached_property
    def checks(self) -> Sequence[ShapeRule]:
        """Every rule of the shapes, the gravest first."""
        nodes = (n for n in self._shapes.subjects(SH.message, None, unique=True))
        found = [self._check(node) for node in nodes if isinstance(node, URIRef)]
        return sorted(found, key=lambda one: (_SEVERITIES.index(one.severity), one.iri))

    def protects(self, check: ShapeRule) -> Sequence[SavedQuery]:
        """The questions whose answers a rule protects: they ask for what it checks."""
        subjects = {node for part in check.targets if (node := part.node) is not None}
        checked = {local(str(node)) for node in check.terms - subjects}
        asked = checked or {local(str(node)) for node in subjects}
        return [one for one in self._questions if asked & self._terms_of[one.name]]

    @cached_property
    def kinds(
        self,
    ) -> Sequence[tuple[PatternPart, str, Sequence[tuple[PatternPart, str, int]]]]:
        """The lists of kinds: name, definition, and the concepts with their uses."""
        graph, name = self.ontology, self._speaker.name
        found = []
        for scheme in ordered(graph.subjects(RDF.type, SKOS.ConceptScheme)):
            concepts = ordered(graph.subjects(SKOS.inScheme, scheme))
            rows = [
                (name(one), self._defined(one), self._uses(one)) for one in concepts
            ]
            found.append((name(scheme), self._defined(scheme), rows))
        return found

    def _defined(self, node: Node) -> str:
        return _texts(self.ontology, node, SKOS.definition).get(
            self._speaker.language, ""
        )

    def _uses(self, concept: Node) -> int:
        return len(set(self._said.subjects(AL.kind, concept)))

    def _term(self, iri: URIRef) -> Term:
        graph = self.ontology
        above = [
            *graph.objects(iri, RDFS.subClassOf),
            *graph.objects(iri, RDFS.subPropertyOf),
        ]
        below = [
            *graph.subjects(RDFS.subClassOf, iri),
            *graph.subjects(RDFS.subPropertyOf, iri),
        ]
        return Term(
            iri=iri,
            name=self._speaker.name(iri),
            labels=_texts(graph, iri, RDFS.label),
            definitions=_texts(graph, iri, SKOS.definition),
            scopes=_texts(graph, iri, SKOS.scopeNote),
            parents=self._named(above),
            children=self._named(below),
            domain=self._named(graph.objects(iri, RDFS.domain)),
            range=self._named(graph.objects(iri, RDFS.range)),
            axioms=tuple(dict.fromkeys(self._axioms(iri))),
            matches=tuple(
                sorted(
                    str(one) for match in _MATCHES for one in graph.objects(iri, match)
                )
            ),
            examples=tuple(self._pages.examples(self._facts(iri), _EXAMPLES)),
            questions=tuple(
                q for q in self._questions if local(iri) in self._terms_of[q.name]
            ),
            checks=tuple(one for one in self.checks if self._is_checked(iri, one)),
        )

    def _is_checked(self, iri: URIRef, check: ShapeRule) -> bool:
        """Whether a rule speaks of a term, or is held against a class above it."""
        above = set(self.ontology.transitive_objects(iri, RDFS.subClassOf))
        return iri in check.terms or any(one.node in above for one in check.targets)

    def _named(self, nodes: Iterable[Node]) -> tuple[PatternPart, ...]:
        found = {node for node in nodes if isinstance(node, URIRef)}
        return tuple(self._speaker.name(node) for node in sorted(found))

    def _axioms(self, iri: URIRef) -> Iterator[str]:
        """The axioms on a term that the ontology states, in words."""
        for rule in self._rules:
            if (
                rule.axiom
                and rule.axiom[0][0] == iri
                and rule.axiom[0] in self.ontology
            ):
                yield self._words.axiom(rule)

    def _facts(self, iri: URIRef) -> set[Node]:
        """The facts that a term is used of."""
        said = self._said
        near = {node for pair in said.subject_objects(iri) for node in pair}
        near.update(said.subjects(RDF.type, iri))
        return near & self._every_fact

    @cached_property
    def _every_fact(self) -> set[Node]:
        return set(self._said.subjects(RDF.type, AL.Fact))

    @cached_property
    def _terms_of(self) -> Mapping[str, frozenset[str]]:
        return {q.name: frozenset(self._terms_in(q.text)) for q in self._questions}

    def _terms_in(self, query: str) -> Iterator[str]:
        """Yield the terms that a query names, and the classes below one it descends."""
        yield from _USED.findall(query)
        for above in _DESCENDED.findall(query):
            below = self.ontology.transitive_subjects(RDFS.subClassOf, AL[above])
            yield from (local(str(one)) for one in below)

    def _check(self, node: URIRef) -> ShapeRule:
        shapes = self._shapes
        owners = [node, *self._owners(node)]
        severity = next(
            filter(None, (shapes.value(o, SH.severity) for o in owners)), None
        )
        names = next(filter(None, (_texts(shapes, o, SH.name) for o in owners)), {})
        targets = {t for o in owners for t in shapes.objects(o, SH.targetClass)}
        return ShapeRule(
            iri=node,
            name=names.get(self._speaker.language, local(node)),
            messages=_texts(shapes, node, SH.message),
            severity=local(str(severity or SH.Violation)),
            targets=self._named(targets),
            terms=frozenset(self._mentioned([node, *self._owners(node)])),
            query=str(shapes.value(node, SH.select) or ""),
        )

    def _owners(self, node: Node) -> list[Node]:
        """The shapes that a rule is part of, from the inside outwards."""
        found: list[Node] = []
        for part in (SH.property, SH.sparql, SH.node):
            for owner in ordered(self._shapes.subjects(part, node)):
                found += [owner, *self._owners(owner)]
        return found

    def _mentioned(self, nodes: Sequence[Node]) -> Iterator[Node]:
        """Every term of ours that a rule, or the targets of its owners, speak of."""
        first, *owners = nodes
        for owner in owners:
            yield from self._shapes.objects(owner, SH.targetClass)
        waiting, seen = [first], set()
        while waiting:
            node = waiting.pop()
            if node in seen:
                continue
            seen.add(node)
            for value in self._shapes.objects(node):
                if is_term(value):
                    yield value
                elif isinstance(value, Literal):
                    yield from (AL[name] for name in _USED.findall(str(value)))
                elif not isinstance(value, URIRef):
                    waiting.append(value)


def _texts(graph: Graph, node: Node, property_: URIRef) -> Mapping[str, str]:
    """The texts of a thing, by language."""
    texts: defaultdict[str, str] = defaultdict(str)
    for text in graph.objects(node, property_):
        if isinstance(text, Literal):
            texts[text.language or ""] = str(text)
    return dict(texts)


def _is(kind: URIRef) -> Callable[[Graph, URIRef], bool]:
    return lambda graph, iri: (iri, RDF.type, kind) in graph


def _is_relation(graph: Graph, iri: URIRef) -> bool:
    return AL.hasRelation in graph.transitive_objects(iri, RDFS.subPropertyOf)


def _is_shortcut(graph: Graph, iri: URIRef) -> bool:
    """Whether a property is only ever derived, itself or its inverse, by a chain."""
    both = (iri, *graph.subjects(OWL.inverseOf, iri))
    return any((one, OWL.propertyChainAxiom, None) in graph for one in both)


#: The parts of the ontology in their order; a term belongs to the first that fits.
_GROUPS: dict[str, Callable[[Graph, URIRef], bool]] = {
    "classes": _is(OWL.Class),
    "relations": _is_relation,
    "shortcuts": _is_shortcut,
    "objects": _is(OWL.ObjectProperty),
    "values": _is(OWL.DatatypeProperty),
    "annotations": lambda _graph, _iri: True,
}
