"""What things are called, in the language of a page.

A term as a page shows it: IRIs by labels, numbers and dates as people write them.

An answer as a page shows it: as many rows as fit, with the words behind each.

The words of the document behind a row of an answer.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import islice

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
from alaqat.queries.query import SavedQuery
from alaqat.rdf.formats import Format, formats_for
from alaqat.sparql.rewrite import text_columns
from alaqat.store.interface import (
    QueryResult,
    Store,
    with_timeout,
)
from alaqat.terms import (
    BASE,
    EDTF,
    short,
)
from alaqat.web.rendering import texts_in
from alaqat.web.urls import page_url


@dataclass(frozen=True)
class DisplayName:
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

    def of(self, iri: str, language: str) -> DisplayName:
        """The label in a language, else in another of ours, else the IRI in short."""
        labels = self._labels.get(str(iri), {})  # a term is equal to no plain text
        for code in preference(language):
            if code in labels:
                return DisplayName(labels[code], code)
        return DisplayName(short(iri).removeprefix(f"{BASE}id/"))

    def every(self, iri: str) -> Mapping[str, str]:
        """Every label of an IRI by its language."""
        return self._labels.get(iri, {})


def labels_of(dataset: Dataset, library: Library) -> Labels:
    """Return the labels of a version of the dataset."""
    return dataset.cached(_read_labels, library)


def _read_labels(dataset: Dataset, library: Library) -> Labels:
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
_MAX_DIGITS = 21  # of a number that is read as digits; Babel fails where there are 28
_DATE_PATTERNS = ("y", "MMMM y", "d MMMM y")  # by how much of a date is known


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
                *(name.text, "iri", str(term), page_url(term), name.language),
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
        for kind, (types, write) in _FORMATTERS.items():
            told = write(value, self.language) if term.datatype in types else None
            if told is not None:
                return RenderedTerm(told, kind, value, note=f"{value} ({note})")
        script = script_of(value)
        is_foreign = DIRECTIONS[script] != DIRECTIONS[LANGUAGES[0]]
        told = term.language or (script if is_foreign else "")
        return RenderedTerm(value, "text", language=told, note=note)


def format_number(value: str, language: str) -> str | None:
    """A number with a language's marks, and nothing rounded; None if it is none.

    One that would be very long stays as it is written, which may be short: 1e999.
    """
    try:
        amount = Decimal(value)
    except InvalidOperation:
        return None
    if not amount.is_finite():
        return None
    if (
        abs(amount.adjusted()) >= _MAX_DIGITS
        or len(amount.as_tuple().digits) > _MAX_DIGITS
    ):
        return value
    return format_decimal(amount, locale=LOCALES[language], decimal_quantization=False)


def format_day(value: str, language: str) -> str | None:
    """A year, a month or a day as people write it; None for any other date."""
    found = _DATE.fullmatch(value)
    if not found:
        return None
    parts = [int(part) for part in found.groups() if part]
    try:
        first = date(*[*parts, 1, 1][:3])
    except ValueError:
        return None
    return format_date(first, _DATE_PATTERNS[len(parts) - 1], locale=LOCALES[language])


def format_boolean(value: str, language: str) -> str | None:
    """Yes or no; None for any other word."""
    known = {"true": "yes", "1": "yes", "false": "no", "0": "no"}
    return texts_in(language)[known[value]] if value in known else None


_Formatter = Callable[[str, str], str | None]
_FORMATTERS: dict[str, tuple[set[URIRef], _Formatter]] = {
    "number": (_NUMBERS, format_number),
    "date": (_DATES, format_day),
    "boolean": ({XSD.boolean}, format_boolean),
}


_TRIPLE_COLUMNS = ("subject", "predicate", "object")


@dataclass(frozen=True)
class TableRow:
    """A row of an answer, and the words behind it where they are known."""

    cells: list[RenderedTerm]
    quotes: Sequence[EvidenceQuote] = ()


@dataclass(frozen=True)
class ResultTable:
    """An answer as a page shows it.

    Attributes:
        kind: bindings, boolean or graph.
        columns: the names of the variables.
        rows: as many as a page shows.
        truth: what an ASK found.
        is_cut: whether there are more rows.
        formats: in which the whole answer can be had.
    """

    kind: str
    columns: tuple[str, ...]
    rows: list[TableRow]
    truth: bool | None
    is_cut: bool
    formats: tuple[Format, ...]

    @property
    def has_quotes(self) -> bool:
        """Whether any row has words behind it."""
        return any(row.quotes for row in self.rows)


def result_table(
    answer: QueryResult,
    cells: TermRenderer,
    limit: int,
    evidence: RowEvidence | None = None,
) -> ResultTable:
    """As much of an answer as a page shows.

    Args:
        answer: read here, and once.
        cells: how terms are shown.
        limit: of rows.
        evidence: the words of facts, if they are to stand beside the rows.
    """
    terms = list(islice(answer, limit + 1))
    rows = [
        TableRow([cells.of(term) for term in row], evidence.of(row) if evidence else ())
        for row in terms[:limit]
    ]
    return ResultTable(
        kind=answer.kind,
        columns=_TRIPLE_COLUMNS if answer.kind == "graph" else tuple(answer.variables),
        rows=rows,
        truth=answer.truth,
        is_cut=len(terms) > limit,
        formats=formats_for(answer.kind),
    )


def merge_label_columns(shown: ResultTable, language: str) -> ResultTable:
    """The answer with one column for each thing: its text in a language, linked.

    Answers of saved questions give a thing as ``city``, ``city_ar`` and ``city_en``.
    """
    texts = text_columns(shown.columns)
    bases = {shown.columns[at]: base for base in texts for at in texts[base].values()}
    things = {name: at for at, name in enumerate(shown.columns) if name not in bases}
    columns = tuple(dict.fromkeys(bases.get(name, name) for name in shown.columns))
    codes = preference(language)
    places = [
        (things.get(name), [texts[name][one] for one in codes] if name in texts else ())
        for name in columns
    ]
    rows = [
        replace(row, cells=[_merge_cells(row.cells, *place) for place in places])
        for row in shown.rows
    ]
    return replace(shown, columns=columns, rows=rows)


def _merge_cells(
    cells: list[RenderedTerm], at: int | None, texts: Sequence[int]
) -> RenderedTerm:
    """The cell of a thing with the first of its texts that there is."""
    thing = RenderedTerm() if at is None else cells[at]
    text = next((cells[one] for one in texts if cells[one].text), None)
    if text is None:
        return thing
    if not thing.href:
        return text
    return replace(thing, text=text.text, language=text.language)


_MAX_QUOTES = 3  # quotes beside one row; the page of a fact has them all
_MAX_EVIDENCE_ROWS = 20_000  # rows that are read in search of facts

FactQuotes = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class EvidenceQuote:
    """Words that state a fact, and the page of that fact."""

    words: str
    href: str

    @property
    def language(self) -> str:
        """The language of the words, by their letters."""
        return script_of(self.words)


class RowEvidence:
    """The facts that a saved query went through to each of its rows.

    A question asks for parties and days, not for the facts that tie them; so it is run
    once more for every variable of its pattern.

    Args:
        words: that state each fact.
        facts: behind each row.
    """

    def __init__(
        self, words: FactQuotes, facts: Mapping[tuple[Node | None, ...], Iterable[Node]]
    ) -> None:
        self._words = words
        self._facts = facts

    @classmethod
    def of_query(
        cls,
        words: FactQuotes,
        query: SavedQuery,
        bindings: Mapping[str, Node],
        store: Store,
        *,
        timeout: float | None = None,
    ) -> RowEvidence:
        """Look for the facts behind the rows of a saved query.

        Args:
            words: that state each fact.
            query: whose rows they are.
            bindings: of its parameters.
            store: in which it is run.
            timeout: seconds after which that is stopped.
        """
        facts: defaultdict[tuple[Node | None, ...], dict[Node, None]] = defaultdict(
            dict
        )
        if whole := query.with_every_variable():
            answer = with_timeout(store, timeout).query(whole.text, bindings=bindings)
            at = {name: place for place, name in enumerate(answer.variables)}
            for row in islice(answer, _MAX_EVIDENCE_ROWS):
                key = tuple(row[at[name]] for name in whole.columns)
                facts[key].update(
                    {one: None for one in row if str(one) in words and one}
                )
        return cls(words, facts)

    def of(self, row: Sequence[Node | None]) -> Sequence[EvidenceQuote]:
        """The words behind a row, fact by fact."""
        quotes = (
            EvidenceQuote(words, page_url(str(fact)))
            for fact in self._facts.get(tuple(row), ())
            for words in self._words[str(fact)]
        )
        return list(islice(quotes, _MAX_QUOTES))


def fact_quotes(dataset: Dataset, library: Library) -> FactQuotes:
    """Return the words that state each fact of a version of the dataset."""
    return dataset.cached(_read_fact_quotes, library)


def _read_fact_quotes(dataset: Dataset, library: Library) -> FactQuotes:
    words: defaultdict[str, list[str]] = defaultdict(list)
    for fact, _, quote in dataset.store.query(library.get("words-of-facts").text):
        words[str(fact)].append(str(quote))
    return dict(words)
