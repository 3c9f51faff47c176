"""Figures and periods in words: numbers, bounds, units, and when something was."""

from __future__ import annotations

from decimal import Decimal

from babel.numbers import format_compact_decimal, format_decimal

from alaqat.describe import bounds_words
from alaqat.explain import Words
from alaqat.i18n import LOCALES
from alaqat.terms import local
from alaqat.timeline import Period
from alaqat.visuals import Bar, Chart
from alaqat.web.texts import texts


def number(value: Decimal, language: str) -> str:
    """A number as people write it."""
    return format_decimal(value, locale=LOCALES[language])


def period(when: Period, language: str) -> str:
    """When something was, as its bounds have it; empty if nothing is known."""
    limits = when.bounds
    starts, ends = (
        (limits.start_earliest, limits.start_latest),
        (limits.end_earliest, limits.end_latest),
    )
    return bounds_words((*starts, *ends), language)


def short_number(value: Decimal, language: str) -> str:
    """A round number with its thousands or millions in letters, for scales."""
    return format_compact_decimal(value, locale=LOCALES[language], fraction_digits=1)


def amount(bar: Bar, language: str) -> str:
    """What a figure says: a number, two bounds, or one."""
    t = texts(language)
    if bar.value is not None:
        return number(bar.value, language)
    bounds = [
        number(one, language) for one in (bar.lower, bar.upper) if one is not None
    ]
    if len(bounds) == 2:
        return "\u2013".join(bounds)
    return t["at_most" if bar.lower is None else "at_least"].format(*bounds)


def unit(chart: Chart, words: Words) -> str:
    """The unit of a chart: its name, or what is counted."""
    if chart.kind is not None:
        return words.term(chart.kind)
    name = local(str(chart.unit))
    return texts(words.language).get(f"unit_{name}", name)
