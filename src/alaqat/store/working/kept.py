"""The graphs that a working store keeps itself, so nobody else may write them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rdflib import VOID, Graph, Literal, URIRef

from alaqat.errors import ReadOnly
from alaqat.terms import (
    HISTORY_GRAPH,
    INFERRED_GRAPH,
    META_GRAPH,
    OWN_GRAPH,
    PROOFS_GRAPH,
)

#: Those that follow from the others, the record of changes, and the name that stands
#: for the store's own default graph: a graph of that name would not be read with it.
KEPT = frozenset({INFERRED_GRAPH, PROOFS_GRAPH, META_GRAPH, HISTORY_GRAPH, OWN_GRAPH})


def check_free(names: Iterable[str]) -> None:
    """Refuse a change to a graph that the store keeps itself."""
    for name in sorted(names):
        if name == str(OWN_GRAPH):
            raise ReadOnly(
                f"{name} names the default graph, and is no graph of its own.",
                remedy="Write the default graph: without GRAPH, or by ?default.",
            )
        if URIRef(name) in KEPT:
            raise ReadOnly(
                f"{name} is kept by the server.",
                remedy="Change the graphs that it follows from; "
                "name them one by one in CLEAR and DROP.",
            )


def recounted(meta: Graph, sizes: Mapping[str, int | None]) -> Graph:
    """Return the description of a dataset with the sizes that its graphs have now."""
    counted = Graph() + meta
    for dataset in set(meta.subjects(VOID.subset)):
        for name, size in sizes.items():
            graph = URIRef(name)
            if graph == META_GRAPH or not name or size is None:
                continue
            counted.set((graph, VOID.triples, Literal(size)))
            counted.add((dataset, VOID.subset, graph))
    return counted
