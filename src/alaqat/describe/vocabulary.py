"""Documentation of the ontology and the SHACL shapes: terms, axioms, rules, usage."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from rdflib import OWL, RDF, RDFS, SH, SKOS, Graph, Literal, URIRef

from alaqat.describe.resource import is_term, sort_nodes
from alaqat.i18n import by_language
from alaqat.terms import AL, ONTOLOGY_GRAPH, local

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from rdflib.term import Node

    from alaqat.describe.entity_views import EntityViewBuilder
    from alaqat.describe.grammar import TextPart
    from alaqat.describe.view_models import Fact
    from alaqat.proofs.wording import TermWording
    from alaqat.queries.query import SavedQuery
    from alaqat.reason.rules import Rule


_AL_TERM = re.compile(r"\bal:(\w+)")
_SUBCLASS_PATH = re.compile(r"\brdfs:subClassOf[+*] al:(\w+)")
_EXAMPLES = 2
_MATCHES = (
    *(SKOS.closeMatch, SKOS.exactMatch, SKOS.broadMatch, SKOS.narrowMatch),
    *(RDFS.seeAlso, OWL.equivalentClass, OWL.equivalentProperty),
)
_SEVERITIES = ("Violation", "Warning", "Info")


@dataclass(frozen=True, slots=True)
class ShapeRule:
    """A validation rule: a shape or constraint with a message.

    Attributes:
        iri: of the shape or constraint.
        name: in the language of the page.
        messages: of its validation results, by language.
        severity: Violation, Warning or Info.
        targets: its target classes.
        terms: of the ontology that occur in it.
        query: SPARQL text of a SPARQL-based constraint; empty for others.
    """

    iri: URIRef
    name: str
    messages: Mapping[str, str]
    severity: str
    targets: tuple[TextPart, ...]
    terms: frozenset[Node]
    query: str


@dataclass(frozen=True, slots=True)
class Term:
    """A class or property of the ontology.

    Attributes:
        iri: of the term.
        name: in the language of the page.
        labels: by language, like the definitions and scope notes.
        parents: direct superclasses or superproperties.
        children: direct subclasses or subproperties.
        domain: of a property, like its range.
        axioms: in words.
        matches: IRIs of related terms in other vocabularies.
        examples: facts that use it.
        queries: saved queries that use it.
        rules: validation rules that check it.
    """

    iri: URIRef
    name: TextPart
    labels: Mapping[str, str]
    definitions: Mapping[str, str]
    scope_notes: Mapping[str, str]
    parents: tuple[TextPart, ...]
    children: tuple[TextPart, ...]
    domain: tuple[TextPart, ...]
    range: tuple[TextPart, ...]
    axioms: tuple[str, ...]
    matches: tuple[str, ...]
    examples: tuple[Fact, ...]
    queries: tuple[SavedQuery, ...]
    rules: tuple[ShapeRule, ...]


class Vocabulary:
    """Documents the ontology of a dataset and the shapes that validate it.

    Args:
        views: builder of the dataset's views, in the language of the documentation.
        wording: of the same language.
        axiom_rules: the inference rules that the axioms are compiled to.
        shapes: in one graph.
        queries: the saved ones.
    """

    def __init__(
        self,
        views: EntityViewBuilder,
        wording: TermWording,
        axiom_rules: Iterable[Rule],
        shapes: Graph,
        queries: Sequence[SavedQuery],
    ) -> None:
        self._views, self._wording = views, wording
        self._verbalizer = views.verbalizer
        self._graph = views.verbalizer.graph
        self._axiom_rules = tuple(axiom_rules)
        self._shapes = shapes
        self._queries = queries
        self.ontology = views.graph(ONTOLOGY_GRAPH)

    @cached_property
    def groups(self) -> Mapping[str, Sequence[Term]]:
        """The terms by section of the documentation, each sorted by name."""
        found: dict[str, list[Term]] = {key: [] for key in _GROUPS}
        for iri in sort_nodes(set(self.ontology.subjects(RDF.type, None))):
            if is_term(iri):
                key = next(k for k, fits in _GROUPS.items() if fits(self.ontology, iri))
                found[key].append(self._term(iri))
        return {
            key: sorted(terms, key=lambda term: term.name.text.casefold())
            for key, terms in found.items()
        }

    @cached_property
    def rules(self) -> Sequence[ShapeRule]:
        """The validation rules, the most severe first."""
        nodes = (n for n in self._shapes.subjects(SH.message, None, unique=True))
        found = [self._rule(node) for node in nodes if isinstance(node, URIRef)]
        return sorted(found, key=lambda one: (_SEVERITIES.index(one.severity), one.iri))

    def protected_queries(self, rule: ShapeRule) -> Sequence[SavedQuery]:
        """Return the saved queries that use what a rule checks."""
        targets = {node for part in rule.targets if (node := part.node) is not None}
        checked = {local(str(node)) for node in rule.terms - targets}
        names = checked or {local(str(node)) for node in targets}
        return [one for one in self._queries if names & self._terms_by_query[one.name]]

    @cached_property
    def concept_schemes(
        self,
    ) -> Sequence[tuple[TextPart, str, Sequence[tuple[TextPart, str, int]]]]:
        """The concept schemes: name, definition, and concepts with their uses."""
        graph, name = self.ontology, self._verbalizer.name
        found = []
        for scheme in sort_nodes(graph.subjects(RDF.type, SKOS.ConceptScheme)):
            concepts = [
                (name(one), self._definition(one), self._count_uses(one))
                for one in sort_nodes(graph.subjects(SKOS.inScheme, scheme))
            ]
            found.append((name(scheme), self._definition(scheme), concepts))
        return found

    def _definition(self, node: Node) -> str:
        definitions = by_language(self.ontology.objects(node, SKOS.definition))
        return definitions.get(self._verbalizer.language, "")

    def _count_uses(self, concept: Node) -> int:
        return len(set(self._graph.subjects(AL.kind, concept)))

    def _term(self, iri: URIRef) -> Term:
        graph = self.ontology
        parents = [
            *graph.objects(iri, RDFS.subClassOf),
            *graph.objects(iri, RDFS.subPropertyOf),
        ]
        children = [
            *graph.subjects(RDFS.subClassOf, iri),
            *graph.subjects(RDFS.subPropertyOf, iri),
        ]
        matches = {str(one) for match in _MATCHES for one in graph.objects(iri, match)}
        return Term(
            iri=iri,
            name=self._verbalizer.name(iri),
            labels=by_language(graph.objects(iri, RDFS.label)),
            definitions=by_language(graph.objects(iri, SKOS.definition)),
            scope_notes=by_language(graph.objects(iri, SKOS.scopeNote)),
            parents=self._names(parents),
            children=self._names(children),
            domain=self._names(graph.objects(iri, RDFS.domain)),
            range=self._names(graph.objects(iri, RDFS.range)),
            axioms=tuple(dict.fromkeys(self._axioms(iri))),
            matches=tuple(sorted(matches)),
            examples=tuple(self._views.examples(self._facts(iri), _EXAMPLES)),
            queries=tuple(
                q for q in self._queries if local(iri) in self._terms_by_query[q.name]
            ),
            rules=tuple(one for one in self.rules if self._is_checked(iri, one)),
        )

    def _is_checked(self, iri: URIRef, rule: ShapeRule) -> bool:
        """Return whether a rule mentions a term or targets one of its superclasses."""
        above = set(self.ontology.transitive_objects(iri, RDFS.subClassOf))
        return iri in rule.terms or any(one.node in above for one in rule.targets)

    def _names(self, nodes: Iterable[Node]) -> tuple[TextPart, ...]:
        iris = {node for node in nodes if isinstance(node, URIRef)}
        return tuple(self._verbalizer.name(iri) for iri in sorted(iris))

    def _axioms(self, iri: URIRef) -> Iterator[str]:
        """Yield the asserted axioms about a term, in words."""
        for rule in self._axiom_rules:
            head = rule.axiom[0] if rule.axiom else None
            if head and head[0] == iri and head in self.ontology:
                yield self._wording.axiom(rule)

    def _facts(self, iri: URIRef) -> set[Node]:
        """Return the facts that use a term as class or property."""
        graph = self._graph
        nodes = {node for pair in graph.subject_objects(iri) for node in pair}
        nodes.update(graph.subjects(RDF.type, iri))
        return nodes & self._all_facts

    @cached_property
    def _all_facts(self) -> set[Node]:
        return set(self._graph.subjects(RDF.type, AL.Fact))

    @cached_property
    def _terms_by_query(self) -> Mapping[str, frozenset[str]]:
        return {q.name: frozenset(self._terms_in(q.text)) for q in self._queries}

    def _terms_in(self, query: str) -> Iterator[str]:
        """Yield the terms in a query, with the subclasses that its paths lead to."""
        yield from _AL_TERM.findall(query)
        for name in _SUBCLASS_PATH.findall(query):
            below = self.ontology.transitive_subjects(RDFS.subClassOf, AL[name])
            yield from (local(str(one)) for one in below)

    def _rule(self, node: URIRef) -> ShapeRule:
        shapes, owners = self._shapes, self._owners(node)
        chain = [node, *owners]
        severities = (shapes.value(one, SH.severity) for one in chain)
        names = (by_language(shapes.objects(one, SH.name)) for one in chain)
        targets = {t for one in chain for t in shapes.objects(one, SH.targetClass)}
        return ShapeRule(
            iri=node,
            name=next(filter(None, names), {}).get(
                self._verbalizer.language, local(node)
            ),
            messages=by_language(shapes.objects(node, SH.message)),
            severity=local(str(next(filter(None, severities), SH.Violation))),
            targets=self._names(targets),
            terms=frozenset(self._mentioned(node, owners)),
            query=str(shapes.value(node, SH.select) or ""),
        )

    def _owners(self, node: Node) -> list[Node]:
        """Return the shapes that contain a rule, the innermost first."""
        found: list[Node] = []
        for part in (SH.property, SH.sparql, SH.node):
            for owner in sort_nodes(self._shapes.subjects(part, node)):
                found += [owner, *self._owners(owner)]
        return found

    def _mentioned(self, rule: URIRef, owners: Iterable[Node]) -> Iterator[Node]:
        """Yield the terms in a rule and the target classes of its owners."""
        for owner in owners:
            yield from self._shapes.objects(owner, SH.targetClass)
        queue: list[Node] = [rule]
        seen: set[Node] = set()
        while queue:
            node = queue.pop()
            if node in seen:
                continue
            seen.add(node)
            for value in self._shapes.objects(node):
                if is_term(value):
                    yield value
                elif isinstance(value, Literal):
                    yield from (AL[name] for name in _AL_TERM.findall(str(value)))
                elif not isinstance(value, URIRef):
                    queue.append(value)


def _is(kind: URIRef) -> Callable[[Graph, URIRef], bool]:
    return lambda graph, iri: (iri, RDF.type, kind) in graph


def _is_relation(graph: Graph, iri: URIRef) -> bool:
    return AL.hasRelation in graph.transitive_objects(iri, RDFS.subPropertyOf)


def _is_shortcut(graph: Graph, iri: URIRef) -> bool:
    """Return whether a property chain derives a property or its inverse."""
    both = (iri, *graph.subjects(OWL.inverseOf, iri))
    return any((one, OWL.propertyChainAxiom, None) in graph for one in both)


# Sections of the documentation in order; a term goes into the first that it fits.
_GROUPS: dict[str, Callable[[Graph, URIRef], bool]] = {
    "classes": _is(OWL.Class),
    "relations": _is_relation,
    "shortcuts": _is_shortcut,
    "objects": _is(OWL.ObjectProperty),
    "values": _is(OWL.DatatypeProperty),
    "annotations": lambda _graph, _iri: True,
}
