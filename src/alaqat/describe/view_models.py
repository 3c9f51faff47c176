"""View models of entities and facts, with derived facts and gaps, for templates."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from rdflib import OWL, PROV, RDF, RDFS, Graph, URIRef

from alaqat.describe.resource import sort_nodes, sort_tuples
from alaqat.i18n import read_texts
from alaqat.reason.compiler import read_list
from alaqat.terms import AL, INFERRED_GRAPH, KIND, local

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from rdflib.term import Node

    from alaqat.describe.grammar import RichText, TextPart
    from alaqat.describe.resource import Descriptions
    from alaqat.describe.sentences import Verbalizer
    from alaqat.proofs.model import Citation, Doubt
    from alaqat.reason.rules import Triple


@dataclass(frozen=True, slots=True)
class PropertyRow:
    """A property with its values.

    Attributes:
        name: of the property.
        values: at most a page's share of them.
        total: number of all values.
    """

    name: TextPart
    values: tuple[TextPart, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact.

    Attributes:
        iri: of the fact.
        sentence: the fact in words.
        short: the same without its time, for lists that show the time beside it.
        kind: local name of the class whose pattern the sentence has.
        time: in words; empty if the text states none.
        attested: date of the text that has the fact in the present tense, in words;
            empty if none has.
        details: properties that the sentence leaves out.
        citations: the quotes that state it.
        doubts: notes on it that are about none of these quotes.
    """

    iri: URIRef
    sentence: RichText
    short: RichText
    kind: str
    time: str
    attested: str
    details: tuple[PropertyRow, ...]
    citations: tuple[Citation, ...]
    doubts: tuple[Doubt, ...]


@dataclass(frozen=True, slots=True)
class FactGroup:
    """Facts of one kind."""

    name: TextPart
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class DerivedFact:
    """A derived triple in words."""

    triple: Triple
    sentence: RichText


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that the text leaves unsaid.

    Attributes:
        key: of its text on pages.
        about: the facts or sections concerned; none if it is the entity itself.
    """

    key: str
    about: tuple[TextPart, ...] = ()


@dataclass(frozen=True, slots=True)
class EntityView:
    """The contents of an entity's page.

    Attributes:
        iri: of the entity.
        name: in the language of the page.
        other_names: labels other than the name.
        classes: the most specific first, each with whether it is derived.
        definition: of a concept.
        codes: code system and code.
        matches: IRIs of the entity in other datasets.
        coordinates: latitude and longitude.
        groups: stated facts by kind.
        denied: stated denials by kind.
        derived: derived facts.
        derived_denials: derived facts that deny something.
        gaps: what the text does not say.
        notes: on the entity itself.
        fact: the entity as a fact, if it is one.
        properties: its other properties.
        incoming: properties of other resources that have it as their value.
    """

    iri: URIRef
    name: TextPart
    other_names: tuple[TextPart, ...]
    classes: tuple[tuple[TextPart, bool], ...]
    definition: str
    codes: tuple[tuple[TextPart, str], ...]
    matches: tuple[str, ...]
    coordinates: tuple[str, str] | None
    groups: tuple[FactGroup, ...]
    denied: tuple[FactGroup, ...]
    derived: tuple[DerivedFact, ...]
    derived_denials: tuple[DerivedFact, ...]
    gaps: tuple[Gap, ...]
    notes: tuple[Doubt, ...]
    fact: Fact | None
    properties: Sequence[PropertyRow]
    incoming: Sequence[PropertyRow]


_TRIPLE = (RDF.subject, RDF.predicate, RDF.object)
_START = (AL.startEarliest, AL.startLatest)


class DerivedFacts:
    """The derived triples of a dataset in one language.

    Args:
        descriptions: of the dataset.
        verbalizer: of the language.
    """

    def __init__(self, descriptions: Descriptions, verbalizer: Verbalizer) -> None:
        self._graph, self._verbalizer = descriptions.union_graph, verbalizer
        self._inferred = descriptions.graphs.get(INFERRED_GRAPH, Graph())

    @cached_property
    def denial_properties(self) -> frozenset[Node]:
        """The properties that deny another one."""
        return frozenset(self._graph.objects(None, AL.deniedBy))

    @cached_property
    def denial_classes(self) -> frozenset[Node]:
        """The classes of facts from which a property chain derives denials."""
        graph = self._graph
        found: set[Node] = set()
        for property_ in self.denial_properties:
            for chain in graph.objects(property_, OWL.propertyChainAxiom):
                for first in read_list(graph, chain)[1][:1]:
                    found.update(graph.objects(first, RDFS.range))
        return frozenset(found)

    def about(self, iri: URIRef) -> list[DerivedFact]:
        """Return the derived triples of a resource that have a sentence pattern."""
        inferred = self._inferred
        triples: set[Triple] = {
            *((iri, p, o) for p, o in inferred.predicate_objects(iri)),
            *(
                (s, p, iri)
                for s, p in inferred.subject_predicates(iri)
                if not self._has_inverse(p)
            ),
        }
        order = {name: number for number, name in enumerate(read_texts("relations"))}
        found = [
            DerivedFact(triple, self._verbalizer.triple(*triple))
            for triple in triples
            if self._verbalizer.has_pattern(triple[1])
        ]
        return sorted(
            found,
            key=lambda one: (
                order[local(str(one.triple[1]))],
                [part.text for part in one.sentence],
            ),
        )

    def _has_inverse(self, property_: Node) -> bool:
        """Return whether a property is symmetric or has an inverse."""
        patterns = (
            (property_, RDF.type, OWL.SymmetricProperty),
            (property_, OWL.inverseOf, None),
            (None, OWL.inverseOf, property_),
        )
        return any(pattern in self._graph for pattern in patterns)


def supported_by(
    descriptions: Descriptions, claims: Iterable[Node], fact: Node
) -> list[Triple]:
    """Return the derived triples whose proofs rest on the claims that state a fact.

    Triples of the fact's own node and class memberships are left out.
    """
    proofs = descriptions.proofs
    found: set[Triple] = set()
    for claim in claims:
        for proof in proofs.subjects(AL.restsOn, claim):
            if (proof, PROV.wasDerivedFrom, None) in proofs:
                subject, predicate, value = (
                    proofs.value(proof, one) or RDF.nil for one in _TRIPLE
                )
                triple = (subject, predicate, value)
                if fact not in triple and predicate != RDF.type:
                    found.add(triple)
    return sort_tuples(found)


def gaps(verbalizer: Verbalizer, node: Node, facts: Iterable[Node]) -> Iterator[Gap]:
    """Yield what the text does not say of an entity or a fact.

    Args:
        verbalizer: of the language of the page.
        node: the entity or fact.
        facts: in which it takes part.
    """
    graph = verbalizer.graph
    classes = set(graph.objects(node, RDF.type))
    for kind, find in _GAPS.items():
        if kind in classes:
            yield from find(graph, node)
    if AL.Party in classes:
        for kind, key in (
            (AL.DiplomaticRelation, "relation_start"),
            (AL.Mission, "mission_start"),
        ):
            if undated := _without_start(graph, facts, kind):
                yield Gap(key, tuple(map(verbalizer.name, undated)))
    empty = [
        section
        for section in sort_nodes(graph.subjects(AL.about, node))
        if (section, AL.kind, KIND["empty-section"]) in graph
    ]
    if empty:
        yield Gap("section", tuple(map(verbalizer.name, empty)))


def _without_start(graph: Graph, facts: Iterable[Node], kind: URIRef) -> list[Node]:
    found = (fact for fact in facts if (fact, RDF.type, kind) in graph)
    return sort_nodes(fact for fact in found if not _has(graph, fact, *_START))


def _sovereign_gaps(graph: Graph, node: Node) -> Iterator[Gap]:
    relations = (AL.hasDiplomaticRelationsWith, AL.lacksDiplomaticRelationsWith)
    if not _has(graph, node, *relations):
        yield Gap("relations")
    missions = AL.hasMissionIn
    if not _has(graph, node, missions) and (None, missions, node) not in graph:
        yield Gap("missions")


def _organization_gaps(graph: Graph, node: Node) -> Iterator[Gap]:
    if not _has(graph, node, AL.hasMember):
        yield Gap("members")
    origins = ((None, AL.founded, node), (None, AL.transformedInto, node))
    if not any(pattern in graph for pattern in origins):
        yield Gap("founding")


def _person_gaps(graph: Graph, node: Node) -> Iterator[Gap]:
    if not _has(graph, node, AL.heldOffice):
        yield Gap("office")


def _fact_gaps(graph: Graph, node: Node) -> Iterator[Gap]:
    if not _has(graph, node, *_START, AL.endEarliest, AL.endLatest):
        yield Gap("date")


def _mission_gaps(graph: Graph, node: Node) -> Iterator[Gap]:
    if not _has(graph, node, AL.seat):
        yield Gap("seat")


def _has(graph: Graph, node: Node, *properties: URIRef) -> bool:
    return any((node, property_, None) in graph for property_ in properties)


_GAPS: dict[URIRef, Callable[[Graph, Node], Iterator[Gap]]] = {
    AL.SovereignEntity: _sovereign_gaps,
    AL.InternationalOrganization: _organization_gaps,
    AL.Person: _person_gaps,
    AL.Fact: _fact_gaps,
    AL.Mission: _mission_gaps,
}
