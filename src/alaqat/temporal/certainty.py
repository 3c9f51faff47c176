"""Certainty that a dated relation held on a day: certain, presumed or possible."""

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

Pairs = Callable[[URIRef], Iterable[tuple[Node, Node]]]
"""Looks up the subjects and objects of all triples with a predicate."""


class Certainty(IntEnum):
    """The certainty that something held on a day; a lower number is more certain.

    CERTAIN: the dates of the text include the day: that of the beginning, or any from
        the beginning to a stated end.
    PRESUMED: the beginning is stated and no end, and the day is not after the present
        day of the document; or the day is that present day, and the document speaks in
        the present tense.
    POSSIBLE: the stated dates do not exclude it.
    """

    CERTAIN = 0
    PRESUMED = 1
    POSSIBLE = 2

    @property
    def word(self) -> str:
        """The name in lower case, as in JSON and in query results."""
        return self.name.lower()


@dataclass(frozen=True)
class Period:
    """A period of time.

    Attributes:
        bounds: the dates of the text.
        attested: the present days of documents that speak of it in the present tense.
        presumed_until: the last day on which it is presumed to last; None if its
            beginning is not stated, or its end is.
    """

    bounds: Bounds = field(default_factory=Bounds)
    attested: tuple[date, ...] = ()
    presumed_until: date | None = None

    @property
    def days(self) -> tuple[date, ...]:
        """All days that documents mention: bounds and attestations."""
        return (*_known(vars(self.bounds).values()), *self.attested)

    @property
    def core(self) -> tuple[date, date] | None:
        """The first and the last day of the time in which it certainly held.

        From its latest start to its earliest end; without a known end, the day on which
        it began, if that is known.
        """
        bounds = self.bounds
        first, last = bounds.start_latest, bounds.end_earliest
        if last is None and bounds.start_earliest == first:
            last = first
        return (first, last) if first and last and first <= last else None

    @property
    def presumption(self) -> tuple[date, date] | None:
        """The first and the last day on which it is presumed to have lasted."""
        first, last = self.bounds.start_latest, self.presumed_until
        return (first, last) if first and last and first <= last else None

    @property
    def changes(self) -> set[date]:
        """The days on which its certainty may differ from the day before."""
        bounds = self.bounds
        begun = _known((bounds.start_earliest, bounds.start_latest))
        last_days = _known(
            (
                *(bounds.start_latest, bounds.end_earliest, bounds.end_latest),
                *(self.presumed_until, *self.attested),
            )
        )
        after = (day + timedelta(1) for day in last_days if day < date.max)
        return {*begun, *self.attested, *after} - {date.min}


def read_periods(pairs: Pairs) -> dict[Node, Period]:
    """Read the periods of all subjects that have bounds or attested days."""
    names = {
        **BOUND_PROPERTIES,
        "attested": AL.attestedOn,
        "presumed": AL.presumedUntil,
    }
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
            max(known.get("presumed", ()), default=None),
        )
        for subject, known in days.items()
    }


def certainty(period: Period, day: date) -> Certainty | None:
    """Return the certainty of a period on a day; None if the day is excluded.

    A missing bound is unknown: it excludes nothing and makes nothing certain. The
    same rule in SPARQL is ``queries/fragments/certainty.rq``.
    """
    bounds, core = period.bounds, period.core
    if _after(bounds.start_earliest, day) or _before(bounds.end_latest, day):
        return None
    if core and core[0] <= day <= core[1]:
        return Certainty.CERTAIN
    lasting = period.presumption
    if day in period.attested or (lasting and lasting[0] <= day <= lasting[1]):
        return Certainty.PRESUMED
    return Certainty.POSSIBLE


def intersect_periods(periods: Iterable[Period]) -> Period:
    """Return the period in which all hold: from the last start to the first end.

    It is attested on the days on which all are at least presumed.
    """
    found = list(periods)
    if len(found) == 1:
        return found[0]
    bounds = [one.bounds for one in found]
    attested = set[date]().union(*(one.attested for one in found))
    return Period(
        Bounds(
            start_earliest=max(
                _known(one.start_earliest for one in bounds), default=None
            ),
            start_latest=_if_all_known(max, [one.start_latest for one in bounds]),
            end_earliest=_if_all_known(min, [one.end_earliest for one in bounds]),
            end_latest=min(_known(one.end_latest for one in bounds), default=None),
        ),
        tuple(
            sorted(d for d in attested if all(_is_presumed(one, d) for one in found))
        ),
        _if_all_known(min, [one.presumed_until for one in found]),
    )


def _is_presumed(period: Period, day: date) -> bool:
    found = certainty(period, day)
    return found is not None and found <= Certainty.PRESUMED


def _known(days: Iterable[date | None]) -> list[date]:
    return [day for day in days if day is not None]


def _if_all_known(
    choose: Callable[[list[date]], date], days: list[date | None]
) -> date | None:
    """Return the choice among days if all of them are known, else None."""
    known = _known(days)
    return choose(known) if known and len(known) == len(days) else None


def _after(bound: date | None, day: date) -> bool:
    return bound is not None and bound > day


def _before(bound: date | None, day: date) -> bool:
    return bound is not None and bound < day
