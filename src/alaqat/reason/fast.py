"""The fast engine: rules compiled from the graph's own axioms, run by Nemo."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from rdflib import Graph

from alaqat.formats.graphs import new_graph
from alaqat.reason.saturation import saturate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alaqat.reason.interface import Wanted
    from alaqat.reason.rules import Rule, Triple
    from alaqat.reason.saturation import Saturation


@dataclass(frozen=True, slots=True)
class _Closed:
    """A graph closed by rules."""

    _given: Graph
    _saturation: Saturation

    @property
    def broken(self) -> tuple[Rule, ...]:
        """The rules that ended in `false`."""
        return self._saturation.broken

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules by which all of it follows."""
        return self._saturation.rules

    def news(self, wanted: Wanted) -> Iterator[Triple]:
        """What follows and was not given, of the wanted properties and classes."""
        return self._saturation.news(wanted)

    def graph(self) -> Graph:
        """The graph given and all that follows, values in each form they came in."""
        news = self._saturation.news()
        forms = self._saturation.in_other_forms(self._given)
        return new_graph(chain(self._given, news, forms))


def close(graph: Graph) -> _Closed:
    """The OWL 2 RL closure of a graph."""
    return _Closed(graph, saturate(graph))
