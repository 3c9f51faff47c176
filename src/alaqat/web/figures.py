"""Reported figures in words: numbers, bounds and units."""

from __future__ import annotations

from decimal import Decimal

from babel.numbers import format_decimal

from alaqat.explain import Words
from alaqat.terms import local
from alaqat.visuals import Bar, Chart
from alaqat.web.texts import texts


def number(value: Decimal, language: str) -> str:
    """A number as people write it."""
    return format_decimal(value, locale=language)


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
