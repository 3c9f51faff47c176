"""Dated relations: when they held, with whom, and when their parties existed.

Certainty by interval, and its propagation from premises to what follows.

Intervals of days in which nothing changes, and views of single days from them.

Certainty changes only at a bound or an attested day, so a few intervals answer for
every day, and what held in them is computed once for all of them.
"""

from __future__ import annotations

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
    periods,
    together,
)
from alaqat.temporal.edtf import Bounds
from alaqat.terms import AL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import date

    from rdflib import Graph
    from rdflib.term import Node

    from alaqat.errors import Contradiction
    from alaqat.proofs.model import Proof
    from alaqat.proofs.prover import Prover
    from alaqat.reason.derivations import Step
    from alaqat.reason.rules import Triple
    from alaqat.temporal.certainty import Pairs


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

    def standing(self, day: date) -> Certainty | None:
        """Return how surely it held; None if its period or a lifetime excludes it."""
        found = certainty(self.period, day)
        if found is not Certainty.POSSIBLE:
            return found
        is_alive = all(certainty(life, day) is not None for life in self.lifetimes)
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


#: For each interval the number of a standing, or EXCLUDED.
Levels = bytes

EXCLUDED = max(Certainty) + 1


@dataclass(frozen=True, slots=True)
class IntervalHistory:
    """How surely a triple held in each interval.

    Attributes:
        triple: a holder and its relation, or a shortcut that follows from several.
        others: the other parties of the relation, or none for a shortcut.
        levels: a standing for each interval; one more than the last is excluded.
    """

    triple: Triple
    others: tuple[Node, ...]
    levels: Levels

    def standing(self, interval: int) -> Certainty | None:
        """Return how surely it held in an interval; None if that is excluded."""
        return certainty_of(self.levels[interval])


def certainty_of(level: int) -> Certainty | None:
    """Return the standing that a level means; None if it means excluded."""
    return None if level == EXCLUDED else Certainty(level)


def most_certain(several: Iterable[Levels]) -> Levels | None:
    """Return the lowest level in each interval; None if there are no levels."""
    return _merge(min, several)


def least_certain(several: Iterable[Levels]) -> Levels | None:
    """Return the highest level in each interval; None if there are no levels."""
    return _merge(max, several)


def propagate(
    premises: Mapping[Triple, Levels | None],
    applications: Iterable[tuple[Triple, Step]],
    intervals: int,
) -> dict[Triple, Levels]:
    """Return the levels of all triples that hold through dated premises only.

    A derived triple is as certain as the least certain of its premises, by the way in
    which that is most certain.

    Args:
        premises: with their levels; None for those that nothing dates.
        applications: every way in which a rule applies, and what follows by it.
        intervals: how many there are.
    """
    out = bytes([EXCLUDED])  # in one interval more, in which nothing dated holds
    always, never = bytes(intervals + 1), out * (intervals + 1)
    levels = {
        triple: always if known is None else known + out
        for triple, known in premises.items()
    }
    ways: dict[Triple, list[tuple[Triple, ...]]] = defaultdict(list)
    for head, step in applications:
        if levels.get(head) != always:
            ways[head].append(step.grounds)
    _settle(levels, ways, always, never)
    shared: dict[Levels, Levels] = {}
    return {
        triple: shared.setdefault(known, known[:-1])
        for triple, known in levels.items()
        if known[-1] == EXCLUDED
    }


def _settle(
    levels: dict[Triple, Levels],
    ways: Mapping[Triple, list[tuple[Triple, ...]]],
    always: Levels,
    never: Levels,
) -> None:
    """Lower the levels of derived triples until nothing changes.

    A ground that is neither asserted nor derived is about literals, and holds always.
    """
    leads = defaultdict(set)
    for head, several in ways.items():
        for grounds in several:
            for ground in grounds:
                leads[ground].add(head)
    waiting = dict.fromkeys(ways)
    while waiting:
        head = next(iter(waiting))
        del waiting[head]
        known = levels.get(head, never)
        best = known
        for grounds in ways[head]:
            way = (
                levels.get(ground, never if ground in ways else always)
                for ground in grounds
            )
            best = bytes(map(min, best, least_certain(way) or always))
        if best != known:
            levels[head] = best
            waiting |= dict.fromkeys(leads[head])


def _merge(choose: Callable[..., int], several: Iterable[Levels]) -> Levels | None:
    found = set(several)
    if len(found) > 1:
        return bytes(map(choose, *found))
    return next(iter(found), None)


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
    standing: Certainty
    period: Period
    others: tuple[Node, ...]
    facts: tuple[Node, ...]


class Intervals:
    """A dataset on every day.

    Args:
        prover: of the dataset.

    Attributes:
        facts: the dated relations.
        starts: the first day of each interval, beginning with the first of all days.
    """

    def __init__(self, prover: Prover) -> None:
        self.prover = prover
        self.facts = read_dated_facts(prover.pairs)
        changes = {day for period in self._periods() for day in period.changes}
        self.starts = (date.min, *sorted(changes))
        cached = lru_cache(_CACHED)
        self.relations_in = cached(self._relations_in)
        self.shortcuts_in = cached(self._shortcuts_in)
        self.prover_in = cached(self._prover_in)
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
            for triple in self.prover.premises
            if (fact := triple[2]) in self.facts
            and triple[0] in self.facts[fact].holders
        )
        return tuple(sorted(found, key=_order))

    @cached_property
    def shortcuts(self) -> tuple[IntervalHistory, ...]:
        """The derived triples between things that rest on dated relations."""
        found = (
            IntervalHistory(triple, (), self._levels[triple])
            for triple in self.prover.inferred
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
            return self._levels[triple] if triple in self.prover else None
        holds_always = self.prover.is_asserted(triple) or (
            triple in self.prover.inferred
            and self.prover.derivations.cost(triple) is not None
        )
        return bytes(len(self.starts)) if holds_always else None

    def holds(self, triple: Triple, interval: int, least: Certainty) -> bool:
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
        prover = self.prover_in(interval)
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
            and (proof := prover.proof(one.triple))
            and (facts := self._facts_below(proof))
        )
        return tuple(sorted(found, key=lambda one: one.standing))

    def _facts_below(self, proof: Proof) -> tuple[Node, ...]:
        """Return the dated relations that a proof rests on."""
        leaves = (leaf.triple for leaf in proof.leaves())
        nodes = {node for leaf in leaves for node in (leaf[0], leaf[2])}
        return tuple(sorted(nodes & self.facts.keys(), key=str))

    def _prover_in(self, interval: int) -> Prover:
        """Return what proves derived triples from the premises that held."""
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
        """Return where what held, certainly or presumably, is denied the same day.

        The reasoner runs only where a denial meets what it denies: a part of a dataset
        without contradictions has none but these.
        """
        if interval not in self._disputed:
            return ()
        return snapshot.contradictions(
            self.prover, lambda one: self.holds(one, interval, Certainty.PRESUMED)
        )

    @cached_property
    def _grounds(self) -> tuple[Triple, ...]:
        """The premises that derived triples rest on, far fewer than all."""
        return self.prover.premises_of(set(self.prover.inferred))

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
            {one: self._premise_levels(one) for one in self.prover.premises},
            self.prover.derivations.applications(),
            len(self.starts),
        )

    @cached_property
    def _disputed(self) -> frozenset[int]:
        """The intervals in which a denial meets what it denies."""
        return frozenset(
            interval
            for pair in snapshot.denials(self.prover)
            if pair[0] in self.prover
            for interval in range(len(self.starts))
            if all(self.holds(one, interval, Certainty.PRESUMED) for one in pair)
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

    def standing(self, triple: Triple) -> Certainty | None:
        """Return how surely a triple held; one that nothing dates always did."""
        levels = self.intervals.levels_of(triple)
        return None if levels is None else certainty_of(levels[self.interval])

    def proofs_of(self, triple: Triple, most: int = 1) -> tuple[Proof, ...]:
        """Return the shortest of the most certain proofs of a triple on this day."""
        if self.standing(triple) is None:
            return ()
        prover = self.intervals.prover
        if not prover.is_asserted(triple):
            prover = self.intervals.prover_in(self.interval)
        return tuple(prover.proofs(triple, most))

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

    def snapshot(self, least: Certainty = Certainty.PRESUMED) -> Graph:
        """Return what held at least so surely, as a graph with what the day denies.

        The relations, all that follows from them, and an
        owl:NegativePropertyAssertion for each stated denial.
        """
        return snapshot.snapshot(
            self.intervals.prover,
            self.day,
            self.intervals.facts,
            lambda triple: self.intervals.holds(triple, self.interval, least),
        )
