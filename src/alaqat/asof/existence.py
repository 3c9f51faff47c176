"""When a thing existed, as far as its founding or its end is stated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alaqat.terms import AL
from alaqat.timeline import Bounds, period

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

# Properties of an event from which a thing exists, and of one after which it does not.
_BEGINS = (AL.founded, AL.transformedInto)
_ENDS = (AL.transformedFrom,)


def existence(facts: Graph, thing: Node) -> Bounds:
    """The days before and after which a thing did not exist; unknown without events."""
    begun = (
        period(facts, event).bounds.start_earliest
        for property_ in _BEGINS
        for event in facts.subjects(property_, thing)
    )
    ended = (
        period(facts, event).bounds.end_latest
        for property_ in _ENDS
        for event in facts.subjects(property_, thing)
    )
    return Bounds(
        start_earliest=min((day for day in begun if day), default=None),
        end_latest=max((day for day in ended if day), default=None),
    )
