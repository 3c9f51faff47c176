"""Changing an Oxigraph store in this process, each change wholly or not at all."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock

import pyoxigraph as ox

from alaqat.errors import Conflict, InvalidData, UnknownGraph
from alaqat.store.embedded.engine import EmbeddedStore
from alaqat.store.interface import (
    Add,
    CommitResult,
    Drop,
    Mutation,
    Replace,
    Update,
)
from alaqat.store.using import choose_graphs, graph_iri

_INSERTION = "INSERT DATA"


@dataclass
class EmbeddedEditor:
    """A writer that keeps no record and checks no shapes.

    Attributes:
        store: what is changed.
        number: of the changes made so far, which names the version.
    """

    store: EmbeddedStore
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


def as_update(change: Mutation) -> str:
    """A change as a SPARQL update: only that is one transaction in the engine."""
    if isinstance(change, Update):
        if not change.using_graphs and not change.using_named_graphs:
            return change.outline.text
        chosen = change.using_graphs, change.using_named_graphs
        return choose_graphs(change.outline, *chosen)
    graph = None if change.graph is None else f"GRAPH <{graph_iri(change.graph)}>"
    if isinstance(change, Drop):
        return f"DROP {graph}" if graph else "CLEAR DEFAULT"
    return f"{_prepared(change, graph)}{_inserted(change.ntriples, graph)}"


def _prepared(change: Replace | Add, graph: str | None) -> str:
    """What comes before the triples: the graph is there, and empty if it must be."""
    if graph is None:
        return "CLEAR DEFAULT;" if isinstance(change, Replace) else ""
    drop = f"DROP SILENT {graph};" if isinstance(change, Replace) else ""
    return f"{drop}CREATE SILENT {graph};"


def _inserted(ntriples: bytes, graph: str | None) -> str:
    """The triples as an operation; nothing if there are none.

    They are read and written anew, so nothing in them can end the operation.
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
    return _INSERTION + f" {{{inside}}}"
