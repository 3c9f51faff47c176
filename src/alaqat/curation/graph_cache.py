"""What stands in a private copy, remembered graph by graph between changes.

Lines of N-Triples are compared, which the engine writes: so nothing is compared triple
by triple in Python, and blank nodes keep the names that the store gave them. What is
too large is not compared at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import starmap

from rdflib import Graph, URIRef

from alaqat.curation.history import Difference
from alaqat.rdf.graphs import new_graph
from alaqat.store import oxigraph_writer
from alaqat.store.interface import Triple
from alaqat.store.oxigraph import OxigraphStore
from alaqat.terms import STORE_DEFAULT_GRAPH

#: A change to graphs that together are larger is told without its triples.
LARGEST = 100_000

DEFAULT = ""
"""How the default graph is named here and in manifests."""


class GraphCache:
    """What a store held when last looked at.

    Args:
        store: nobody else changes it.
        sizes: how many triples its graphs have; None if it is not known.
        is_set: whether its usual default graph is a set; None if it is not known.
    """

    def __init__(
        self,
        store: OxigraphStore,
        sizes: Mapping[str, int | None],
        is_set: bool | None = None,
    ) -> None:
        self.sizes = dict(sizes)
        self._is_set = is_set
        self._added: list[tuple[str, Iterable[Triple]]] = []
        self._store = store
        self._lines: dict[str, frozenset[bytes]] = {}
        self._graphs: dict[str, Graph] = {}
        self._seals: dict[str, str] = {}

    def is_small(self, names: Iterable[str]) -> bool:
        """Whether graphs can be compared in no time."""
        sizes = [self.sizes.get(name, 0) for name in names]
        known = [size for size in sizes if size is not None]
        return len(known) == len(sizes) and sum(known) <= LARGEST

    def look(self, names: Iterable[str]) -> None:
        """Remember what graphs hold before they are changed."""
        for name in names:
            if name not in self._lines:
                self._see(name)

    def differences(self, names: Iterable[str]) -> dict[str, Difference]:
        """What became of graphs since they were looked at."""
        found = {}
        for name in names:
            before = self._lines.get(name, frozenset())
            after = self._see(name)
            if before != after:
                found[name] = Difference(after - before, before - after)
                self._added.append(
                    (name, tuple(oxigraph_writer.parse_ntriples(found[name].added)))
                )
                self._follow(name, found[name])
        return found

    def is_set(self) -> bool:
        """Whether no triple stands in two graphs of the usual default graph.

        Only what was added since the last time is looked up, unless it is not known;
        what was no set is told to be none, even if the second triple is gone.
        """
        if self._is_set is None:
            self._is_set = self._store.is_default_graph_disjoint()
        elif self._is_set:
            self._is_set = not any(starmap(self._store.overlaps, self._added))
        self._added.clear()
        return self._is_set

    def lose(self, names: Iterable[str]) -> None:
        """Know nothing any more of graphs that were changed unseen."""
        for name in names:
            self._lines.pop(name, None)
            self._graphs.pop(name, None)
            self.sizes[name] = None
        self._is_set = None

    def seal(self, names: Iterable[str]) -> dict[str, str]:
        """What differs when one of these graphs does, without what they hold."""
        for name in names:
            if name not in self._seals:
                self.sizes[name], self._seals[name] = oxigraph_writer.digest(
                    self._store, name
                )
        return {name: self._seals[name] for name in names}

    def named(self, names: Iterable[URIRef]) -> dict[URIRef, Graph]:
        """These graphs, and the store's own default graph if it holds anything."""
        own = self.graph(URIRef(DEFAULT))
        graphs = {name: self.graph(name) for name in names}
        return {**graphs, STORE_DEFAULT_GRAPH: own} if own else graphs

    def graph(self, name: URIRef) -> Graph:
        """A graph, read once as long as it stays the same."""
        key = str(name)
        if key not in self._graphs:
            lines = self._lines.get(key) or oxigraph_writer.ntriples_lines(
                self._store, key or None
            )
            self._graphs[key] = new_graph(oxigraph_writer.parse_ntriples(lines))
        return self._graphs[key]

    def put(self, name: URIRef, graph: Graph) -> None:
        """Let a graph hold other triples; only what differs is written."""
        key = str(name)
        before, after = set(self.graph(name)), set(graph)
        added, removed = after - before, before - after
        oxigraph_writer.amend(self._store, name, added, removed)
        self._added.append((key, added))
        self._graphs[key] = graph
        self._seals.pop(key, None)
        self.sizes[key] = len(graph)

    def append(self, name: URIRef, triples: Iterable[Triple]) -> None:
        """Add triples to a graph that is sealed again."""
        key = str(name)
        oxigraph_writer.amend(self._store, name, triples)
        self._graphs.pop(key, None)
        self._seals.pop(key, None)
        self.seal([key])

    def _follow(self, name: str, difference: Difference) -> None:
        """Do to a graph that was read what was done to it in the store."""
        if name in self._graphs:
            for triple in oxigraph_writer.parse_ntriples(difference.removed):
                self._graphs[name].remove(triple)
            for triple in oxigraph_writer.parse_ntriples(difference.added):
                self._graphs[name].add(triple)
        if name and URIRef(name) not in self._store.graphs():
            self._graphs.pop(name, None)

    def _see(self, name: str) -> frozenset[bytes]:
        """What a graph holds now."""
        lines = self._lines[name] = oxigraph_writer.ntriples_lines(
            self._store, name or None
        )
        self.sizes[name] = len(lines)
        if not lines and URIRef(name) not in self._store.graphs():
            del self.sizes[name]
        return lines


def sizes(store: OxigraphStore) -> dict[str, int | None]:
    """How many triples each graph has, counted once."""
    names = (None, *map(str, store.graphs()))
    return {name or DEFAULT: oxigraph_writer.digest(store, name)[0] for name in names}
