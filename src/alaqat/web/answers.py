"""An answer as a page shows it: as many rows as fit, with the words behind each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice

from alaqat.formats import Format, holding
from alaqat.i18n import LANGUAGES
from alaqat.store import Answer
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
    """The answer with one column for each thing: its label in a language, linked.

    Saved questions give a thing as ``city``, ``city_ar`` and ``city_en``.
    """
    at = {name: place for place, name in enumerate(shown.columns)}
    columns = tuple(dict.fromkeys(_base(name, at) for name in shown.columns))
    rows = [
        replace(row, cells=[_fold(name, row.cells, at, language) for name in columns])
        for row in shown.rows
    ]
    return replace(shown, columns=columns, rows=rows)


def _base(name: str, at: dict[str, int]) -> str:
    """The name of a column without its language, where there is one for each."""
    base, _, code = name.rpartition("_")
    is_label = code in LANGUAGES and all(f"{base}_{one}" in at for one in LANGUAGES)
    return base if is_label else name


def _fold(name: str, cells: list[Cell], at: dict[str, int], language: str) -> Cell:
    """The cell of a column that may be spread over several."""
    thing = cells[at[name]] if name in at else Cell()
    label = f"{name}_{language}"
    if label not in at or not cells[at[label]].text:
        return thing
    told = cells[at[label]]
    if not thing.href:
        return told
    return replace(thing, text=told.text, language=told.language)
