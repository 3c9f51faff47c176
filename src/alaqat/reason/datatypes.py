"""The datatypes of OWL 2 RL: which texts they allow, and which value each denotes.

OWL 2 compares by identity: the integer 5 and the decimal 5.0 are one value, the double
5.0E0 is another, and so is the same instant in another time zone.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import TYPE_CHECKING

from rdflib import RDF, RDFS, XSD, Literal, URIRef

from alaqat.reason.lexical import BOUNDS, READERS, TEXTS, IllTyped, is_between

if TYPE_CHECKING:
    from rdflib.term import Node

# A kind of values, which no other kind shares a value with, and the value itself.
Value = tuple[str, Hashable]

_STRINGS = (XSD.token, XSD.normalizedString, XSD.string, RDF.PlainLiteral)
_WIDER: dict[URIRef, tuple[URIRef, ...]] = {
    **{one: _STRINGS[n + 1 :] for n, one in enumerate(_STRINGS)},
    **dict.fromkeys((XSD.language, XSD.Name, XSD.NMTOKEN), _STRINGS),
    XSD.NCName: (XSD.Name, XSD.NMTOKEN, *_STRINGS),
    XSD.dateTimeStamp: (XSD.dateTime,),
}
DATATYPES = frozenset({*READERS, RDFS.Literal})


def value(literal: Literal) -> Value | None:
    """The value that a literal denotes; None where the datatype is none of OWL 2 RL.

    Raises IllTyped.
    """
    if literal.language:
        return "text", (str(literal), literal.language.lower())
    if literal.datatype in (None, XSD.string):
        return "text", (str(literal), "")
    if literal.datatype not in READERS:
        return None
    kind, read = READERS[literal.datatype]
    return kind, read(str(literal))


def has(datatype: Node, literal: Node) -> bool | None:
    """Whether a literal's value is one of a datatype; None where nobody knows.

    Raises IllTyped.
    """
    if not isinstance(literal, Literal):
        return None
    known = value(literal)
    if datatype == RDFS.Literal:
        return True
    if known is None or not isinstance(datatype, URIRef) or datatype not in READERS:
        return None
    kind, content = known
    if kind != READERS[datatype][0]:
        return False
    if datatype in BOUNDS:
        return is_between(content, *BOUNDS[datatype])
    if datatype in TEXTS:
        return _is_text(content, TEXTS[datatype])
    return datatype != XSD.dateTimeStamp or _has_zone(content)


def _is_text(content: Hashable, pattern: str) -> bool:
    """Whether a text without a language is one that a pattern matches."""
    text, language = content if isinstance(content, tuple) else ("", "-")
    return not language and re.fullmatch(pattern, text) is not None


def _has_zone(content: Hashable) -> bool:
    """Whether an instant has a time zone."""
    return isinstance(content, tuple) and content[-1] != ""


def is_part(one: URIRef, other: URIRef) -> bool:
    """Whether every value of one datatype is one of another."""
    if one in BOUNDS and other in BOUNDS:
        (low, high), (lower, higher) = BOUNDS[one], BOUNDS[other]
        return (lower is None or (low is not None and low >= lower)) and (
            higher is None or (high is not None and high <= higher)
        )
    return other in _WIDER.get(one, ()) or (one in BOUNDS and other == XSD.decimal)


def is_inside(datatype: Node, literal: Node) -> bool:
    """Whether a literal's value is certainly one of a datatype (RULE dt-type2)."""
    try:
        return has(datatype, literal) is True
    except IllTyped:
        return False


def is_outside(datatype: Node, literal: Node) -> bool:
    """Whether a literal's value is certainly none of a datatype."""
    try:
        return has(datatype, literal) is False
    except IllTyped:
        return False


def is_ill_typed(node: Node) -> bool:
    """Whether a node is a literal whose text its datatype does not allow."""
    if not isinstance(node, Literal):
        return False
    try:
        value(node)
    except IllTyped:
        return True
    return False


def is_equal(one: Node, other: Node) -> bool:
    """Whether two nodes are literals of one value (RULE dt-eq)."""
    if not (isinstance(one, Literal) and isinstance(other, Literal)):
        return False
    try:
        return value(one) is not None and value(one) == value(other)
    except IllTyped:
        return False


def differ(one: Node, other: Node) -> bool:
    """Whether two nodes are literals of certainly different values (RULE dt-diff)."""
    if not (isinstance(one, Literal) and isinstance(other, Literal)):
        return False
    try:
        first, second = value(one), value(other)
    except IllTyped:
        return False
    return None not in (first, second) and first != second
