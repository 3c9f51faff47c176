"""RDF graphs of rdflib: in memory, as views of a store without copying, and unions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any, Protocol

from rdflib import Graph, URIRef
from rdflib.store import Store
from rdflib.term import Node

from alaqat.terms import is_default_graph

if TYPE_CHECKING:
    from collections.abc import Iterable

Triple = tuple[Node, Node, Node]
Pattern = tuple[Node | None, Node | None, Node | None]
"""A triple pattern; None matches any term."""

_ANY_TRIPLE: Pattern = (None, None, None)
_CACHED_SUBJECTS = 1024  # per graph


class TripleSource(Protocol):
    """The part of a store that views of its graphs need."""

    def graphs(self) -> Sequence[URIRef]:
        """Return the names of the graphs, sorted."""

    def triples(self, pattern: Pattern, graphs: Sequence[URIRef]) -> Iterator[Triple]:
        """Yield the triples of some graphs that match a pattern, without duplicates."""


class StoredGraphs(Mapping[URIRef, Graph]):
    """Views of the named graphs of an immutable store.

    Args:
        source: the store.
        own: the name of the store's own default graph; omitted if that is empty.
    """

    def __init__(self, source: TripleSource, own: URIRef) -> None:
        names = list(source.graphs())
        if next(source.triples(_ANY_TRIPLE, (own,)), None):
            names.append(own)
        self._graphs = {name: _view(source, (name,)) for name in names}

    def __getitem__(self, name: URIRef) -> Graph:
        """Return a graph."""
        return self._graphs[name]

    def __iter__(self) -> Iterator[URIRef]:
        """Iterate over the names."""
        return iter(self._graphs)

    def __len__(self) -> int:
        """Return the number of graphs."""
        return len(self._graphs)


def stored_union(graphs: Sequence[Graph]) -> Graph | None:
    """Return views of one store as a single view; None for any other graphs."""
    views = [graph.store for graph in graphs if isinstance(graph.store, _StoreView)]
    if not views or len(views) < len(graphs):
        return None
    source = views[0].source
    if any(view.source is not source for view in views):
        return None
    return _view(source, [name for view in views for name in view.names])


def _view(source: TripleSource, names: Sequence[URIRef]) -> Graph:
    return Graph(store=_StoreView(source, tuple(names)), bind_namespaces="none")


class _StoreView(Store):
    """A read-only rdflib store over some graphs of another store.

    All triples of a subject are read at once and cached, because whoever reads one
    property usually reads others soon.
    """

    def __init__(self, source: TripleSource, names: tuple[URIRef, ...]) -> None:
        super().__init__()
        self.source, self.names = source, names
        self._description = lru_cache(_CACHED_SUBJECTS)(self._read)

    def triples(self, triple_pattern: Any, context: Any = None) -> Iterator[Any]:  # noqa: ARG002 # rdflib's own
        """Yield the triples that match a pattern, each with no contexts."""
        subject, predicate, value = triple_pattern
        if subject is None:
            for triple in self.source.triples(triple_pattern, self.names):
                yield triple, iter(())
            return
        description = self._description(subject)
        for one in description if predicate is None else (predicate,):
            for other in description.get(one, ()):
                if value is None or value == other:
                    yield (subject, one, other), iter(())

    def _read(self, subject: Node) -> Mapping[Node, Sequence[Node]]:
        """Return the values of a subject by property."""
        description: dict[Node, list[Node]] = {}
        triples = self.source.triples((subject, None, None), self.names)
        for _, predicate, value in triples:
            description.setdefault(predicate, []).append(value)
        return description

    def __len__(self, context: Any = None) -> int:
        """Count the triples."""
        return sum(1 for _ in self.source.triples(_ANY_TRIPLE, self.names))

    def namespaces(self) -> Iterator[tuple[str, URIRef]]:
        """Return no prefixes: none are stored."""
        return iter(())


def new_graph(triples: Iterable[Triple] = ()) -> Graph:
    """Return a graph of triples in rdflib's fastest in-memory store."""
    graph = Graph(store="SimpleMemory", bind_namespaces="none")
    for triple in triples:
        graph.add(triple)
    return graph


def union(graphs: Iterable[Graph]) -> Graph:
    """Return the union of graphs: a view if all belong to one store, else a copy."""
    several = tuple(graphs)
    stored = stored_union(several)
    return new_graph(chain.from_iterable(several)) if stored is None else stored


def default_graph(graphs: Mapping[URIRef, Graph]) -> Graph:
    """Return the union of the named graphs that form the default graph of queries."""
    return union(graph for name, graph in graphs.items() if is_default_graph(name))
