"""RDF terms of rdflib as those of Oxigraph, and back, letter for letter.

Numbers in canonical form, which is how stores give them back.

Stores keep a number by its value; XSD 1.1 Part 2, §3.3.3 and §3.4.13, says how
to write it.
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
_LANGUAGE_STRING = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"


def to_oxigraph(term: Node) -> OxTerm:
    """The term as Oxigraph has it.

    Raises:
        InvalidData: it is no RDF term, or an IRI or language tag that is none.
    """
    try:
        return _convert(term)
    except ValueError as error:
        raise InvalidData(
            f"{term} cannot stand in RDF: {error}.", remedy="Encode or correct it."
        ) from None


@singledispatch
def _convert(term: Any) -> OxTerm:
    """Refuse what is no term."""
    raise ValueError(f"a {type(term).__name__} is no RDF term")


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
    """The term as rdflib has it.

    Raises:
        InvalidData: it is new in RDF 1.2: a triple term or a text with a direction.
    """
    if isinstance(term, ox.NamedNode):
        return URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return BNode(term.value)
    if isinstance(term, ox.Literal) and term.direction is None:
        return _from_literal(term)
    raise InvalidData(
        f"{term} is a term of RDF 1.2.", remedy="Say it in the terms of RDF 1.1."
    )


def _from_literal(term: ox.Literal) -> Literal:
    """A literal as it is written: 01 stays 01."""
    if term.language:
        return Literal(term.value, lang=term.language)
    datatype = term.datatype.value
    if datatype == _STRING:
        return Literal(term.value)
    return Literal(term.value, datatype=datatype, normalize=False)


def canonicalize_numbers(graph: Graph) -> None:
    """Write each decimal and integer of a graph in its canonical form, in place."""
    for subject, predicate, value in list(graph):
        plain = _canonical_number(value)
        if plain is not value:
            graph.remove((subject, predicate, value))
            graph.add((subject, predicate, plain))


def _canonical_number(term: Node) -> Node:
    """The term itself, unless it is a number that can be written more plainly."""
    if not isinstance(term, Literal) or term.datatype not in (XSD.decimal, XSD.integer):
        return term
    if term.value is None:  # not a number after all, which the shapes will tell
        return term
    plain = _plain_decimal(Decimal(str(term)))
    if plain == str(term):
        return term
    return Literal(plain, datatype=term.datatype, normalize=False)


def _plain_decimal(number: Decimal) -> str:
    """A number without exponent and needless zeros."""
    text = format(number + 0, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
