"""What is given for a parameter is a term that the data knows, or is refused."""

from __future__ import annotations

from datetime import date

import pytest
from rdflib import Literal, URIRef
from rdflib.term import Node

from alaqat.dataset import Dataset
from alaqat.errors import InvalidQuery
from alaqat.parameters import Parameters
from alaqat.queries.library import Library
from alaqat.queries.query import KINDS
from alaqat.terms import BASE

ARMENIA = URIRef(f"{BASE}id/state/ARM")


def read(dataset: Dataset, library: Library, name: str, **given: Node | str) -> object:
    """The one term that a parameter of a question is read as."""
    (term,) = Parameters(library).terms(dataset, library.get(name), given).values()
    return term


@pytest.mark.parametrize(
    "value",
    [
        *("state:ARM", str(ARMENIA), f"<{ARMENIA}>", ARMENIA),
        *("Armenia", " armenia ", "أرمينيا", "ARM"),
    ],
)
def test_any_name_will_do(
    dataset: Dataset, library: Library, value: Node | str
) -> None:
    """A prefixed name, an IRI, a label in any language and a code are the same."""
    assert read(dataset, library, "embassies-by-city", sender=value) == ARMENIA


@pytest.mark.parametrize("value", ["1993-06-30", Literal(date(1993, 6, 30))])
def test_a_day_is_a_day(dataset: Dataset, library: Library, value: Node | str) -> None:
    """As text or as a term."""
    found = read(dataset, library, "missions-as-of", date=value)
    assert found == Literal(date(1993, 6, 30))


def test_what_is_known_may_have_no_answer(dataset: Dataset, library: Library) -> None:
    """An organization has no embassies, but is no mistake."""
    found = read(dataset, library, "embassies-by-city", sender="org:osce")
    assert found == URIRef(f"{BASE}id/org/osce")


def test_nothing_given_means_all(dataset: Dataset, library: Library) -> None:
    """An empty text is what a form sends for a field that was left alone."""
    query = library.get("embassies-by-city")
    assert Parameters(library).terms(dataset, query, {"sender": " "}) == {}


@pytest.mark.parametrize(
    ("name", "parameter", "value", "told"),
    [
        ("memberships-as-of", "date", "yesterday", "Write it as 2010-01-31"),
        ("memberships-as-of", "date", "1993", "is no day"),
        ("memberships-as-of", "date", "2010-02-30", "is no day"),
        ("memberships-as-of", "date", ARMENIA, "is no day"),
        ("sentence-at-an-offset", "offset", "1.5", "is no whole number"),
        ("embassies-by-city", "sender", "Armenla", "Did you mean state:ARM"),
        ("embassies-by-city", "sender", "state:ARN", "state:ARM"),
        ("embassies-by-city", "sender", "sate:ARM", "state:ARM"),
        ("embassies-by-city", "sender", "https://example.org/x", "the data knows no"),
        ("embassies-by-city", "sender", "2010-01-31", "Leave sender out"),
        ("table-of-contents", "level", "7", "the data knows no 7"),
        ("table-of-contents", "level", "state:ARM", "the data knows no state:ARM"),
        ("table-of-contents", "level", ARMENIA, "the data knows no state:ARM"),
        ("embassies-by-city", "sendr", "state:ARM", "no parameter sendr"),
    ],
)
def test_what_means_nothing_is_refused(
    dataset: Dataset,
    library: Library,
    name: str,
    parameter: str,
    value: Node | str,
    told: str,
) -> None:
    """A value that is not of its kind, or that the data does not know."""
    with pytest.raises(InvalidQuery) as caught:
        read(dataset, library, name, **{parameter: value})
    assert told in str(caught.value)


def test_each_parameter_has_choices_or_a_kind(
    dataset: Dataset, library: Library
) -> None:
    """A parameter is a column of its question, or one whose name tells its kind."""
    parameters = Parameters(library)
    several = [
        (query.name, name, parameters.choices(dataset, query).get(name))
        for query in library
        for name in query.params
    ]
    assert len(several) > 100
    assert not [
        (query, name)
        for query, name, choices in several
        if (name in KINDS) == bool(choices)
    ]
