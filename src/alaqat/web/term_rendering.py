"""What things are called, in the language of a page.

A term as a page shows it: IRIs by labels, numbers and dates as people write them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from babel.dates import format_date
from babel.numbers import format_decimal
from rdflib import XSD, BNode, Literal, URIRef
from rdflib.term import Node

from alaqat.dataset import Dataset
from alaqat.i18n import (
    DIRECTIONS,
    LANGUAGES,
    LOCALES,
    preference,
    script_of,
)
from alaqat.queries.library import Library
from alaqat.terms import BASE, EDTF, short
from alaqat.web.rendering import texts
from alaqat.web.urls import page_of


@dataclass(frozen=True)
class Name:
    """What something is called.

    Attributes:
        text: a label, or the short form of its IRI.
        language: of the label; empty for an IRI.
    """

    text: str
    language: str = ""


class Labels:
    """The labels of a dataset.

    Args:
        labels: of each IRI by their language.
    """

    def __init__(self, labels: Mapping[str, Mapping[str, str]]) -> None:
        self._labels = labels

    def of(self, iri: str, language: str) -> Name:
        """The label in a language, else in another of ours, else the IRI in short."""
        labels = self._labels.get(str(iri), {})  # a term is equal to no plain text
        for code in preference(language):
            if code in labels:
                return Name(labels[code], code)
        return Name(short(iri).removeprefix(f"{BASE}id/"))

    def every(self, iri: str) -> Mapping[str, str]:
        """Every label of an IRI by its language."""
        return self._labels.get(iri, {})


def labels_of(dataset: Dataset, library: Library) -> Labels:
    """Return the labels of a version of the dataset."""
    return dataset.cached(_read, library)


def _read(dataset: Dataset, library: Library) -> Labels:
    labels: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for thing, label in dataset.store.query(library.get("labels").text):
        if isinstance(label, Literal):
            labels[str(thing)].setdefault(label.language or "", str(label))
    return Labels(labels)


_NUMBERS = {
    *(XSD.integer, XSD.decimal, XSD.double, XSD.float, XSD.nonNegativeInteger),
    *(XSD.int, XSD.long, XSD.short, XSD.positiveInteger),
}
_DATES = {XSD.date, XSD.gYear, XSD.gYearMonth, EDTF.EDTF, EDTF["EDTF-level1"]}
_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")
_DIGITS = 21  # of a number that is read as digits; Babel fails where there are 28
_FORMS = ("y", "MMMM y", "d MMMM y")  # by how much of a date is known


@dataclass(frozen=True)
class RenderedTerm:
    """A term as a page shows it.

    Attributes:
        text: what is shown.
        kind: iri, number, date, boolean, text or empty.
        value: the lexical form, by which columns are sorted and charts are drawn.
        href: where it leads, if it is an IRI.
        language: of a text that tells it.
        note: the IRI or the datatype, shown on demand.
    """

    text: str = ""
    kind: str = "empty"
    value: str = ""
    href: str = ""
    language: str = ""
    note: str = ""


class TermRenderer:
    """Makes cells in one language.

    Args:
        labels: what IRIs are called.
        language: of the page.
    """

    def __init__(self, labels: Labels, language: str) -> None:
        self._labels = labels
        self.language = language

    def of(self, term: Node | None) -> RenderedTerm:
        """A term as a page shows it; an unbound variable is an empty cell."""
        if isinstance(term, URIRef):
            name = self._labels.of(term, self.language)
            return RenderedTerm(
                *(name.text, "iri", str(term), page_of(term), name.language),
                note=short(term),
            )
        if isinstance(term, Literal):
            return self._literal(term)
        return (
            RenderedTerm(f"_:{term}", "text")
            if isinstance(term, BNode)
            else RenderedTerm()
        )

    def _literal(self, term: Literal) -> RenderedTerm:
        """A literal by its datatype; one that is not of its type as it is written."""
        value = str(term)
        note = short(term.datatype) if term.datatype else ""
        for kind, (types, write) in _WRITERS.items():
            told = write(value, self.language) if term.datatype in types else None
            if told is not None:
                return RenderedTerm(told, kind, value, note=f"{value} ({note})")
        script = script_of(value)
        is_foreign = DIRECTIONS[script] != DIRECTIONS[LANGUAGES[0]]
        told = term.language or (script if is_foreign else "")
        return RenderedTerm(value, "text", language=told, note=note)


def number(value: str, language: str) -> str | None:
    """A number with a language's marks, and nothing rounded; None if it is none.

    One that would be very long stays as it is written, which may be short: 1e999.
    """
    try:
        amount = Decimal(value)
    except InvalidOperation:
        return None
    if not amount.is_finite():
        return None
    if abs(amount.adjusted()) >= _DIGITS or len(amount.as_tuple().digits) > _DIGITS:
        return value
    return format_decimal(amount, locale=LOCALES[language], decimal_quantization=False)


def day(value: str, language: str) -> str | None:
    """A year, a month or a day as people write it; None for any other date."""
    found = _DATE.fullmatch(value)
    if not found:
        return None
    parts = [int(part) for part in found.groups() if part]
    try:
        first = date(*[*parts, 1, 1][:3])
    except ValueError:
        return None
    return format_date(first, _FORMS[len(parts) - 1], locale=LOCALES[language])


def truth(value: str, language: str) -> str | None:
    """Yes or no; None for any other word."""
    known = {"true": "yes", "1": "yes", "false": "no", "0": "no"}
    return texts(language)[known[value]] if value in known else None


_Writer = Callable[[str, str], str | None]
_WRITERS: dict[str, tuple[set[URIRef], _Writer]] = {
    "number": (_NUMBERS, number),
    "date": (_DATES, day),
    "boolean": ({XSD.boolean}, truth),
}
