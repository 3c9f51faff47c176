"""Datatypes of OWL 2 RL: valid texts, equal values, and what contains them."""

from __future__ import annotations

import pytest
from rdflib import RDF, RDFS, XSD, BNode, Literal, Namespace, URIRef

from alaqat.reason.datatypes import (
    certainly_contains,
    certainly_excludes,
    is_ill_typed,
    values_differ,
    values_equal,
)

E = Namespace("http://e/")


def literal(text: str, datatype: URIRef) -> Literal:
    """Return a literal with its text as it is."""
    return Literal(text, datatype=datatype, normalize=False)


@pytest.mark.parametrize(
    ("datatype", "valid", "invalid"),
    [
        (XSD.integer, ("007", "-1"), ("1.0", "", "x")),
        (XSD.byte, ("127", "-128"), ("128", "-129")),
        (XSD.positiveInteger, ("1",), ("0", "-1")),
        (XSD.decimal, ("1.50", ".5"), ("1e3", ".")),
        (XSD.float, ("1e10", "INF", "-0", "1e39", "1e-99"), ("inf", "1e")),
        (XSD.double, ("1e39", "NaN", "1e999"), ("nan", "1.e")),
        (XSD.boolean, ("true", "0"), ("TRUE", "yes")),
        (XSD.dateTime, ("2012-02-29T24:00:00Z",), ("2011-02-29T10:00:00",)),
        (
            XSD.dateTime,
            ("2010-06-15T23:59:59.9",),
            (
                *("2010-13-15T10:00:00", "2010-06-15T24:00:01", "2010-06-15T10:60:00"),
                "2010-06-15",
            ),
        ),
        (XSD.dateTimeStamp, ("2010-06-15T10:00:00Z",), ("2010-06-15T10:00:00",)),
        (XSD.language, ("ar", "zh-Hans"), ("a_b",)),
        (XSD.NCName, ("a-1",), ("1a", "a:b")),
        (XSD.hexBinary, ("0aFF",), ("0aF",)),
        (XSD.base64Binary, ("AQ ==", ""), ("A", "A===")),
        (RDF.XMLLiteral, ("<b>x</b>y",), ("<b>",)),
        (RDF.PlainLiteral, ("a@b@ar", "a@"), ("a", "a@-")),
    ],
)
def test_the_texts_of_a_datatype(
    datatype: URIRef, valid: tuple[str, ...], invalid: tuple[str, ...]
) -> None:
    """Those of XSD 1.1 Part 2 and of rdf:PlainLiteral."""
    assert [text for text in valid if is_ill_typed(literal(text, datatype))] == []
    assert [t for t in invalid if not is_ill_typed(literal(t, datatype))] == []


def test_only_literals_are_ill_typed() -> None:
    """Neither an IRI nor a datatype that is unknown."""
    assert not is_ill_typed(E.a)
    assert not is_ill_typed(literal("x", E.datatype))


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (literal("1", XSD.integer), literal("01.0", XSD.decimal), True),
        (literal("1", XSD.integer), literal("1", XSD.double), False),
        (literal("0", XSD.float), literal("-0", XSD.float), False),
        (literal("0.1", XSD.float), literal("0.10", XSD.float), True),
        (literal("1e39", XSD.float), literal("INF", XSD.float), True),
        (literal("-1e999", XSD.double), literal("-INF", XSD.double), True),
        (literal("0A", XSD.hexBinary), literal("0a", XSD.hexBinary), True),
        (Literal("x"), literal("x", XSD.string), True),
        (Literal("x", lang="ar"), Literal("x", lang="AR"), True),
        (Literal("x", lang="ar"), literal("x@ar", RDF.PlainLiteral), True),
        (Literal("x", lang="ar"), Literal("x"), False),
        (
            literal("2010-06-15T10:00:00Z", XSD.dateTime),
            literal("2010-06-15T10:00:00.0+00:00", XSD.dateTime),
            True,
        ),
        (
            literal("<b a='1' c='2'/>", RDF.XMLLiteral),
            literal('<b c="2" a="1"></b>', RDF.XMLLiteral),
            True,
        ),
    ],
)
def test_equality_is_of_values(one: Literal, other: Literal, equal: bool) -> None:
    """Not of texts (OWL 2 Profiles §4.3, dt-eq and dt-diff)."""
    assert values_equal(one, other) is values_equal(other, one) is equal
    assert values_differ(one, other) is values_differ(other, one) is not equal


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (E.a, Literal(1)),
        (BNode("one"), BNode("other")),
        (literal("x", XSD.integer), literal("x", XSD.integer)),
        (literal("x", E.datatype), literal("x", E.datatype)),
    ],
)
def test_what_has_no_known_value_is_neither_equal_nor_different(
    one: URIRef | BNode | Literal, other: URIRef | BNode | Literal
) -> None:
    """No rule applies to it."""
    assert not values_equal(one, other)
    assert not values_differ(one, other)


@pytest.mark.parametrize(
    ("datatype", "one", "contains"),
    [
        (XSD.integer, literal("1.0", XSD.decimal), True),
        (XSD.integer, literal("1.5", XSD.decimal), False),
        (XSD.unsignedByte, literal("255", XSD.integer), True),
        (XSD.unsignedByte, literal("256", XSD.integer), False),
        (XSD.integer, literal("1", XSD.float), False),
        (RDFS.Literal, Literal("x"), True),
        (XSD.language, literal("ar", XSD.string), True),
        (XSD.language, literal("a b", XSD.string), False),
        (XSD.language, Literal("ar", lang="ar"), False),
        (XSD.dateTimeStamp, literal("2010-06-15T10:00:00Z", XSD.dateTime), True),
        (XSD.dateTimeStamp, literal("2010-06-15T10:00:00", XSD.dateTime), False),
        (E.datatype, Literal(1), None),
        (XSD.integer, literal("x", E.datatype), None),
        (XSD.integer, literal("x", XSD.integer), None),
        (XSD.integer, E.a, None),
    ],
)
def test_a_datatype_contains_values(
    datatype: URIRef, one: URIRef | Literal, contains: bool | None
) -> None:
    """Whatever their own datatype; of some it is unknown (dt-type2, dt-not-type)."""
    assert certainly_contains(datatype, one) is (contains is True)
    assert certainly_excludes(datatype, one) is (contains is False)
