"""Undeclared terms are errors, not new terms."""

from __future__ import annotations

from pathlib import Path

import pytest
from rdflib import OWL, RDF, Graph, Literal, URIRef

from alaqat.errors import InvalidData
from alaqat.terms import (
    AL,
    BASE,
    OA,
)
from alaqat.validate.undeclared_terms import check_terms_declared

STATE = URIRef(BASE + "id/state/FRA")
OTHER = URIRef(BASE + "id/state/JPN")


def where(iri: str, words: str) -> tuple[Path, int]:
    """Return line 7 for every IRI."""
    assert iri == str(STATE)
    assert words
    return Path("facts.ttl"), 7


def nowhere(iri: str, words: str) -> None:
    """Return no location."""
    assert iri
    assert words


def graph(*triples: tuple[URIRef, URIRef, URIRef]) -> Graph:
    """Return a graph of some triples."""
    result = Graph()
    for triple in triples:
        result.add(triple)
    return result


DESCRIBED = graph(
    (AL.hasEmbassyIn, RDF.type, OWL.ObjectProperty),
    (STATE, RDF.type, URIRef("http://example.org/State")),
)


def test_declared_terms_pass() -> None:
    """IRIs of other namespaces and of quote selectors need no declaration."""
    used = graph(
        (STATE, AL.hasEmbassyIn, STATE),
        (STATE, URIRef("http://example.org/p"), URIRef("http://example.org/o")),
        (STATE, OA.exact, STATE),
    )
    check_terms_declared([used], [DESCRIBED], where)


def test_an_undeclared_property_has_a_suggestion() -> None:
    """The error has file and line, and the closest declared property."""
    with pytest.raises(InvalidData) as caught:
        check_terms_declared(
            [graph((STATE, AL.hasEmbasyIn, STATE))], [DESCRIBED], where
        )
    assert str(caught.value) == (
        "facts.ttl:7: al:hasEmbasyIn is not declared.\n  Did you mean al:hasEmbassyIn?"
    )


def test_an_undeclared_object_is_an_error() -> None:
    """Without a close match, the remedy is to declare it."""
    with pytest.raises(InvalidData, match="not declared") as caught:
        check_terms_declared(
            [graph((STATE, AL.hasEmbassyIn, AL.zzz))], [DESCRIBED], where
        )
    assert "Declare it" in str(caught.value)


def test_all_undeclared_terms_are_listed() -> None:
    """One error lists them all."""
    slips = graph((STATE, AL.x1, OTHER), (STATE, AL.x2, STATE))
    with pytest.raises(InvalidData) as caught:
        check_terms_declared([slips], [DESCRIBED], where)
    assert str(caught.value).count("is not declared") == 3


def test_an_undeclared_subject_is_an_error() -> None:
    """Being the subject of a triple is not a declaration."""
    used = graph((URIRef(f"{STATE[:-1]}X"), AL.hasEmbassyIn, STATE))
    with pytest.raises(InvalidData, match="state:FRX is not declared"):
        check_terms_declared([used], [DESCRIBED, used], nowhere)


def test_a_literal_in_place_of_an_iri_is_an_error() -> None:
    """The value of an object property is not a literal."""
    used = Graph().add((STATE, AL.hasEmbassyIn, Literal("Japan")))
    with pytest.raises(InvalidData, match="takes an IRI, not the text “Japan”"):
        check_terms_declared([used], [DESCRIBED], where)
