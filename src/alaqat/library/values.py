"""Values that people give for a query's parameters, read as RDF terms."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from rdflib import XSD, Literal, URIRef
from rdflib.term import Node

from alaqat.errors import InvalidQuery
from alaqat.terms import PREFIXES

#: A literal as in Turtle, in double quotes: its text, its language, its datatype.
LITERAL = re.compile(
    r'"(.*)"(?:@([A-Za-z]+(?:-[A-Za-z0-9]+)*)|\^\^([^\s"]+))?', re.DOTALL
)
_NAMED = re.compile(r"([A-Za-z][\w-]*):(.+)")
_TYPED = {
    XSD.date: re.compile(r"\d{4}-\d\d-\d\d"),
    XSD.integer: re.compile(r"[+-]?\d+"),
    XSD.decimal: re.compile(r"[+-]?\d*\.\d+"),
    XSD.boolean: re.compile(r"true|false"),
}


@dataclass(frozen=True)
class Kind:
    """What the value of a parameter must be, where no column of the question tells.

    Attributes:
        datatype: of the literal.
        refusal: what a wrong value is, after "is".
        remedy: how to write a right one.
    """

    datatype: URIRef
    refusal: str
    remedy: str


#: By the name of the parameter, which means the same in every question.
KINDS: Mapping[str, Kind] = {
    "date": Kind(XSD.date, "no day", "Write it as 2010-01-31."),
    "offset": Kind(XSD.integer, "no whole number", "Count characters, such as 2600."),
}


def read_term(value: str) -> Node:
    """The RDF term that a person's value means.

    ``org:osce``, ``<https://…>`` and ``https://…`` are IRIs; ``2010-01-31``, ``12``,
    ``1.5`` and ``true`` have their types; ``"…"``, ``"…"@ar`` and ``"…"^^xsd:date`` are
    literals as in Turtle; anything else is a plain string.

    Raises:
        InvalidQuery: a prefix is unknown, or a typed value is not of its type.
    """
    if literal := LITERAL.fullmatch(value):
        lexical, language, datatype = literal.groups()
        return _literal(lexical, language, read_term(datatype) if datatype else None)
    if value.startswith("<") and value.endswith(">"):
        return _iri(value[1:-1])
    if value.startswith(("http://", "https://")):
        return _iri(value)
    if (named := _NAMED.fullmatch(value)) and not re.search(r"\s", value):
        return _prefixed(*named.groups())
    typed = (kind for kind, form in _TYPED.items() if form.fullmatch(value))
    return _literal(value, None, next(typed, None))


def _iri(value: str) -> URIRef:
    """An IRI, if it holds nothing that an IRI may not hold."""
    if re.search(r"[\s<>\"{}|\\^`]", value):
        raise InvalidQuery(f"{value} is no IRI.", remedy="Encode spaces and quotes.")
    return URIRef(value)


def _prefixed(prefix: str, local: str) -> URIRef:
    """The IRI of a prefixed name."""
    if prefix not in PREFIXES:
        raise InvalidQuery(
            f"The prefix {prefix}: is unknown.",
            remedy=f"Prefixes are: {', '.join(PREFIXES)}.",
        )
    return _iri(PREFIXES[prefix] + local)


def _literal(lexical: str, language: str | None, datatype: Node | None) -> Literal:
    """A literal whose text is of its type; written as it is, however large it is."""
    literal = Literal(
        lexical,
        lang=language,
        datatype=str(datatype) if datatype else None,
        normalize=False,
    )
    if literal.ill_typed:
        raise InvalidQuery(
            f"{lexical} is not of the type {datatype}.",
            remedy="Dates are written 2010-01-31.",
        )
    return literal
