"""The graphs that a working store keeps itself, so nobody else may write them."""

from __future__ import annotations

from collections.abc import Iterable

from rdflib import URIRef

from alaqat.errors import ReadOnly
from alaqat.terms import HISTORY_GRAPH, INFERRED_GRAPH, META_GRAPH, PROOFS_GRAPH

#: Those that follow from the others, and the record of changes.
KEPT = frozenset({INFERRED_GRAPH, PROOFS_GRAPH, META_GRAPH, HISTORY_GRAPH})


def check_free(names: Iterable[str]) -> None:
    """Refuse a change to a graph that the store keeps itself."""
    for name in sorted(names):
        if URIRef(name) in KEPT:
            raise ReadOnly(
                f"{name} is kept by the server.",
                remedy="Change the graphs that it follows from; "
                "name them one by one in CLEAR and DROP.",
            )
