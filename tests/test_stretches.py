"""What held on every day, reckoned at once, is what held on each day by itself."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rdflib.term import Node

from alaqat.asof import Course, Held, Moment, Stretches
from alaqat.explain import Explainer
from alaqat.timeline import Standing
from test_asof import D, world

Told = set[tuple[tuple[Node, Node, Node], Standing]]

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


def held(several: tuple[Held, ...]) -> Told:
    """What a moment tells, as pairs."""
    return {(one.triple, one.standing) for one in several}


def told(courses: tuple[Course, ...], stretch: int) -> Told:
    """What courses tell of a stretch, as pairs."""
    found = ((one.triple, one.standing(stretch)) for one in courses)
    return {(triple, standing) for triple, standing in found if standing is not None}


@pytest.fixture(scope="module")
def stretches(explainer: Explainer) -> Stretches:
    """Of the project's own dataset."""
    return Stretches(explainer)


@pytest.fixture(scope="module")
def anyday(explainer: Explainer) -> Moment:
    """From which the moment of any day is quickly had."""
    return Moment(explainer, date(2000, 1, 1))


@given(day=st.dates(date(1985, 1, 1), date(2030, 1, 1)))
@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_relations_stand_on_any_day_as_by_themselves(
    stretches: Stretches, anyday: Moment, day: date
) -> None:
    """The stretch of a day says of each relation what the day does."""
    assert told(stretches.relations, stretches.at(day)) == held(
        anyday.on(day).relations
    )


@pytest.mark.parametrize("day", ["1991-12-16", "2010-06-15", "2014-12-31"])
def test_what_follows_stands_as_by_itself(
    stretches: Stretches, anyday: Moment, day: str
) -> None:
    """So do the shortcuts, whose surest proof may differ from day to day."""
    expected = held(anyday.on(D(day)).shortcuts)
    assert len(expected) >= 100
    assert told(stretches.shortcuts, stretches.at(D(day))) == expected


@pytest.mark.slow
def test_every_stretch_is_what_its_first_and_last_day_are(
    stretches: Stretches, anyday: Moment
) -> None:
    """On all stretches of the dataset, relations and what follows."""
    for number, start in enumerate(stretches.starts[1:], 1):
        moment = anyday.on(start)
        assert told(stretches.relations, number) == held(moment.relations)
        assert told(stretches.shortcuts, number) == held(moment.shortcuts)
        assert stretches.at(start - timedelta(days=1)) == number - 1


def test_bounds_come_from_the_data(stretches: Stretches) -> None:
    """The first and the last day that any bound or attestation names."""
    assert stretches.bounds == (D("1991-01-01"), D("2014-12-31"))
    assert Stretches(world(":a a al:State .")).bounds is None


def test_a_small_world_on_every_day() -> None:
    """Each day of four years: relations, shortcuts and contradictions."""
    explainer = world(QUARREL)
    stretches = Stretches(explainer)
    moment = Moment(explainer, D("1999-12-01"))
    days = {one + timedelta(days=n) for one in stretches.starts[1:] for n in (-1, 0, 1)}
    assert len(days) >= 15
    for day in days:
        one, number = moment.on(day), stretches.at(day)
        assert told(stretches.relations, number) == held(one.relations)
        assert told(stretches.shortcuts, number) == held(one.shortcuts)
        assert stretches.contradictions(day) == one.contradictions


def test_a_contradiction_is_found_on_its_days_only() -> None:
    """While the relation and its denial both hold at least presumably."""
    stretches = Stretches(world(QUARREL))
    days = ("2001-05-31", "2001-07-01", "2001-12-31", "2002-01-01")
    found = [bool(stretches.contradictions(D(day))) for day in days]
    assert found == [False, True, True, False]


def test_a_kept_moment_is_told_of_the_day_that_is_asked() -> None:
    """Two days of one stretch share what held, not their names."""
    stretches = Stretches(world(QUARREL))
    one, other = (stretches.moment(D(day)) for day in ("2000-02-01", "2000-02-02"))
    assert (one.day, other.day) == (D("2000-02-01"), D("2000-02-02"))
    assert one.relations is other.relations
    assert one.snapshot() != other.snapshot()


def test_only_some_moments_are_kept() -> None:
    """However many stretches are asked for, and in whatever order."""
    stretches = Stretches(world(QUARREL))
    for day in (*stretches.starts, *stretches.starts[::-1]):
        assert stretches.moment(day).day == day
    assert len(stretches._moments) <= 8
