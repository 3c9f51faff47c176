"""The stretches of days within which nothing changes, all of them reckoned at once.

How surely something held changes only at a bound or an attested day. So a few stretches
say what every day between the first and the last of them says, and one pass over the
applications of the rules says it of all that follows: a derived triple holds, in every
stretch, as surely as the least sure of its premises by its surest way.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING

from rdflib import OWL, RDF, Graph

from alaqat.asof.day_view import DayView
from alaqat.temporal.certainty import Certainty, Period
from alaqat.terms import AL, ONTOLOGY_GRAPH

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from rdflib.term import Node

    from alaqat.errors import Contradiction
    from alaqat.proofs.prover import Prover
    from alaqat.reason.rules import Triple

    Levels = tuple[int, ...]

_OUT = max(Certainty) + 1  # the level of what is excluded
_KEPT = 8  # moments that are kept whole


@dataclass(frozen=True, slots=True)
class FactIntervals:
    """How surely a triple held, stretch by stretch.

    Attributes:
        triple: a holder and its relation, or a shortcut that follows from several.
        others: the other parties of the relation, or none for a shortcut.
        levels: a standing for each stretch; one more than the last is excluded.
    """

    triple: Triple
    others: tuple[Node, ...]
    levels: Levels

    def standing(self, stretch: int) -> Certainty | None:
        """How surely it held in a stretch; None if that is excluded."""
        level = self.levels[stretch]
        return None if level == _OUT else Certainty(level)


class IntervalHistory:
    """A dataset on every day.

    Args:
        explainer: of the dataset.
    """

    def __init__(self, explainer: Prover) -> None:
        self._any = DayView(explainer, date.min)
        self._explainer = explainer
        self._moments: dict[int, DayView] = {}
        self._contradicted: dict[int, tuple[Contradiction, ...]] = {}
        self._lock = Lock()
        self.starts = (date.min, *sorted(self._changes()))

    @cached_property
    def bounds(self) -> tuple[date, date] | None:
        """The first and the last day that the dataset says anything of."""
        days = sorted({day for period in self._spans() for day in _days(period)})
        return (days[0], days[-1]) if days else None

    @property
    def periods(self) -> Mapping[Node, Period]:
        """When each dated relation held, as far as that is known."""
        return self._any.periods

    def at(self, day: date) -> int:
        """The number of the stretch in which a day lies."""
        return bisect_right(self.starts, day) - 1

    def moment(self, day: date) -> DayView:
        """What the dataset says of one day; what its stretch shares is kept."""
        number = self.at(day)
        with self._lock:
            if number not in self._moments:
                for old in list(self._moments)[: 1 - _KEPT]:
                    del self._moments[old]
                self._moments[number] = self._reckoned(number, day)
            return self._moments[number].like(day)

    def _reckoned(self, number: int, day: date) -> DayView:
        """A moment with what every day of its stretch shares."""
        moment = self._any.on(day)
        if number not in self._denied:
            vars(moment)["contradictions"] = ()
        vars(moment).update(relations=moment.relations, shortcuts=moment.shortcuts)
        return moment

    @cached_property
    def relations(self) -> tuple[FactIntervals, ...]:
        """The dated relations with their holders."""
        return tuple(
            FactIntervals(triple, self._any.parties(triple[2]), self._facts[triple[2]])
            for triple in sorted(self._explainer.premises, key=_interval_order)
            if triple[2] in self._facts
            and (triple[0], AL.hasRelation, triple[2]) in self._explainer
        )

    @cached_property
    def shortcuts(self) -> tuple[FactIntervals, ...]:
        """The derived triples between things that rest on dated relations."""
        return tuple(
            FactIntervals(triple, (), levels[:-1])
            for triple, levels in sorted(
                self._levels.items(), key=lambda x: _interval_order(x[0])
            )
            if triple in self._explainer.inferred
            and triple[1] not in (RDF.type, OWL.sameAs)
            and not {triple[0], triple[2]} & self._facts.keys()
            and levels[-1] == _OUT
        )

    def contradictions(self, day: date) -> tuple[Contradiction, ...]:
        """What held on a day, certainly or presumably, and is denied that same day.

        The reasoner is asked only where a denial meets what it denies: a part of a
        dataset without contradictions has none but these.
        """
        number = self.at(day)
        if number in self._denied and number not in self._contradicted:
            self._contradicted[number] = self._any.on(day).contradictions
        return self._contradicted.get(number, ())

    @cached_property
    def _facts(self) -> dict[Node, Levels]:
        """The levels of the dated relations."""
        moments = [self._any.on(day) for day in self.starts]
        every = [moment.standings for moment in moments]
        return {
            fact: tuple(
                _OUT if one[fact] is None else int(one[fact] or 0) for one in every
            )
            for fact in self._any.periods
        }

    @cached_property
    def _levels(self) -> dict[Triple, Levels]:
        """The levels of all triples, with a last one for when nothing dated holds."""
        always = (0,) * (len(self.starts) + 1)
        never = (_OUT,) * len(always)
        levels: dict[Triple, Levels] = {}
        for triple in self._explainer.premises:
            dated = [self._facts[n] for n in (triple[0], triple[2]) if n in self._facts]
            levels[triple] = (*map(max, *dated, dated[0]), _OUT) if dated else always
        ways: dict[Triple, list[tuple[Triple, ...]]] = defaultdict(list)
        for head, step in self._explainer.derivations.applications():
            if levels.get(head) != always:
                ways[head].append(step.grounds)
        _settle(levels, ways, never)
        return levels

    @cached_property
    def _denied(self) -> frozenset[int]:
        """The stretches in which a denial meets what it denies."""
        found: set[int] = set()
        for pair in self._disputed():
            both = zip(*(self._levels[triple][:-1] for triple in pair), strict=True)
            found |= {n for n, two in enumerate(both) if max(two) <= Certainty.PRESUMED}
        return frozenset(found)

    def _disputed(self) -> Iterator[tuple[Triple, Triple]]:
        """What is denied at some time and holds at some time."""
        ontology = self._explainer.graphs.get(ONTOLOGY_GRAPH, Graph())
        for denied, denying in ontology.subject_objects(AL.deniedBy):
            for denial in self._explainer.inferred.triples((None, denying, None)):
                triple = denial[0], denied, denial[2]
                if triple in self._explainer:
                    yield triple, denial

    def _spans(self) -> Iterator[Period]:
        """Every period that decides what held."""
        for fact, period in self._any.periods.items():
            yield period
            yield from self._any.existence(fact)

    def _changes(self) -> set[date]:
        """The days on which something may differ from the day before."""
        found: set[date] = set()
        for period in self._spans():
            limits = period.bounds
            found |= {d for d in (limits.start_earliest, limits.start_latest) if d}
            ends = (limits.end_earliest, limits.end_latest, *period.attested)
            found |= {_next(day) for day in ends if day}
            found |= set(period.attested)
        return found - {date.min}


def _settle(
    levels: dict[Triple, Levels],
    ways: dict[Triple, list[tuple[Triple, ...]]],
    never: Levels,
) -> None:
    """Lower the levels of what follows until nothing changes."""
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
        best = _best(known, (g for g in ways[head]), levels)
        if best != known:
            levels[head] = best
            waiting |= dict.fromkeys(leads[head])


def _best(
    known: Levels, ways: Iterable[tuple[Triple, ...]], levels: dict[Triple, Levels]
) -> Levels:
    """The surest of what is known and of each way whose grounds are all known."""
    for grounds in ways:
        found = {levels[ground] for ground in grounds if ground in levels}
        if all(ground in levels for ground in grounds):
            least = next(iter(found)) if len(found) == 1 else tuple(map(max, *found))
            known = tuple(map(min, known, least))
    return known


def _days(period: Period) -> Iterator[date]:
    limits = period.bounds
    yield from (d for d in (limits.start_earliest, limits.start_latest) if d)
    yield from (d for d in (limits.end_earliest, limits.end_latest) if d)
    yield from period.attested


def _next(day: date) -> date:
    return day + timedelta(days=1) if day < date.max else day


def _interval_order(triple: Triple) -> tuple[str, ...]:
    return tuple(map(str, triple))
