"""An answer as a page shows it: as many rows as fit, with the words behind each.

The words of the document behind a row of an answer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from rdflib.term import Node

from alaqat.dataset import Dataset
from alaqat.i18n import preference, script_of
from alaqat.queries.library import Library
from alaqat.queries.query import SavedQuery
from alaqat.rdf.formats import Format, formats_for
from alaqat.sparql.label_columns import text_columns
from alaqat.store.interface import QueryResult, Store, with_timeout
from alaqat.web.term_rendering import RenderedTerm, TermRenderer
from alaqat.web.urls import page_of

_TRIPLE = ("subject", "predicate", "object")


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


def show(
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
        columns=_TRIPLE if answer.kind == "graph" else tuple(answer.variables),
        rows=rows,
        truth=answer.truth,
        is_cut=len(terms) > limit,
        formats=formats_for(answer.kind),
    )


def folded(shown: ResultTable, language: str) -> ResultTable:
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
        replace(row, cells=[_fold(row.cells, *place) for place in places])
        for row in shown.rows
    ]
    return replace(shown, columns=columns, rows=rows)


def _fold(
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


_MOST = 3  # quotes beside one row; the page of a fact has them all
_READ = 20_000  # rows that are read in search of facts

Words = Mapping[str, Sequence[str]]


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
        self, words: Words, facts: Mapping[tuple[Node | None, ...], Iterable[Node]]
    ) -> None:
        self._words = words
        self._facts = facts

    @classmethod
    def of_query(
        cls,
        words: Words,
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
            for row in islice(answer, _READ):
                key = tuple(row[at[name]] for name in whole.columns)
                facts[key].update(
                    {one: None for one in row if str(one) in words and one}
                )
        return cls(words, facts)

    def of(self, row: Sequence[Node | None]) -> Sequence[EvidenceQuote]:
        """The words behind a row, fact by fact."""
        quotes = (
            EvidenceQuote(words, page_of(str(fact)))
            for fact in self._facts.get(tuple(row), ())
            for words in self._words[str(fact)]
        )
        return list(islice(quotes, _MOST))


def words_of_facts(dataset: Dataset, library: Library) -> Words:
    """Return the words that state each fact of a version of the dataset."""
    return dataset.cached(_read, library)


def _read(dataset: Dataset, library: Library) -> Words:
    words: defaultdict[str, list[str]] = defaultdict(list)
    for fact, _, quote in dataset.store.query(library.get("words-of-facts").text):
        words[str(fact)].append(str(quote))
    return dict(words)
