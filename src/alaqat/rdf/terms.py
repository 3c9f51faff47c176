"""Conversion of RDF terms between rdflib and Oxigraph, and canonical numbers.

Conversion preserves the lexical form of literals. Oxigraph's store, however, holds
numbers by value and returns them in canonical form (XSD 1.1 Part 2, §3.3.3, §3.4.13).
"""

from __future__ import annotations

from decimal import Decimal
from functools import singledispatch
from typing import Any

import pyoxigraph as ox
from rdflib import XSD, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from alaqat.errors import InvalidData

OxTerm = ox.NamedNode | ox.BlankNode | ox.Literal
_STRING = "http://www.w3.org/2001/XMLSchema#string"


def to_oxigraph(term: Node) -> OxTerm:
    """Convert a term of rdflib to Oxigraph.

    Raises:
        InvalidData: it is not an RDF term, or its IRI or language tag is not valid.
    """
    try:
        return _convert(term)
    except ValueError as error:
        raise InvalidData(
            f"Not valid in RDF: {term}: {error}.", remedy="Encode or correct it."
        ) from None


@singledispatch
def _convert(term: Any) -> OxTerm:
    """Raise ValueError for anything but a term."""
    raise ValueError(f"a {type(term).__name__} is not an RDF term")


@_convert.register
def _(term: URIRef) -> OxTerm:
    return ox.NamedNode(term)


@_convert.register
def _(term: BNode) -> OxTerm:
    return ox.BlankNode(term)


@_convert.register
def _(term: Literal) -> OxTerm:
    if term.language:
        return ox.Literal(str(term), language=term.language)
    if term.datatype:
        return ox.Literal(str(term), datatype=ox.NamedNode(term.datatype))
    return ox.Literal(str(term))


def from_oxigraph(term: Any) -> URIRef | BNode | Literal:
    """Convert a term of Oxigraph to rdflib.

    Raises:
        InvalidData: it is new in RDF 1.2: a triple term or a text with a direction.
    """
    if isinstance(term, ox.NamedNode):
        return URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return BNode(term.value)
    if isinstance(term, ox.Literal) and term.direction is None:
        return _from_literal(term)
    raise InvalidData(f"{term} requires RDF 1.2.", remedy="Express it in RDF 1.1.")


def _from_literal(term: ox.Literal) -> Literal:
    """Convert a literal without normalization: 01 stays 01."""
    if term.language:
        return Literal(term.value, lang=term.language)
    datatype = term.datatype.value
    if datatype == _STRING:
        return Literal(term.value)
    return Literal(term.value, datatype=datatype, normalize=False)


MAX_SHOWN = 10_000
"""The characters of a term that a page shows; of a longer one it shows the start."""

_MAX_SHOWN_IN_ALL = 4_000_000  # characters of the terms of a page that are long
_SHORT = 200  # characters of a term that is always shown
_MAX_TAG = 100  # characters of a language tag


class ElidedLiteral(Literal):
    """The start of a term that is too long to be shown.

    Attributes:
        length: of the whole, in characters.
    """

    length: int = 0

    @classmethod
    def of(
        cls, text: str, length: int, language: str | None, datatype: str | None
    ) -> ElidedLiteral:
        """Return the start of a term of some length."""
        iri = None if datatype is None or language else URIRef(datatype)
        elided = cls(text, lang=language, datatype=iri, normalize=False)
        elided.length = length
        return elided


class Shortener:
    """Shortens the long terms of one page."""

    def __init__(self) -> None:
        self._left = _MAX_SHOWN_IN_ALL

    def shorten(self, term: Node | None) -> Node | None:
        """Return a term, or the start of a long one."""
        if term is None:
            return None
        tag, datatype = _tags(term)
        text, size = str(term), len(str(term)) + len(tag) + len(datatype)
        if size <= _SHORT:
            return term
        room = max(_SHORT, min(MAX_SHOWN, self._left))
        self._left -= min(size, room)
        if size <= room:
            return term
        language = tag if len(tag) <= _MAX_TAG else None
        iri = datatype if 0 < len(datatype) <= _SHORT else None
        return ElidedLiteral.of(text[:room], len(text), language or None, iri)


def _tags(term: Node) -> tuple[str, str]:
    """Return the language tag and the datatype of a term; empty if it has none."""
    if not isinstance(term, Literal):
        return "", ""
    return term.language or "", str(term.datatype or "")


def canonicalize_numbers(graph: Graph) -> None:
    """Replace the decimals and integers of a graph by their canonical form."""
    for subject, predicate, value in list(graph):
        plain = _canonical_number(value)
        if plain is not value:
            graph.remove((subject, predicate, value))
            graph.add((subject, predicate, plain))


def _canonical_number(term: Node) -> Node:
    """Return a decimal or integer in canonical form; other terms unchanged."""
    if not isinstance(term, Literal) or term.datatype not in (XSD.decimal, XSD.integer):
        return term
    if term.value is None:  # ill-typed, which the shapes will report
        return term
    plain = _plain_decimal(Decimal(str(term)))
    if plain == str(term):
        return term
    return Literal(plain, datatype=term.datatype, normalize=False)


def _plain_decimal(number: Decimal) -> str:
    """Format a number without exponent and redundant zeros."""
    text = format(number + 0, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
