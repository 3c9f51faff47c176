"""Figures as bars: one scale for each unit, doubts beside the bars they are about."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from math import ceil, floor, log10
from typing import TYPE_CHECKING

from rdflib import URIRef

from alaqat.terms import KIND, PREFIXES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rdflib.term import Node

    from alaqat.store.interface import Record


WIDTH = 1000
"""The width of the longest scale."""

# A number of something: what is counted is said by the kind, so the kind is the unit.
_NUMBER = URIRef(PREFIXES["unit"] + "NUM")


@dataclass(frozen=True, slots=True)
class Bar:
    """A reported figure.

    Attributes:
        figure: which it is.
        words: as the text has it.
        value: if one is given.
        lower: the bound from below; so the one from above.
        length: of the bar, up to the value, or the bound from below.
        reach: how far it may extend, if there are bounds; None if that is open.
        origin: from whom a flow goes, if that is said; so to whom.
        period: as stated; empty if it is not.
        doubts: the kinds of the curator's notes about it.
    """

    figure: Node
    kind: Node
    words: Node
    value: Decimal | None
    lower: Decimal | None
    upper: Decimal | None
    length: float
    reach: float | None
    origin: Node | None
    target: Node | None
    period: str
    doubts: tuple[Node, ...]

    @property
    def is_open(self) -> bool:
        """Whether it is given from below only."""
        return self.value is None and self.upper is None


@dataclass(frozen=True, slots=True)
class BarChart:
    """Figures in one unit on one scale.

    Attributes:
        unit: of all of them.
        kind: what is counted, if the unit is a number of something.
        ticks: the values to be marked, and where.
        bars: the largest first.
    """

    unit: Node
    kind: Node | None
    ticks: tuple[tuple[Decimal, float], ...]
    bars: tuple[Bar, ...]

    @property
    def is_comparing(self) -> bool:
        """Whether there are bars to hold against one another; a rank is no amount."""
        return len(self.bars) > 1 and self.kind != KIND.ordinal


def bar_charts(rows: Iterable[Record]) -> list[BarChart]:
    """A chart for each unit, those with most figures first; no scale has two units."""
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
    end = _end(max((_most(row) for row in rows), default=Decimal(0)))
    bars = [_bar(row, end, tuple(doubts[row["figure"]])) for row in rows]
    bars.sort(key=lambda bar: (-bar.length, str(bar.figure)))
    ticks = tuple((end * n / 4, round(WIDTH * n / 4, 1)) for n in range(5))
    return BarChart(unit, kind, ticks, tuple(bars))


def _bar(row: Record, end: Decimal, doubts: tuple[Node, ...]) -> Bar:
    value, lower, upper = (_number(row, name) for name in ("value", "lower", "upper"))
    shown = value if value is not None else lower or Decimal(0)
    return Bar(
        figure=row["figure"],
        kind=row["kind"],
        words=row["words"],
        value=value,
        lower=lower,
        upper=upper,
        length=_across(shown, end),
        reach=None if upper is None else _across(upper, end),
        origin=row.get("origin"),
        target=row.get("target"),
        period=str(row.get("period", "")),
        doubts=doubts,
    )


def _number(row: Record, name: str) -> Decimal | None:
    return Decimal(str(row[name])) if name in row else None


def _most(row: Record) -> Decimal:
    """The largest number that is said of a figure."""
    return max(Decimal(str(row[n])) for n in ("value", "lower", "upper") if n in row)


def _across(value: Decimal, end: Decimal) -> float:
    return round(float(value / end) * WIDTH, 1)


def _end(most: Decimal) -> Decimal:
    """A round number at which a scale may end."""
    if most <= 0:
        return Decimal(1)
    power = Decimal(10) ** floor(log10(most))
    steps = (Decimal(1), Decimal(2), Decimal(4), Decimal(5), Decimal(6), Decimal(8))
    lead = most / power
    return power * next((s for s in steps if lead <= s), Decimal(10 * ceil(lead / 10)))
