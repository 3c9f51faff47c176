"""Commit requests, the inference hook, and the read-only system graphs."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
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
"""Seconds that a writer waits for the writers of other processes."""


class InferenceHook(Protocol):
    """The validation policy of a store: infers and validates before each commit."""

    @property
    def files(self) -> Collection[Path]:
        """The files that it reads, and folders that it reads completely."""

    def applies_to(self, graphs: Collection[URIRef]) -> bool:
        """Return whether a dataset with these graphs is inferred from and validated."""

    def affects_inference(self, graph: str) -> bool:
        """Return whether a change to a graph may change the inferences."""

    def warm_up(self, given: Mapping[URIRef, Graph]) -> None:
        """Compute in advance what every commit needs; raise as ``materialise`` does."""

    def materialise(
        self, given: Mapping[URIRef, Graph], inferred: Graph | None
    ) -> Mapping[URIRef, Graph]:
        """Return the inferred graphs that may have changed, after validation.

        Args:
            given: the asserted graphs.
            inferred: the inferences, if the change cannot have affected them.

        Raises:
            InvalidData: the reasoner does not support an axiom in full.
            Inconsistent: the facts contradict the ontology.
            Nonconforming: the data violates the shapes.
        """


@dataclass(frozen=True)
class CommitRequest:
    """A change with its author and its time.

    Attributes:
        expected: the version that must be current; None if any may be.
    """

    change: Mutation
    author: str
    at: datetime
    expected: str | None = None

    @cached_property
    def digest(self) -> str:
        """The hash that identifies the request by its change, author and time."""
        text = f"{self.at.isoformat()}\n{self.author}\n{self.change!r}"
        return hashlib.sha256(text.encode()).hexdigest()

    def version_after(self, previous: str) -> str:
        """Return the version after another: a hash chain, so none occurs twice."""
        return hashlib.sha256(f"{previous}\n{self.digest}".encode()).hexdigest()


SYSTEM_GRAPHS = frozenset(
    {INFERRED_GRAPH, PROOFS_GRAPH, META_GRAPH, HISTORY_GRAPH, STORE_DEFAULT_GRAPH}
)
"""Graphs that only the store itself writes.

They are derived from the other graphs, or record the changes. The name of the store's
own default graph is reserved, because a graph of that name would be hidden by it.
"""


def check_writable(names: Iterable[str]) -> None:
    """Check that graphs are not system graphs.

    Raises:
        ReadOnly: one of them is.
    """
    for name in sorted(names):
        if name == str(STORE_DEFAULT_GRAPH):
            raise ReadOnly(
                f"{name} is the name of the default graph, not of a named graph.",
                remedy="Write to the default graph: without GRAPH, or with ?default.",
            )
        if URIRef(name) in SYSTEM_GRAPHS:
            raise ReadOnly(
                f"{name} is maintained by the server and read-only.",
                remedy="Change the graphs that it is derived from; "
                "name them one by one in CLEAR and DROP.",
            )


def update_graph_sizes(meta: Graph, sizes: Mapping[str, int]) -> Graph:
    """Return a description of the dataset (VoID) with the current graph sizes."""
    counted = Graph() + meta
    for dataset in set(meta.subjects(VOID.subset)):
        for name, size in sizes.items():
            graph = URIRef(name)
            if graph == META_GRAPH or not name:
                continue
            counted.set((graph, VOID.triples, Literal(size)))
            counted.add((dataset, VOID.subset, graph))
    return counted
