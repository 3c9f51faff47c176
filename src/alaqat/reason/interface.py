"""What every reasoning engine is: a graph in, its closure out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

    Triple = tuple[Node, Node, Node]


class Engine(Protocol):
    """Something that closes a graph under OWL 2 RL."""

    def __call__(self, graph: Graph, /) -> Graph:
        """A new graph: the one given and all that follows from it.

        It may hold what RDF forbids, such as literal subjects; it need not say that a
        term is itself, nor look for contradictions. Raises InvalidData for axioms the
        engine cannot handle.
        """
