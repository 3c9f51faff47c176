"""SPARQL updates generated from changes of graphs.

Changing an Oxigraph store in this process, each change wholly or not at all.

The files of a store: opened to be written, copied, told graph by graph.
"""

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
from alaqat.rdf.terms import from_oxigraph, to_oxigraph
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
from alaqat.store.oxigraph import OxigraphStore


def as_update(change: Mutation) -> str:
    """Return the SPARQL update that makes a change in one transaction of the engine."""
    if isinstance(change, Update):
        if not change.using_graphs and not change.using_named_graphs:
            return change.outline.text
        chosen = change.using_graphs, change.using_named_graphs
        return apply_using_clauses(change.outline, *chosen)
    graph = None if change.graph is None else f"GRAPH <{graph_iri(change.graph)}>"
    if isinstance(change, Drop):
        return f"DROP {graph}" if graph else "CLEAR DEFAULT"
    return f"{_prepared(change, graph)}{_inserted(change.ntriples, graph)}"


def _prepared(change: Replace | Add, graph: str | None) -> str:
    """Return the operations before the triples: create the graph, or empty it."""
    if graph is None:
        return "CLEAR DEFAULT;" if isinstance(change, Replace) else ""
    drop = f"DROP SILENT {graph};" if isinstance(change, Replace) else ""
    return f"{drop}CREATE SILENT {graph};"


def _inserted(ntriples: bytes, graph: str | None) -> str:
    """Return the operation that inserts the triples; empty if there are none.

    They are parsed and serialized again, so nothing in them can end the operation.
    """
    try:
        quads = ox.parse(ntriples, ox.RdfFormat.N_TRIPLES)
        triples = ox.serialize((q.triple for q in quads), format=ox.RdfFormat.N_TRIPLES)
    except SyntaxError as error:
        raise InvalidData(
            f"The triples cannot be read: {error.msg}.",
            line=error.lineno,
            remedy="Write them as N-Triples.",
        ) from None
    if not triples:
        return ""
    inside = triples.decode()
    if graph:
        inside = f"{graph} {{{inside}}}"
    return f"INSERT DATA {{{inside}}}"


@dataclass
class OxigraphWriter:
    """A writer that keeps no record and checks no shapes.

    Attributes:
        store: what is changed.
        number: of the changes made so far, which names the version.
    """

    store: OxigraphStore
    number: int = 1
    _editing: Lock = field(default_factory=Lock)

    @property
    def version(self) -> str:
        """Names what the store holds now, as long as nobody else changes it."""
        return str(self.number)

    def commit(
        self,
        change: Mutation,
        *,
        author: str,  # noqa: ARG002 # nothing is recorded here
        expected: str | None = None,
    ) -> CommitResult:
        """Carry out a change in one transaction of the engine."""
        with self._editing:
            if expected is not None and expected != self.version:
                raise Conflict(
                    "The dataset has changed since.",
                    remedy="Read it again, then send the change again.",
                )
            is_new = self._is_new(change)
            outline = change.outline if isinstance(change, Update) else None
            self.store.run(as_update(change), outline)
            self.number += 1
            return CommitResult(self.version, is_new)

    def _is_new(self, change: Mutation) -> bool:
        """Whether a change makes a graph that is not there."""
        if isinstance(change, Update) or change.graph is None:
            return False
        name = graph_iri(change.graph)
        is_known = self.store.data.contains_named_graph(ox.NamedNode(name))
        if isinstance(change, Drop) and not is_known:
            raise UnknownGraph(
                f"There is no graph {name}.", remedy="Look at the list at /data."
            )
        return not is_known


#: What the engine writes for itself; it is no part of a store's content.
NOTES = ("LOCK", "LOG")


def open_to_write(folder: Path) -> OxigraphStore:
    """The store in a folder, to write; nobody else may open it meanwhile."""
    return OxigraphStore(ox.Store(str(folder)))


def copy_store(source: Path, target: Path) -> None:
    """Copy a store that nobody writes into a new folder.

    The engine's tables never change once they are written, so both folders share
    them by hard links; what is written to the copy goes into new files.
    """
    ox.Store.read_only(str(source)).backup(str(target))


def back_up(store: OxigraphStore, target: Path) -> None:
    """Write the store as it is now into a new folder, in the same way."""
    store.data.backup(str(target))


def lines(store: OxigraphStore, graph: str | None) -> frozenset[bytes]:
    """The triples of a graph in N-Triples; None is the default graph."""
    name = ox.DefaultGraph() if graph is None else ox.NamedNode(graph)
    written = store.data.dump(format=ox.RdfFormat.N_TRIPLES, from_graph=name)
    return frozenset((written or b"").splitlines())


def write_nquads(store: OxigraphStore, path: Path) -> None:
    """Write all quads to a file, in the engine's order."""
    store.data.dump(str(path), ox.RdfFormat.N_QUADS)


def load_nquads(store: OxigraphStore, path: Path) -> None:
    """Read all quads of a file into an empty store."""
    with store.writing() as data:
        data.bulk_load(path=str(path), format=ox.RdfFormat.N_QUADS)


def seal(store: OxigraphStore, graph: str | None) -> tuple[int, str]:
    """The size of a graph, and something that differs when it does.

    Both come from one pass of the engine over the graph.
    """
    name = ox.DefaultGraph() if graph is None else ox.NamedNode(graph)
    written = store.data.dump(format=ox.RdfFormat.N_TRIPLES, from_graph=name) or b""
    return written.count(b"\n"), hashlib.sha256(written).hexdigest()


def triples(lines: Iterable[bytes]) -> Iterator[Triple]:
    """Lines of N-Triples as triples, their blank nodes as they are named."""
    for quad in ox.parse(b"\n".join(lines), ox.RdfFormat.N_TRIPLES):
        subject, predicate, value = map(from_oxigraph, quad.triple)
        yield subject, predicate, value


def amend(
    store: OxigraphStore,
    graph: str,
    added: Iterable[Triple],
    removed: Iterable[Triple] = (),
) -> None:
    """Add and remove triples of a graph, which is made if it is missing."""
    name = ox.NamedNode(graph)
    new, old = _quads(added, name), _quads(removed, name)
    with store.writing() as data:
        data.add_graph(name)
        data.extend(new)
        for quad in old:
            data.remove(quad)


def _quads(triples: Iterable[Triple], graph: ox.NamedNode) -> list[ox.Quad]:
    """Triples as the engine's quads."""
    return [
        ox.Quad(to_oxigraph(s), to_oxigraph(p), to_oxigraph(o), graph)  # type: ignore[arg-type] # a graph has each term where it may stand
        for s, p, o in triples
    ]
