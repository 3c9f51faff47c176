"""Parameter values of saved questions: resolved to terms of the data, or refused."""

from __future__ import annotations

from datetime import date

import pytest
from rdflib import Literal, URIRef
from rdflib.term import Node

from alaqat.dataset import Dataset
from alaqat.errors import InvalidQuery
from alaqat.parameters import Parameters
from alaqat.queries.library import Library
from alaqat.queries.query import PARAMETER_TYPES
from alaqat.terms import BASE

ARMENIA = URIRef(f"{BASE}id/state/ARM")


def read(dataset: Dataset, library: Library, name: str, **given: Node | str) -> object:
    """Return the term of one parameter value of a question."""
    (term,) = Parameters(library).terms(dataset, library.get(name), given).values()
    return term


@pytest.mark.parametrize(
    "value",
    [
        *("state:ARM", str(ARMENIA), f"<{ARMENIA}>", ARMENIA),
        *("Armenia", " armenia ", "أرمينيا", "ARM"),
    ],
)
def test_a_resource_may_be_given_by_any_name(
    dataset: Dataset, library: Library, value: Node | str
) -> None:
    """A prefixed name, an IRI, a label in any language and a code are the same."""
    assert read(dataset, library, "embassies-by-city", sender=value) == ARMENIA


@pytest.mark.parametrize("value", ["1993-06-30", Literal(date(1993, 6, 30))])
def test_a_date_is_a_literal(
    dataset: Dataset, library: Library, value: Node | str
) -> None:
    """It may be given as text or as a term."""
    found = read(dataset, library, "missions-as-of", date=value)
    assert found == Literal(date(1993, 6, 30))


def test_a_value_without_results_is_valid(dataset: Dataset, library: Library) -> None:
    """An organization has no embassies, but it is in the data."""
    found = read(dataset, library, "embassies-by-city", sender="org:osce")
    assert found == URIRef(f"{BASE}id/org/osce")


def test_an_empty_value_means_all(dataset: Dataset, library: Library) -> None:
    """Forms send an empty text for a field that is not filled in."""
    query = library.get("embassies-by-city")
    assert Parameters(library).terms(dataset, query, {"sender": " "}) == {}


@pytest.mark.parametrize(
    ("name", "parameter", "value", "message"),
    [
        ("memberships-as-of", "date", "yesterday", "Write it as 2010-01-31"),
        ("memberships-as-of", "date", "1993", "not a valid date: "),
        ("memberships-as-of", "date", "2010-02-30", "not a valid date: "),
        ("memberships-as-of", "date", ARMENIA, "not a valid date: "),
        ("sentence-at-an-offset", "offset", "1.5", "not a valid integer: 1.5"),
        ("embassies-by-city", "sender", "Armenla", "Did you mean state:ARM"),
        ("embassies-by-city", "sender", "state:ARN", "state:ARM"),
        ("embassies-by-city", "sender", "sate:ARM", "state:ARM"),
        ("embassies-by-city", "sender", "https://example.org/x", "is not in the data"),
        ("embassies-by-city", "sender", "2010-01-31", "Leave sender out"),
        ("table-of-contents", "level", "7", "7 is not in the data"),
        ("table-of-contents", "level", "state:ARM", "state:ARM is not in the data"),
        ("table-of-contents", "level", ARMENIA, "state:ARM is not in the data"),
        ("embassies-by-city", "sendr", "state:ARM", "no parameter sendr"),
    ],
)
def test_an_invalid_value_is_refused(
    dataset: Dataset,
    library: Library,
    name: str,
    parameter: str,
    value: Node | str,
    message: str,
) -> None:
    """A value of the wrong type or one that is not in the data is an error."""
    with pytest.raises(InvalidQuery) as caught:
        read(dataset, library, name, **{parameter: value})
    assert message in str(caught.value)


def test_each_parameter_has_choices_or_a_type(
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
        if (name in PARAMETER_TYPES) == bool(choices)
    ]
