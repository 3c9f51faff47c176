"""Amounts in words: numbers and units as each language writes them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from babel import Locale
from babel.numbers import format_decimal
from rdflib import Literal

from alaqat.i18n import LOCALES, read_texts, texts
from alaqat.terms import AL, QUDT, local

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node


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
