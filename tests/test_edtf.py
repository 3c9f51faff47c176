"""EDTF dates and the bounds derived from them."""

from __future__ import annotations

import re
import warnings
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdflib import RDF, Graph, Literal, URIRef
from rdflib.term import Node

from alaqat.errors import InvalidData
from alaqat.temporal.edtf import (
    Bounds,
    bounds_of_facts,
    parse_bounds,
    unbounded_sides,
)
from alaqat.terms import (
    AL,
    EDTF,
    OA,
)

FACT = URIRef("https://example.org/fact")
CLAIM = URIRef("https://example.org/claim")


def day(text: str | None) -> date | None:
    """Return a date from its ISO form, or None."""
    return date.fromisoformat(text) if text else None


@pytest.mark.parametrize(
    ("edtf", "expected"),
    [
        ("1992-08-27", ("1992-08-27", "1992-08-27", "1992-08-27", "1992-08-27")),
        ("2010-12", ("2010-12-01", "2010-12-31", "2010-12-01", "2010-12-31")),
        ("2012-02", ("2012-02-01", "2012-02-29", "2012-02-01", "2012-02-29")),
        ("1992-08-27/", ("1992-08-27", "1992-08-27", None, None)),
        ("1992/..", ("1992-01-01", "1992-12-31", None, None)),
        ("/2008", (None, None, "2008-01-01", "2008-12-31")),
        ("../2008", (None, None, "2008-01-01", "2008-12-31")),
        ("2010-01/2010", ("2010-01-01", "2010-01-31", "2010-01-01", "2010-12-31")),
        ("1991/1996", ("1991-01-01", "1991-12-31", "1996-01-01", "1996-12-31")),
        ("199X", ("1990-01-01", "1999-12-31", "1990-01-01", "1999-12-31")),
    ],
)
def test_bounds_of_a_date(edtf: str, expected: tuple[str | None, ...]) -> None:
    """Unknown and open sides give no bound; a month gives its first and last day."""
    assert parse_bounds(edtf) == Bounds(*(day(text) for text in expected))


@pytest.mark.parametrize(
    "text",
    [
        *("1991-02-29", "1991-02-29~", "1991-02-29?", "1991-02-29%", "1900-02-29"),
        *("1991-02-29/1992", "1990/1991-02-29", "../1991-02-29", "1991-04-31"),
        *("1991-13-01", "1991-00-10", "-0001-02-29", "1991-02-3X"),
    ],
)
def test_a_day_that_the_calendar_lacks_is_an_error(text: str) -> None:
    """With any qualifier, and on either side of an interval."""
    with pytest.raises(InvalidData, match=re.escape(f"“{text}”")):
        parse_bounds(text)


def test_leap_days_are_days() -> None:
    """Also that of a year before 1, which gives no bound."""
    assert parse_bounds("1992-02-29").start_latest == date(1992, 2, 29)
    assert parse_bounds("2000-02-29").start_latest == date(2000, 2, 29)
    assert parse_bounds("-0004-02-29") == Bounds()


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        *(("-0043/", ("-0043",)), ("1859-24", ("1859-24",)), ("0000", ("0000",))),
        ("-0044/0005", ("-0044",)),
        *(("1859/", ()), ("../1859", ()), ("1859-22", ()), ("1992-08-27", ())),
    ],
)
def test_what_gets_no_bound_is_reported(text: str, sides: tuple[str, ...]) -> None:
    """Years before 1, and a winter, which spans two years; open ends are no dates."""
    assert unbounded_sides(text) == sides
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        bounds_of_facts(stated(text), None, where)
    assert [str(one.message) for one in caught] == [
        f"facts.ttl:7: “{side}” gives no bound: a winter spans two years, and only the "
        "years 1 to 9999 have days."
        for side in sides
    ]


def test_bounds_of_an_approximate_date_are_wider() -> None:
    """Approximately 2010 may start before or after 2010."""
    found = parse_bounds("2010~")
    assert found.start_earliest is not None
    assert found.start_latest is not None
    assert found.start_earliest < date(2010, 1, 1)
    assert found.start_latest > date(2010, 12, 31)


@pytest.mark.parametrize(
    "text", ["1992-13-01", "1992-02-30", "in 1992", "", "2010/1999"]
)
def test_an_invalid_date_is_an_error(text: str) -> None:
    """Month 13, 30 February, words, an empty text and a reversed interval."""
    with pytest.raises(InvalidData) as caught:
        parse_bounds(text)
    assert caught.value.remedy


@given(st.dates(date(1, 1, 1)), st.dates(date(1, 1, 1)))
def test_bounds_are_ordered(one: date, other: date) -> None:
    """An interval of two days has those days as bounds."""
    first, last = sorted((one, other))
    found = parse_bounds(f"{first.isoformat()}/{last.isoformat()}")
    assert found == Bounds(first, first, last, last)


@given(st.dates(date(1000, 1, 1)), st.dates(date(1000, 1, 1)))
def test_intersection_of_bounds(one: date, other: date) -> None:
    """It is commutative, and empty exactly when two exact days differ."""
    this, that = parse_bounds(one.isoformat()), parse_bounds(other.isoformat())
    assert (this & that) == (that & this)
    assert (this & that).is_empty == (one != other)


def where(iri: str, words: str) -> tuple[Path, int]:
    """Return line 7 for every fact."""
    assert str(iri) == str(FACT)
    assert words == "edtf"
    return Path("facts.ttl"), 7


def stated(*texts: str) -> Graph:
    """Return a fact with a claim for each date."""
    graph = Graph()
    for number, text in enumerate(texts):
        claim = URIRef(f"{CLAIM}{number}")
        graph.add((claim, OA.hasBody, FACT))
        graph.add((claim, AL.edtf, Literal(text, datatype=EDTF.EDTF)))
    return graph


def test_bounds_of_a_fact_are_those_of_all_its_claims() -> None:
    """A month in one claim and a year in another give the start of the month."""
    dated = bounds_of_facts(stated("2010-01/", "2010/2010"), None, where)
    assert dated.value(FACT, AL.startLatest).toPython() == date(2010, 1, 31)
    assert dated.value(FACT, AL.endLatest).toPython() == date(2010, 12, 31)
    assert set(dated.subjects()) == {FACT}


def test_dates_that_exclude_each_other_are_an_error() -> None:
    """The error has the file and line, and proposes two facts."""
    with pytest.raises(InvalidData) as caught:
        bounds_of_facts(stated("2007-04-26", "2007-04-27"), None, where)
    assert (caught.value.path, caught.value.line) == (Path("facts.ttl"), 7)
    assert "two facts" in str(caught.value)


PRESENT = date(2014, 12, 31)


@pytest.mark.parametrize(
    ("texts", "until"),
    [
        (["1992/"], PRESENT),
        (["1992-08-27/"], PRESENT),
        (["2015-01/"], None),
        (["1992/2001"], None),
        (["/2001"], None),
        (["2010-01/", "2010"], date(2010, 12, 31)),
    ],
)
def test_what_began_is_presumed_to_last_up_to_the_present_day(
    texts: list[str], until: date | None
) -> None:
    """Unless its end is stated; a time that frames it limits the presumption."""
    dated = bounds_of_facts(stated(*texts), PRESENT, where)
    assert dated.value(FACT, AL.presumedUntil) == (until and Literal(until))


@pytest.mark.parametrize(
    "addition", [(AL.inPresentTense, Literal(False)), (RDF.type, AL.Event)]
)
def test_what_is_over_or_an_event_is_not_presumed_to_last(
    addition: tuple[URIRef, Node],
) -> None:
    """The past tense says that it is over."""
    graph = stated("1992/").add((FACT, *addition))
    relations = {AL.DatedRelation}
    assert not set(
        bounds_of_facts(graph, PRESENT, where, relations).objects(
            None, AL.presumedUntil
        )
    )
    again = stated("1992/").add((FACT, RDF.type, AL.DatedRelation))
    assert set(
        bounds_of_facts(again, PRESENT, where, relations).objects(
            None, AL.presumedUntil
        )
    )


def test_the_present_tense_is_attested_on_the_present_day() -> None:
    """On no day if the document has no present day."""
    graph = Graph().add((FACT, AL.inPresentTense, Literal(True)))
    dated = bounds_of_facts(graph, date(2014, 12, 31), where)
    assert dated.value(FACT, AL.attestedOn).toPython() == date(2014, 12, 31)
    assert not bounds_of_facts(graph, None, where)


def test_an_invalid_date_is_located() -> None:
    """The error has the file and line of the fact that states it."""
    with pytest.raises(
        InvalidData, match=r"facts\.ttl:7: The calendar has no day 1992-13-01"
    ):
        bounds_of_facts(stated("1992-13-01"), None, where)
