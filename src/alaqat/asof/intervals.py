"""Intervals of days in which nothing changes, and views of single days from them.

Certainty changes only at a bound or an attested day, so a few intervals answer for
every day, and what held in them is computed once for all of them.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from rdflib import OWL, RDF

from alaqat.asof import snapshot
from alaqat.asof.dated_facts import read_dated_facts
from alaqat.asof.levels import (
    EXCLUDED,
    IntervalHistory,
    least_certain,
    propagate,
    standing_of,
)
from alaqat.reason import Derivations
from alaqat.timeline import Period, Standing, together

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rdflib import Graph
    from rdflib.term import Node

    from alaqat.asof.levels import Levels
    from alaqat.errors import Contradiction
    from alaqat.explain import Explainer, Proof
    from alaqat.reason.rules import Triple

_CACHED = 4  # intervals whose relations, shortcuts and proofs are cached


@dataclass(frozen=True, slots=True)
class Held:
    """A triple that held on a day.

    Attributes:
        triple: a holder and its relation, or a shortcut that follows from several.
        standing: how surely it held.
        period: when it held, as far as that is known.
        others: the other parties of the relation, or none for a shortcut.
        facts: the relations that it rests on.
    """

    triple: Triple
    standing: Standing
    period: Period
    others: tuple[Node, ...]
    facts: tuple[Node, ...]


class Intervals:
    """A dataset on every day.

    Args:
        explainer: of the dataset.

    Attributes:
        facts: the dated relations.
        starts: the first day of each interval, beginning with the first of all days.
    """

    def __init__(self, explainer: Explainer) -> None:
        self.explainer = explainer
        self.facts = read_dated_facts(explainer.pairs)
        changes = {day for period in self._periods() for day in period.changes}
        self.starts = (date.min, *sorted(changes))
        cached = lru_cache(_CACHED)
        self.relations_in = cached(self._relations_in)
        self.shortcuts_in = cached(self._shortcuts_in)
        self.explainer_in = cached(self._explainer_in)
        self.contradictions_in = cached(self._contradictions_in)

    @cached_property
    def bounds(self) -> tuple[date, date] | None:
        """The first and the last day of which the dataset states anything."""
        days = {day for period in self._periods() for day in period.days}
        return (min(days), max(days)) if days else None

    def index(self, day: date) -> int:
        """Return the index of the interval in which a day lies."""
        return bisect_right(self.starts, day) - 1

    def at(self, day: date) -> DayView:
        """Return what the dataset says of one day."""
        return DayView(self, day, self.index(day))

    @cached_property
    def relations(self) -> tuple[IntervalHistory, ...]:
        """The dated relations with their holders, in a fixed order."""
        found = (
            IntervalHistory(triple, self.facts[fact].others, self._fact_levels[fact])
            for triple in self.explainer.premises
            if (fact := triple[2]) in self.facts
            and triple[0] in self.facts[fact].holders
        )
        return tuple(sorted(found, key=_order))

    @cached_property
    def shortcuts(self) -> tuple[IntervalHistory, ...]:
        """The derived triples between things that rest on dated relations."""
        found = (
            IntervalHistory(triple, (), self._levels[triple])
            for triple in self.explainer.inferred
            if triple in self._levels
            and triple[1] not in (RDF.type, OWL.sameAs)
            and not self.facts.keys() & {triple[0], triple[2]}
        )
        return tuple(sorted(found, key=_order))

    def levels_of(self, triple: Triple) -> Levels | None:
        """Return how surely a triple held in each interval; one undated always did.

        None if the dataset does not hold it, or holds it without a derivation.
        """
        if triple in self._levels:
            return self._levels[triple] if triple in self.explainer else None
        holds_always = self.explainer.is_asserted(triple) or (
            triple in self.explainer.inferred
            and self.explainer.derivations.cost(triple) is not None
        )
        return bytes(len(self.starts)) if holds_always else None

    def holds(self, triple: Triple, interval: int, least: Standing) -> bool:
        """Return whether a triple held at least so surely in an interval."""
        levels = self.levels_of(triple)
        return levels is not None and levels[interval] <= least

    def _periods(self) -> Iterator[Period]:
        return (period for fact in self.facts.values() for period in fact.periods)

    def _relations_in(self, interval: int) -> tuple[Held, ...]:
        """Return the relations that held in an interval, the most certain first."""
        found = (
            Held(one.triple, held, self.facts[fact].period, one.others, (fact,))
            for one in self.relations
            if (held := one.standing(interval)) is not None and (fact := one.triple[2])
        )
        return tuple(sorted(found, key=lambda one: one.standing))

    def _shortcuts_in(self, interval: int) -> tuple[Held, ...]:
        """Return the shortcuts that held in an interval, the most certain first."""
        explainer = self.explainer_in(interval)
        found = (
            Held(
                one.triple,
                held,
                together(self.facts[fact].period for fact in facts),
                (),
                facts,
            )
            for one in self.shortcuts
            if (held := one.standing(interval)) is not None
            and (proof := explainer.proof(one.triple))
            and (facts := self._facts_below(proof))
        )
        return tuple(sorted(found, key=lambda one: one.standing))

    def _facts_below(self, proof: Proof) -> tuple[Node, ...]:
        """Return the dated relations that a proof rests on."""
        leaves = (leaf.triple for leaf in proof.leaves())
        nodes = {node for leaf in leaves for node in (leaf[0], leaf[2])}
        return tuple(sorted(nodes & self.facts.keys(), key=str))

    def _explainer_in(self, interval: int) -> Explainer:
        """Return what proves derived triples from the premises that held."""
        held = {}
        for triple in self._grounds:
            levels = self._premise_levels(triple)
            level = Standing.CERTAIN if levels is None else levels[interval]
            if level != EXCLUDED:
                held[triple] = level
        return self.explainer.under(Derivations(held, self.explainer.rules, held))

    def _contradictions_in(self, interval: int) -> tuple[Contradiction, ...]:
        """Return where what held, certainly or presumably, is denied the same day.

        The reasoner runs only where a denial meets what it denies: a part of a dataset
        without contradictions has none but these.
        """
        if interval not in self._disputed:
            return ()
        return snapshot.contradictions(
            self.explainer, lambda one: self.holds(one, interval, Standing.PRESUMED)
        )

    @cached_property
    def _grounds(self) -> tuple[Triple, ...]:
        """The premises that derived triples rest on, far fewer than all."""
        return self.explainer.premises_of(set(self.explainer.inferred))

    @cached_property
    def _fact_levels(self) -> dict[Node, Levels]:
        """The levels of the dated relations."""
        found = {}
        for fact, dated in self.facts.items():
            every = map(dated.standing, self.starts)
            found[fact] = bytes(EXCLUDED if one is None else one for one in every)
        return found

    def _premise_levels(self, triple: Triple) -> Levels | None:
        """Return the levels of an asserted triple; None if nothing dates it."""
        known, ends = self._fact_levels, (triple[0], triple[2])
        return least_certain(known[one] for one in ends if one in known)

    @cached_property
    def _levels(self) -> dict[Triple, Levels]:
        """The levels of the triples that hold through dated relations only."""
        return propagate(
            {one: self._premise_levels(one) for one in self.explainer.premises},
            self.explainer.derivations.applications(),
            len(self.starts),
        )

    @cached_property
    def _disputed(self) -> frozenset[int]:
        """The intervals in which a denial meets what it denies."""
        return frozenset(
            interval
            for pair in snapshot.denials(self.explainer)
            if pair[0] in self.explainer
            for interval in range(len(self.starts))
            if all(self.holds(one, interval, Standing.PRESUMED) for one in pair)
        )


def _order(one: IntervalHistory) -> tuple[str, ...]:
    return tuple(map(str, one.triple))


@dataclass(frozen=True, slots=True)
class DayView:
    """A dataset on one day, looked up in the interval in which the day lies.

    Attributes:
        intervals: of the dataset.
        day: any day.
        interval: the index of its interval.
    """

    intervals: Intervals
    day: date
    interval: int

    def standing(self, triple: Triple) -> Standing | None:
        """Return how surely a triple held; one that nothing dates always did."""
        levels = self.intervals.levels_of(triple)
        return None if levels is None else standing_of(levels[self.interval])

    def proofs_of(self, triple: Triple, most: int = 1) -> tuple[Proof, ...]:
        """Return the shortest of the most certain proofs of a triple on this day."""
        if self.standing(triple) is None:
            return ()
        explainer = self.intervals.explainer
        if not explainer.is_asserted(triple):
            explainer = self.intervals.explainer_in(self.interval)
        return tuple(explainer.proofs(triple, most))

    @property
    def relations(self) -> tuple[Held, ...]:
        """The dated relations that held, with their holders; the most certain first."""
        return self.intervals.relations_in(self.interval)

    @property
    def shortcuts(self) -> tuple[Held, ...]:
        """The derived triples between things that held; the most certain first."""
        return self.intervals.shortcuts_in(self.interval)

    @property
    def contradictions(self) -> tuple[Contradiction, ...]:
        """Where what held, certainly or presumably, is denied that same day."""
        return self.intervals.contradictions_in(self.interval)

    def snapshot(self, least: Standing = Standing.PRESUMED) -> Graph:
        """Return what held at least so surely, as a graph with what the day denies.

        The relations, all that follows from them, and an
        owl:NegativePropertyAssertion for each stated denial.
        """
        return snapshot.snapshot(
            self.intervals.explainer,
            self.day,
            self.intervals.facts,
            lambda triple: self.intervals.holds(triple, self.interval, least),
        )
