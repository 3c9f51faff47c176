"""Query scheduler: a pool of workers for light queries; long ones are reniced.

The pool holds a fixed number of workers for light queries. A query that exceeds the CPU
budget of a light one keeps its worker, now at the lowest priority, and a new worker
takes that one's place: long queries never keep light ones waiting. Workers are started
by a thread of the scheduler at a limited pace, never by one that answers a request.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Event, RLock, Thread
from time import monotonic

from alaqat.accounting import current_client
from alaqat.errors import AlaqatError
from alaqat.log import log_error
from alaqat.store.pool import messages
from alaqat.store.pool.fairness import RecentStarts, StartPace
from alaqat.store.pool.messages import OpenSnapshot, QueryLimits
from alaqat.store.pool.process import WorkerProcess
from alaqat.store.pool.session import QuerySession
from alaqat.store.pool.worker import worker_main
from alaqat.waiting import WaitingRoom

_SHUTDOWN_SECONDS = 2.0  # in which an idle worker may end by itself
_POLL_INTERVAL = 0.005  # seconds between two looks at workers that are starting
_LIGHT_QUERY_WAIT = 0.05  # seconds within which light queries would free a worker
_MAX_DEAD_WORKERS = 5  # idle workers found dead before a query fails
_RETRY_INTERVAL = 0.5  # seconds until a worker that could not be started is tried again


@dataclass(frozen=True)
class PoolStatistics:
    """Gauges of the worker pool, and counters since its start.

    Attributes:
        idle: workers waiting for a query.
        running: queries being evaluated, long ones included.
        long: long queries being evaluated.
        waiting: queries waiting for a worker, or for the answer to an equal query.
        started: workers started.
        queries: queries started.
        ended: queries ended before their result did, by reason: time, memory, answer
            (too many rows or bytes), long (too many long queries), left (the client
            left), lost (the worker died).
        refused: queries not started, by reason: queue (full), queueing (timeout).
    """

    idle: int
    running: int
    long: int
    waiting: int
    started: int
    queries: int
    ended: Mapping[str, int]
    refused: Mapping[str, int]


class _Waiter:
    """A place in the queue, and the worker handed to it."""

    def __init__(self, client: str) -> None:
        self.client = client
        self.ready = Event()
        self.worker: WorkerProcess | None = None
        self.is_overdue = False


class Scheduler:
    """Assigns workers to queries and takes them back.

    Args:
        workers: how many are held ready for light queries.
        limits: of queries.
        folder: returns the folder of the current snapshot.
    """

    def __init__(
        self, workers: int, limits: QueryLimits, folder: Callable[[], Path]
    ) -> None:
        self.limits = limits
        self.is_closed = False
        self.waiting_room = WaitingRoom(limits.queue_length)
        self._workers = workers
        self._folder = folder
        self._lock = RLock()  # a finalizer may release a worker at any time
        self._queue: deque[_Waiter] = deque()
        self._idle: list[WorkerProcess] = []
        self._light = self._long = self._starting = 0
        self._running: set[QuerySession] = set()
        self._totals: Counter[str] = Counter()
        self._ended: Counter[str] = Counter()
        self._refused: Counter[str] = Counter()
        self._starts = RecentStarts()
        self._pace = StartPace()
        self._is_filling = False
        for _ in range(workers):
            self._start_worker()

    def open_session(self, seconds: float) -> QuerySession:
        """Assign a worker to a query, which may take some seconds.

        Raises:
            TooBusy: all workers are busy, and none became free in time.
            StoreUnavailable: the server is shutting down.
        """
        client = current_client()
        for _ in range(_MAX_DEAD_WORKERS):
            worker = self._acquire(client)
            if not worker.is_alive():
                self._discard(worker)
                continue
            session = QuerySession(self, worker, seconds, client)
            with self._lock:
                self._running.add(session)
                self._totals["queries"] += 1
            if not self.is_closed:
                return session
            session.stop("")
            raise messages.server_stopping()
        raise messages.worker_died(None)

    def demote(self, session: QuerySession) -> None:
        """Reclassify a query as long, and start a worker in place of its own.

        Raises:
            TooBusy: too many queries are long already, in all or of the client.
        """
        with self._lock:
            fits = self._may_be_long(session.client)
            if fits:
                self._light -= 1
                self._long += 1
                session.is_long = True
        if not fits:
            raise messages.too_many_long_queries(self.limits)
        session.worker.renice()
        self._starts.add(session.client)
        self._fill()

    def _may_be_long(self, client: str) -> bool:
        """Return whether one more query of a client may be long. Lock held.

        One client has no more than three quarters of the places.
        """
        limit = self.limits.long_queries
        own = sum(one.is_long and one.client == client for one in self._running)
        share = max(1, limit * 3 // 4) if client else limit
        return self._long < limit and own < share

    def release(self, session: QuerySession) -> None:
        """Take back the worker of a session that is over."""
        if session.is_long:  # its priority cannot be raised again
            self.kill(session, "")
            return
        with self._lock:
            self._running.discard(session)
            self._light -= 1
            is_needed = self._queue or self._light_workers() < self._workers
            if is_needed and not self.is_closed:
                self._hand_over(session.worker)
                return
        session.worker.close()

    def kill(self, session: QuerySession, reason: str) -> None:
        """Kill the worker of a session that is over."""
        session.worker.close()
        with self._lock:
            self._running.discard(session)
            if session.is_long:
                self._long -= 1
            else:
                self._light -= 1
                self._starts.add(session.client)
            self.count(reason)
        self._fill()

    def count(self, reason: str) -> None:
        """Count a query that ended before its result did; no reason is not counted."""
        if reason:
            with self._lock:
                self._ended[reason] += 1

    def statistics(self) -> PoolStatistics:
        """Return the current gauges and counters."""
        with self._lock:
            return PoolStatistics(
                idle=len(self._idle),
                running=len(self._running),
                long=self._long,
                waiting=len(self.waiting_room),
                started=self._totals["started"],
                queries=self._totals["queries"],
                ended=dict(self._ended),
                refused={**self._refused, "queue": self.waiting_room.refused},
            )

    def close(self) -> None:
        """End all workers; running and waiting queries fail."""
        with self._lock:
            self.is_closed = True
            idle, running = self._idle, list(self._running)
            self._idle = []
            for waiter in self._queue:
                waiter.ready.set()
        for session in running:
            session.worker.kill()
        for worker in idle:
            worker.close(grace=_SHUTDOWN_SECONDS)
        deadline = monotonic() + _SHUTDOWN_SECONDS
        while self._starting and monotonic() < deadline:
            Event().wait(_POLL_INTERVAL)

    def _acquire(self, client: str) -> WorkerProcess:
        """Return an idle worker, or wait in the queue for one."""
        self._fill()
        with self._lock:
            if self.is_closed:
                raise messages.server_stopping()
            if self._may_have(client, len(self._idle)):
                self._light += 1
                return self._idle.pop()
        with self.waiting_room.place(client):
            return self._wait_for_worker(_Waiter(client))

    def _wait_for_worker(self, waiter: _Waiter) -> WorkerProcess:
        """Return the worker that is handed to a waiter in the queue."""
        with self._lock:
            if self.is_closed:
                raise messages.server_stopping()
            self._queue.append(waiter)
            if self._idle:  # released since it was looked for
                self._hand_over(self._idle.pop())
        if not waiter.ready.wait(_LIGHT_QUERY_WAIT):
            waiter.is_overdue = not self._starts.is_costly(waiter.client)
            self._fill()
            waiter.ready.wait(self.limits.queue_seconds)
        with self._lock:
            if waiter.worker is not None:
                return waiter.worker
            self._queue.remove(waiter)
            if self.is_closed:
                raise messages.server_stopping()
            self._refused["queueing"] += 1
            raise messages.queue_timeout(self.limits)

    def _may_have(self, client: str, idle: int) -> bool:
        """Return whether a client may have one of so many idle workers. Lock held.

        The last one is not for a client that makes many starts necessary.
        """
        reserved = int(self._workers > 1 and self._starts.is_costly(client))
        return idle > reserved

    def _light_workers(self) -> int:
        """Count the workers for light queries, those starting too. Lock held."""
        return len(self._idle) + self._light + self._starting

    def _hand_over(self, worker: WorkerProcess) -> None:
        """Hand the worker to the next waiter, else mark it idle. Lock held."""
        waiter = self._next_waiter(len(self._idle) + 1)
        if waiter is not None:
            self._light += 1
            self._queue.remove(waiter)
            waiter.worker = worker
            waiter.ready.set()
        else:
            self._idle.append(worker)

    def _next_waiter(self, idle: int) -> _Waiter | None:
        """Return the waiter that gets one of so many idle workers. Lock held.

        The first one whose client made fewest starts necessary and runs fewest queries.
        """
        if not self._queue:
            return None
        busy = Counter(session.client for session in self._running)
        waiter = min(
            self._queue,
            key=lambda one: (self._starts.is_costly(one.client), busy[one.client]),
        )
        return waiter if self._may_have(waiter.client, idle) else None

    def _discard(self, worker: WorkerProcess) -> None:
        """Discard an acquired worker that turned out to be dead."""
        worker.close()
        with self._lock:
            self._light -= 1
            self.count("lost")

    def _fill(self) -> None:
        """Start a thread that starts the missing workers, unless one does already."""
        with self._lock:
            if self._is_filling or not self._is_missing():
                return
            self._is_filling = True
        try:
            Thread(target=self._start_missing, daemon=True).start()
        except RuntimeError:  # no more threads for now; the next query tries again
            self._is_filling = False

    def _is_missing(self) -> bool:
        """Return whether a worker is missing. Lock held.

        While queries wait for long, extra workers are started, until the queries that
        block them have proved to be long.
        """
        overdue = sum(waiter.is_overdue for waiter in self._queue)
        extra = self.limits.long_queries if overdue > self._starting else 0
        return not self.is_closed and self._light_workers() < self._workers + extra

    def _start_missing(self) -> None:
        """Start missing workers at a limited pace until there are enough."""
        while True:
            with self._lock:
                if not self._is_missing():
                    self._is_filling = False
                    return
            Event().wait(self._pace.pause())
            if not self._start_worker():
                Event().wait(_RETRY_INTERVAL)

    def _start_worker(self) -> bool:
        """Start a worker and let it open the store; return whether that succeeded."""
        with self._lock:
            self._starting += 1
        worker = None
        try:
            snapshot = self._folder()
            worker = WorkerProcess(worker_main, self.limits, snapshot.parent)
            worker.send(OpenSnapshot(snapshot))
        except (OSError, AlaqatError) as error:
            log_error("worker not started", error)
        with self._lock:
            if worker is not None and not self.is_closed:
                self._starting -= 1
                self._totals["started"] += 1
                self._hand_over(worker)
                return True
        if worker is not None:
            worker.close()
        with self._lock:
            self._starting -= 1
        return False
