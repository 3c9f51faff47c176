"""Changing an Oxigraph store in this process, each change wholly or not at all."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock

import pyoxigraph as ox

from alaqat.errors import Conflict, UnknownGraph
from alaqat.store.embedded.engine import EmbeddedStore
from alaqat.store.embedded.updates import as_update
from alaqat.store.interface import CommitResult, Drop, Mutation, Update
from alaqat.store.using import graph_iri


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
