"""Oxigraph writer: mutations as transactions, and bulk operations on a store."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

import pyoxigraph as ox

from alaqat.errors import (
    Conflict,
    InvalidData,
    UnknownGraph,
)
from alaqat.rdf.terms import from_oxigraph
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


def to_sparql_update(change: Mutation) -> str:
    """Return the SPARQL update that applies a mutation in one transaction."""
    if isinstance(change, Update):
        if not change.using_graphs and not change.using_named_graphs:
            return change.analysis.text
        graphs = change.using_graphs, change.using_named_graphs
        return apply_using_clauses(change.analysis, *graphs)
    graph = None if change.graph is None else f"GRAPH <{graph_iri(change.graph)}>"
    if isinstance(change, Drop):
        return f"DROP {graph}" if graph else "CLEAR DEFAULT"
    return f"{_preparation(change, graph)}{_insert_data(change.ntriples, graph)}"


def _preparation(change: Replace | Add, graph: str | None) -> str:
    """Return the operations that create or empty the graph of an insertion."""
    if graph is None:
        return "CLEAR DEFAULT;" if isinstance(change, Replace) else ""
    drop = f"DROP SILENT {graph};" if isinstance(change, Replace) else ""
    return f"{drop}CREATE SILENT {graph};"


def _insert_data(ntriples: bytes, graph: str | None) -> str:
    """Return the operation that inserts the triples; empty if there are none.

    They are parsed and serialized again, so that nothing in them can end the operation.
    """
    try:
        quads = ox.parse(ntriples, ox.RdfFormat.N_TRIPLES)
        triples = ox.serialize((q.triple for q in quads), format=ox.RdfFormat.N_TRIPLES)
    except SyntaxError as error:
        raise InvalidData(
            f"Not valid N-Triples: {error.msg}.",
            line=error.lineno,
            remedy="Correct the triples.",
        ) from None
    if not triples:
        return ""
    inside = triples.decode()
    if graph:
        inside = f"{graph} {{{inside}}}"
    return f"INSERT DATA {{{inside}}}"


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
        """Apply a mutation in one transaction of the engine."""
        with self._lock:
            if expected is not None and expected != self.version:
                raise Conflict(
                    "The dataset has changed since.",
                    remedy="Read it again, then send the change again.",
                )
            is_new = self._creates_graph(change)
            analysis = change.analysis if isinstance(change, Update) else None
            self.store.update(to_sparql_update(change), analysis)
            self.number += 1
            return CommitResult(self.version, is_new)

    def _creates_graph(self, change: Mutation) -> bool:
        """Return whether a mutation creates its graph; raise if it drops none."""
        if isinstance(change, Update) or change.graph is None:
            return False
        name = graph_iri(change.graph)
        exists = self.store.data.contains_named_graph(ox.NamedNode(name))
        if isinstance(change, Drop) and not exists:
            raise UnknownGraph(
                f"There is no graph {name}.", remedy="See the list of graphs at /data."
            )
        return not exists


#: Files that the engine writes for itself and that hold no quads.
ENGINE_FILES = ("LOCK", "LOG")


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


def ntriples_lines(store: OxigraphStore, graph: str | None) -> frozenset[bytes]:
    """Return the lines of a graph in N-Triples; None is the default graph."""
    return frozenset(_dump(store, graph).splitlines())


def digest(store: OxigraphStore, graph: str | None) -> tuple[int, str]:
    """Return the size of a graph and a hash of its content, from one scan."""
    ntriples = _dump(store, graph)
    return ntriples.count(b"\n"), hashlib.sha256(ntriples).hexdigest()


def _dump(store: OxigraphStore, graph: str | None) -> bytes:
    name = ox.DefaultGraph() if graph is None else ox.NamedNode(graph)
    return store.data.dump(format=ox.RdfFormat.N_TRIPLES, from_graph=name) or b""


def write_nquads(store: OxigraphStore, path: Path) -> None:
    """Write all quads to a file, in the engine's order."""
    store.data.dump(str(path), ox.RdfFormat.N_QUADS)


def load_nquads(store: OxigraphStore, path: Path) -> None:
    """Load all quads of a file into an empty store."""
    with store.writing() as data:
        data.bulk_load(path=str(path), format=ox.RdfFormat.N_QUADS)


def parse_ntriples(lines: Iterable[bytes]) -> Iterator[Triple]:
    """Yield the triples of lines of N-Triples, keeping blank node labels."""
    for quad in ox.parse(b"\n".join(lines), ox.RdfFormat.N_TRIPLES):
        subject, predicate, value = map(from_oxigraph, quad.triple)
        yield subject, predicate, value


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
