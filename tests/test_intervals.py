"""Intervals and day views, compared with brute force."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import OWL, RDF, XSD, Graph, Literal, URIRef
from rdflib.term import Node

from alaqat.asof.intervals import (
    HeldTriple,
    IntervalHistory,
    Intervals,
    propagate,
)
from alaqat.locations import knowledge_root
from alaqat.proofs.prover import Prover
from alaqat.queries.library import read_library
from alaqat.reason.derivations import Step
from alaqat.reason.inference import infer
from alaqat.reason.rules import Rule
from alaqat.store.oxigraph import OxigraphStore
from alaqat.store.oxigraph_writer import amend
from alaqat.temporal.certainty import (
    Certainty,
    Period,
    certainty,
)
from alaqat.temporal.edtf import BOUND_PROPERTIES, Bounds
from alaqat.terms import (
    AL,
    BASE,
    facts_graph,
    is_default_graph,
)
from conftest import Built
from test_asof import D, world

Triple = tuple[Node, Node, Node]
Found = set[tuple[Triple, Certainty]]

# A relation and its denial that overlap in 2001, and undated relations.
QUARREL = """
:a a al:State ; al:hasDiplomaticRelation :r ; al:hasNonRelation :n .
:b a al:State .
:c a al:State ; al:hasMembership :m .
:o a al:InternationalOrganization .
:r al:with :b ; al:startEarliest "2000-01-01"^^xsd:date ;
  al:startLatest "2000-01-01"^^xsd:date ; al:endEarliest "2001-12-31"^^xsd:date ;
  al:endLatest "2002-12-31"^^xsd:date .
:n al:with :b ; al:startEarliest "2001-06-01"^^xsd:date ;
  al:startLatest "2001-06-30"^^xsd:date ; al:endEarliest "2003-12-31"^^xsd:date .
:m al:with :o ; al:attestedOn "2002-02-02"^^xsd:date .
"""


def held(several: Iterable[HeldTriple]) -> Found:
    """Return the held triples of a view with their certainty."""
    return {(one.triple, one.certainty) for one in several}


def found(histories: Iterable[IntervalHistory], interval: int) -> Found:
    """Return the triples of histories with their certainty in an interval."""
    pairs = ((one.triple, one.certainty_in(interval)) for one in histories)
    return {(triple, level) for triple, level in pairs if level is not None}


def days_of(facts: Graph, fact: Node, predicate: URIRef) -> list[date]:
    """Return the dates of a fact by one property."""
    return sorted(D(str(day)) for day in facts.objects(fact, predicate))


def period_of(facts: Graph, fact: Node) -> Period:
    """Return the period of a fact."""
    days = {name: days_of(facts, fact, iri) for name, iri in BOUND_PROPERTIES.items()}
    bounds = Bounds(**{name: known[0] for name, known in days.items() if known})
    until = max(days_of(facts, fact, AL.presumedUntil), default=None)
    return Period(bounds, tuple(days_of(facts, fact, AL.attestedOn)), until)


def exists(facts: Graph, thing: Node, day: date) -> bool:
    """Return whether no founding is later than a day and no end before it."""
    begun = [
        start
        for predicate in (AL.founded, AL.transformedInto)
        for event in facts.subjects(predicate, thing)
        for start in days_of(facts, event, AL.startEarliest)
    ]
    ended = [
        end
        for event in facts.subjects(AL.transformedFrom, thing)
        for end in days_of(facts, event, AL.endLatest)
    ]
    return min(begun, default=day) <= day <= max(ended, default=day)


class Oracle:
    """What held on a day, by running the reasoner for each degree of certainty."""

    def __init__(self, prover: Prover) -> None:
        self.facts = Graph()
        for name, graph in prover.graphs.items():
            if is_default_graph(name):
                self.facts += graph
        self.dated = set(self.facts.subjects(RDF.type, AL.DatedRelation))
        self.premises = set(prover.premises)
        self.closures: dict[frozenset[Node], set[Triple]] = {}

    def fact(self, fact: Node, day: date) -> Certainty | None:
        """Return the certainty of a dated relation."""
        sure = certainty(period_of(self.facts, fact), day)
        if sure is None or sure is Certainty.CERTAIN:
            return sure
        holders = self.facts.subjects(AL.hasRelation, fact)
        parties = (*holders, *self.facts.objects(fact, AL["with"]))
        return sure if all(exists(self.facts, one, day) for one in parties) else None

    def relations(self, day: date) -> Found:
        """Return the relations that held, each with its holder."""
        return {
            (triple, sure)
            for triple in self.premises
            if triple[2] in self.dated
            and (triple[0], AL.hasRelation, triple[2]) in self.facts
            and (sure := self.fact(triple[2], day)) is not None
        }

    def shortcuts(self, day: date) -> Found:
        """Return the triples between entities derived from dated relations."""
        sure = {fact: self.fact(fact, day) for fact in self.dated}
        timeless = self.closure(frozenset(self.dated))
        levels = {}
        for least in reversed(Certainty):
            held = {
                fact for fact, one in sure.items() if one is not None and one <= least
            }
            for triple in self.closure(frozenset(self.dated - held)) - timeless:
                if triple[1] not in (RDF.type, OWL.sameAs):
                    levels[triple] = least
        return {pair for pair in levels.items() if not self.dated & set(pair[0])}

    def closure(self, excluded: frozenset[Node]) -> set[Triple]:
        """Return the inferences without some dated relations."""
        if excluded not in self.closures:
            remaining = Graph()
            for triple in self.premises:
                if not excluded & {triple[0], triple[2]}:
                    remaining.add(triple)
            self.closures[excluded] = set(infer(remaining)) - self.premises
        return self.closures[excluded]


@pytest.fixture(scope="module")
def prover(built: Built) -> Prover:
    """Return a prover over the project's dataset."""
    return Prover(built.graphs)


@pytest.fixture(scope="module")
def intervals(prover: Prover) -> Intervals:
    """Return the intervals of the project's dataset."""
    return Intervals(prover)


@pytest.fixture(scope="module")
def quarrel() -> Intervals:
    """Return the intervals of a small dataset."""
    return Intervals(world(QUARREL))


@pytest.fixture(scope="module")
def oracle(prover: Prover) -> Oracle:
    """Return the oracle of the project's dataset."""
    return Oracle(prover)


@pytest.mark.parametrize("day", ["1991-12-16", "2010-06-15", "2014-12-31"])
def test_some_days_match_brute_force(
    intervals: Intervals, oracle: Oracle, day: str
) -> None:
    """Relations and shortcuts, whose most certain proof may differ by day."""
    relations, shortcuts = oracle.relations(D(day)), oracle.shortcuts(D(day))
    assert len(shortcuts) >= 100
    number, view = intervals.index(D(day)), intervals.at(D(day))
    assert found(intervals.relations, number) == held(view.relations) == relations
    assert found(intervals.shortcuts, number) == held(view.shortcuts) == shortcuts


@pytest.mark.slow
def test_every_interval_matches_brute_force(
    intervals: Intervals, oracle: Oracle
) -> None:
    """Relations and shortcuts on the first and last day of every interval."""
    for number, start in enumerate(intervals.starts[1:], 1):
        last = start - timedelta(days=1)
        for day, interval in ((last, number - 1), (start, number)):
            assert found(intervals.relations, interval) == oracle.relations(day)
            assert found(intervals.shortcuts, interval) == oracle.shortcuts(day)
            assert intervals.index(day) == interval


@given(day=st.dates(date(1985, 1, 1), date(2030, 1, 1)))
@settings(
    max_examples=30,
    deadline=None,
)
def test_the_view_of_any_day_matches_its_interval(
    intervals: Intervals, day: date
) -> None:
    """Each relation has the certainty in the interval that it has on the day."""
    view, facts = intervals.at(day), intervals.facts
    alone = {fact: one.certainty_on(day) for fact, one in facts.items()}
    assert held(view.relations) == found(intervals.relations, intervals.index(day))
    assert {(one.facts[0], one.certainty) for one in view.relations} == {
        (fact, level) for fact, level in alone.items() if level is not None
    }


def test_bounds_come_from_the_data(intervals: Intervals) -> None:
    """The first and the last day of all bounds and attestations."""
    assert intervals.bounds == (D("1991-01-01"), D("2014-12-31"))
    assert Intervals(world(":a a al:State .")).bounds is None


def test_a_small_dataset_on_every_day(quarrel: Intervals) -> None:
    """Relations, shortcuts and contradictions around every change."""
    intervals, oracle = quarrel, Oracle(quarrel.prover)
    days = {one + timedelta(days=n) for one in intervals.starts[1:] for n in (-1, 0, 1)}
    assert len(days) >= 15
    for day in days:
        number, view = intervals.index(day), intervals.at(day)
        assert held(view.relations) == oracle.relations(day)
        assert held(view.shortcuts) == oracle.shortcuts(day)
        assert found(intervals.relations, number) == held(view.relations)
        assert found(intervals.shortcuts, number) == held(view.shortcuts)
        assert view.contradictions == intervals.contradictions_in(number)
        both = {"r", "n"} <= {
            str(one.facts[0])[-1]
            for one in view.relations
            if one.certainty <= Certainty.PRESUMED
        }
        assert bool(view.contradictions) == both


def test_contradictions_are_limited_to_their_days(quarrel: Intervals) -> None:
    """The days on which the relation and its denial are at least presumed."""
    days = ("2001-05-31", "2001-07-01", "2001-12-31", "2002-01-01")
    assert [bool(quarrel.at(D(day)).contradictions) for day in days] == [
        *(False, True, True, False)
    ]


def test_days_of_one_interval_share_their_triples(quarrel: Intervals) -> None:
    """Only their dates differ."""
    one, other = (quarrel.at(D(day)) for day in ("2000-02-01", "2000-02-02"))
    assert (one.day, other.day) == (D("2000-02-01"), D("2000-02-02"))
    assert one.relations is other.relations
    assert one.snapshot() != other.snapshot()


def test_only_some_intervals_are_cached(quarrel: Intervals) -> None:
    """Views are correct whichever intervals are cached."""
    intervals = quarrel
    for day in (*intervals.starts, *intervals.starts[::-1]):
        assert intervals.at(day).day == day
        assert intervals.at(day).relations is intervals.at(day).relations
        assert intervals.at(day).shortcuts is intervals.at(day).shortcuts
    assert intervals.relations_in.cache_info().currsize <= 8
    assert intervals.shortcuts_in.cache_info().currsize <= 8


def test_grounds_about_literals_always_hold() -> None:
    """A ground about the value of a literal is not asserted, and undated."""
    number = Literal("5", datatype=XSD.integer)
    counted, typed = (AL.a, AL.count, number), (number, RDF.type, XSD.integer)
    big = (AL.a, RDF.type, AL.Big)
    rule = Rule("big", (), (counted, typed), big)
    applications = [(big, Step(rule, (counted, typed)))]
    levels = bytes([3, 0, 2])
    assert propagate({counted: levels}, applications, 3) == {
        counted: levels,
        big: levels,
    }
    assert propagate({counted: None}, applications, 3) == {}


# The rule of certainty in SPARQL

some_day = st.dates(date(2000, 1, 1), date(2000, 1, 12))
some_periods = st.builds(
    Period,
    st.builds(Bounds, *[st.none() | some_day] * 4),
    st.sets(some_day, max_size=3).map(sorted).map(tuple),
    st.none() | some_day,
)


@given(several=st.lists(some_periods, max_size=8), day=some_day)
@settings(
    max_examples=100,
    deadline=None,
)
def test_certainty_in_sparql_matches_python(several: list[Period], day: date) -> None:
    """On any day and for any bounds, even contradictory ones."""
    facts = Graph()
    expected = set()
    for number, when in enumerate(several):
        holder, fact = (URIRef(f"{BASE}id/entity/{x}{number}") for x in "hf")
        facts.add((holder, AL.hasRelation, fact))
        for name, known in vars(when.bounds).items():
            if known:
                facts.add((fact, BOUND_PROPERTIES[name], Literal(known)))
        for known in when.attested:
            facts.add((fact, AL.attestedOn, Literal(known)))
        if when.presumed_until:
            facts.add((fact, AL.presumedUntil, Literal(when.presumed_until)))
        if (sure := certainty(when, day)) is not None:
            expected.add((fact, sure.word))
    store = OxigraphStore()
    amend(store, facts_graph("small"), facts)
    fragment = (knowledge_root() / "queries" / "fragments" / "certainty.rq").read_text(
        "utf-8"
    )
    text = f"""
        PREFIX al: <{AL}>
        SELECT ?fact ?standing WHERE {{ ?holder al:hasRelation ?fact . {fragment} }}
    """
    answer = list(store.query(text, bindings={"date": Literal(day)}))
    assert sorted(answer) == sorted((fact, Literal(word)) for fact, word in expected)


def test_saved_queries_include_the_certainty_fragment() -> None:
    """Queries that return ?standing include the fragment."""
    queries = {
        query.name: query for query in read_library(knowledge_root() / "queries")
    }
    names = {name for name, query in queries.items() if "?standing" in query.text}
    assert names >= {"memberships-as-of", "missions-as-of", "relations-as-of"}
    for name in names:
        source = queries[name].path.read_text(encoding="utf-8")
        assert "#include certainty" in source
        assert "presumed" not in source.partition("WHERE")[2]
