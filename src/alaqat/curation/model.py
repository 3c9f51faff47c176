"""What is asked of a working store, and what it holds changes to.

The graphs that a working store keeps itself, so nobody else may write them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from rdflib import URIRef

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


@dataclass(frozen=True)
class ValidationPolicy:
    """What a working store holds changes to.

    Attributes:
        root: the folder that holds ``ontology``, with the shapes.
        validates: whether a dataset with an ontology must keep to it and the shapes.
    """

    root: Path
    validates: bool = True


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
