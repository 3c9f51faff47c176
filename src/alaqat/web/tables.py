"""Result tables: terms rendered as cells, and rows with the quotes behind them.

IRIs are shown by their labels, numbers and dates as people write them.
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
    fallback_chain,
    guess_language,
)
from alaqat.queries.library import Library
from alaqat.queries.query import SavedQuery
from alaqat.rdf.formats import Format, formats_for
from alaqat.rdf.terms import ElidedLiteral
from alaqat.sparql.rewrite import text_columns
from alaqat.store.interface import QueryResult, Store, preview
from alaqat.terms import (
    BASE,
    EDTF,
    short,
)
from alaqat.web.rendering import texts_in
from alaqat.web.urls import page_url

_NUMBERS = {
    *(XSD.integer, XSD.decimal, XSD.double, XSD.float, XSD.nonNegativeInteger),
    *(XSD.int, XSD.long, XSD.short, XSD.positiveInteger),
}
_DATES = {XSD.date, XSD.gYear, XSD.gYearMonth, EDTF.EDTF, EDTF["EDTF-level1"]}
_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")
_MAX_DIGITS = 21  # of a number that is formatted; Babel fails at 28
_DATE_PATTERNS = ("y", "MMMM y", "d MMMM y")  # by precision


#: The labels of each IRI by their language.
Labels = Mapping[str, Mapping[str, str]]


def labels_of(dataset: Dataset, library: Library) -> Labels:
    """Return the labels of a version of the dataset."""
    return dataset.cached(_read_labels, library)


def _read_labels(dataset: Dataset, library: Library) -> Labels:
    labels: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for iri, label in dataset.store.query(library.get("labels").text):
        if isinstance(label, Literal):
            labels[str(iri)].setdefault(label.language or "", str(label))
    return dict(labels)


@dataclass(frozen=True)
class RenderedTerm:
    """A term as a cell shows it.

    Attributes:
        text: what is shown.
        kind: iri, number, date, boolean, text or empty.
        value: the lexical form, for sorting and charts.
        href: the page of an IRI.
        language: of the text, if known.
        note: the IRI or the datatype, shown on demand.
    """

    text: str = ""
    kind: str = "empty"
    value: str = ""
    href: str = ""
    language: str = ""
    note: str = ""


class TermRenderer:
    """Renders terms as cells in one language.

    Args:
        labels: of the IRIs.
        language: of the page.
    """

    def __init__(self, labels: Labels, language: str) -> None:
        self._labels = labels
        self._language = language

    def render(self, term: Node | None) -> RenderedTerm:
        """Return a term as a cell shows it; an unbound variable is an empty cell."""
        if isinstance(term, URIRef):
            text, language = self._name(str(term))  # str: a term equals no plain text
            return RenderedTerm(
                *(text, "iri", str(term), page_url(term), language), note=short(term)
            )
        if isinstance(term, ElidedLiteral):
            return self._elided(term)
        if isinstance(term, Literal):
            return self._literal(term)
        if isinstance(term, BNode):
            return RenderedTerm(f"_:{term}", "text")
        return RenderedTerm()

    def _name(self, iri: str) -> tuple[str, str]:
        """Return the best label of an IRI and its language, else the shortened IRI."""
        labels = self._labels.get(iri, {})
        for code in fallback_chain(self._language):
            if code in labels:
                return labels[code], code
        return short(iri).removeprefix(f"{BASE}id/"), ""

    def _elided(self, term: ElidedLiteral) -> RenderedTerm:
        """Return the start of a long term, and how long it is."""
        remark = texts_in(self._language)["elided"].format(f"{term.length:,}")
        note = short(term.datatype) if term.datatype else ""
        return RenderedTerm(
            f"{term}… ({remark})", "text", language=term.language or "", note=note
        )

    def _literal(self, term: Literal) -> RenderedTerm:
        """Return a literal by its datatype; as text if it is ill-typed."""
        value = str(term)
        note = short(term.datatype) if term.datatype else ""
        for kind, (types, format_value) in _FORMATTERS.items():
            text = (
                format_value(value, self._language) if term.datatype in types else None
            )
            if text is not None:
                return RenderedTerm(text, kind, value, note=f"{value} ({note})")
        script = guess_language(value)
        is_foreign = DIRECTIONS[script] != DIRECTIONS[LANGUAGES[0]]
        language = term.language or (script if is_foreign else "")
        return RenderedTerm(value, "text", language=language, note=note)


def format_number(value: str, language: str) -> str | None:
    """Return a number as a language writes it, not rounded; None if it is invalid.

    One that would be very long is returned as it is, which may be short: 1e999.
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
    """Return a year, month or day as a language writes it; None for other dates."""
    match = _DATE.fullmatch(value)
    if not match:
        return None
    parts = [int(part) for part in match.groups() if part]
    try:
        first = date(*[*parts, 1, 1][:3])
    except ValueError:
        return None
    pattern = _DATE_PATTERNS[len(parts) - 1]
    return format_date(first, pattern, locale=LOCALES[language])


def format_boolean(value: str, language: str) -> str | None:
    """Return yes or no in a language; None if the value is invalid."""
    keys = {"true": "yes", "1": "yes", "false": "no", "0": "no"}
    return texts_in(language)[keys[value]] if value in keys else None


_Formatter = Callable[[str, str], str | None]
_FORMATTERS: dict[str, tuple[set[URIRef], _Formatter]] = {
    "number": (_NUMBERS, format_number),
    "date": (_DATES, format_day),
    "boolean": ({XSD.boolean}, format_boolean),
}


_TRIPLE_COLUMNS = ("subject", "predicate", "object")


@dataclass(frozen=True)
class TableRow:
    """A row of a result, and the quotes that support it where they are known."""

    cells: list[RenderedTerm]
    quotes: Sequence[EvidenceQuote] = ()


@dataclass(frozen=True)
class ResultTable:
    """A query result as a page shows it.

    Attributes:
        kind: bindings, boolean or graph.
        columns: the names of the variables.
        rows: as many as a page shows.
        truth: the result of an ASK.
        is_truncated: whether there are more rows.
        formats: in which the whole result is available.
    """

    kind: str
    columns: tuple[str, ...]
    rows: list[TableRow]
    truth: bool | None
    is_truncated: bool
    formats: tuple[Format, ...]

    @property
    def has_quotes(self) -> bool:
        """Whether any row has quotes."""
        return any(row.quotes for row in self.rows)


def result_table(
    result: QueryResult,
    renderer: TermRenderer,
    limit: int,
    evidence: RowEvidence | None = None,
) -> ResultTable:
    """Return as many rows of a result as a page shows.

    Args:
        result: is consumed.
        renderer: renders its terms.
        limit: the number of rows.
        evidence: the quotes that support the rows, if they are to be shown.
    """
    terms = list(islice(preview(result), limit + 1))
    rows = [
        TableRow(
            [renderer.render(term) for term in row],
            evidence.quotes(row) if evidence else (),
        )
        for row in terms[:limit]
    ]
    return ResultTable(
        kind=result.kind,
        columns=_TRIPLE_COLUMNS if result.kind == "graph" else tuple(result.variables),
        rows=rows,
        truth=result.truth,
        is_truncated=len(terms) > limit,
        formats=formats_for(result.kind),
    )


def merge_label_columns(table: ResultTable, language: str) -> ResultTable:
    """Return a table with one column for each entity: its label, linked.

    Results of saved questions give an entity as ``city``, ``city_ar`` and ``city_en``.
    """
    labels = text_columns(table.columns)
    bases = {table.columns[at]: base for base in labels for at in labels[base].values()}
    places = {name: at for at, name in enumerate(table.columns) if name not in bases}
    columns = tuple(dict.fromkeys(bases.get(name, name) for name in table.columns))
    codes = fallback_chain(language)
    sources = [
        (
            places.get(name),
            [labels[name][code] for code in codes] if name in labels else (),
        )
        for name in columns
    ]
    rows = [
        replace(row, cells=[_merge_cells(row.cells, *source) for source in sources])
        for row in table.rows
    ]
    return replace(table, columns=columns, rows=rows)


def _merge_cells(
    cells: list[RenderedTerm], at: int | None, labels: Sequence[int]
) -> RenderedTerm:
    """Return the cell of an entity with the first of its labels that is not empty."""
    entity = RenderedTerm() if at is None else cells[at]
    label = next((cells[one] for one in labels if cells[one].text), None)
    if label is None:
        return entity
    if not entity.href:
        return label
    return replace(entity, text=label.text, language=label.language)


_MAX_QUOTES = 3  # beside one row; the page of a fact has them all
_MAX_EVIDENCE_ROWS = 20_000  # that are searched for facts

#: The quotes that state each fact.
FactQuotes = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class EvidenceQuote:
    """A quote that states a fact, and the page of that fact."""

    words: str
    href: str

    @property
    def language(self) -> str:
        """The language of the quote, by its script."""
        return guess_language(self.words)


class RowEvidence:
    """Provenance of the rows of a saved query: the facts behind each, and their quotes.

    A question selects states and dates, not the facts that relate them; so it is run
    once more with every variable of its pattern.

    Args:
        quotes: of each fact.
        facts: behind each row.
    """

    def __init__(
        self,
        quotes: FactQuotes,
        facts: Mapping[tuple[Node | None, ...], Iterable[Node]],
    ) -> None:
        self._quotes = quotes
        self._facts = facts

    @classmethod
    def of_query(
        cls,
        quotes: FactQuotes,
        query: SavedQuery,
        bindings: Mapping[str, Node],
        store: Store,
    ) -> RowEvidence:
        """Find the facts behind the rows of a saved query.

        Args:
            quotes: of each fact.
            query: whose rows they are.
            bindings: of its parameters.
            store: evaluates it.
        """
        facts: defaultdict[tuple[Node | None, ...], dict[Node, None]] = defaultdict(
            dict
        )
        if extended := query.with_all_variables():
            result = store.query(extended.text, bindings=bindings)
            at = {name: place for place, name in enumerate(result.variables)}
            for row in islice(preview(result), _MAX_EVIDENCE_ROWS):
                key = tuple(row[at[name]] for name in extended.columns)
                facts[key].update(
                    {term: None for term in row if term and str(term) in quotes}
                )
        return cls(quotes, facts)

    def quotes(self, row: Sequence[Node | None]) -> Sequence[EvidenceQuote]:
        """Return the first quotes that support a row, fact by fact."""
        quotes = (
            EvidenceQuote(quote, page_url(str(fact)))
            for fact in self._facts.get(tuple(row), ())
            for quote in self._quotes[str(fact)]
        )
        return list(islice(quotes, _MAX_QUOTES))


def fact_quotes(dataset: Dataset, library: Library) -> FactQuotes:
    """Return the quotes that state each fact of a version of the dataset."""
    return dataset.cached(_read_fact_quotes, library)


def _read_fact_quotes(dataset: Dataset, library: Library) -> FactQuotes:
    quotes: defaultdict[str, list[str]] = defaultdict(list)
    for fact, _, quote in dataset.store.query(library.get("words-of-facts").text):
        quotes[str(fact)].append(str(quote))
    return dict(quotes)
