"""A cache of a working copy's graphs, and the differences that a change makes to them.

Graphs are compared as the lines of N-Triples that the engine writes: that is faster
than comparing triples in Python, and blank nodes keep the labels that the store gave
them. Graphs above a size limit are not compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import starmap

from rdflib import Graph, URIRef

from alaqat.curation.changelog_graph import Difference
from alaqat.errors import TooLarge
from alaqat.rdf.graphs import new_graph
from alaqat.store import oxigraph_writer
from alaqat.store.interface import Triple
from alaqat.store.oxigraph import OxigraphStore
from alaqat.terms import STORE_DEFAULT_GRAPH

MAX_COMPARED_TRIPLES = 100_000
"""The changelog lists no triples of a change to graphs that together are larger."""

MAX_LINE_BYTES = 16_000_000
"""The bytes of the longest triple that a change may add, as N-Triples: parsers buffer
lines up to 16 MiB."""

DEFAULT_GRAPH_KEY = ""
"""The name of the default graph here and in manifests."""


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
        self.sizes = dict(sizes)
        self._is_disjoint = is_disjoint
        self._added: list[tuple[str, Iterable[Triple]]] = []
        self._store = store
        self._lines: dict[str, frozenset[bytes]] = {}
        self._graphs: dict[str, Graph] = {}
        self._digests: dict[str, str] = {}

    def is_comparable(self, names: Iterable[str]) -> bool:
        """Return whether graphs are small enough to be compared."""
        sizes = [self.sizes.get(name, 0) for name in names]
        known = [size for size in sizes if size is not None]
        return len(known) == len(sizes) and sum(known) <= MAX_COMPARED_TRIPLES

    def capture(self, names: Iterable[str]) -> None:
        """Read graphs before they are changed."""
        for name in names:
            if name not in self._lines:
                self._read_lines(name)

    def differences(self, names: Iterable[str]) -> dict[str, Difference]:
        """Return the changes to graphs since they were captured."""
        found = {}
        for name in names:
            before = self._lines.get(name, frozenset())
            after = self._read_lines(name)
            if before != after:
                found[name] = Difference(after - before, before - after)
                _check_lengths(found[name].added)
                self._added.append(
                    (name, tuple(oxigraph_writer.parse_ntriples(found[name].added)))
                )
                self._apply(name, found[name])
        return found

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

    def invalidate(self, names: Iterable[str]) -> None:
        """Forget graphs that were changed without being compared."""
        for name in names:
            self._lines.pop(name, None)
            self._graphs.pop(name, None)
            self.sizes[name] = None
        self._is_disjoint = None

    def digests(self, names: Iterable[str]) -> dict[str, str]:
        """Return a digest of each graph, without caching its triples."""
        for name in names:
            if name not in self._digests:
                self.sizes[name], self._digests[name] = oxigraph_writer.digest(
                    self._store, name
                )
        return {name: self._digests[name] for name in names}

    def graphs(self, names: Iterable[URIRef]) -> dict[URIRef, Graph]:
        """Return graphs by name, with the store's own default graph unless empty."""
        default = self.graph(URIRef(DEFAULT_GRAPH_KEY))
        graphs = {name: self.graph(name) for name in names}
        return {**graphs, STORE_DEFAULT_GRAPH: default} if default else graphs

    def graph(self, name: URIRef) -> Graph:
        """Return a graph, read again only if it has changed."""
        key = str(name)
        if key not in self._graphs:
            lines = self._lines.get(key) or oxigraph_writer.ntriples_lines(
                self._store, key or None
            )
            self._graphs[key] = new_graph(oxigraph_writer.parse_ntriples(lines))
        return self._graphs[key]

    def replace(self, name: URIRef, graph: Graph) -> None:
        """Replace the content of a graph, writing only the difference."""
        key = str(name)
        before, after = set(self.graph(name)), set(graph)
        added, removed = after - before, before - after
        oxigraph_writer.amend(self._store, name, added, removed)
        self._added.append((key, added))
        self._graphs[key] = graph
        self._digests.pop(key, None)
        self.sizes[key] = len(graph)

    def append(self, name: URIRef, triples: Iterable[Triple]) -> None:
        """Add triples to a graph and renew its digest."""
        key = str(name)
        oxigraph_writer.amend(self._store, name, triples)
        self._graphs.pop(key, None)
        self._digests.pop(key, None)
        self.digests([key])

    def _apply(self, name: str, difference: Difference) -> None:
        """Apply to a cached graph what was changed in the store."""
        if name in self._graphs:
            for triple in oxigraph_writer.parse_ntriples(difference.removed):
                self._graphs[name].remove(triple)
            for triple in oxigraph_writer.parse_ntriples(difference.added):
                self._graphs[name].add(triple)
        if name and URIRef(name) not in self._store.graphs():
            self._graphs.pop(name, None)

    def _read_lines(self, name: str) -> frozenset[bytes]:
        """Read a graph as lines of N-Triples, and note its size."""
        lines = self._lines[name] = oxigraph_writer.ntriples_lines(
            self._store, name or None
        )
        self.sizes[name] = len(lines)
        if not lines and URIRef(name) not in self._store.graphs():
            del self.sizes[name]
        return lines


def _check_lengths(lines: Iterable[bytes]) -> None:
    """Raise TooLarge for a triple that would be too long to be read again."""
    if any(len(line) > MAX_LINE_BYTES for line in lines):
        raise TooLarge(
            f"A triple has more than {MAX_LINE_BYTES:,} bytes.",
            remedy="Split its value, or keep it in a file and link that.",
        )


def count_triples(store: OxigraphStore) -> dict[str, int | None]:
    """Return the number of triples in each graph."""
    names = (None, *map(str, store.graphs()))
    return {
        name or DEFAULT_GRAPH_KEY: oxigraph_writer.digest(store, name)[0]
        for name in names
    }
