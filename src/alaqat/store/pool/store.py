"""The store whose queries are evaluated in readers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from functools import partial
from typing import TYPE_CHECKING

from alaqat.store.pool import refusals
from alaqat.store.pool.answers import PooledAnswer, checked
from alaqat.store.pool.lanes import Lanes
from alaqat.store.pool.lease import Lease
from alaqat.store.pool.limits import Limits
from alaqat.store.pool.messages import Ask, Opened
from alaqat.store.pool.statistics import Statistics
from alaqat.timeout import clamp_timeout

if TYPE_CHECKING:
    from rdflib import Graph, URIRef
    from rdflib.term import Node

    from alaqat.formats.stored_graphs import Pattern
    from alaqat.store.interface import Triple
    from alaqat.store.latest import Latest
    from alaqat.store.outline import Outline


class PooledStore:
    """Reads the current snapshot; what cannot be stopped runs in other processes.

    Args:
        latest: the snapshot that is looked up for each query.
        workers: how many processes are kept ready for light queries.
        limits: of a query.

    Raises:
        StoreUnavailable: there is no snapshot, or it is damaged.
    """

    def __init__(
        self, latest: Latest, *, workers: int = 2, limits: Limits | None = None
    ) -> None:
        latest.current()
        self._latest = latest
        self._limits = limits or Limits()
        self._seconds = self._limits.seconds
        self._lanes = Lanes(workers, self._limits, latest.folder)

    def query(
        self,
        query: str | Outline,
        *,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
        bindings: Mapping[str, Node] | None = None,
    ) -> PooledAnswer:
        """Run a query in a reader.

        Raises:
            TooLarge: the text is longer than is allowed.
            StoreUnavailable: the store cannot be opened, or the reader has ended.
        """
        length = len(query if isinstance(query, str) else query.text)
        if length > self._limits.text:
            raise refusals.too_long(length, self._limits)
        lease = self._lanes.lease(self._seconds)
        ask = partial(
            Ask,
            query=query,
            default_graphs=tuple(default_graphs),
            named_graphs=tuple(named_graphs),
            bindings=bindings,
        )
        try:
            said = self._asked(lease, ask)
        except BaseException:
            lease.stop("left")  # no harm if it is over
            raise
        return PooledAnswer(lease, checked(lease, said))

    def with_timeout(self, seconds: float) -> PooledStore:
        """Return the same pool, whose queries are stopped after some seconds."""
        store = copy(self)
        store._seconds = clamp_timeout(seconds, self._seconds)
        return store

    def graphs(self) -> Sequence[URIRef]:
        """The names of the graphs, sorted."""
        return self._latest.current().store.graphs()

    def read(self, graph: str) -> Graph:
        """A copy of a graph."""
        return self._latest.current().store.read(graph)

    def triples(self, pattern: Pattern, graphs: Sequence[URIRef]) -> Iterator[Triple]:
        """Yield the triples of some graphs that match a pattern, each once."""
        return self._latest.current().store.triples(pattern, graphs)

    def statistics(self) -> Statistics:
        """What goes on among the readers."""
        return self._lanes.statistics()

    def close(self) -> None:
        """End all readers."""
        self._lanes.close()

    def _asked(self, lease: Lease, ask: partial[Ask]) -> object:
        """What a reader says to a query.

        A snapshot may be removed before the reader has opened it; then there is
        another that is current.
        """
        while True:
            folder = self._latest.folder()
            said = lease.ask(ask(folder))
            if isinstance(said, Opened):
                lease.begin()
                return lease.hear()
            if folder == self._latest.folder():
                raise said.error
