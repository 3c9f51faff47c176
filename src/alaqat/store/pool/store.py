"""Pooled store: queries run in worker processes, with limits and cancellation."""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from copy import copy
from functools import partial
from time import monotonic
from typing import IO, TYPE_CHECKING, Any, Literal

from alaqat.errors import AlaqatError, LimitReached
from alaqat.rdf.formats import Format
from alaqat.sparql.analysis import QueryAnalysis, ensure_analysed
from alaqat.sparql.federation import (
    MAX_SERVICE_QUERY,
    find_service_blocks,
    replace_service_blocks,
    without_calls,
)
from alaqat.store.interface import Row
from alaqat.store.pool import messages
from alaqat.store.pool.broker import Broker
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
    unpack_term,
)
from alaqat.store.pool.scheduler import PoolStatistics, Scheduler
from alaqat.store.pool.session import QuerySession
from alaqat.timeout import clamp_timeout, timed_out

if TYPE_CHECKING:
    from rdflib import Graph, URIRef
    from rdflib.term import Node

    from alaqat.rdf.graphs import Pattern
    from alaqat.store.interface import Triple
    from alaqat.store.releases import CurrentSnapshot

_BATCH_SIZE = 512  # rows, about as many as a page shows
_CALL_SHARE = 0.8  # of the time left, so that some remains when a call fails


class PooledStore:
    """Queries the current snapshot in worker processes; other reads happen here.

    Args:
        snapshots: the current snapshot, looked up for each query.
        workers: how many processes are held ready for light queries.
        limits: of a query.

    Raises:
        StoreUnavailable: there is no snapshot, or it is damaged.
    """

    def __init__(
        self,
        snapshots: CurrentSnapshot,
        *,
        workers: int = 2,
        limits: QueryLimits | None = None,
    ) -> None:
        snapshots.current()
        self._snapshots = snapshots
        self._limits = limits or QueryLimits()
        self._seconds = self._limits.seconds
        self._broker = Broker(self._limits.services)
        self._scheduler = Scheduler(workers, self._limits, snapshots.folder)

    def query(
        self,
        query: str | QueryAnalysis,
        *,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
        bindings: Mapping[str, Node] | None = None,
    ) -> PooledResult:
        """Evaluate a query in a worker; the broker calls the endpoints it names.

        Raises:
            TooLarge: the text is too long.
            ServiceFailed: an endpoint does not answer as it should.
            StoreUnavailable: the store cannot be opened, or the worker has ended.
        """
        length = len(query if isinstance(query, str) else query.text)
        if length > self._limits.characters:
            raise messages.query_too_long(length, self._limits)
        run_query = partial(
            RunQuery,
            default_graphs=tuple(default_graphs),
            named_graphs=tuple(named_graphs),
            bindings=bindings,
        )
        if self._limits.services and length <= MAX_SERVICE_QUERY:
            return self._run_federated(query, run_query)
        return self._run(partial(run_query, query=query), self._seconds)

    def _run_federated(
        self, query: str | QueryAnalysis, run_query: partial[RunQuery]
    ) -> PooledResult:
        """Evaluate a query after its SERVICE blocks, within its time.

        Its syntax is checked before any endpoint is called.
        """
        deadline = monotonic() + self._seconds
        analysis = ensure_analysed(query, self._limits.services)
        blocks = find_service_blocks(analysis)
        if blocks:
            checked = partial(run_query, query=without_calls(analysis, blocks))
            self._run(checked, self._seconds)
            values = [
                self._broker.values(block, _CALL_SHARE * self._left(deadline))
                for block in blocks
            ]
            analysis = replace_service_blocks(analysis, blocks, values)
        return self._run(partial(run_query, query=analysis), self._left(deadline))

    def _left(self, deadline: float) -> float:
        """Return the seconds until a deadline; TimedOut if it has passed."""
        left = deadline - monotonic()
        if left <= 0:
            raise timed_out(self._seconds, self._limits.seconds)
        return left

    def _run(self, run_query: partial[RunQuery], seconds: float) -> PooledResult:
        """Evaluate a query without SERVICE in a worker."""
        session = self._scheduler.open_session(seconds)
        try:
            reply = self._evaluate(session, run_query)
        except BaseException:
            session.stop("left")  # has no effect if it is over
            raise
        return PooledResult(session, _raise_if_failed(session, reply))

    def with_timeout(self, seconds: float) -> PooledStore:
        """Return the same pool with a shorter limit for each query, in seconds."""
        store = copy(self)
        store._seconds = clamp_timeout(seconds, self._seconds)
        return store

    def graphs(self) -> Sequence[URIRef]:
        """Return the names of the graphs, sorted."""
        return self._snapshots.current().store.graphs()

    def read(self, graph: str) -> Graph:
        """Return a copy of a graph."""
        return self._snapshots.current().store.read(graph)

    def triples(self, pattern: Pattern, graphs: Sequence[URIRef]) -> Iterator[Triple]:
        """Yield the triples that match a pattern in the union of some graphs."""
        return self._snapshots.current().store.triples(pattern, graphs)

    def statistics(self) -> PoolStatistics:
        """Return the gauges and counters of the pool."""
        return self._scheduler.statistics()

    def service_calls(self) -> Mapping[str, int]:
        """Return the number of calls of other endpoints, by outcome."""
        return self._broker.statistics()

    def close(self) -> None:
        """End all workers, and the broker."""
        self._broker.close()
        self._scheduler.close()

    def _evaluate(self, session: QuerySession, run_query: partial[RunQuery]) -> object:
        """Return the first reply to a query in the current snapshot.

        A snapshot may be removed before the worker has opened it; the one that is
        current then is tried next.
        """
        while True:
            folder = self._snapshots.folder()
            reply = session.request(run_query(folder))
            if isinstance(reply, Ready):
                session.begin_evaluation()
                return session.receive()
            if folder == self._snapshots.folder():
                raise reply.error


class PooledResult:
    """The result of a query, which occupies its worker until consumed or collected."""

    def __init__(self, session: QuerySession, header: ResultHeader) -> None:
        self._session = session
        self._header = header
        weakref.finalize(self, _abandon, session).atexit = False

    @property
    def kind(self) -> Literal["bindings", "boolean", "graph"]:
        """The kind of result."""
        return self._header.kind

    @property
    def variables(self) -> Sequence[str]:
        """The names of the columns."""
        return self._header.variables

    @property
    def truth(self) -> bool | None:
        """The boolean of an ASK."""
        return self._header.truth

    def __iter__(self) -> Iterator[Row]:
        """Yield the rows, which are fetched in batches."""
        return self._fetch(FetchRows(_BATCH_SIZE))

    def preview(self) -> Iterator[Row]:
        """Yield the rows, but only the start of long terms."""
        return self._fetch(FetchRows(_BATCH_SIZE, is_preview=True))

    def _fetch(self, batch: FetchRows) -> Iterator[Row]:
        """Yield the rows that equal requests fetch."""
        rows: list[Any] = [None] * _BATCH_SIZE
        while len(rows) == _BATCH_SIZE:
            reply = self._session.request(batch)
            rows = _raise_if_failed(self._session, reply).rows
            if len(rows) < _BATCH_SIZE:
                self._session.finish()
            for row in rows:
                yield tuple(map(unpack_term, row))

    def write(self, out: IO[bytes], form: Format) -> None:
        """Serialize it; if this raises, what was written is incomplete."""
        self._session.send(WriteResult(form))
        while not isinstance(reply := self._session.receive(), End):
            chunk = _raise_if_failed(self._session, reply)
            try:
                out.write(chunk)
            except OSError:
                self._session.stop("left")
                raise
        self._session.finish()


def _raise_if_failed(session: QuerySession, reply: Any) -> Any:
    """Return the reply of a worker, or finish the session and raise its error."""
    if isinstance(reply, Failed):
        session.finish("answer" if isinstance(reply.error, LimitReached) else "")
        raise reply.error
    return reply


def _abandon(session: QuerySession) -> None:
    """Release the worker of a result that was not consumed to its end."""
    if not session.is_over:
        with suppress(AlaqatError):
            session.send(Cancel())
            session.finish()
