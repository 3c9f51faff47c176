"""Dated things as strips on a scale of days: what is sure, what may be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from alaqat.temporal.certainty import Period
from alaqat.temporal.edtf import BOUND_PROPERTIES, Bounds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rdflib.term import Node

    from alaqat.store.interface import Record


_STEPS = (1, 2, 5, 10, 20, 50, 100)  # years between two ticks
_TICKS = 8  # at most


@dataclass(frozen=True, slots=True)
class Scale:
    """Whole years across a width.

    Attributes:
        first: the first year.
        last: the last year.
        width: of the drawing.
    """

    first: int
    last: int
    width: int = 1000

    def at(self, day: date) -> float:
        """Where a day begins."""
        start, end = date(self.first, 1, 1).toordinal(), self._end
        share = (day.toordinal() - start) / (end - start)
        return round(min(max(share, 0), 1) * self.width, 1)

    def after(self, day: date) -> float:
        """Where a day ends."""
        return self.at(date.fromordinal(min(day.toordinal() + 1, date.max.toordinal())))

    @property
    def _end(self) -> int:
        return date(self.last, 12, 31).toordinal() + 1

    @property
    def ticks(self) -> tuple[tuple[int, float], ...]:
        """The years to be marked, and where they begin."""
        count = self.last - self.first + 1
        step = next((s for s in _STEPS if count / s <= _TICKS), _STEPS[-1])
        years = range(-(-self.first // step) * step, self.last + 1, step)
        return tuple((year, self.at(date(year, 1, 1))) for year in years)


@dataclass(frozen=True, slots=True)
class TimelineBar:
    """One dated thing.

    Attributes:
        fact: which it is.
        kind: its class.
        period: when it was.
        maybe: from where to where it may have been.
        sure: from where to where it certainly or presumably was; None if of no day.
        point: where it was, if the day is known.
        opens: whether its start is unknown; so whether its end is.
    """

    fact: Node
    kind: Node
    period: Period
    maybe: tuple[float, float]
    sure: tuple[float, float] | None
    point: float | None
    opens: bool
    lasts: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    """Dated things on one scale, by kind."""

    scale: Scale
    groups: tuple[tuple[Node, tuple[TimelineBar, ...]], ...]

    def __iter__(self) -> Iterable[TimelineBar]:
        """All of them, in order."""
        return (strip for _, several in self.groups for strip in several)


def timeline(rows: Iterable[Record]) -> Timeline:
    """The strips of an answer with a fact, its kind and its bounds in each row."""
    periods = {(row["fact"], row["kind"]): _period(row) for row in rows}
    days = [day for period in periods.values() for day in period.days]
    scale = Scale(min(days).year, max(days).year) if days else Scale(2000, 2000)
    found = [strip(fact, kind, when, scale) for (fact, kind), when in periods.items()]
    kinds = dict.fromkeys(one.kind for one in found)
    groups = {kind: [one for one in found if one.kind == kind] for kind in kinds}
    return Timeline(
        scale, tuple((k, tuple(sorted(v, key=_order))) for k, v in groups.items())
    )


def strip(fact: Node, kind: Node, period: Period, scale: Scale) -> TimelineBar:
    """A dated thing on a scale."""
    limits = period.bounds
    opens = limits.start_earliest is None
    lasts = limits.end_latest is None
    maybe = (
        0.0 if limits.start_earliest is None else scale.at(limits.start_earliest),
        float(scale.width)
        if limits.end_latest is None
        else scale.after(limits.end_latest),
    )
    is_day = (
        limits.start_earliest is not None and limits.start_earliest == limits.end_latest
    )
    point = sum(maybe) / 2 if is_day else None
    core = period.core
    sure = (scale.at(core[0]), scale.after(core[1])) if core else None
    return TimelineBar(fact, kind, period, maybe, sure, point, opens, lasts)


def _period(row: Record) -> Period:
    """Read the bounds in a row."""
    days = {
        name: date.fromisoformat(str(row[name]))
        for name in (*BOUND_PROPERTIES, "attested")
        if name in row
    }
    attested = days.pop("attested", None)
    return Period(Bounds(**days), (attested,) if attested else ())


def _order(one: TimelineBar) -> tuple[float, float, str]:
    return *one.maybe, str(one.fact)
