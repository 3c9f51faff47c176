"""Bar charts of reported figures: one chart, with one scale, for each unit."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from math import ceil, floor, log10
from typing import TYPE_CHECKING

from rdflib import URIRef

from alaqat.lexical import read_decimal
from alaqat.terms import KIND, PREFIXES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rdflib.term import Node

    from alaqat.store.interface import Record


WIDTH = 1000
"""The width of a chart."""

_NUMBER = URIRef(PREFIXES["unit"] + "NUM")
_COLUMNS = ("value", "lower", "upper")
_TICKS = 5
_ROUND = (1, 2, 4, 5, 6, 8)  # leading digits of the end of a scale


@dataclass(frozen=True, slots=True)
class Bar:
    """A reported figure.

    Attributes:
        figure: its node.
        kind: what it counts or measures.
        quote: the figure as written in the text.
        value: exact value; None if there are only bounds.
        lower: lower bound.
        upper: upper bound.
        length: up to the value, else to the lower bound.
        upper_length: up to the upper bound; None if there is none.
        origin: source of a flow.
        target: destination of a flow.
        period: as stated; empty if it is not.
        doubts: kinds of the curator's notes on it.
    """

    figure: Node
    kind: Node
    quote: Node
    value: Decimal | None
    lower: Decimal | None
    upper: Decimal | None
    length: float
    upper_length: float | None
    origin: Node | None
    target: Node | None
    period: str
    doubts: tuple[Node, ...]

    @property
    def is_open(self) -> bool:
        """Whether it has a lower bound only."""
        return self.value is None and self.upper is None


@dataclass(frozen=True, slots=True)
class BarChart:
    """Figures in one unit, on one scale.

    Attributes:
        unit: of the figures.
        kind: what is counted, if the unit is a plain number.
        ticks: value and position of each.
        bars: the longest first.
    """

    unit: Node
    kind: Node | None
    ticks: tuple[tuple[Decimal, float], ...]
    bars: tuple[Bar, ...]

    @property
    def is_comparable(self) -> bool:
        """Whether there are several bars and they are amounts rather than ranks."""
        return len(self.bars) > 1 and self.kind != KIND.ordinal


def bar_charts(rows: Iterable[Record]) -> list[BarChart]:
    """Return a chart for each unit, those with most bars first.

    Plain numbers share a chart only if they count the same.

    Args:
        rows: of the query ``figures-and-doubts``, one for each doubt about a figure.
    """
    doubts: dict[Node, dict[Node, None]] = defaultdict(dict)
    figures: dict[Node, Record] = {}
    for row in rows:
        figures[row["figure"]] = row
        if "doubt" in row:
            doubts[row["figure"]][row["doubt"]] = None
    groups: dict[tuple[Node, Node | None], list[Record]] = defaultdict(list)
    for row in figures.values():
        kind = row["kind"] if row["unit"] == _NUMBER else None
        groups[row["unit"], kind].append(row)
    found = [_chart(*key, group, doubts) for key, group in groups.items()]
    return sorted(found, key=lambda one: (-len(one.bars), str(one.unit), str(one.kind)))


def _chart(
    unit: Node,
    kind: Node | None,
    rows: list[Record],
    doubts: dict[Node, dict[Node, None]],
) -> BarChart:
    numbers = (_number(row, name) for row in rows for name in _COLUMNS)
    end = _round_up(max(filter(None, numbers), default=Decimal(0)))
    bars = [_bar(row, end, tuple(doubts[row["figure"]])) for row in rows]
    bars.sort(key=lambda bar: (-bar.length, str(bar.figure)))
    steps = _TICKS - 1
    ticks = tuple((end * n / steps, round(WIDTH * n / steps, 1)) for n in range(_TICKS))
    return BarChart(unit, kind, ticks, tuple(bars))


def _bar(row: Record, end: Decimal, doubts: tuple[Node, ...]) -> Bar:
    value, lower, upper = (_number(row, name) for name in _COLUMNS)
    return Bar(
        figure=row["figure"],
        kind=row["kind"],
        quote=row["words"],
        value=value,
        lower=lower,
        upper=upper,
        length=_scale(value if value is not None else lower or Decimal(0), end),
        upper_length=None if upper is None else _scale(upper, end),
        origin=row.get("origin"),
        target=row.get("target"),
        period=str(row.get("period", "")),
        doubts=doubts,
    )


def _number(row: Record, name: str) -> Decimal | None:
    return read_decimal(row[name]) if name in row else None


def _scale(value: Decimal, end: Decimal) -> float:
    return round(float(value / end) * WIDTH, 1)


def _round_up(largest: Decimal) -> Decimal:
    """Return a round number at which a scale with a largest value may end."""
    if largest <= 0:
        return Decimal(1)
    power = Decimal(10) ** floor(log10(largest))
    lead = largest / power
    return power * next((n for n in _ROUND if lead <= n), 10 * ceil(lead / 10))
