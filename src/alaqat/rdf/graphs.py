"""Graphs of rdflib over a store: a triple is read when it is asked for, not copied.

RDF graphs of this process: new ones, and several as one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any, Protocol

from rdflib import Graph, URIRef
from rdflib.store import Store as RdflibStore
from rdflib.term import Node

from alaqat.terms import is_default_graph

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rdflib import URIRef
    from rdflib.term import Node


Triple = tuple[Node, Node, Node]
Pattern = tuple[Node | None, Node | None, Node | None]
"""Terms that a triple must have; None is any."""

_EVERYTHING: Pattern = (None, None, None)
_SUBJECTS = 1024  # that each graph remembers


class TripleSource(Protocol):
    """A store of named graphs, as far as graphs over it need one."""

    def graphs(self) -> Sequence[URIRef]:
        """Return the names of the graphs, sorted."""

    def triples(self, pattern: Pattern, graphs: Sequence[URIRef]) -> Iterator[Triple]:
        """Yield the triples of some graphs that match a pattern, each once."""


class StoredGraphs(Mapping[URIRef, Graph]):
    """The named graphs of a store that does not change.

    Args:
        source: the store.
        own: the name of the store's own default graph; left out if that is empty.
    """

    def __init__(self, source: TripleSource, own: URIRef) -> None:
        names = list(source.graphs())
        if next(source.triples(_EVERYTHING, (own,)), None):
            names.append(own)
        self._graphs = {name: _graph(source, (name,)) for name in names}

    def __getitem__(self, name: URIRef) -> Graph:
        """Return a graph."""
        return self._graphs[name]

    def __iter__(self) -> Iterator[URIRef]:
        """Iterate over the names."""
        return iter(self._graphs)

    def __len__(self) -> int:
        """Return how many graphs there are."""
        return len(self._graphs)


def stored_union(graphs: Sequence[Graph]) -> Graph | None:
    """Return graphs of one store as one graph over it; None if they are others."""
    readers = [one.store for one in graphs if isinstance(one.store, _Reader)]
    if not readers or len(readers) < len(graphs):
        return None
    source = readers[0].source
    if any(one.source is not source for one in readers):
        return None
    return _graph(source, [name for one in readers for name in one.names])


def _graph(source: TripleSource, names: Sequence[URIRef]) -> Graph:
    return Graph(store=_Reader(source, tuple(names)), bind_namespaces="none")


class _Reader(RdflibStore):
    """Some graphs of a store as rdflib reads them.

    What is said of a subject is read at once and remembered for a while: who asks for
    one of its properties soon asks for another.
    """

    def __init__(self, source: TripleSource, names: tuple[URIRef, ...]) -> None:
        super().__init__()
        self.source, self.names = source, names
        self._about = lru_cache(_SUBJECTS)(self._read)

    def triples(self, triple_pattern: Any, context: Any = None) -> Iterator[Any]:  # noqa: ARG002 # rdflib's own
        """Yield the triples that match a pattern, each with no contexts."""
        subject, predicate, value = triple_pattern
        if subject is None:
            for triple in self.source.triples(triple_pattern, self.names):
                yield triple, iter(())
            return
        about = self._about(subject)
        for one in about if predicate is None else (predicate,):
            for other in about.get(one, ()):
                if value is None or value == other:
                    yield (subject, one, other), iter(())

    def _read(self, subject: Node) -> Mapping[Node, Sequence[Node]]:
        """Return all that is said of a subject, by property."""
        about: dict[Node, list[Node]] = {}
        triples = self.source.triples((subject, None, None), self.names)
        for _, predicate, value in triples:
            about.setdefault(predicate, []).append(value)
        return about

    def __len__(self, context: Any = None) -> int:
        """Count the triples."""
        return sum(1 for _ in self.source.triples(_EVERYTHING, self.names))

    def namespaces(self) -> Iterator[tuple[str, URIRef]]:
        """Yield no prefixes: none are kept."""
        return iter(())


def new_graph(triples: Iterable[tuple[Node, Node, Node]] = ()) -> Graph:
    """Return a graph of triples, in the store that is fastest to fill and to walk."""
    graph = Graph(store="SimpleMemory", bind_namespaces="none")
    for triple in triples:
        graph.add(triple)
    return graph


def union(graphs: Iterable[Graph]) -> Graph:
    """Return several graphs as one: those of one store over it, others as a copy."""
    several = tuple(graphs)
    stored = stored_union(several)
    return new_graph(chain.from_iterable(several)) if stored is None else stored


def default_graph(graphs: Mapping[URIRef, Graph]) -> Graph:
    """Return the union of the named graphs that a plain query reads."""
    return union(graph for name, graph in graphs.items() if is_default_graph(name))
