"""An answer that a reader holds, as who asked for it sees it.

The store whose queries are evaluated in readers.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from copy import copy
from functools import partial
from typing import IO, TYPE_CHECKING, Any, Literal

from alaqat.errors import AlaqatError, LimitReached
from alaqat.rdf.formats import Format
from alaqat.store.interface import Row
from alaqat.store.pool import messages
from alaqat.store.pool.messages import (
    Cancel,
    End,
    Failed,
    FetchRows,
    QueryLimits,
    Ready,
    ResultHeader,
    RunQuery,
    WriteResult,
    unpack,
)
from alaqat.store.pool.scheduler import PoolStatistics, Scheduler
from alaqat.store.pool.session import QuerySession
from alaqat.timeout import clamp_timeout

if TYPE_CHECKING:
    from rdflib import Graph, URIRef
    from rdflib.term import Node

    from alaqat.rdf.graphs import Pattern
    from alaqat.sparql.analysis import QueryAnalysis
    from alaqat.store.interface import Triple
    from alaqat.store.releases import CurrentSnapshot


_AT_ONCE = 512  # rows, about as many as a page shows


class PooledResult:
    """The answer to a query, which keeps its reader until it is read or forgotten."""

    def __init__(self, lease: QuerySession, head: ResultHeader) -> None:
        self._lease = lease
        self._head = head
        weakref.finalize(self, _leave, lease).atexit = False

    @property
    def kind(self) -> Literal["bindings", "boolean", "graph"]:
        """What the query asked for."""
        return self._head.kind

    @property
    def variables(self) -> Sequence[str]:
        """The names of the columns."""
        return self._head.variables

    @property
    def truth(self) -> bool | None:
        """What an ASK found."""
        return self._head.truth

    def __iter__(self) -> Iterator[Row]:
        """The rows, some hundreds of them computed ahead."""
        rows: list[Any] = [None] * _AT_ONCE
        while len(rows) == _AT_ONCE:
            rows = checked(self._lease, self._lease.ask(FetchRows(_AT_ONCE))).rows
            if len(rows) < _AT_ONCE:
                self._lease.finish()
            for row in rows:
                yield tuple(map(unpack, row))

    def write(self, out: IO[bytes], form: Format) -> None:
        """Write it; what was written is no answer if this raises."""
        self._lease.say(WriteResult(form))
        while not isinstance(said := self._lease.hear(), End):
            piece = checked(self._lease, said)
            try:
                out.write(piece)
            except OSError:
                self._lease.stop("left")
                raise
        self._lease.finish()


def checked(lease: QuerySession, said: Any) -> Any:
    """What a reader said, unless it said that there is no answer."""
    if isinstance(said, Failed):
        lease.finish("answer" if isinstance(said.error, LimitReached) else "")
        raise said.error
    return said


def _leave(lease: QuerySession) -> None:
    """Give back the reader of an answer that nobody reads to its end."""
    if not lease.is_over:
        with suppress(AlaqatError):
            lease.say(Cancel())
            lease.finish()


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
        self,
        latest: CurrentSnapshot,
        *,
        workers: int = 2,
        limits: QueryLimits | None = None,
    ) -> None:
        latest.current()
        self._latest = latest
        self._limits = limits or QueryLimits()
        self._seconds = self._limits.seconds
        self._lanes = Scheduler(workers, self._limits, latest.folder)

    def query(
        self,
        query: str | QueryAnalysis,
        *,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
        bindings: Mapping[str, Node] | None = None,
    ) -> PooledResult:
        """Run a query in a reader.

        Raises:
            TooLarge: the text is longer than is allowed.
            StoreUnavailable: the store cannot be opened, or the reader has ended.
        """
        length = len(query if isinstance(query, str) else query.text)
        if length > self._limits.text:
            raise messages.too_long(length, self._limits)
        lease = self._lanes.lease(self._seconds)
        ask = partial(
            RunQuery,
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
        return PooledResult(lease, checked(lease, said))

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

    def statistics(self) -> PoolStatistics:
        """What goes on among the readers."""
        return self._lanes.statistics()

    def close(self) -> None:
        """End all readers."""
        self._lanes.close()

    def _asked(self, lease: QuerySession, ask: partial[RunQuery]) -> object:
        """What a reader says to a query.

        A snapshot may be removed before the reader has opened it; then there is
        another that is current.
        """
        while True:
            folder = self._latest.folder()
            said = lease.ask(ask(folder))
            if isinstance(said, Ready):
                lease.begin()
                return lease.hear()
            if folder == self._latest.folder():
                raise said.error
