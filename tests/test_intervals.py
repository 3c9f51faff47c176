"""What held in each interval is what held on each of its days, by brute force."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import OWL, RDF, XSD, Graph, Literal, URIRef
from rdflib.term import Node

from alaqat.asof.intervals import (
    Held,
    IntervalHistory,
    Intervals,
    propagate,
)
from alaqat.proofs.prover import Prover
from alaqat.queries.library import read_library
from alaqat.reason.derivations import Step
from alaqat.reason.inference import infer
from alaqat.reason.rules import Rule
from alaqat.sources import knowledge_root
from alaqat.store.oxigraph import OxigraphStore
from alaqat.store.oxigraph_writer import amend
from alaqat.temporal.certainty import (
    Certainty,
    Period,
    certainty,
)
from alaqat.temporal.edtf import PROPERTIES, Bounds
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

# Two parties with a relation and its denial that meet in 2001, and what has no dates.
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


def held(several: Iterable[Held]) -> Found:
    """What the view of a day has, as pairs."""
    return {(one.triple, one.standing) for one in several}


def found(histories: Iterable[IntervalHistory], interval: int) -> Found:
    """What histories have in an interval, as pairs."""
    pairs = ((one.triple, one.standing(interval)) for one in histories)
    return {(triple, standing) for triple, standing in pairs if standing is not None}


def days_of(facts: Graph, fact: Node, predicate: URIRef) -> list[date]:
    """The days that a fact has by one property."""
    return sorted(D(str(day)) for day in facts.objects(fact, predicate))


def period_of(facts: Graph, fact: Node) -> Period:
    """The period of one fact."""
    days = {name: days_of(facts, fact, iri) for name, iri in PROPERTIES.items()}
    bounds = Bounds(**{name: known[0] for name, known in days.items() if known})
    return Period(bounds, tuple(days_of(facts, fact, AL.attestedOn)))


def exists(facts: Graph, thing: Node, day: date) -> bool:
    """Whether no founding is later than a day and no end before it."""
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
    """What held on a day, by reasoning anew over what held so surely on that day."""

    def __init__(self, prover: Prover) -> None:
        self.facts = Graph()
        for name, graph in prover.graphs.items():
            if is_default_graph(name):
                self.facts += graph
        self.dated = set(self.facts.subjects(RDF.type, AL.DatedRelation))
        self.premises = set(prover.premises)
        self.closures: dict[frozenset[Node], set[Triple]] = {}

    def fact(self, fact: Node, day: date) -> Certainty | None:
        """How surely a dated relation held."""
        sure = certainty(period_of(self.facts, fact), day)
        if sure is not Certainty.POSSIBLE:
            return sure
        holders = self.facts.subjects(AL.hasRelation, fact)
        parties = (*holders, *self.facts.objects(fact, AL["with"]))
        return sure if all(exists(self.facts, one, day) for one in parties) else None

    def relations(self, day: date) -> Found:
        """The relations that held, each with its holder."""
        return {
            (triple, sure)
            for triple in self.premises
            if triple[2] in self.dated
            and (triple[0], AL.hasRelation, triple[2]) in self.facts
            and (sure := self.fact(triple[2], day)) is not None
        }

    def shortcuts(self, day: date) -> Found:
        """What follows between things from dated relations, as surely as they held."""
        sure = {fact: self.fact(fact, day) for fact in self.dated}
        timeless = self.closure(frozenset(self.dated))
        levels = {}
        for least in reversed(Certainty):
            kept = {
                fact for fact, one in sure.items() if one is not None and one <= least
            }
            for triple in self.closure(frozenset(self.dated - kept)) - timeless:
                if triple[1] not in (RDF.type, OWL.sameAs):
                    levels[triple] = least
        return {pair for pair in levels.items() if not self.dated & set(pair[0])}

    def closure(self, excluded: frozenset[Node]) -> set[Triple]:
        """What follows without some dated relations."""
        if excluded not in self.closures:
            kept = Graph()
            for triple in self.premises:
                if not excluded & {triple[0], triple[2]}:
                    kept.add(triple)
            self.closures[excluded] = set(infer(kept)) - self.premises
        return self.closures[excluded]


@pytest.fixture(scope="module")
def prover(built: Built) -> Prover:
    """Over the project's own dataset."""
    return Prover(built.graphs)


@pytest.fixture(scope="module")
def intervals(prover: Prover) -> Intervals:
    """Of the project's own dataset."""
    return Intervals(prover)


@pytest.fixture(scope="module")
def quarrel() -> Intervals:
    """Of a small world."""
    return Intervals(world(QUARREL))


@pytest.fixture(scope="module")
def oracle(prover: Prover) -> Oracle:
    """Of the project's own dataset."""
    return Oracle(prover)


@pytest.mark.parametrize("day", ["1991-12-16", "2010-06-15", "2014-12-31"])
def test_a_day_is_what_brute_force_finds(
    intervals: Intervals, oracle: Oracle, day: str
) -> None:
    """Relations, and the shortcuts whose surest proof may differ from day to day."""
    relations, shortcuts = oracle.relations(D(day)), oracle.shortcuts(D(day))
    assert len(shortcuts) >= 100
    number, view = intervals.index(D(day)), intervals.at(D(day))
    assert found(intervals.relations, number) == held(view.relations) == relations
    assert found(intervals.shortcuts, number) == held(view.shortcuts) == shortcuts


@pytest.mark.slow
def test_every_interval_is_what_its_first_and_last_day_are(
    intervals: Intervals, oracle: Oracle
) -> None:
    """On all intervals of the dataset, relations and what follows."""
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
def test_a_view_of_any_day_is_its_interval(intervals: Intervals, day: date) -> None:
    """The interval of a day has of each relation what the relation has by itself."""
    view, facts = intervals.at(day), intervals.facts
    alone = {fact: one.standing(day) for fact, one in facts.items()}
    assert held(view.relations) == found(intervals.relations, intervals.index(day))
    assert {(one.facts[0], one.standing) for one in view.relations} == {
        (fact, standing) for fact, standing in alone.items() if standing is not None
    }


def test_bounds_come_from_the_data(intervals: Intervals) -> None:
    """The first and the last day that any bound or attestation names."""
    assert intervals.bounds == (D("1991-01-01"), D("2014-12-31"))
    assert Intervals(world(":a a al:State .")).bounds is None


def test_a_small_world_on_every_day(quarrel: Intervals) -> None:
    """Each day of four years: relations, shortcuts and contradictions."""
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
            if one.standing <= Certainty.PRESUMED
        }
        assert bool(view.contradictions) == both


def test_a_contradiction_is_found_on_its_days_only(quarrel: Intervals) -> None:
    """While the relation and its denial both hold at least presumably."""
    days = ("2001-05-31", "2001-07-01", "2001-12-31", "2002-01-01")
    assert [bool(quarrel.at(D(day)).contradictions) for day in days] == [
        *(False, True, True, False)
    ]


def test_two_days_of_an_interval_share_what_held(quarrel: Intervals) -> None:
    """But not their dates."""
    one, other = (quarrel.at(D(day)) for day in ("2000-02-01", "2000-02-02"))
    assert (one.day, other.day) == (D("2000-02-01"), D("2000-02-02"))
    assert one.relations is other.relations
    assert one.snapshot() != other.snapshot()


def test_only_some_intervals_are_cached(quarrel: Intervals) -> None:
    """However many are asked for, and in whatever order."""
    intervals = quarrel
    for day in (*intervals.starts, *intervals.starts[::-1]):
        assert intervals.at(day).day == day
        assert intervals.at(day).relations is intervals.at(day).relations
        assert intervals.at(day).shortcuts is intervals.at(day).shortcuts
    assert intervals.relations_in.cache_info().currsize <= 8
    assert intervals.shortcuts_in.cache_info().currsize <= 8


def test_what_literals_mean_holds_always() -> None:
    """A ground about a literal's value is not asserted, and dates nothing."""
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
)


@given(several=st.lists(some_periods, max_size=8), day=some_day)
@settings(
    max_examples=100,
    deadline=None,
)
def test_the_saved_queries_have_the_rule_of_the_program(
    several: list[Period], day: date
) -> None:
    """On any day and by whatever bounds, even by such as contradict each other."""
    facts = Graph()
    expected = set()
    for number, when in enumerate(several):
        holder, fact = (URIRef(f"{BASE}id/entity/{x}{number}") for x in "hf")
        facts.add((holder, AL.hasRelation, fact))
        for name, known in vars(when.bounds).items():
            if known:
                facts.add((fact, PROPERTIES[name], Literal(known)))
        for known in when.attested:
            facts.add((fact, AL.attestedOn, Literal(known)))
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


def test_no_saved_query_has_a_rule_of_its_own() -> None:
    """What tells how surely something held includes the fragment."""
    queries = {
        query.name: query for query in read_library(knowledge_root() / "queries")
    }
    asking = {name for name, query in queries.items() if "?standing" in query.text}
    assert asking >= {"memberships-as-of", "missions-as-of", "relations-as-of"}
    for name in asking:
        written = queries[name].path.read_text(encoding="utf-8")
        assert "#include certainty" in written
        assert "presumed" not in written.partition("WHERE")[2]
