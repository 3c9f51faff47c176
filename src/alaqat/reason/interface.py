"""What the reasoning engines share: a graph in, its closure out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

    Triple = tuple[Node, Node, Node]


@dataclass(frozen=True)
class Closure:
    """All that follows from a graph, the graph itself included.

    Attributes:
        graph: the closure; may hold what RDF forbids, such as literal subjects.
        complaints: contradictions the engine noticed, in its own words.
    """

    graph: Graph
    complaints: tuple[str, ...] = ()


class Engine(Protocol):
    """Something that closes a graph under OWL 2 RL and leaves the graph alone."""

    def __call__(self, graph: Graph, /) -> Closure:
        """The closure of the graph; InvalidData for what the engine cannot do."""
