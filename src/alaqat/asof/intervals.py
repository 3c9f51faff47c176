"""The as-of view: which triples held on a day, and with what certainty.

Certainty changes only at a bound or at an attested day. So time is divided into
intervals in which nothing changes; certainty is computed for each interval and
propagated from dated premises to derived triples.
"""

from __future__ import annotations

import warnings
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from rdflib import OWL, RDF, URIRef

from alaqat.asof import snapshot
from alaqat.reason.derivations import DerivationIndex
from alaqat.temporal.certainty import (
    Certainty,
    Period,
    certainty,
    intersect_periods,
    read_periods,
)
from alaqat.temporal.edtf import Bounds
from alaqat.terms import AL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from rdflib import Graph
    from rdflib.term import Node

    from alaqat.errors import Contradiction
    from alaqat.proofs.model import Proof
    from alaqat.proofs.prover import Prover
    from alaqat.reason.derivations import Step
    from alaqat.reason.rules import Triple
    from alaqat.temporal.certainty import Pairs


# Properties of events that begin the existence of their objects, and that end it.
_BEGINS = (AL.founded, AL.transformedInto)
_ENDS = (AL.transformedFrom,)


@dataclass(frozen=True, slots=True)
class DatedFact:
    """A dated relation with the periods that decide on which days it held.

    Attributes:
        period: when it held, as far as known.
        holders: the parties that have the relation.
        others: the parties that they have it with.
        lifetimes: the periods in which the parties existed, as far as known.
    """

    period: Period
    holders: frozenset[Node]
    others: tuple[Node, ...]
    lifetimes: tuple[Period, ...]

    @property
    def periods(self) -> tuple[Period, ...]:
        """Every period that decides whether the relation held."""
        return self.period, *self.lifetimes

    def certainty_on(self, day: date) -> Certainty | None:
        """Return its certainty; None if its period excludes the day.

        A lifetime excludes the day too, unless the relation is certain.
        """
        found = certainty(self.period, day)
        if found is None or found is Certainty.CERTAIN:
            return found
        all_exist = all(certainty(life, day) is not None for life in self.lifetimes)
        return found if all_exist else None


def read_dated_facts(pairs: Pairs) -> dict[Node, DatedFact]:
    """Read the dated relations of a dataset from its triples by predicate."""
    known = read_periods(pairs)
    known_lifetimes = lifetimes(pairs, known)
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
                known_lifetimes[party]
                for party in sorted(others[fact] | holders[fact], key=str)
                if party in known_lifetimes
            ),
        )
        for fact, kind in pairs(RDF.type)
        if kind == AL.DatedRelation and isinstance(fact, URIRef)
    }


def lifetimes(pairs: Pairs, known: Mapping[Node, Period]) -> dict[Node, Period]:
    """Return the lifetimes of entities whose founding or transformation is dated.

    Args:
        pairs: looks up triples by predicate.
        known: the periods of the events.
    """
    begun, ended = defaultdict(set), defaultdict(set)
    for predicate in _BEGINS:
        for event, entity in pairs(predicate):
            if event in known and (day := known[event].bounds.start_earliest):
                begun[entity].add(day)
    for predicate in _ENDS:
        for event, entity in pairs(predicate):
            if event in known and (day := known[event].bounds.end_latest):
                ended[entity].add(day)
    return {
        entity: Period(
            Bounds(
                start_earliest=min(begun.get(entity, ()), default=None),
                end_latest=max(ended.get(entity, ()), default=None),
            )
        )
        for entity in begun | ended
    }


Levels = bytes
"""For each interval the number of a certainty, or EXCLUDED."""

EXCLUDED = max(Certainty) + 1


@dataclass(frozen=True, slots=True)
class IntervalHistory:
    """The certainty of a triple in each interval.

    Attributes:
        triple: a holder and its relation, or a shortcut that follows from several.
        others: the other parties of the relation; empty for a shortcut.
        levels: the certainty of each interval.
    """

    triple: Triple
    others: tuple[Node, ...]
    levels: Levels

    def certainty_in(self, interval: int) -> Certainty | None:
        """Return its certainty in an interval; None if that is excluded."""
        return certainty_from_level(self.levels[interval])


def certainty_from_level(level: int) -> Certainty | None:
    """Return the certainty of a level; None for EXCLUDED."""
    return None if level == EXCLUDED else Certainty(level)


def most_certain(alternatives: Iterable[Levels]) -> Levels | None:
    """Return the greatest certainty in each interval; None if there are no levels."""
    return _merge(min, alternatives)


def least_certain(premises: Iterable[Levels]) -> Levels | None:
    """Return the least certainty in each interval; None if there are no levels."""
    return _merge(max, premises)


def _merge(choose: Callable[..., int], several: Iterable[Levels]) -> Levels | None:
    distinct = set(several)
    if len(distinct) > 1:
        return bytes(map(choose, *distinct))
    return next(iter(distinct), None)


def propagate(
    premises: Mapping[Triple, Levels | None],
    applications: Iterable[tuple[Triple, Step]],
    intervals: int,
) -> dict[Triple, Levels]:
    """Return the levels of all triples that depend on dated premises.

    A derivation is as certain as the least certain of its premises; a derived triple is
    as certain as the most certain of its derivations.

    Args:
        premises: their levels; None for undated ones.
        applications: each application of a rule with the triple that it derives.
        intervals: the number of intervals.
    """
    # In one more interval nothing dated holds: what holds there depends on no date.
    excluded = bytes([EXCLUDED])
    always, never = bytes(intervals + 1), excluded * (intervals + 1)
    levels = {
        triple: always if known is None else known + excluded
        for triple, known in premises.items()
    }
    derivations: dict[Triple, list[tuple[Triple, ...]]] = defaultdict(list)
    for head, step in applications:
        if levels.get(head) != always:
            derivations[head].append(step.grounds)
    _run_to_fixpoint(levels, derivations, always, never)
    interned: dict[Levels, Levels] = {}
    return {
        triple: interned.setdefault(known, known[:-1])
        for triple, known in levels.items()
        if known[-1] == EXCLUDED
    }


def _run_to_fixpoint(
    levels: dict[Triple, Levels],
    derivations: Mapping[Triple, list[tuple[Triple, ...]]],
    always: Levels,
    never: Levels,
) -> None:
    """Raise the certainty of derived triples until a fixpoint is reached.

    A ground that is neither asserted nor derived is about literals and always holds.
    """
    dependents = defaultdict(set)
    for head, alternatives in derivations.items():
        for grounds in alternatives:
            for ground in grounds:
                dependents[ground].add(head)
    queue = dict.fromkeys(derivations)
    while queue:
        head = next(iter(queue))
        del queue[head]
        known = levels.get(head, never)
        best = known
        for grounds in derivations[head]:
            ground_levels = (
                levels.get(ground, never if ground in derivations else always)
                for ground in grounds
            )
            best = bytes(map(min, best, least_certain(ground_levels) or always))
        if best != known:
            levels[head] = best
            queue |= dict.fromkeys(dependents[head])


_CACHED_INTERVALS = 4  # of which relations, shortcuts and proofs are cached


@dataclass(frozen=True, slots=True)
class HeldTriple:
    """A triple that held on a day.

    Attributes:
        triple: a holder and its relation, or a shortcut that follows from several.
        certainty: its certainty on that day.
        period: when it held, as far as known.
        others: the other parties of the relation; empty for a shortcut.
        facts: the dated relations that it is derived from.
    """

    triple: Triple
    certainty: Certainty
    period: Period
    others: tuple[Node, ...]
    facts: tuple[Node, ...]

    @property
    def standing(self) -> Certainty:
        """The former name of ``certainty``; deprecated."""
        warnings.warn("standing is now certainty", DeprecationWarning, stacklevel=2)
        return self.certainty


class Intervals:
    """A dataset divided into the intervals in which no certainty changes.

    Args:
        prover: the prover of the dataset.

    Attributes:
        facts: the dated relations.
        starts: the first day of each interval, beginning with ``date.min``.
    """

    def __init__(self, prover: Prover) -> None:
        self.prover = prover
        self.facts = read_dated_facts(prover.pairs)
        changes = {day for period in self._periods() for day in period.changes}
        self.starts = (date.min, *sorted(changes))
        cached = lru_cache(_CACHED_INTERVALS)
        self.relations_in = cached(self._relations_in)
        self.shortcuts_in = cached(self._shortcuts_in)
        self.prover_in = cached(self._prover_in)
        self.contradictions_in = cached(self._contradictions_in)

    @cached_property
    def bounds(self) -> tuple[date, date] | None:
        """The first and the last day that the dataset mentions."""
        days = {day for period in self._periods() for day in period.days}
        return (min(days), max(days)) if days else None

    def index(self, day: date) -> int:
        """Return the index of the interval that contains a day."""
        return bisect_right(self.starts, day) - 1

    def at(self, day: date) -> DayView:
        """Return the view of one day."""
        return DayView(self, day, self.index(day))

    @cached_property
    def relations(self) -> tuple[IntervalHistory, ...]:
        """The dated relations with their holders, in a fixed order."""
        found = (
            IntervalHistory(triple, self.facts[fact].others, self._fact_levels[fact])
            for triple in self.prover.premises
            if (fact := triple[2]) in self.facts
            and triple[0] in self.facts[fact].holders
        )
        return tuple(sorted(found, key=_sort_key))

    @cached_property
    def shortcuts(self) -> tuple[IntervalHistory, ...]:
        """The triples between entities that are derived from dated relations."""
        found = (
            IntervalHistory(triple, (), self._levels[triple])
            for triple in self.prover.inferred
            if triple in self._levels
            and triple[1] not in (RDF.type, OWL.sameAs)
            and not self.facts.keys() & {triple[0], triple[2]}
        )
        return tuple(sorted(found, key=_sort_key))

    def levels_of(self, triple: Triple) -> Levels | None:
        """Return the levels of a triple; an undated one always holds.

        None if the dataset lacks it, or has it without a derivation.
        """
        if triple in self._levels:
            return self._levels[triple] if triple in self.prover else None
        holds_always = self.prover.is_asserted(triple) or (
            triple in self.prover.inferred
            and self.prover.derivations.cost(triple) is not None
        )
        return bytes(len(self.starts)) if holds_always else None

    def holds(self, triple: Triple, interval: int, least: Certainty) -> bool:
        """Return whether a triple held in an interval, at least that certain."""
        levels = self.levels_of(triple)
        return levels is not None and levels[interval] <= least

    def _periods(self) -> Iterator[Period]:
        return (period for fact in self.facts.values() for period in fact.periods)

    def _relations_in(self, interval: int) -> tuple[HeldTriple, ...]:
        """Return the relations that held in an interval, the most certain first."""
        found = (
            HeldTriple(one.triple, level, self.facts[fact].period, one.others, (fact,))
            for one in self.relations
            if (level := one.certainty_in(interval)) is not None
            and (fact := one.triple[2])
        )
        return tuple(sorted(found, key=lambda held: held.certainty))

    def _shortcuts_in(self, interval: int) -> tuple[HeldTriple, ...]:
        """Return the shortcuts that held in an interval, the most certain first."""
        prover = self.prover_in(interval)
        found = (
            HeldTriple(
                one.triple,
                level,
                intersect_periods(self.facts[fact].period for fact in facts),
                (),
                facts,
            )
            for one in self.shortcuts
            if (level := one.certainty_in(interval)) is not None
            and (proof := prover.proof(one.triple))
            and (facts := self._facts_below(proof))
        )
        return tuple(sorted(found, key=lambda held: held.certainty))

    def _facts_below(self, proof: Proof) -> tuple[Node, ...]:
        """Return the dated relations among the leaves of a proof."""
        leaves = (leaf.triple for leaf in proof.leaves())
        nodes = {node for leaf in leaves for node in (leaf[0], leaf[2])}
        return tuple(sorted(nodes & self.facts.keys(), key=str))

    def _prover_in(self, interval: int) -> Prover:
        """Return a prover that uses only the premises that held in an interval."""
        held = {}
        for triple in self._grounds:
            levels = self._premise_levels(triple)
            level = Certainty.CERTAIN if levels is None else levels[interval]
            if level != EXCLUDED:
                held[triple] = level
        return self.prover.with_derivations(
            DerivationIndex(held, self.prover.rules, held)
        )

    def _contradictions_in(self, interval: int) -> tuple[Contradiction, ...]:
        """Return the contradictions between what held and what is denied.

        Only what held certainly or presumably counts. The reasoner runs only if some
        denied triple held as well: a consistent dataset has no other contradictions.
        """
        if interval not in self._disputed:
            return ()
        return snapshot.contradictions(
            self.prover, lambda one: self.holds(one, interval, Certainty.PRESUMED)
        )

    @cached_property
    def _grounds(self) -> tuple[Triple, ...]:
        """The premises that derived triples depend on, far fewer than all."""
        return self.prover.premises_of(set(self.prover.inferred))

    @cached_property
    def _fact_levels(self) -> dict[Node, Levels]:
        """The levels of the dated relations."""
        found = {}
        for fact, dated in self.facts.items():
            every = map(dated.certainty_on, self.starts)
            found[fact] = bytes(EXCLUDED if one is None else one for one in every)
        return found

    def _premise_levels(self, triple: Triple) -> Levels | None:
        """Return the levels of an asserted triple; None if it is undated."""
        known, ends = self._fact_levels, (triple[0], triple[2])
        return least_certain(known[one] for one in ends if one in known)

    @cached_property
    def _levels(self) -> dict[Triple, Levels]:
        """The levels of all triples that depend on dated relations."""
        return propagate(
            {one: self._premise_levels(one) for one in self.prover.premises},
            self.prover.derivations.applications(),
            len(self.starts),
        )

    @cached_property
    def _disputed(self) -> frozenset[int]:
        """The intervals in which a triple and its denial both held."""
        return frozenset(
            interval
            for pair in snapshot.denials(self.prover)
            if pair[0] in self.prover
            for interval in range(len(self.starts))
            if all(self.holds(one, interval, Certainty.PRESUMED) for one in pair)
        )


def _sort_key(one: IntervalHistory) -> tuple[str, ...]:
    return tuple(map(str, one.triple))


@dataclass(frozen=True, slots=True)
class DayView:
    """The view of a dataset on one day, looked up in the interval of the day.

    Attributes:
        intervals: the intervals of the dataset.
        day: any day.
        interval: the index of the interval that contains it.
    """

    intervals: Intervals
    day: date
    interval: int

    def certainty_of(self, triple: Triple) -> Certainty | None:
        """Return the certainty of a triple; an undated one always holds."""
        levels = self.intervals.levels_of(triple)
        return None if levels is None else certainty_from_level(levels[self.interval])

    def proofs_of(self, triple: Triple, most: int = 1) -> tuple[Proof, ...]:
        """Return the shortest among the most certain proofs of a triple on this day."""
        if self.certainty_of(triple) is None:
            return ()
        prover = self.intervals.prover
        if not prover.is_asserted(triple):
            prover = self.intervals.prover_in(self.interval)
        return tuple(prover.proofs(triple, most))

    @property
    def relations(self) -> tuple[HeldTriple, ...]:
        """The dated relations that held, the most certain first."""
        return self.intervals.relations_in(self.interval)

    @property
    def shortcuts(self) -> tuple[HeldTriple, ...]:
        """The derived triples between entities that held, the most certain first."""
        return self.intervals.shortcuts_in(self.interval)

    @property
    def contradictions(self) -> tuple[Contradiction, ...]:
        """Contradictions between what held, at least presumably, and what is denied."""
        return self.intervals.contradictions_in(self.interval)

    def snapshot(self, least: Certainty = Certainty.PRESUMED) -> Graph:
        """Return a graph of what held with at least the given certainty.

        It has the relations, their inferences, and an owl:NegativePropertyAssertion for
        each stated denial.
        """
        return snapshot.day_graph(
            self.intervals.prover,
            self.day,
            self.intervals.facts,
            lambda triple: self.intervals.holds(triple, self.interval, least),
        )
