"""Differences: what a change really did to the graphs of an Oxigraph store.

They follow from the quads alone, never from the text of a change: each quad is looked
up before it is added or removed, or graphs are compared as the engine writes them.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO, cast

import pyoxigraph as ox

from alaqat.rdf.terms import from_oxigraph
from alaqat.store.interface import Triple, Update
from alaqat.store.oxigraph import OxigraphStore, to_quad

GraphName = ox.NamedNode | ox.DefaultGraph

DEFAULT_GRAPH_KEY = ""
"""The name of the default graph in differences and in manifests."""


@dataclass(frozen=True)
class Difference:
    """The difference that a change made to one graph, in lines of N-Triples."""

    added: frozenset[bytes] = frozenset()
    removed: frozenset[bytes] = frozenset()

    def __bool__(self) -> bool:
        """Return whether there is any difference."""
        return bool(self.added or self.removed)


@dataclass(frozen=True)
class GraphContent:
    """The content of one graph, from one scan.

    Attributes:
        triples: how many there are.
        sha256: of its N-Triples in the engine's order.
        ntriples: itself; None if only its hash was wanted.
    """

    triples: int
    sha256: str
    ntriples: bytes | None = None

    @property
    def lines(self) -> frozenset[bytes]:
        """The lines of N-Triples."""
        return frozenset((self.ntriples or b"").splitlines())


class _Hasher:
    """A file that only hashes what is written to it, and counts its lines."""

    def __init__(self) -> None:
        self.hash = hashlib.sha256()
        self.lines = 0

    def write(self, content: bytes) -> int:
        self.hash.update(content)
        self.lines += content.count(b"\n")
        return len(content)

    def flush(self) -> None:
        """Do nothing: no write is buffered."""


def scan(store: OxigraphStore, graph: str, *, is_kept: bool) -> GraphContent:
    """Read a graph once.

    Args:
        store: that holds it.
        graph: its name; empty for the default graph.
        is_kept: whether its N-Triples are wanted; else they need no memory.
    """
    name, form = _name(graph), ox.RdfFormat.N_TRIPLES
    if is_kept:
        text = store.data.dump(format=form, from_graph=name) or b""
        return GraphContent(text.count(b"\n"), hashlib.sha256(text).hexdigest(), text)
    hasher = _Hasher()
    store.data.dump(cast("IO[bytes]", hasher), form, from_graph=name)
    return GraphContent(hasher.lines, hasher.hash.hexdigest())


def compare(before: GraphContent, after: GraphContent) -> Difference:
    """Return the difference between two contents of a graph, both with N-Triples."""
    old, new = before.lines, after.lines
    return Difference(new - old, old - new)


def insert(
    store: OxigraphStore, quads: Iterable[ox.Quad], graphs: Iterable[GraphName] = ()
) -> dict[str, Difference]:
    """Add quads, and return by graph those that were not there before.

    Args:
        store: is changed.
        quads: to add.
        graphs: to create, as far as they do not exist; the default graph always does.
    """
    with store.writing() as data:
        for graph in graphs:
            if isinstance(graph, ox.NamedNode):
                data.add_graph(graph)
        new = [quad for quad in quads if quad not in data]
        data.extend(new)
        lines = _stored_lines(data, new)
    return {name: Difference(added=frozenset(found)) for name, found in lines.items()}


def append_triples(
    store: OxigraphStore, graph: str, triples: Iterable[Triple]
) -> Difference:
    """Add triples to a graph, which is created if it does not exist."""
    name = ox.NamedNode(graph)
    added = insert(store, [to_quad(triple, name) for triple in triples], [name])
    return added.get(graph, Difference())


def remove(store: OxigraphStore, quads: Iterable[ox.Quad]) -> dict[str, Difference]:
    """Remove quads, and return by graph those that were there."""
    with store.writing() as data:
        old = [quad for quad in quads if quad in data]
        lines = _stored_lines(data, old)
        for quad in old:
            data.remove(quad)
    return {name: Difference(removed=frozenset(found)) for name, found in lines.items()}


def parse_ntriples(lines: Iterable[bytes]) -> Iterator[Triple]:
    """Yield the triples of lines of N-Triples, keeping blank node labels."""
    for quad in ox.parse(b"\n".join(lines), ox.RdfFormat.N_TRIPLES):
        subject, predicate, value = map(from_oxigraph, quad.triple)
        yield subject, predicate, value


@dataclass(frozen=True)
class QuadData:
    """The quads that an INSERT DATA or a DELETE DATA lists.

    Attributes:
        is_removed: whether they are deleted.
        quads: with new labels for blank nodes.
        graphs: the named graphs among their graphs.
    """

    is_removed: bool
    quads: tuple[ox.Quad, ...]
    graphs: tuple[ox.NamedNode, ...]


def read_quad_data(update: Update) -> QuadData | None:
    """Return the quads that an update lists; None if it does anything else.

    The engine reads the text, into an empty store. So even if our tokens took another
    kind of update for this one, what is applied is what is recorded.

    Raises:
        InvalidQuery: the engine cannot parse it.
    """
    words = [
        token
        for token in update.analysis.tokens
        if not token.depth and token.kind == "word"
    ]
    verbs = [token.text for token in words if token.text not in ("PREFIX", "BASE")]
    inserts = len(verbs) > 1 and verbs == ["INSERT", "DATA"] * (len(verbs) // 2)
    deletes = verbs == ["DELETE", "DATA"]
    if not (inserts or deletes) or update.using_graphs or update.using_named_graphs:
        return None
    text, scratch = update.text, OxigraphStore()
    scratch.update(text, update.analysis)
    if deletes:
        start = next(token.start for token in words if token.text == "DELETE")
        text = f"{text[:start]}INSERT{text[start + len('DELETE') :]}"
        scratch.update(text, update.analysis)
    data = scratch.data
    return QuadData(deletes, tuple(data), tuple(data.named_graphs()))  # type: ignore[arg-type] # the default graph, a blank node cannot be named


def _stored_lines(data: ox.Store, quads: Iterable[ox.Quad]) -> dict[str, set[bytes]]:
    """Return by graph the lines of quads as the store holds them.

    It holds numbers by value, so they are read back.
    """
    found: defaultdict[str, list[ox.Triple]] = defaultdict(list)
    for quad in quads:
        name = quad.graph_name
        key = name.value if isinstance(name, ox.NamedNode) else DEFAULT_GRAPH_KEY
        held = data.quads_for_pattern(quad.subject, quad.predicate, quad.object, name)
        found[key] += [each.triple for each in held]
    return {
        name: set(
            (ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b"").splitlines()
        )
        for name, triples in found.items()
    }


def _name(graph: str) -> ox.NamedNode | ox.DefaultGraph:
    return ox.NamedNode(graph) if graph else ox.DefaultGraph()
