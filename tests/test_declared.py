"""A slip of the pen in a name is an error, not a new term."""

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
    """Every name stands in line 7."""
    assert iri == str(STATE)
    assert words
    return Path("facts.ttl"), 7


def nowhere(iri: str, words: str) -> None:
    """A name whose place is not known."""
    assert iri
    assert words


def graph(*triples: tuple[URIRef, URIRef, URIRef]) -> Graph:
    """A graph of some triples."""
    made = Graph()
    for triple in triples:
        made.add(triple)
    return made


DESCRIBED = graph(
    (AL.hasEmbassyIn, RDF.type, OWL.ObjectProperty),
    (STATE, RDF.type, URIRef("http://example.org/State")),
)


def test_names_that_are_described_pass() -> None:
    """Names of others, and the quote selectors', need no description here."""
    used = graph(
        (STATE, AL.hasEmbassyIn, STATE),
        (STATE, URIRef("http://example.org/p"), URIRef("http://example.org/o")),
        (STATE, OA.exact, STATE),
    )
    check_terms_declared([used], [DESCRIBED], where)


def test_a_property_nobody_declares_is_told_with_the_nearest() -> None:
    """File and line, and what may have been meant."""
    with pytest.raises(InvalidData) as caught:
        check_terms_declared(
            [graph((STATE, AL.hasEmbasyIn, STATE))], [DESCRIBED], where
        )
    assert str(caught.value) == (
        "facts.ttl:7: al:hasEmbasyIn is not declared.\n  Did you mean al:hasEmbassyIn?"
    )


def test_an_object_nobody_describes_is_told() -> None:
    """Where nothing is near, the remedy says so."""
    with pytest.raises(InvalidData, match="not declared") as caught:
        check_terms_declared(
            [graph((STATE, AL.hasEmbassyIn, AL.zzz))], [DESCRIBED], where
        )
    assert "Declare it" in str(caught.value)


def test_every_slip_is_told_at_once() -> None:
    """In a fixed order."""
    slips = graph((STATE, AL.x1, OTHER), (STATE, AL.x2, STATE))
    with pytest.raises(InvalidData) as caught:
        check_terms_declared([slips], [DESCRIBED], where)
    assert str(caught.value).count("is not declared") == 3


def test_a_subject_nobody_describes_is_told() -> None:
    """To be said something of is not to be described."""
    used = graph((URIRef(f"{STATE[:-1]}X"), AL.hasEmbassyIn, STATE))
    with pytest.raises(InvalidData, match="state:FRX is not declared"):
        check_terms_declared([used], [DESCRIBED, used], nowhere)


def test_a_text_where_a_name_belongs_is_told() -> None:
    """An object property takes no literal."""
    used = Graph().add((STATE, AL.hasEmbassyIn, Literal("Japan")))
    with pytest.raises(InvalidData, match="takes a name, not the text “Japan”"):
        check_terms_declared([used], [DESCRIBED], where)
