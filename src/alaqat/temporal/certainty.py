"""Whether something held on a day: certainly, presumably, possibly, or not at all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import IntEnum

from rdflib import URIRef
from rdflib.term import Node

from alaqat.temporal.edtf import BOUND_PROPERTIES, Bounds
from alaqat.terms import AL

#: Gives the subject and the object of every triple with a predicate.
Pairs = Callable[[URIRef], Iterable[tuple[Node, Node]]]


class Certainty(IntEnum):
    """How surely something held on a day; the lower, the surer.

    CERTAIN: begun by then and not yet ended, or attested on the very day.
    PRESUMED: begun by then, attested later, and no end is reported.
    POSSIBLE: not excluded by what was stated.
    """

    CERTAIN = 0
    PRESUMED = 1
    POSSIBLE = 2

    @property
    def word(self) -> str:
        """The name in small letters, as programs have it."""
        return self.name.lower()


@dataclass(frozen=True)
class Period:
    """When something held: its bounds, and the days on which it is attested."""

    bounds: Bounds = field(default_factory=Bounds)
    attested: tuple[date, ...] = ()

    @property
    def days(self) -> tuple[date, ...]:
        """The days that are known of it."""
        return (*_known(vars(self.bounds).values()), *self.attested)

    @property
    def core(self) -> tuple[date, date] | None:
        """The first and the last day between which it held, as far as is known.

        From its latest start to its earliest end; if no end is known, to the last day
        on which it is attested.
        """
        limits = self.bounds
        first, last = limits.start_latest, limits.end_earliest
        if last is None and limits.end_latest is None:
            last = max(self.attested, default=None)
        if first is None or last is None or last < first:
            return None
        return first, last

    @property
    def changes(self) -> set[date]:
        """The days on which its certainty may differ from that of the day before."""
        limits = self.bounds
        begun = _known((limits.start_earliest, limits.start_latest))
        ended = _known((limits.end_earliest, limits.end_latest))
        after = (
            day + timedelta(1) for day in (*ended, *self.attested) if day < date.max
        )
        return {*begun, *self.attested, *after} - {date.min}


def read_periods(pairs: Pairs) -> dict[Node, Period]:
    """Read the period of everything of which the build computed some day."""
    names = {**BOUND_PROPERTIES, "attested": AL.attestedOn}
    days: dict[Node, dict[str, set[date]]] = defaultdict(lambda: defaultdict(set))
    for name, predicate in names.items():
        for subject, day in pairs(predicate):
            days[subject][name].add(date.fromisoformat(str(day)))
    return {
        subject: Period(
            Bounds(
                **{name: min(known[name]) for name in BOUND_PROPERTIES if name in known}
            ),
            tuple(sorted(known.get("attested", ()))),
        )
        for subject, known in days.items()
    }


def certainty(when: Period, day: date) -> Certainty | None:
    """Return how surely something held on a day; None if that is excluded.

    A bound that is missing is unknown: it excludes nothing and makes nothing sure. The
    same rule in SPARQL is ``queries/fragments/certainty.rq``.
    """
    limits, core = when.bounds, when.core
    if _after(limits.start_earliest, day) or _before(limits.end_latest, day):
        return None
    is_inside = core is not None and core[0] <= day <= core[1]
    if day in when.attested or (is_inside and limits.end_earliest is not None):
        return Certainty.CERTAIN
    return Certainty.PRESUMED if is_inside else Certainty.POSSIBLE


def intersect_periods(periods: Iterable[Period]) -> Period:
    """When several things held at once: from the last start to the first end."""
    found = list(periods)
    if len(found) == 1:
        return found[0]
    limits = [one.bounds for one in found]
    attested = set[date]().union(*(one.attested for one in found))
    return Period(
        Bounds(
            start_earliest=max(
                _known(one.start_earliest for one in limits), default=None
            ),
            start_latest=_if_all_known(max, [one.start_latest for one in limits]),
            end_earliest=_if_all_known(min, [one.end_earliest for one in limits]),
            end_latest=min(_known(one.end_latest for one in limits), default=None),
        ),
        tuple(sorted(d for d in attested if all(_is_certain(one, d) for one in found))),
    )


def _is_certain(when: Period, day: date) -> bool:
    return certainty(when, day) is Certainty.CERTAIN


def _known(days: Iterable[date | None]) -> list[date]:
    return [day for day in days if day is not None]


def _if_all_known(
    choose: Callable[[list[date]], date], days: list[date | None]
) -> date | None:
    """The choice among days, if all of them are known."""
    known = _known(days)
    return choose(known) if known and len(known) == len(days) else None


def _after(bound: date | None, day: date) -> bool:
    return bound is not None and bound > day


def _before(bound: date | None, day: date) -> bool:
    return bound is not None and bound < day
