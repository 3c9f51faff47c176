"""Requests to a working store, and the hook that infers and validates.

The graphs that a working store keeps itself, so nobody else may write them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Protocol

from rdflib import VOID, Graph, Literal, URIRef

from alaqat.errors import ReadOnly
from alaqat.store.interface import Mutation
from alaqat.terms import (
    HISTORY_GRAPH,
    INFERRED_GRAPH,
    META_GRAPH,
    PROOFS_GRAPH,
    STORE_DEFAULT_GRAPH,
)

DEFAULT_COMMIT_TIMEOUT = 10.0
"""Seconds that a writer waits for those of other processes."""


class InferenceHook(Protocol):
    """Infers what follows from a changed dataset, and refuses what may not be."""

    def applies_to(self, graphs: Collection[URIRef]) -> bool:
        """Return whether a dataset with these graphs is to be looked at."""

    def bears_on(self, graph: str) -> bool:
        """Return whether what is inferred may change with a graph."""

    def prepare(self, given: Mapping[URIRef, Graph]) -> None:
        """Do once what later inferences need not; raise as they do."""

    def infer(
        self, given: Mapping[URIRef, Graph], inferred: Graph | None
    ) -> Mapping[URIRef, Graph]:
        """Return the graphs that follow, as far as they may have changed.

        Args:
            given: the graphs that clients write.
            inferred: what follows, if that is known to be as before.

        Raises:
            InvalidData: an axiom is one that the reasoner does not read in full.
            Inconsistent: the facts contradict the ontology.
            Nonconforming: the shapes found violations.
        """


@dataclass(frozen=True)
class CommitRequest:
    """A change that somebody asks for at a time.

    Attributes:
        expected: the version that must be current; None if any may be.
    """

    change: Mutation
    author: str
    at: datetime
    expected: str | None = None

    @cached_property
    def digest(self) -> str:
        """Names the request; no other has the same change, author and time."""
        told = f"{self.at.isoformat()}\n{self.author}\n{self.change!r}"
        return hashlib.sha256(told.encode()).hexdigest()

    def version_after(self, previous: str) -> str:
        """The version that it makes of another: a chain, so no two are the same."""
        return hashlib.sha256(f"{previous}\n{self.digest}".encode()).hexdigest()


#: Those that follow from the others, the record of changes, and the name that stands
#: for the store's own default graph: a graph of that name would not be read with it.
SYSTEM_GRAPHS = frozenset(
    {INFERRED_GRAPH, PROOFS_GRAPH, META_GRAPH, HISTORY_GRAPH, STORE_DEFAULT_GRAPH}
)


def check_writable(names: Iterable[str]) -> None:
    """Refuse a change to a graph that the store keeps itself."""
    for name in sorted(names):
        if name == str(STORE_DEFAULT_GRAPH):
            raise ReadOnly(
                f"{name} names the default graph, and is no graph of its own.",
                remedy="Write the default graph: without GRAPH, or by ?default.",
            )
        if URIRef(name) in SYSTEM_GRAPHS:
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
