"""What a document is silent on: what one would ask of a thing, and it does not say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rdflib import RDF

from alaqat.describe.nodes import ordered
from alaqat.describe.told import Silence
from alaqat.terms import AL, KIND

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rdflib import Graph, URIRef
    from rdflib.term import Node

    from alaqat.describe.sentences import Speaker

_START = (AL.startEarliest, AL.startLatest)


def silences(speaker: Speaker, thing: Node, facts: Iterable[Node]) -> Iterator[Silence]:
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
            yield Silence(key, tuple(speaker.name(one) for one in undated))
    empty = [
        section
        for section in ordered(said.subjects(AL.about, thing))
        if (section, AL.kind, KIND["empty-section"]) in said
    ]
    if empty:
        yield Silence("section", tuple(speaker.name(one) for one in empty))


def _undated(said: Graph, facts: Iterable[Node], kind: URIRef) -> list[Node]:
    """The facts of a class that the text gives no beginning."""
    found = (fact for fact in facts if (fact, RDF.type, kind) in said)
    return ordered(f for f in found if not _has(said, f, *_START))


def _party(said: Graph, thing: Node) -> Iterator[Silence]:
    told = (AL.hasDiplomaticRelationsWith, AL.lacksDiplomaticRelationsWith)
    if not _has(said, thing, *told):
        yield Silence("relations")
    missions = _has(said, thing, AL.hasMissionIn)
    if not missions and (None, AL.hasMissionIn, thing) not in said:
        yield Silence("missions")


def _organization(said: Graph, thing: Node) -> Iterator[Silence]:
    if not _has(said, thing, AL.hasMember):
        yield Silence("members")
    if (None, AL.founded, thing) not in said and (
        None,
        AL.transformedInto,
        thing,
    ) not in said:
        yield Silence("founding")


def _person(said: Graph, thing: Node) -> Iterator[Silence]:
    if not _has(said, thing, AL.heldOffice):
        yield Silence("office")


def _fact(said: Graph, thing: Node) -> Iterator[Silence]:
    if not _has(said, thing, *_START, AL.endEarliest, AL.endLatest):
        yield Silence("date")


def _mission(said: Graph, thing: Node) -> Iterator[Silence]:
    if not _has(said, thing, AL.seat):
        yield Silence("seat")


def _has(said: Graph, thing: Node, *properties: URIRef) -> bool:
    return any((thing, one, None) in said for one in properties)


_TESTS: dict[URIRef, Callable[[Graph, Node], Iterator[Silence]]] = {
    AL.SovereignEntity: _party,
    AL.InternationalOrganization: _organization,
    AL.Person: _person,
    AL.Fact: _fact,
    AL.Mission: _mission,
}
