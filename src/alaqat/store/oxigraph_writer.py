"""Oxigraph writer: mutations as transactions, and bulk operations on a store."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

import pyoxigraph as ox

from alaqat.errors import (
    Conflict,
    InvalidData,
    UnknownGraph,
)
from alaqat.sparql.dataset_clauses import apply_using_clauses, graph_iri
from alaqat.store.interface import (
    Add,
    CommitResult,
    Drop,
    Mutation,
    Replace,
    Triple,
    Update,
)
from alaqat.store.oxigraph import OxigraphStore, to_quad


def to_sparql_update(change: Update) -> str:
    """Return the text of an update, with the graphs of its request as USING clauses."""
    if not change.using_graphs and not change.using_named_graphs:
        return change.analysis.text
    graphs = change.using_graphs, change.using_named_graphs
    return apply_using_clauses(change.analysis, *graphs)


@dataclass
class OxigraphWriter:
    """A writer without change log and validation.

    Attributes:
        store: to change.
        number: of the current version, raised by one for each mutation.
    """

    store: OxigraphStore
    number: int = 1
    _lock: Lock = field(default_factory=Lock)

    @property
    def version(self) -> str:
        """The current version, as long as nothing else changes the store."""
        return str(self.number)

    def commit(
        self,
        change: Mutation,
        *,
        author: str,  # noqa: ARG002 # there is no change log
        expected: str | None = None,
    ) -> CommitResult:
        """Apply a mutation; a failed one has changed nothing.

        A query at the same time may see a graph emptied before it is replaced.
        """
        with self._lock:
            if expected is not None and expected != self.version:
                raise Conflict(
                    "The dataset has changed since.",
                    remedy="Read it again, then send the change again.",
                )
            is_new = False
            if isinstance(change, Update):
                self.store.update(to_sparql_update(change), change.analysis)
            else:
                is_new = creates_graph(self.store, change)
                apply_to_graph(self.store, change)
            self.number += 1
            return CommitResult(self.version, is_new)


def creates_graph(store: OxigraphStore, change: Replace | Add | Drop) -> bool:
    """Return whether a change creates its graph.

    Raises:
        UnknownGraph: it drops a graph that does not exist.
    """
    if change.graph is None:
        return False
    name = graph_iri(change.graph)
    exists = store.data.contains_named_graph(ox.NamedNode(name))
    if isinstance(change, Drop) and not exists:
        raise UnknownGraph(
            f"There is no graph {name}.", remedy="See the list of graphs at /data."
        )
    return not exists


def apply_to_graph(store: OxigraphStore, change: Replace | Add | Drop) -> None:
    """Apply a change to the one graph that it names, without any SPARQL.

    Raises:
        InvalidData: its triples cannot be parsed; nothing was changed.
    """
    name = graph_name(change.graph)
    quads = [] if isinstance(change, Drop) else parse_quads(change.ntriples, name)
    with store.writing() as data:
        if isinstance(change, Drop) and isinstance(name, ox.NamedNode):
            data.remove_graph(name)
        elif not isinstance(change, Add):
            data.clear_graph(name)
        if isinstance(name, ox.NamedNode) and not isinstance(change, Drop):
            data.add_graph(name)
        data.extend(quads)


def graph_name(name: str | None) -> ox.NamedNode | ox.DefaultGraph:
    """Return the engine's name of a graph; None is the default graph."""
    return ox.DefaultGraph() if name is None else ox.NamedNode(graph_iri(name))


def parse_quads(ntriples: bytes, name: ox.NamedNode | ox.DefaultGraph) -> list[ox.Quad]:
    """Return triples as quads of a graph, with new labels for their blank nodes.

    Raises:
        InvalidData: they cannot be parsed.
    """
    try:
        parsed = ox.parse(ntriples, ox.RdfFormat.N_TRIPLES, rename_blank_nodes=True)
        return [ox.Quad(q.subject, q.predicate, q.object, name) for q in parsed]
    except SyntaxError as error:
        raise InvalidData(
            f"Not valid N-Triples: {error.msg}.",
            line=error.lineno,
            remedy="Correct the triples.",
        ) from None


def open_writable_store(folder: Path) -> OxigraphStore:
    """Open a store for writing; no other process may open it meanwhile."""
    return OxigraphStore(ox.Store(str(folder)))


def copy_store(source: Path, target: Path) -> None:
    """Copy a store that is not being written to a new folder.

    The engine never changes its SST files once written, so both folders share them by
    hard links; writes to the copy go to new files.
    """
    ox.Store.read_only(str(source)).backup(str(target))


def back_up(store: OxigraphStore, target: Path) -> None:
    """Copy an open store in its current state to a new folder, by hard links too."""
    store.data.backup(str(target))


def write_nquads(store: OxigraphStore, path: Path) -> None:
    """Write all quads to a file, in the engine's order."""
    store.data.dump(str(path), ox.RdfFormat.N_QUADS)


def load_nquads(store: OxigraphStore, path: Path) -> None:
    """Load all quads of a file into an empty store."""
    with store.writing() as data:
        data.bulk_load(path=str(path), format=ox.RdfFormat.N_QUADS)


def amend(
    store: OxigraphStore,
    graph: str,
    added: Iterable[Triple],
    removed: Iterable[Triple] = (),
) -> None:
    """Add and remove triples of a graph, which is created if it does not exist."""
    name = ox.NamedNode(graph)
    new, old = ([to_quad(t, name) for t in triples] for triples in (added, removed))
    with store.writing() as data:
        data.add_graph(name)
        data.extend(new)
        for quad in old:
            data.remove(quad)
