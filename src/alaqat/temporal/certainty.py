"""Whether something held on a day: certainly, presumably, possibly, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum

from rdflib import Graph
from rdflib.term import Node

from alaqat.temporal.edtf import PROPERTIES, Bounds
from alaqat.terms import AL


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


def period(facts: Graph, fact: Node) -> Period:
    """The period of a fact, from the days that the build reckoned."""
    days = {name: _days(facts, fact, iri) for name, iri in PROPERTIES.items()}
    found = Bounds(**{name: values[0] for name, values in days.items() if values})
    return Period(found, _days(facts, fact, AL.attestedOn))


def certainty(when: Period, day: date) -> Certainty | None:
    """How surely something held on a day; None if what was stated excludes it.

    A bound that is missing is unknown: it excludes nothing and makes nothing sure.
    """
    limits = when.bounds
    if _after(limits.start_earliest, day) or _before(limits.end_latest, day):
        return None
    has_begun = limits.start_latest is not None and limits.start_latest <= day
    goes_on = limits.end_earliest is not None and day <= limits.end_earliest
    if day in when.attested or (has_begun and goes_on):
        return Certainty.CERTAIN
    is_open = limits.end_earliest is None and limits.end_latest is None
    if has_begun and is_open and any(day <= attested for attested in when.attested):
        return Certainty.PRESUMED
    return Certainty.POSSIBLE


def together(periods: Iterable[Period]) -> Period:
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
            start_latest=_all(max, [one.start_latest for one in limits]),
            end_earliest=_all(min, [one.end_earliest for one in limits]),
            end_latest=min(_known(one.end_latest for one in limits), default=None),
        ),
        tuple(sorted(d for d in attested if all(_holds(one, d) for one in found))),
    )


def _holds(when: Period, day: date) -> bool:
    return certainty(when, day) is Certainty.CERTAIN


def _known(days: Iterable[date | None]) -> list[date]:
    return [day for day in days if day is not None]


def _all(choose: Callable[[list[date]], date], days: list[date | None]) -> date | None:
    """The choice among days, if all of them are known."""
    known = _known(days)
    return choose(known) if known and len(known) == len(days) else None


def _days(facts: Graph, fact: Node, predicate: Node) -> tuple[date, ...]:
    texts = (str(value) for value in facts.objects(fact, predicate))
    return tuple(sorted(date.fromisoformat(text) for text in texts))


def _after(bound: date | None, day: date) -> bool:
    return bound is not None and bound > day


def _before(bound: date | None, day: date) -> bool:
    return bound is not None and bound < day
