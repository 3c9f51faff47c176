"""Requests to a working store, and the hook that infers and validates."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Protocol

from rdflib import Graph, URIRef

from alaqat.store.interface import Mutation

PATIENCE = 10.0
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
class Request:
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
