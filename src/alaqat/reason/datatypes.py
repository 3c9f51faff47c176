"""How the texts of each datatype of OWL 2 RL are read.

The datatypes of OWL 2 RL: which texts they allow, and which value each denotes.

OWL 2 compares by identity: the integer 5 and the decimal 5.0 are one value, the double
5.0E0 is another, and so is the same instant in another time zone.
"""

from __future__ import annotations

import base64
import math
import re
import struct
from calendar import monthrange
from collections.abc import Callable, Hashable
from decimal import Decimal
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from rdflib import RDF, RDFS, XSD, Literal, URIRef

if TYPE_CHECKING:
    from rdflib.term import Node


_Reader = Callable[[str], Hashable]


class IllTyped(ValueError):
    """The datatype does not allow the text; never leaves this package."""


def _matched(pattern: str, convert: _Reader = str) -> _Reader:
    """A reader of the texts that a pattern matches as a whole."""
    compiled = re.compile(pattern)

    def read(text: str) -> Hashable:
        """The value, if the pattern matches."""
        if not compiled.fullmatch(text):
            raise IllTyped(text)
        return convert(text)

    return read


def _within(low: int | None, high: int | None) -> _Reader:
    """A reader of the whole numbers between two bounds, both included."""
    read = _matched(r"[+-]?[0-9]+", Decimal)

    def bounded(text: str) -> Hashable:
        """The number, if it is between the bounds."""
        number = read(text)
        if not is_between(number, low, high):
            raise IllTyped(text)
        return number

    return bounded


def is_between(number: object, low: int | None, high: int | None) -> bool:
    """Whether something is a whole number between two bounds, both included."""
    if not isinstance(number, Decimal) or number != number.to_integral_value():
        return False
    return (low is None or low <= number) and (high is None or number <= high)


def _single(text: str) -> str:
    """The float nearest to a number, as text, for which 0 and -0 differ."""
    try:
        (number,) = struct.unpack("f", struct.pack("f", float(text)))
    except OverflowError as error:
        raise IllTyped(text) from error
    return _floating(text, number)


def _double(text: str) -> str:
    return _floating(text, float(text))


def _floating(text: str, number: float) -> str:
    """The number as text; IllTyped where it was too large or too small to hold."""
    is_zero = not re.search(r"[1-9]", re.split("[eE]", text)[0])
    lost = (math.isinf(number) and "INF" not in text) or (number == 0 and not is_zero)
    if lost:
        raise IllTyped(text)
    return repr(number)


def _instant(text: str) -> Hashable:
    """Year to minute, seconds and time zone of a dateTime that the calendar has."""
    date, clock = text.split("T", 1)
    _day(date)
    hours, minutes, rest = clock.split(":", 2)
    seconds, zone = re.fullmatch(r"([0-9.]+)(.*)", rest).groups()  # type: ignore[union-attr]
    late = int(hours) == 24 and (int(minutes) or Decimal(seconds))
    if int(hours) > 24 or late or int(minutes) > 59 or Decimal(seconds) >= 60:
        raise IllTyped(text)
    return date, hours, minutes, Decimal(seconds), _zone(zone)


def _zone(text: str) -> str:
    return "+00:00" if text in ("Z", "-00:00") else text


def _day(text: str) -> str:
    """The date itself; IllTyped where the calendar has no such day."""
    year, month, day = re.match(r"(-?[0-9]{4,})-([0-9]{2})-([0-9]{2})", text).groups()  # type: ignore[union-attr]
    cycle = int(year) % 400 + 400  # the calendar repeats itself, and knows no year 0
    if not 1 <= int(month) <= 12:
        raise IllTyped(text)
    if not 1 <= int(day) <= monthrange(cycle, int(month))[1]:
        raise IllTyped(text)
    return text


def _xml(text: str) -> str:
    """The canonical form of a piece of XML."""
    try:
        return ET.canonicalize(f"<x>{text}</x>")
    except ET.ParseError as error:
        raise IllTyped(text) from error


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode(text.replace(" ", ""), validate=True)
    except ValueError as error:
        raise IllTyped(text) from error


def _plain(text: str) -> Hashable:
    """Text and language of a PlainLiteral, "text@language"."""
    words, at, language = text.rpartition("@")
    if not at or not re.fullmatch(f"({_LANGUAGE})?", language):
        raise IllTyped(text)
    return words, language.lower()


def _text(pattern: str) -> _Reader:
    return _matched(pattern, lambda text: (text, ""))


_ZONE = r"(Z|[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
_DATE = r"-?([1-9][0-9]{3,}|0[0-9]{3})-[0-9]{2}-[0-9]{2}"
_TIME = r"[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?"
_HOURS = r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
_NUMBER = r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?|-?INF|\+INF|NaN"
_LANGUAGE = r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*"
_TOKEN = r"([^\s]+( [^\s]+)*)?"  # noqa: S105 # a pattern
_START = r"[^\W\d]"
_URI = r"([A-Za-z][A-Za-z0-9+.-]*:|(?!:))[^\s<>\"{}|\\^`]*"

TEXTS = {
    XSD.string: r"(?s:.*)",
    XSD.normalizedString: r"[^\r\n\t]*",
    XSD.token: _TOKEN,
    XSD.language: _LANGUAGE,
    XSD.Name: rf"({_START}|:)[\w:.\-]*",
    XSD.NCName: rf"{_START}[\w.\-]*",
    XSD.NMTOKEN: r"[\w:.\-]+",
}
BOUNDS: dict[URIRef, tuple[int | None, int | None]] = {
    XSD.integer: (None, None),
    XSD.nonNegativeInteger: (0, None),
    XSD.nonPositiveInteger: (None, 0),
    XSD.positiveInteger: (1, None),
    XSD.negativeInteger: (None, -1),
    **{XSD[n]: (-(2**b), 2**b - 1) for n, b in (("long", 63), ("int", 31))},
    **{XSD[n]: (-(2**b), 2**b - 1) for n, b in (("short", 15), ("byte", 7))},
    **{XSD[f"unsigned{n}"]: (0, 2**b - 1) for n, b in (("Long", 64), ("Int", 32))},
    **{XSD[f"unsigned{n}"]: (0, 2**b - 1) for n, b in (("Short", 16), ("Byte", 8))},
}

# datatype: the kind of its values, and how a text is read
READERS: dict[URIRef, tuple[str, _Reader]] = {
    XSD.decimal: ("number", _matched(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)", Decimal)),
    **{name: ("number", _within(*bounds)) for name, bounds in BOUNDS.items()},
    XSD.float: ("float", _matched(_NUMBER, _single)),
    XSD.double: ("double", _matched(_NUMBER, _double)),
    **{name: ("text", _text(pattern)) for name, pattern in TEXTS.items()},
    RDF.PlainLiteral: ("text", _plain),
    XSD.boolean: ("boolean", _matched("true|false|1|0", lambda t: t in ("true", "1"))),
    XSD.hexBinary: ("hex", _matched("([0-9a-fA-F]{2})*", bytes.fromhex)),
    XSD.base64Binary: ("base64", _base64),
    XSD.anyURI: ("uri", _matched(_URI)),
    XSD.dateTime: ("instant", _matched(f"{_DATE}T{_TIME}{_ZONE}?", _instant)),
    XSD.dateTimeStamp: ("instant", _matched(f"{_DATE}T{_TIME}{_ZONE}", _instant)),
    XSD.date: ("date", _matched(f"{_DATE}{_ZONE}?", _day)),
    XSD.time: ("time", _matched(f"({_HOURS}(\\.[0-9]+)?|24:00:00(\\.0+)?){_ZONE}?")),
    RDF.XMLLiteral: ("xml", _xml),
}


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
