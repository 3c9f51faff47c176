"""Dated relations: when they held, with whom, and when their parties existed."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rdflib import RDF, URIRef

from alaqat.terms import AL
from alaqat.timeline import Bounds, Period, Standing, periods, standing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from rdflib.term import Node

    from alaqat.timeline import Pairs

# Properties of an event from which a thing exists, and of one after which it does not.
_BEGINS = (AL.founded, AL.transformedInto)
_ENDS = (AL.transformedFrom,)


@dataclass(frozen=True, slots=True)
class DatedFact:
    """What decides on which days a dated relation held.

    Attributes:
        period: when it held, as far as that is known.
        holders: whose relation it is.
        others: the parties that it is with.
        lifetimes: when its holders and the others existed, where that is known.
    """

    period: Period
    holders: frozenset[Node]
    others: tuple[Node, ...]
    lifetimes: tuple[Period, ...]

    @property
    def periods(self) -> tuple[Period, ...]:
        """Every period that decides whether it held."""
        return self.period, *self.lifetimes

    def standing(self, day: date) -> Standing | None:
        """Return how surely it held; None if its period or a lifetime excludes it."""
        found = standing(self.period, day)
        if found is not Standing.POSSIBLE:
            return found
        is_alive = all(standing(life, day) is not None for life in self.lifetimes)
        return found if is_alive else None


def read_dated_facts(pairs: Pairs) -> dict[Node, DatedFact]:
    """Read the dated relations of a dataset from its triples by predicate."""
    known = periods(pairs)
    lives = lifetimes(pairs, known)
    others, holders = defaultdict(set), defaultdict(set)
    for fact, other in pairs(AL["with"]):
        others[fact].add(other)
    for holder, fact in pairs(AL.hasRelation):
        holders[fact].add(holder)
    undated = Period()
    return {
        fact: DatedFact(
            period=known.get(fact, undated),
            holders=frozenset(holders[fact]),
            others=tuple(sorted(others[fact], key=str)),
            lifetimes=tuple(
                lives[one]
                for one in sorted(others[fact] | holders[fact], key=str)
                if one in lives
            ),
        )
        for fact, kind in pairs(RDF.type)
        if kind == AL.DatedRelation and isinstance(fact, URIRef)
    }


def lifetimes(pairs: Pairs, known: Mapping[Node, Period]) -> dict[Node, Period]:
    """Return when things existed whose founding or transformation has a day.

    Args:
        pairs: gives the triples by predicate.
        known: the periods of the events.
    """
    begun, ended = defaultdict(set), defaultdict(set)
    for predicate in _BEGINS:
        for event, thing in pairs(predicate):
            if event in known and (day := known[event].bounds.start_earliest):
                begun[thing].add(day)
    for predicate in _ENDS:
        for event, thing in pairs(predicate):
            if event in known and (day := known[event].bounds.end_latest):
                ended[thing].add(day)
    return {
        thing: Period(
            Bounds(
                start_earliest=min(begun.get(thing, ()), default=None),
                end_latest=max(ended.get(thing, ()), default=None),
            )
        )
        for thing in begun | ended
    }
