"""A cache of what is known about the graphs of a working copy.

It holds their sizes and triples, as last read, and follows the differences that
a change makes to them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import starmap

from rdflib import Graph, URIRef

from alaqat.errors import TooLarge
from alaqat.rdf.graphs import new_graph
from alaqat.store import differences, oxigraph_writer
from alaqat.store.differences import DEFAULT_GRAPH_KEY, Difference, GraphContent
from alaqat.store.interface import Triple
from alaqat.store.oxigraph import OxigraphStore
from alaqat.terms import STORE_DEFAULT_GRAPH

MAX_LINE_BYTES = 16_000_000
"""The bytes of the longest triple that a change may add, as N-Triples: parsers buffer
lines up to 16 MiB."""


class GraphCache:
    """The graphs of a store, as last read.

    Args:
        store: changed through this cache and by the commit alone.
        sizes: the number of triples by graph; None where it is unknown.
        is_disjoint: whether no triple is in two graphs of the usual default graph; None
            if that is unknown.
    """

    def __init__(
        self,
        store: OxigraphStore,
        sizes: Mapping[str, int | None],
        is_disjoint: bool | None = None,
    ) -> None:
        self.sizes = {name: size for name, size in sizes.items() if size is not None}
        self._is_disjoint = is_disjoint
        self._added: list[tuple[str, Iterable[Triple]]] = []
        self._store = store
        self._graphs: dict[str, Graph] = {}

    def rebind(self, store: OxigraphStore) -> None:
        """Go on with another copy of the same version."""
        self._store = store

    def size(self, name: str) -> int:
        """Return the number of triples of a graph, counted if it is unknown."""
        if name not in self.sizes:
            content = differences.scan(self._store, name, is_kept=False)
            self.sizes[name] = content.triples
        return self.sizes[name]

    def apply(self, name: str, difference: Difference) -> None:
        """Follow what was changed in the store.

        Raises:
            TooLarge: an added triple is too long to be read again.
        """
        _check_lengths(difference.added)
        if name in self.sizes:
            growth = len(difference.added) - len(difference.removed)
            self.sizes[name] += growth
        added = tuple(differences.parse_ntriples(difference.added))
        self._added.append((name, added))
        if name in self._graphs:
            for triple in differences.parse_ntriples(difference.removed):
                self._graphs[name].remove(triple)
            for triple in added:
                self._graphs[name].add(triple)

    def replace_content(self, name: str, content: GraphContent) -> None:
        """Follow a change of a graph that was too large to compare."""
        self.sizes[name] = content.triples
        self._graphs.pop(name, None)
        self._is_disjoint = None

    def forget_dropped(self, names: Iterable[str]) -> None:
        """Forget graphs that no longer exist."""
        for name in names:
            for known in (self.sizes, self._graphs):
                known.pop(name, None)

    def measure(self) -> Mapping[str, int]:
        """Return the number of triples of every graph; unknown ones are counted."""
        names = [DEFAULT_GRAPH_KEY, *map(str, self._store.graphs())]
        return {name: self.size(name) for name in sorted(names)}

    def default_graph_disjoint(self) -> bool:
        """Return whether no triple is in two graphs of the usual default graph.

        If it was true before, only triples added since are looked up. Once false it
        stays false, even if the duplicate is removed.
        """
        if self._is_disjoint is None:
            self._is_disjoint = self._store.is_default_graph_disjoint()
        elif self._is_disjoint:
            self._is_disjoint = not any(starmap(self._store.overlaps, self._added))
        self._added.clear()
        return self._is_disjoint

    def graphs(self, names: Iterable[URIRef]) -> dict[URIRef, Graph]:
        """Return graphs by name, with the store's own default graph unless empty."""
        default = self.graph(URIRef(DEFAULT_GRAPH_KEY))
        graphs = {name: self.graph(name) for name in names}
        return {**graphs, STORE_DEFAULT_GRAPH: default} if default else graphs

    def graph(self, name: URIRef) -> Graph:
        """Return a graph, read again only if it has changed."""
        key = str(name)
        if key not in self._graphs:
            content = differences.scan(self._store, key, is_kept=True)
            triples = differences.parse_ntriples(content.lines)
            self._graphs[key] = new_graph(triples)
            self.sizes[key] = content.triples
        return self._graphs[key]

    def replace(self, name: URIRef, graph: Graph) -> None:
        """Replace the content of a graph, writing only the difference."""
        key = str(name)
        before, after = set(self.graph(name)), set(graph)
        added, removed = after - before, before - after
        oxigraph_writer.amend(self._store, name, added, removed)
        self._added.append((key, added))
        self._graphs[key] = graph
        self.sizes[key] = len(graph)


def _check_lengths(lines: Iterable[bytes]) -> None:
    if any(len(line) > MAX_LINE_BYTES for line in lines):
        raise TooLarge(
            f"A triple has more than {MAX_LINE_BYTES:,} bytes.",
            remedy="Split its value, or keep it in a file and link that.",
        )


def count_triples(store: OxigraphStore) -> Mapping[str, int]:
    """Return the number of triples in each graph."""
    return GraphCache(store, {}).measure()
