"""What a page tells of a thing, as plain values for a template.

What follows by reasoning about a thing, and what rests on a fact.

What a document is silent on: what one would ask of a thing, and it does not say.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from rdflib import OWL, PROV, RDF, RDFS, Graph, URIRef

from alaqat.describe.resource import ordered, ordered_triples
from alaqat.i18n import read_texts
from alaqat.reason.compiler import read_list
from alaqat.terms import (
    AL,
    INFERRED_GRAPH,
    KIND,
    local,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from rdflib import Graph, URIRef
    from rdflib.term import Node

    from alaqat.describe.grammar import PatternPart, Sentence
    from alaqat.describe.resource import Descriptions
    from alaqat.describe.sentences import Verbalizer
    from alaqat.proofs.model import Citation, Doubt
    from alaqat.reason.rules import Triple


@dataclass(frozen=True, slots=True)
class FactRow:
    """A property and its values; some of them if there are many.

    Attributes:
        name: of the property.
        values: of which there may be more than stand here.
        total: how many there are.
    """

    name: PatternPart
    values: tuple[PatternPart, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact as a page tells it.

    Attributes:
        iri: of the fact.
        sentence: what it says.
        short: the same without its time, for lists that tell the time beside it.
        form: the class that the sentence's form is for.
        time: when it was, in words; empty if the text does not say.
        attested: the day that its present tense means, in words; empty if none.
        details: what of it the sentence does not say.
        citations: the words that state it.
        doubts: notes on it that are about none of these words.
    """

    iri: URIRef
    sentence: Sentence
    short: Sentence
    form: str
    time: str
    attested: str
    details: tuple[FactRow, ...]
    citations: tuple[Citation, ...]
    doubts: tuple[Doubt, ...]


@dataclass(frozen=True, slots=True)
class FactGroup:
    """Facts of one kind."""

    name: PatternPart
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class DerivedFact:
    """A triple that follows from others, and how it reads."""

    triple: Triple
    sentence: Sentence


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that the text does not say of a thing.

    Attributes:
        key: which; pages have a text for each.
        about: what it is not said of, if not of the whole thing.
    """

    key: str
    about: tuple[PatternPart, ...] = ()


@dataclass(frozen=True, slots=True)
class EntityView:
    """Everything that the page of a thing tells.

    Attributes:
        iri: of the thing.
        name: what it is called in the language of the page.
        names: what else it is called: language and name.
        classes: what it is, the nearest first; each derived or not.
        definition: what it means, if it is a concept.
        codes: the code system and the code.
        matches: the same thing in other datasets.
        place: latitude and longitude, if they are known.
        groups: what the text says, by kind of fact.
        denied: what it denies.
        derived: what follows.
        denials: what follows that is a denial.
        silences: what the text does not say.
        notes: the curator's, on the thing itself.
        fact: the thing itself as a fact, if it is one.
        rows: its other properties.
        referring: what else leads to it.
    """

    iri: URIRef
    name: PatternPart
    names: tuple[PatternPart, ...]
    classes: tuple[tuple[PatternPart, bool], ...]
    definition: str
    codes: tuple[tuple[PatternPart, str], ...]
    matches: tuple[str, ...]
    place: tuple[str, str] | None
    groups: tuple[FactGroup, ...]
    denied: tuple[FactGroup, ...]
    derived: tuple[DerivedFact, ...]
    denials: tuple[DerivedFact, ...]
    silences: tuple[Gap, ...]
    notes: tuple[Doubt, ...]
    fact: Fact | None
    rows: Sequence[FactRow]
    referring: Sequence[FactRow]


_TRIPLE = (RDF.subject, RDF.predicate, RDF.object)


class DerivedFacts:
    """Finds derived triples, and tells which of them deny something.

    Args:
        descriptions: of the dataset.
        speaker: of the language they are told in.
    """

    def __init__(self, descriptions: Descriptions, speaker: Verbalizer) -> None:
        self._said, self._speaker = descriptions.said, speaker
        self._inferred = descriptions.graphs.get(INFERRED_GRAPH, Graph())

    @cached_property
    def denying(self) -> frozenset[Node]:
        """The properties that deny others."""
        return frozenset(self._said.objects(None, AL.deniedBy))

    @cached_property
    def denying_classes(self) -> frozenset[Node]:
        """The classes of facts from which denials follow by a chain."""
        said = self._said
        found: set[Node] = set()
        for chain in self.denying:
            for head in said.objects(chain, OWL.propertyChainAxiom):
                first = read_list(said, head)[1][0]
                found.update(said.objects(first, RDFS.range))
        return frozenset(found)

    def about(self, iri: URIRef) -> Iterator[DerivedFact]:
        """The derived triples about a thing that are no mere classes."""
        inferred = self._inferred
        rows: list[Triple] = [(iri, p, o) for p, o in inferred.predicate_objects(iri)]
        rows += [
            (s, p, iri)
            for s, p in inferred.subject_predicates(iri)
            if self._is_oneway(p)
        ]
        forms = read_texts("relations")
        told = {row for row in rows if self._speaker.can_tell(row[1])}
        sentences = [DerivedFact(row, self._speaker.triple(*row)) for row in told]
        order = list(forms)
        yield from sorted(
            sentences,
            key=lambda one: (
                order.index(local(str(one.triple[1]))),
                [part.text for part in one.sentence],
            ),
        )

    def _is_oneway(self, property_: Node) -> bool:
        """Whether the other end of a property does not tell the same."""
        said = self._said
        both = (property_, RDF.type, OWL.SymmetricProperty) in said
        inverse = (property_, OWL.inverseOf, None), (None, OWL.inverseOf, property_)
        return not both and not any(row in said for row in inverse)


def supported_by(
    descriptions: Descriptions, claims: Iterable[Node], fact: Node
) -> list[Triple]:
    """The derived triples whose proofs end in the words that state a fact.

    Those about the fact's own node, and classes, are left out: they say what it is.
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
                if fact not in triple and triple[1] != RDF.type:
                    found.add(triple)
    return ordered_triples(found)


_START = (AL.startEarliest, AL.startLatest)


def gaps(speaker: Verbalizer, thing: Node, facts: Iterable[Node]) -> Iterator[Gap]:
    """What is not said of a thing.

    Args:
        speaker: of the language of the page.
        thing: an entity or a fact.
        facts: that the thing is in.
    """
    said = speaker.said
    classes = set(said.objects(thing, RDF.type))
    for kind, test in _TESTS.items():
        if kind in classes:
            yield from test(said, thing)
    for kind, key in (
        (AL.DiplomaticRelation, "relation_start"),
        (AL.Mission, "mission_start"),
    ):
        undated = _undated(said, facts, kind)
        if undated and AL.Party in classes:
            yield Gap(key, tuple(speaker.name(one) for one in undated))
    empty = [
        section
        for section in ordered(said.subjects(AL.about, thing))
        if (section, AL.kind, KIND["empty-section"]) in said
    ]
    if empty:
        yield Gap("section", tuple(speaker.name(one) for one in empty))


def _undated(said: Graph, facts: Iterable[Node], kind: URIRef) -> list[Node]:
    """The facts of a class that the text gives no beginning."""
    found = (fact for fact in facts if (fact, RDF.type, kind) in said)
    return ordered(f for f in found if not _has(said, f, *_START))


def _party(said: Graph, thing: Node) -> Iterator[Gap]:
    told = (AL.hasDiplomaticRelationsWith, AL.lacksDiplomaticRelationsWith)
    if not _has(said, thing, *told):
        yield Gap("relations")
    missions = _has(said, thing, AL.hasMissionIn)
    if not missions and (None, AL.hasMissionIn, thing) not in said:
        yield Gap("missions")


def _organization(said: Graph, thing: Node) -> Iterator[Gap]:
    if not _has(said, thing, AL.hasMember):
        yield Gap("members")
    if (None, AL.founded, thing) not in said and (
        None,
        AL.transformedInto,
        thing,
    ) not in said:
        yield Gap("founding")


def _person(said: Graph, thing: Node) -> Iterator[Gap]:
    if not _has(said, thing, AL.heldOffice):
        yield Gap("office")


def _fact(said: Graph, thing: Node) -> Iterator[Gap]:
    if not _has(said, thing, *_START, AL.endEarliest, AL.endLatest):
        yield Gap("date")


def _mission(said: Graph, thing: Node) -> Iterator[Gap]:
    if not _has(said, thing, AL.seat):
        yield Gap("seat")


def _has(said: Graph, thing: Node, *properties: URIRef) -> bool:
    return any((thing, one, None) in said for one in properties)


_TESTS: dict[URIRef, Callable[[Graph, Node], Iterator[Gap]]] = {
    AL.SovereignEntity: _party,
    AL.InternationalOrganization: _organization,
    AL.Person: _person,
    AL.Fact: _fact,
    AL.Mission: _mission,
}
