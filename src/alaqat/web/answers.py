"""An answer as a page shows it: as many rows as fit, with the words behind each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice

from alaqat.formats import Format, holding
from alaqat.i18n import preference
from alaqat.store import Answer
from alaqat.store.label_columns import text_columns
from alaqat.web.cells import Cell, Cells
from alaqat.web.evidence import Evidence, Quote

_TRIPLE = ("subject", "predicate", "object")


@dataclass(frozen=True)
class Row:
    """A row of an answer, and the words behind it where they are known."""

    cells: list[Cell]
    quotes: Sequence[Quote] = ()


@dataclass(frozen=True)
class Shown:
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
    rows: list[Row]
    truth: bool | None
    is_cut: bool
    formats: tuple[Format, ...]

    @property
    def has_quotes(self) -> bool:
        """Whether any row has words behind it."""
        return any(row.quotes for row in self.rows)


def show(
    answer: Answer, cells: Cells, limit: int, evidence: Evidence | None = None
) -> Shown:
    """As much of an answer as a page shows.

    Args:
        answer: read here, and once.
        cells: how terms are shown.
        limit: of rows.
        evidence: the words of facts, if they are to stand beside the rows.
    """
    terms = list(islice(answer, limit + 1))
    rows = [
        Row([cells.of(term) for term in row], evidence.of(row) if evidence else ())
        for row in terms[:limit]
    ]
    return Shown(
        kind=answer.kind,
        columns=_TRIPLE if answer.kind == "graph" else tuple(answer.variables),
        rows=rows,
        truth=answer.truth,
        is_cut=len(terms) > limit,
        formats=holding(answer.kind),
    )


def folded(shown: Shown, language: str) -> Shown:
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


def _fold(cells: list[Cell], at: int | None, texts: Sequence[int]) -> Cell:
    """The cell of a thing with the first of its texts that there is."""
    thing = Cell() if at is None else cells[at]
    text = next((cells[one] for one in texts if cells[one].text), None)
    if text is None:
        return thing
    if not thing.href:
        return text
    return replace(thing, text=text.text, language=text.language)
