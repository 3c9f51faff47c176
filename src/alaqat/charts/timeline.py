"""Timeline of dated facts: certain and possible periods on a scale of days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from alaqat.temporal.certainty import Period
from alaqat.temporal.edtf import BOUND_PROPERTIES, Bounds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rdflib.term import Node

    from alaqat.store.interface import Record


_STEPS = (1, 2, 5, 10, 20, 50, 100)  # years between two ticks
_MAX_TICKS = 8


@dataclass(frozen=True, slots=True)
class Scale:
    """A scale of whole years.

    Attributes:
        first: the first year.
        last: the last year.
        width: of the drawing.
    """

    first: int
    last: int
    width: int = 1000

    def start_of(self, day: date) -> float:
        """Return the position at which a day begins."""
        start = date(self.first, 1, 1).toordinal()
        end = date(self.last, 12, 31).toordinal() + 1
        share = (day.toordinal() - start) / (end - start)
        return round(min(max(share, 0), 1) * self.width, 1)

    def end_of(self, day: date) -> float:
        """Return the position at which a day ends."""
        following = min(day.toordinal() + 1, date.max.toordinal())
        return self.start_of(date.fromordinal(following))

    @property
    def ticks(self) -> tuple[tuple[int, float], ...]:
        """The years to be marked, with the positions at which they begin."""
        count = self.last - self.first + 1
        step = next((s for s in _STEPS if count / s <= _MAX_TICKS), _STEPS[-1])
        years = range(-(-self.first // step) * step, self.last + 1, step)
        return tuple((year, self.start_of(date(year, 1, 1))) for year in years)


@dataclass(frozen=True, slots=True)
class TimelineBar:
    """A dated fact.

    Attributes:
        fact: its node.
        kind: its class.
        period: its bounds.
        possible: from the earliest start to the latest end.
        certain: where it certainly held; None if on no day.
        presumed: from its start to the last day on which it is presumed to have lasted;
            None if that is not presumed.
        point: the middle of its day, if it is a single day.
        has_open_start: whether its start is unknown.
        has_open_end: whether its end is unknown.
    """

    fact: Node
    kind: Node
    period: Period
    possible: tuple[float, float]
    certain: tuple[float, float] | None
    presumed: tuple[float, float] | None
    point: float | None
    has_open_start: bool
    has_open_end: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    """Dated facts on one scale, by class."""

    scale: Scale
    groups: tuple[tuple[Node, tuple[TimelineBar, ...]], ...]

    def __iter__(self) -> Iterator[TimelineBar]:
        """Iterate over the bars of all groups."""
        return (bar for _, bars in self.groups for bar in bars)


def timeline(rows: Iterable[Record]) -> Timeline:
    """Return a timeline, each class in chronological order.

    Args:
        rows: of the query ``facts-in-time``: a fact, its class and its bounds.
    """
    periods = {(row["fact"], row["kind"]): _period(row) for row in rows}
    days = [day for period in periods.values() for day in period.days]
    scale = Scale(min(days).year, max(days).year) if days else Scale(2000, 2000)
    groups: dict[Node, list[TimelineBar]] = {}
    for (fact, kind), period in periods.items():
        groups.setdefault(kind, []).append(_bar(fact, kind, period, scale))
    return Timeline(
        scale,
        tuple((kind, tuple(sorted(bars, key=_order))) for kind, bars in groups.items()),
    )


def _bar(fact: Node, kind: Node, period: Period, scale: Scale) -> TimelineBar:
    start, end = period.bounds.start_earliest, period.bounds.end_latest
    possible = (
        0.0 if start is None else scale.start_of(start),
        float(scale.width) if end is None else scale.end_of(end),
    )
    return TimelineBar(
        fact=fact,
        kind=kind,
        period=period,
        possible=possible,
        certain=_span(period.core, scale),
        presumed=_span(period.presumption, scale),
        point=sum(possible) / 2 if start is not None and start == end else None,
        has_open_start=start is None,
        has_open_end=end is None,
    )


def _span(days: tuple[date, date] | None, scale: Scale) -> tuple[float, float] | None:
    return (scale.start_of(days[0]), scale.end_of(days[1])) if days else None


def _period(row: Record) -> Period:
    """Return the bounds in a row."""
    days = {
        name: date.fromisoformat(str(row[name]))
        for name in (*BOUND_PROPERTIES, "attested", "presumed_until")
        if name in row
    }
    attested, until = days.pop("attested", None), days.pop("presumed_until", None)
    return Period(Bounds(**days), (attested,) if attested else (), until)


def _order(bar: TimelineBar) -> tuple[float, float, str]:
    return *bar.possible, str(bar.fact)
