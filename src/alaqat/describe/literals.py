"""Localized formatting of dates (EDTF), date bounds, numbers and amounts.

Dates keep their stated precision, and numbers are not rounded. EDTF is ISO 8601-2:2019
Annex A; a date that no pattern fits stays as it was written.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal
from rdflib import Literal

from alaqat.i18n import LOCALES, read_texts, texts, translate
from alaqat.terms import AL, QUDT, local

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

    from alaqat.temporal.edtf import Bounds


_DATE = re.compile(
    r"(?P<year>\d{2}[\dX]{2})(-(?P<month>\d\d))?(-(?P<day>\d\d))?(?P<qualifier>[?~%]?)"
)
_SEASONS = {"21": "spring", "22": "summer", "23": "autumn", "24": "winter"}
_OPEN = ("", "..")
_MAX_DIGITS = 100  # of a number that is formatted: 1e999999 has a million


@dataclass(frozen=True, slots=True)
class _DateText:
    """A formatted date, and whether it is a single day rather than a month or year."""

    text: str
    is_day: bool


def format_edtf(edtf: str, language: str) -> str:
    """Return an EDTF date or interval as an adverbial: on, in, since, until, from–to.

    An interval that is open at both ends gives the empty string.
    """
    start, slash, end = edtf.partition("/")
    first, last = _format_date(start, language), _format_date(end, language)
    if not slash:
        key = "on" if first and first.is_day else "in"
        return translate("dates", key, language, first.text if first else edtf)
    since, until = first.text if first else start, last.text if last else end
    return _format_interval(
        "" if start in _OPEN else since, "" if end in _OPEN else until, language
    )


def format_bounds(bounds: Bounds, language: str) -> str:
    """Return the same for bounds of start and end; empty if none is known."""
    start = bounds.start_earliest, bounds.start_latest
    end = bounds.end_earliest, bounds.end_latest
    if start == end and all(start):
        key = "on" if start[0] == start[1] else "in"
        return translate("dates", key, language, _format_range(*start, language))
    return _format_interval(
        _format_range(*start, language), _format_range(*end, language), language
    )


def format_day(day: date, language: str) -> str:
    """Return a day with the name of its month."""
    return str(format_date(day, "d MMMM y", locale=LOCALES[language]))


def _format_interval(start: str, end: str, language: str) -> str:
    """Return the adverbial of an interval whose start or end may be empty, for open."""
    if start and end:
        return translate("dates", "span", language, start, end)
    if start:
        return translate("dates", "since", language, start)
    return translate("dates", "until", language, end) if end else ""


def _format_date(edtf: str, language: str) -> _DateText | None:
    """Return a single date with its qualifiers; None if it is no date."""
    match = _DATE.fullmatch(edtf)
    if match is None:
        return None
    text = _format_parts(match["year"], match["month"], match["day"], language)
    if text is None:
        return None
    if match["qualifier"] in ("~", "%"):
        text = translate("dates", "approximate", language, text)
    if match["qualifier"] in ("?", "%"):
        text = translate("dates", "uncertain", language, text)
    return _DateText(text, is_day=match["day"] is not None)


def _format_parts(
    year: str, month: str | None, day: str | None, language: str
) -> str | None:
    if "X" in year:
        first, last = year.replace("X", "0"), year.replace("X", "9")
        return translate("dates", "years", language, first, last)
    if month in _SEASONS:
        return translate("dates", _SEASONS[month], language, year)
    if month is None:
        return translate("dates", "year", language, year)
    try:
        parsed = date(int(year), int(month), int(day or 1))
    except ValueError:
        return None
    pattern = "d MMMM y" if day else "MMMM y"
    return str(format_date(parsed, pattern, locale=LOCALES[language]))


def _format_range(first: date | None, last: date | None, language: str) -> str:
    """Return a range of days, as a day, month or year where it is exactly one."""
    if first is None or last is None:
        known = first or last
        if known is None:
            return ""
        key = "after" if first else "before"
        return translate("dates", key, language, format_day(known, language))
    if first == last:
        return format_day(first, language)
    end = calendar.monthrange(last.year, last.month)[1]
    if first.day == 1 and last.day == end and first.year == last.year:
        if first.month == last.month:
            return str(format_date(first, "MMMM y", locale=LOCALES[language]))
        if (first.month, last.month) == (1, 12):
            return translate("dates", "year", language, str(first.year))
    days = format_day(first, language), format_day(last, language)
    return translate("dates", "between", language, *days)


def format_amount(graph: Graph, figure: Node, language: str) -> str:
    """Return the value or bounds of a figure with its unit; empty if it has none."""
    unit = graph.value(figure, QUDT.hasUnit)
    value, lower, upper = (
        _number(graph.value(figure, property_))
        for property_ in (AL.value, AL.lowerValue, AL.upperValue)
    )
    if value is not None:
        text = _with_unit(value, unit, language, format_number(value, language))
        is_approximate = (figure, AL.approximate, Literal(True)) in graph
        return _pattern("about", language).format(text) if is_approximate else text
    if lower is not None and upper is not None:
        bounds = (format_number(one, language) for one in (lower, upper))
        text = _pattern("between", language).format(*bounds)
        return _with_unit(upper, unit, language, text)
    bound = upper if lower is None else lower
    if bound is None:
        return ""
    text = _with_unit(bound, unit, language, format_number(bound, language))
    return _pattern("at-most" if lower is None else "at-least", language).format(text)


def _number(node: Node | None) -> Decimal | None:
    """Return a number; None for no node, no finite number and a very long one."""
    text = "" if node is None else str(node)
    try:
        number = Decimal(text) if len(text) <= _MAX_DIGITS else Decimal("NaN")
    except InvalidOperation:
        return None
    is_short = number.is_finite() and abs(number.adjusted()) <= _MAX_DIGITS
    return number if is_short else None


def format_number(number: Decimal, language: str) -> str:
    """Return a number with all its digits and the separators of the language.

    One that is too long for that is returned as it is.
    """
    places = max(0, -int(number.as_tuple().exponent))
    pattern = "#,##0" + ("." + "0" * places if places else "")
    try:
        return str(format_decimal(number, format=pattern, locale=LOCALES[language]))
    except InvalidOperation:  # Babel computes with 28 digits
        return str(number)


def _with_unit(number: Decimal, unit: Node | None, language: str, text: str) -> str:
    """Append the unit in the plural form that a number takes (CLDR plural rules)."""
    name = local(str(unit)) if unit is not None else "NUM"
    if name not in read_texts("amounts"):
        return f"{text} {name}"
    return _pattern(name, language, number).format(text)


def _pattern(name: str, language: str, number: Decimal = Decimal(0)) -> str:
    patterns: dict[str, str] = texts("amounts", language)[name]
    plural = Locale.parse(LOCALES[language]).plural_form(number)
    return patterns.get(plural, patterns["other"])
