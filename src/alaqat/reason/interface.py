"""What every reasoning engine is: a graph in, what follows from it out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rdflib import Graph
    from rdflib.term import Node

    from alaqat.reason.rules import Rule, Triple

    Wanted = Callable[[Node, Node | None], bool]  # a property; for rdf:type, a class


class Closure(Protocol):
    """A graph and all that follows from it, as far as anybody asks."""

    @property
    def broken(self) -> tuple[Rule, ...] | None:
        """The rules that ended in `false`; None if the engine does not tell."""

    def news(self, wanted: Wanted) -> Iterator[Triple]:
        """What follows and was not given, of the wanted properties and classes."""

    def graph(self) -> Graph:
        """The graph given and all that follows.

        It may hold what RDF forbids, such as literal subjects; it need not say that a
        term is itself.
        """


class Engine(Protocol):
    """Something that closes a graph under OWL 2 RL."""

    def __call__(self, graph: Graph, /) -> Closure:
        """What follows from the graph, which is left alone.

        Raises InvalidData for axioms the engine cannot handle.
        """
