"""SPARQL updates generated from changes of graphs."""

from __future__ import annotations

import pyoxigraph as ox

from alaqat.errors import InvalidData
from alaqat.sparql.dataset_clauses import apply_using_clauses, graph_iri
from alaqat.store.interface import (
    Add,
    Drop,
    Mutation,
    Replace,
    Update,
)


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
