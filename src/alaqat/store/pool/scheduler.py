"""Query scheduler: a pool of workers for light queries; long ones are reniced.

The pool holds a fixed number of workers for light queries. A query that exceeds the CPU
budget of a light one keeps its worker, now at the lowest priority, and a new worker
takes that one's place: long queries never keep light ones waiting.
"""

from __future__ import annotations

import logging
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Event, RLock

from alaqat.errors import AlaqatError
from alaqat.store.pool import messages
from alaqat.store.pool.messages import OpenSnapshot, QueryLimits
from alaqat.store.pool.process import WorkerProcess
from alaqat.store.pool.session import QuerySession
from alaqat.store.pool.worker import worker_main

_SHUTDOWN_SECONDS = 2.0  # in which an idle worker may end by itself
_LIGHT_QUERY_WAIT = 0.05  # seconds within which light queries would free a worker
_MAX_DEAD_WORKERS = 5  # idle workers found dead before a query fails


@dataclass(frozen=True)
class PoolStatistics:
    """Gauges of the worker pool, and counters since its start.

    Attributes:
        idle: workers waiting for a query.
        running: queries being evaluated, long ones included.
        long: long queries being evaluated.
        waiting: queries waiting for a worker.
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

    def __init__(self) -> None:
        self.ready = Event()
        self.worker: WorkerProcess | None = None


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
        for _ in range(workers):
            self._fill()

    def open_session(self, seconds: float) -> QuerySession:
        """Assign a worker to a query, which may take some seconds.

        Raises:
            TooBusy: all workers are busy, and none became free in time.
            StoreUnavailable: the server is shutting down.
        """
        for _ in range(_MAX_DEAD_WORKERS):
            worker = self._acquire()
            if not worker.is_alive():
                self._discard(worker)
                continue
            session = QuerySession(self, worker, seconds)
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
            TooBusy: too many queries are long already.
        """
        with self._lock:
            fits = self._long < self.limits.long_queries
            if fits:
                self._light -= 1
                self._long += 1
                session.is_long = True
        if not fits:
            raise messages.too_many_long_queries(self.limits)
        session.worker.renice()
        self._fill()

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
                waiting=len(self._queue),
                started=self._totals["started"],
                queries=self._totals["queries"],
                ended=dict(self._ended),
                refused=dict(self._refused),
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

    def _acquire(self) -> WorkerProcess:
        """Return an idle worker, or wait in the queue for one."""
        self._fill()
        with self._lock:
            if self.is_closed:
                raise messages.server_stopping()
            if self._idle:
                self._light += 1
                return self._idle.pop()
            if len(self._queue) >= self.limits.queue_length:
                self._refused["queue"] += 1
                raise messages.queue_full(self.limits)
            waiter = _Waiter()
            self._queue.append(waiter)
        if not waiter.ready.wait(_LIGHT_QUERY_WAIT):
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

    def _light_workers(self) -> int:
        """Count the workers for light queries, those starting too. Lock held."""
        return len(self._idle) + self._light + self._starting

    def _hand_over(self, worker: WorkerProcess) -> None:
        """Hand the worker to the longest waiter, else mark it idle. Lock held."""
        if self._queue:
            self._light += 1
            waiter = self._queue.popleft()
            waiter.worker = worker
            waiter.ready.set()
        else:
            self._idle.append(worker)

    def _discard(self, worker: WorkerProcess) -> None:
        """Discard an acquired worker that turned out to be dead."""
        worker.close()
        with self._lock:
            self._light -= 1
            self.count("lost")

    def _fill(self) -> None:
        """Start a worker if one is missing, and let it open the store.

        While queries wait, extra workers are started, until the queries that block
        them have proved to be long.
        """
        with self._lock:
            is_behind = len(self._queue) > self._starting
            extra = self.limits.long_queries if is_behind else 0
            if self.is_closed or self._light_workers() >= self._workers + extra:
                return
            self._starting += 1
        worker = None
        try:
            snapshot = self._folder()
            worker = WorkerProcess(worker_main, self.limits, snapshot.parent)
            worker.send(OpenSnapshot(snapshot))
        except (OSError, AlaqatError) as error:
            logging.getLogger(__name__).warning("Cannot start a worker: %s", error)
        with self._lock:
            self._starting -= 1
            if worker is not None and not self.is_closed:
                self._totals["started"] += 1
                self._hand_over(worker)
                return
        if worker is not None:
            worker.close()
