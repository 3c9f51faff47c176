"""Certainty by interval, and its propagation from premises to what follows."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alaqat.timeline import Standing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from rdflib.term import Node

    from alaqat.reason.derivation import Step
    from alaqat.reason.rules import Triple

#: For each interval the number of a standing, or EXCLUDED.
Levels = bytes

EXCLUDED = max(Standing) + 1


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

    def standing(self, interval: int) -> Standing | None:
        """Return how surely it held in an interval; None if that is excluded."""
        return standing_of(self.levels[interval])


def standing_of(level: int) -> Standing | None:
    """Return the standing that a level means; None if it means excluded."""
    return None if level == EXCLUDED else Standing(level)


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
