"""Broker: the one process that calls other endpoints, on behalf of queries.

Workers cannot open a connection. The broker can, but it calls only the endpoints that
it was started with: a message names one by its number. It parses what they answer, and
returns it as a VALUES clause.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from multiprocessing.connection import Connection
from threading import BoundedSemaphore, Lock, Thread, stack_size
from time import thread_time

from alaqat.errors import (
    AlaqatError,
    InvalidData,
    LimitReached,
    ServiceFailed,
    ServiceTimedOut,
    StoreUnavailable,
    TooBusy,
)
from alaqat.rdf.results import read_solutions
from alaqat.sparql.federation import ServiceBlock, values_clause
from alaqat.store.pool.endpoint_client import (
    MAX_ANSWER,
    RemoteEndpoint,
    answer_too_large,
    request_solutions,
    service_failed,
    tls_context,
)
from alaqat.store.pool.process import WorkerProcess
from alaqat.store.pool.sandbox import restrict_process
from alaqat.store.pool.session import add_cpu_seconds

#: Rows that a SERVICE clause may have.
MAX_SERVICE_ROWS = 10_000

_MEMORY = 512 << 20  # bytes; the largest answer of brackets alone takes half of them
_STACK = 1 << 19  # bytes of a thread's stack
_CALLS = 8  # at once
_WAITING = 16  # calls that may wait, and for how many seconds
_WAIT_SECONDS = 5.0
_GRACE = 5.0  # seconds after which a call that should have ended is given up
_SHUTDOWN_SECONDS = 1.0  # in which it may end by itself
_POLL_SECONDS = 60.0
_OUTCOMES = ("answered", "failed", "timed_out", "limited", "refused", "lost")


@dataclass(frozen=True)
class ServiceCall:
    """A call of an endpoint.

    Attributes:
        number: by which the reply is found.
        endpoint: the number of the endpoint in the broker's own list.
        query: to be sent.
        variables: the names of the columns of the reply.
        seconds: that it may take.
    """

    number: int
    endpoint: int
    query: str
    variables: Sequence[str]
    seconds: float


@dataclass(frozen=True)
class ServiceReply:
    """The reply to a call.

    Attributes:
        number: of the call.
        outcome: the VALUES clause, or the error.
        cpu_seconds: that the broker worked for it.
    """

    number: int
    outcome: str | AlaqatError
    cpu_seconds: float


class Broker:
    """Calls endpoints in a process of its own, started with the first call.

    Args:
        endpoints: the IRIs of the endpoints that may be called.

    Raises:
        ValueError: one of them is no endpoint.
    """

    def __init__(self, endpoints: Iterable[str]) -> None:
        self._endpoints = tuple(sorted(endpoints))
        for iri in self._endpoints:
            RemoteEndpoint.parse(iri)
        self._numbers = count()
        self._running = BoundedSemaphore(_CALLS)
        self._admitted = BoundedSemaphore(_CALLS + _WAITING)
        self._lock = Lock()
        self._process: _BrokerProcess | None = None
        self._outcomes: Counter[str] = Counter(dict.fromkeys(_OUTCOMES, 0))

    def values(self, block: ServiceBlock, seconds: float) -> str:
        """Return the VALUES clause that a SERVICE block stands for.

        SILENT counts a failure of the endpoint as one empty solution (Federated Query
        §4), but not a limit of this server: an answer that is known not to fit must
        not be replaced by another.

        Raises:
            ServiceFailed: the endpoint does not answer as it should.
            LimitReached: its answer has too many rows or bytes.
            InvalidQuery: its answer has a blank node.
            TooBusy: too many calls are running.
            StoreUnavailable: the broker has ended.
        """
        try:
            clause = self._call(block, seconds)
        except AlaqatError as error:
            self._count(_outcome(error))
            if block.is_silent and isinstance(error, ServiceFailed):
                return "".join(values_clause(block.variables, [{}]))
            raise
        self._count("answered")
        return clause

    def statistics(self) -> Mapping[str, int]:
        """Return the number of calls by outcome."""
        with self._lock:
            return dict(self._outcomes)

    def close(self) -> None:
        """End the process; running calls fail."""
        with self._lock:
            process, self._process = self._process, None
        if process:
            process.stop()

    def _call(self, block: ServiceBlock, seconds: float) -> str:
        """Wait for a place and call the endpoint."""
        if not self._admitted.acquire(blocking=False):
            raise _too_many_calls()
        try:
            if not self._running.acquire(timeout=min(_WAIT_SECONDS, seconds)):
                raise _too_many_calls()
            try:
                return self._converse(block, seconds)
            finally:
                self._running.release()
        finally:
            self._admitted.release()

    def _converse(self, block: ServiceBlock, seconds: float) -> str:
        """Send a call to the process and wait for its reply."""
        call = ServiceCall(
            next(self._numbers),
            self._endpoints.index(block.endpoint),
            block.query,
            block.variables,
            seconds,
        )
        process = self._running_process()
        try:
            reply = process.submit(call).result(seconds + _GRACE)
        except FutureTimeout:
            process.kill()
            raise _broker_ended() from None
        add_cpu_seconds(reply.cpu_seconds)
        if isinstance(reply.outcome, AlaqatError):
            raise reply.outcome
        return reply.outcome

    def _running_process(self) -> _BrokerProcess:
        """Return the process, started unless it is running."""
        with self._lock:
            if self._process is None or not self._process.is_alive:
                try:
                    self._process = _BrokerProcess(self._endpoints)
                except OSError:
                    raise _broker_ended() from None
            return self._process

    def _count(self, outcome: str) -> None:
        with self._lock:
            self._outcomes[outcome] += 1


class _BrokerProcess:
    """The process, and a thread that hands its replies to those who wait for them."""

    def __init__(self, endpoints: Sequence[str]) -> None:
        self.is_alive = True
        self._worker = WorkerProcess(broker_main, endpoints)
        self._pending: dict[int, Future[ServiceReply]] = {}
        self._lock = Lock()
        Thread(target=self._receive, name="broker", daemon=True).start()

    def submit(self, call: ServiceCall) -> Future[ServiceReply]:
        """Send a call, and return the future of its reply."""
        future: Future[ServiceReply] = Future()
        with self._lock:
            self._pending[call.number] = future
            try:
                if self.is_alive:
                    self._worker.send(call)
            except OSError:
                self.is_alive = False
            if not self.is_alive:
                del self._pending[call.number]
                future.set_exception(_broker_ended())
        return future

    def stop(self) -> None:
        """Have the process end, without waiting for its calls."""
        self.is_alive = False
        with self._lock, suppress(OSError):
            self._worker.send(None)
        self._worker.kill(_SHUTDOWN_SECONDS)

    def kill(self) -> None:
        """Kill the process."""
        self.is_alive = False
        self._worker.kill()

    def _receive(self) -> None:
        """Receive replies until the process ends; then all who wait get an error."""
        try:
            while True:
                reply = self._worker.receive(_POLL_SECONDS)
                if reply is not None:
                    self._resolve(reply)
        except (EOFError, OSError):
            with self._lock:
                self.is_alive = False
                pending, self._pending = self._pending, {}
        for future in pending.values():
            future.set_exception(_broker_ended())
        self._worker.close()

    def _resolve(self, reply: ServiceReply) -> None:
        with self._lock:
            future = self._pending.pop(reply.number)
        future.set_result(reply)


def _outcome(error: AlaqatError) -> str:
    """Return the name of an error for the metrics."""
    for kind, outcome in (
        (ServiceTimedOut, "timed_out"),
        (ServiceFailed, "failed"),
        (TooBusy, "refused"),
        (StoreUnavailable, "lost"),
    ):
        if isinstance(error, kind):
            return outcome
    return "limited"


def _too_many_calls() -> TooBusy:
    return TooBusy(
        "Too many calls of other endpoints are running.",
        remedy="Try again in a moment.",
    )


def _broker_ended() -> StoreUnavailable:
    return StoreUnavailable(
        "The process that calls other endpoints ended.",
        remedy="Try again; if it happens again, ask them for less at once.",
    )


# In the process


def broker_main(connection: Connection, endpoints: Sequence[str]) -> None:
    """Run the broker process: answer calls until None comes or the pipe is closed."""
    remote = [*map(RemoteEndpoint.parse, endpoints)]
    if any(endpoint.scheme == "https" for endpoint in remote):
        tls_context()  # reads the certificates while files can be opened
    restrict_process(_MEMORY, network=True)
    stack_size(_STACK)
    caller = EndpointCaller(connection, remote)
    executor = ThreadPoolExecutor(_CALLS, "call")
    with suppress(EOFError, ConnectionError):
        while (call := connection.recv()) is not None:
            executor.submit(caller.answer, call)
    os._exit(0)  # without waiting for calls, whose replies nobody reads


class EndpointCaller:
    """Calls the endpoints of a list and sends their answers as VALUES clauses."""

    def __init__(
        self, connection: Connection, endpoints: Sequence[RemoteEndpoint]
    ) -> None:
        self._connection = connection
        self._endpoints = endpoints
        self._sending = Lock()
        self._reading = Lock()  # answers are read one at a time, to bound the memory

    def answer(self, call: ServiceCall) -> None:
        """Send the VALUES clause of a call, or the error."""
        outcome: str | AlaqatError
        started = thread_time()
        try:
            outcome = self._values(call)
        except AlaqatError as error:
            outcome = error
        except MemoryError:
            os.abort()
        reply = ServiceReply(call.number, outcome, thread_time() - started)
        try:
            with self._sending:
                self._connection.send(reply)
        except OSError:
            os._exit(0)  # the web process has closed the pipe

    def _values(self, call: ServiceCall) -> str:
        """Call the endpoint and return its solutions."""
        endpoint = self._endpoints[call.endpoint]
        data = request_solutions(endpoint, call.query, call.seconds)
        try:
            with self._reading:
                return _read_values(endpoint.iri, data, call.variables)
        except InvalidData as error:
            problem = f"sent an answer that cannot be read: {error.message}"
            raise service_failed(endpoint.iri, problem.rstrip(".")) from None


def _read_values(iri: str, data: bytes, variables: Sequence[str]) -> str:
    """Return the VALUES clause for the results of an endpoint.

    Raises:
        InvalidData: they are malformed, or bind a variable that the pattern has not.
        InvalidQuery: they have a blank node.
        LimitReached: there are too many rows or bytes.
    """
    parts, size = [], 0
    for part in values_clause(variables, _checked_rows(iri, data, variables)):
        parts.append(part)
        size += len(part)
        if size > MAX_ANSWER:
            raise answer_too_large(iri)
    return "".join(parts)


def _checked_rows(
    iri: str, data: bytes, variables: Sequence[str]
) -> Iterator[Mapping[str, str]]:
    """Yield the solutions, up to the limit."""
    for number, row in enumerate(read_solutions(data)):
        if not row.keys() <= set(variables):
            raise InvalidData("It binds a variable that the pattern does not have.")
        if number >= MAX_SERVICE_ROWS:
            raise LimitReached(
                f"The answer of <{iri}> has more than {MAX_SERVICE_ROWS:,} rows.",
                remedy="Ask it for less: narrow the pattern in the SERVICE clause.",
            )
        yield row
