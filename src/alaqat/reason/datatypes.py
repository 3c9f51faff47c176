"""The datatypes of OWL 2 RL: valid lexical forms and the values they denote.

OWL 2 compares values by identity: the integer 5 and the decimal 5.0 are one value, the
double 5.0E0 is another, and so is the same instant in another time zone.
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


_Parser = Callable[[str], Hashable]


class IllTyped(ValueError):
    """The text is not valid for its datatype; never leaves this package."""


def _pattern_parser(pattern: str, convert: _Parser = str) -> _Parser:
    """Return a parser of the texts that a pattern matches as a whole."""
    compiled = re.compile(pattern)

    def parse(text: str) -> Hashable:
        if not compiled.fullmatch(text):
            raise IllTyped(text)
        return convert(text)

    return parse


def _integer_parser(low: int | None, high: int | None) -> _Parser:
    """Return a parser of the integers between two bounds, both included."""
    parse_integer = _pattern_parser(r"[+-]?[0-9]+", Decimal)

    def parse(text: str) -> Hashable:
        number = parse_integer(text)
        if not is_between(number, low, high):
            raise IllTyped(text)
        return number

    return parse


def is_between(number: object, low: int | None, high: int | None) -> bool:
    """Check whether a value is an integer between two bounds, both included."""
    if not isinstance(number, Decimal) or number != number.to_integral_value():
        return False
    return (low is None or low <= number) and (high is None or number <= high)


def _parse_float(text: str) -> str:
    """Return the nearest float as text, so that 0 and -0 differ (XSD 1.1 §3.3.4)."""
    number = float(text)
    try:
        (number,) = struct.unpack("f", struct.pack("f", number))
    except OverflowError:
        number = math.copysign(math.inf, number)
    return repr(number)


def _parse_double(text: str) -> str:
    """Return the nearest double as text; one that is too large is INF (§3.3.5)."""
    return repr(float(text))


def _parse_date_time(text: str) -> Hashable:
    """Return date, hours, minutes, seconds and time zone of a valid dateTime."""
    date, clock = text.split("T", 1)
    _parse_date(date)
    hours, minutes, rest = clock.split(":", 2)
    seconds, zone = re.fullmatch(r"([0-9.]+)(.*)", rest).groups()  # type: ignore[union-attr]
    late = int(hours) == 24 and (int(minutes) or Decimal(seconds))
    if int(hours) > 24 or late or int(minutes) > 59 or Decimal(seconds) >= 60:
        raise IllTyped(text)
    return date, hours, minutes, Decimal(seconds), _normalize_zone(zone)


def _normalize_zone(text: str) -> str:
    return "+00:00" if text in ("Z", "-00:00") else text


def _parse_date(text: str) -> str:
    """Return the date itself; raise IllTyped if the calendar has no such day."""
    year, month, day = re.match(r"(-?[0-9]{4,})-([0-9]{2})-([0-9]{2})", text).groups()  # type: ignore[union-attr]
    # The calendar repeats itself every 400 years, and a year may have any length.
    cycle = int(year[:1].replace("-", "-0") + year[-4:]) % 400 + 400
    if not 1 <= int(month) <= 12:
        raise IllTyped(text)
    if not 1 <= int(day) <= monthrange(cycle, int(month))[1]:
        raise IllTyped(text)
    return text


def _parse_xml(text: str) -> str:
    """Return a fragment of XML in canonical form."""
    try:
        return ET.canonicalize(f"<x>{text}</x>")
    except ET.ParseError as error:
        raise IllTyped(text) from error


def _parse_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text.replace(" ", ""), validate=True)
    except ValueError as error:
        raise IllTyped(text) from error


def _parse_plain_literal(text: str) -> Hashable:
    """Return text and language of a PlainLiteral, "text@language"."""
    words, at, language = text.rpartition("@")
    if not at or not re.fullmatch(f"({_LANGUAGE})?", language):
        raise IllTyped(text)
    return words, language.lower()


def _string_parser(pattern: str) -> _Parser:
    return _pattern_parser(pattern, lambda text: (text, ""))


_ZONE = r"(Z|[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
_DATE = r"-?([1-9][0-9]{3,}|0[0-9]{3})-[0-9]{2}-[0-9]{2}"
_TIME = r"[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?"
_HOURS = r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
_NUMBER = r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?|-?INF|\+INF|NaN"
_LANGUAGE = r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*"
_TOKEN = r"([^\s]+( [^\s]+)*)?"  # noqa: S105 # a pattern
_NAME_START = r"[^\W\d]"

PATTERNS = {
    XSD.string: r"(?s:.*)",
    XSD.normalizedString: r"[^\r\n\t]*",
    XSD.token: _TOKEN,
    XSD.language: _LANGUAGE,
    XSD.Name: rf"({_NAME_START}|:)[\w:.\-]*",
    XSD.NCName: rf"{_NAME_START}[\w.\-]*",
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

# datatype: the kind of its values, and the parser of its texts
PARSERS: dict[URIRef, tuple[str, _Parser]] = {
    XSD.decimal: (
        "number",
        _pattern_parser(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)", Decimal),
    ),
    **{name: ("number", _integer_parser(*bounds)) for name, bounds in BOUNDS.items()},
    XSD.float: ("float", _pattern_parser(_NUMBER, _parse_float)),
    XSD.double: ("double", _pattern_parser(_NUMBER, _parse_double)),
    **{name: ("text", _string_parser(pattern)) for name, pattern in PATTERNS.items()},
    RDF.PlainLiteral: ("text", _parse_plain_literal),
    XSD.boolean: (
        "boolean",
        _pattern_parser("true|false|1|0", lambda t: t in ("true", "1")),
    ),
    XSD.hexBinary: ("hex", _pattern_parser("([0-9a-fA-F]{2})*", bytes.fromhex)),
    XSD.base64Binary: ("base64", _parse_base64),
    XSD.anyURI: ("uri", str),  # any text (XSD 1.1 §3.3.17)
    XSD.dateTime: (
        "instant",
        _pattern_parser(f"{_DATE}T{_TIME}{_ZONE}?", _parse_date_time),
    ),
    XSD.dateTimeStamp: (
        "instant",
        _pattern_parser(f"{_DATE}T{_TIME}{_ZONE}", _parse_date_time),
    ),
    XSD.date: ("date", _pattern_parser(f"{_DATE}{_ZONE}?", _parse_date)),
    XSD.time: (
        "time",
        _pattern_parser(f"({_HOURS}(\\.[0-9]+)?|24:00:00(\\.0+)?){_ZONE}?"),
    ),
    RDF.XMLLiteral: ("xml", _parse_xml),
}

# A kind of values, disjoint from every other kind, and the value itself.
Value = tuple[str, Hashable]

_STRINGS = (XSD.token, XSD.normalizedString, XSD.string, RDF.PlainLiteral)
_WIDER: dict[URIRef, tuple[URIRef, ...]] = {
    **{one: _STRINGS[n + 1 :] for n, one in enumerate(_STRINGS)},
    **dict.fromkeys((XSD.language, XSD.Name, XSD.NMTOKEN), _STRINGS),
    XSD.NCName: (XSD.Name, XSD.NMTOKEN, *_STRINGS),
    XSD.dateTimeStamp: (XSD.dateTime,),
}
DATATYPES = frozenset({*PARSERS, RDFS.Literal})


def literal_value(literal: Literal) -> Value | None:
    """Return the value that a literal denotes; None for a datatype outside OWL 2 RL.

    Raises:
        IllTyped: the text is not valid for the datatype.
    """
    if literal.language:
        return "text", (str(literal), literal.language.lower())
    if literal.datatype in (None, XSD.string):
        return "text", (str(literal), "")
    if literal.datatype not in PARSERS:
        return None
    kind, parse = PARSERS[literal.datatype]
    return kind, parse(str(literal))


def datatype_contains(datatype: Node, literal: Node) -> bool | None:
    """Check whether a datatype contains a literal's value; None if that is unknown.

    Raises:
        IllTyped: the text is not valid for the literal's own datatype.
    """
    if not isinstance(literal, Literal):
        return None
    found = literal_value(literal)
    if datatype == RDFS.Literal:
        return True
    if found is None or not isinstance(datatype, URIRef) or datatype not in PARSERS:
        return None
    kind, content = found
    if kind != PARSERS[datatype][0]:
        return False
    if datatype in BOUNDS:
        return is_between(content, *BOUNDS[datatype])
    if datatype in PATTERNS:
        return _is_matching_string(content, PATTERNS[datatype])
    return datatype != XSD.dateTimeStamp or _has_zone(content)


def _is_matching_string(content: Hashable, pattern: str) -> bool:
    """Check whether a string without language matches a pattern."""
    text, language = content if isinstance(content, tuple) else ("", "-")
    return not language and re.fullmatch(pattern, text) is not None


def _has_zone(content: Hashable) -> bool:
    """Check whether an instant has a time zone."""
    return isinstance(content, tuple) and content[-1] != ""


def is_subtype(one: URIRef, other: URIRef) -> bool:
    """Check whether every value of one datatype belongs to another."""
    if one in BOUNDS and other in BOUNDS:
        (low, high), (lower, higher) = BOUNDS[one], BOUNDS[other]
        return (lower is None or (low is not None and low >= lower)) and (
            higher is None or (high is not None and high <= higher)
        )
    return other in _WIDER.get(one, ()) or (one in BOUNDS and other == XSD.decimal)


def certainly_contains(datatype: Node, literal: Node) -> bool:
    """Check whether a datatype certainly contains a literal's value (RULE dt-type2)."""
    try:
        return datatype_contains(datatype, literal) is True
    except IllTyped:
        return False


def certainly_excludes(datatype: Node, literal: Node) -> bool:
    """Check whether a datatype certainly does not contain a literal's value."""
    try:
        return datatype_contains(datatype, literal) is False
    except IllTyped:
        return False


def is_ill_typed(node: Node) -> bool:
    """Check whether a node is a literal whose text is not valid for its datatype."""
    if not isinstance(node, Literal):
        return False
    try:
        literal_value(node)
    except IllTyped:
        return True
    return False


def values_equal(one: Node, other: Node) -> bool:
    """Check whether two nodes are literals of one value (RULE dt-eq)."""
    if not (isinstance(one, Literal) and isinstance(other, Literal)):
        return False
    try:
        return literal_value(one) is not None and literal_value(one) == literal_value(
            other
        )
    except IllTyped:
        return False


def values_differ(one: Node, other: Node) -> bool:
    """Check whether two literals certainly have different values (RULE dt-diff)."""
    if not (isinstance(one, Literal) and isinstance(other, Literal)):
        return False
    try:
        first, second = literal_value(one), literal_value(other)
    except IllTyped:
        return False
    return None not in (first, second) and first != second
