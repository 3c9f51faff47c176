"""Dates as stated, in words: at their own precision, in each language.

EDTF is ISO 8601-2:2019 Annex A. What no form fits is told as it was written.

Amounts in words: numbers and units as each language writes them.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal
from rdflib import Literal

from alaqat.i18n import (
    LOCALES,
    read_texts,
    texts,
    translate,
)
from alaqat.terms import (
    AL,
    QUDT,
    local,
)

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node


_DATE = re.compile(
    r"(?P<year>\d{2}[\dX]{2})(-(?P<month>\d\d))?(-(?P<day>\d\d))?(?P<how>[?~%]?)"
)
_SEASONS = {"21": "spring", "22": "summer", "23": "autumn", "24": "winter"}
_OPEN = ("", "..")


@dataclass(frozen=True, slots=True)
class _Told:
    """A date in words, and whether it is a stretch of time such as a month."""

    words: str
    is_day: bool


def time_words(edtf: str, language: str) -> str:
    """A date or an interval as an adverb: on a day, in a year, since, until."""
    start, slash, end = edtf.partition("/")
    first, last = _told(start, language), _told(end, language)
    if not slash:
        return _say(
            "on" if first and first.is_day else "in", language, _words(first, edtf)
        )
    if start in _OPEN and end in _OPEN:
        return ""
    if end in _OPEN:
        return _say("since", language, _words(first, start))
    if start in _OPEN:
        return _say("until", language, _words(last, end))
    return _say("span", language, _words(first, start), _words(last, end))


def bounds_words(
    days: tuple[date | None, date | None, date | None, date | None], language: str
) -> str:
    """The same from the days that bound a start and an end; unknown bounds are None."""
    start, end = days[:2], days[2:]
    if start == end and all(start):
        found = _stretch(*start, language)
        is_day = start[0] == start[1]
        return found and _say("on" if is_day else "in", language, found)
    first, last = _stretch(*start, language), _stretch(*end, language)
    if first and last:
        return _say("span", language, first, last)
    if first:
        return _say("since", language, first)
    return _say("until", language, last) if last else ""


def day_words(day: date, language: str) -> str:
    """A day as it is written."""
    return str(format_date(day, "d MMMM y", locale=LOCALES[language]))


def _say(key: str, language: str, *values: str) -> str:
    return translate("dates", key, language, *values)


def _words(told: _Told | None, text: str) -> str:
    return told.words if told else text


def _told(text: str, language: str) -> _Told | None:
    """One date in words; None if it has none."""
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    words = _plain(found["year"], found["month"], found["day"], language)
    if words is None:
        return None
    if found["how"] in ("~", "%"):
        words = _say("approximate", language, words)
    if found["how"] in ("?", "%"):
        words = _say("uncertain", language, words)
    return _Told(words, is_day=found["day"] is not None)


def _plain(year: str, month: str | None, day: str | None, language: str) -> str | None:
    if "X" in year:
        first, last = year.replace("X", "0"), year.replace("X", "9")
        return _say("years", language, first, last)
    if month in _SEASONS:
        return _say(_SEASONS[month], language, year)
    if month is None:
        return _say("year", language, year)
    try:
        named = date(int(year), int(month), int(day or 1))
    except ValueError:
        return None
    form = "d MMMM y" if day else "MMMM y"
    return str(format_date(named, form, locale=LOCALES[language]))


def _stretch(first: date | None, last: date | None, language: str) -> str:
    """The days between two as one date if they make up a day, a month or a year."""
    if first is None or last is None:
        known = first or last
        side = "after" if first else "before"
        return _say(side, language, day_words(known, language)) if known else ""
    if first == last:
        return day_words(first, language)
    end = calendar.monthrange(last.year, last.month)[1]
    if first.day == 1 and last.day == end and first.year == last.year:
        if first.month == last.month:
            return str(format_date(first, "MMMM y", locale=LOCALES[language]))
        if (first.month, last.month) == (1, 12):
            return _say("year", language, str(first.year))
    return _say(
        "between", language, day_words(first, language), day_words(last, language)
    )


def amount_words(said: Graph, figure: Node, language: str) -> str:
    """The amount of a figure: a value or bounds, in its unit; empty if it has none."""
    unit = said.value(figure, QUDT.hasUnit)
    value, lower, upper = (
        _number(said.value(figure, one))
        for one in (AL.value, AL.lowerValue, AL.upperValue)
    )
    if value is not None:
        words = _counted(value, unit, language, number_words(value, language))
        is_rough = (figure, AL.approximate, Literal(True)) in said
        return _form("about", language).format(words) if is_rough else words
    if lower is not None and upper is not None:
        pair = (number_words(one, language) for one in (lower, upper))
        return _counted(upper, unit, language, _form("between", language).format(*pair))
    known = upper if lower is None else lower
    if known is None:
        return ""
    words = _counted(known, unit, language, number_words(known, language))
    return _form("at-most" if lower is None else "at-least", language).format(words)


def number_words(number: Decimal, language: str) -> str:
    """A number with the language's marks, and nothing rounded."""
    places = max(0, -int(number.as_tuple().exponent))
    form = "#,##0" + ("." + "0" * places if places else "")
    return str(format_decimal(number, format=form, locale=LOCALES[language]))


def _counted(number: Decimal, unit: Node | None, language: str, words: str) -> str:
    """A number with its unit, in the plural form that it asks for."""
    name = local(str(unit)) if unit is not None else "NUM"
    if name not in read_texts("amounts"):
        return f"{words} {name}"
    return _form(name, language, number).format(words)


def _form(name: str, language: str, number: Decimal = Decimal(0)) -> str:
    forms: dict[str, str] = texts("amounts", language)[name]
    plural = Locale.parse(LOCALES[language]).plural_form(number)
    return forms.get(plural, forms["other"])


def _number(value: Node | None) -> Decimal | None:
    return None if value is None else Decimal(str(value))
