"""What goes on among the readers, as figures.

Who evaluates when: readers for light queries, and long queries that give way.

As many readers as there are workers are kept for light queries. A query that takes
longer than one has patience for keeps its reader, which gives way to all others, and a
fresh one takes that reader's place; so long queries never keep light ones waiting.
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
from alaqat.store.pool.process import FORKS, WorkerProcess
from alaqat.store.pool.session import QuerySession
from alaqat.store.pool.worker import worker_main


@dataclass(frozen=True)
class PoolStatistics:
    """What goes on among the readers, and what has happened since the start.

    Attributes:
        idle: readers that wait for a query.
        running: queries that are being evaluated, the long ones too.
        long: those that take long.
        waiting: queries that wait for a reader.
        started: processes so far.
        queries: begun so far.
        ended: queries so far that were ended before their answer, by what: time,
            memory, answer (too many rows or bytes), long (too many long ones), left
            (nobody took the rest), lost (the process ended by itself).
        refused: queries so far that were not begun, by why: queue, queueing.
    """

    idle: int
    running: int
    long: int
    waiting: int
    started: int
    queries: int
    ended: Mapping[str, int]
    refused: Mapping[str, int]


FORKS.set_forkserver_preload(["__main__", "alaqat.store.pool.forkserver"])

_GRACE = 2.0  # seconds that an idle worker has to end by itself
_SOON = 0.05  # seconds in which a light query would have ended
_TRIES = 5  # readers that have ended while they waited, before that is told


class _QueuePlace:
    """A place in the queue, and the reader that came to it."""

    def __init__(self) -> None:
        self.ready = Event()
        self.reader: WorkerProcess | None = None


class Scheduler:
    """Hands readers out and takes them back.

    Args:
        workers: how many readers are kept for light queries.
        limits: of queries.
        folder: tells the folder of the snapshot that is current.
    """

    def __init__(
        self, workers: int, limits: QueryLimits, folder: Callable[[], Path]
    ) -> None:
        self.limits = limits
        self._workers = workers
        self._folder = folder
        self._lock = RLock()  # what is thrown away gives its reader back, at any time
        self._queue: deque[_QueuePlace] = deque()
        self._idle: list[WorkerProcess] = []
        self._light = self._long = self._starting = 0
        self._running: set[QuerySession] = set()
        self._count: Counter[str] = Counter()
        self._ended: Counter[str] = Counter()
        self._refused: Counter[str] = Counter()
        self.is_closed = False
        for _ in range(workers):
            self._fill()

    def lease(self, seconds: float) -> QuerySession:
        """A reader for one query.

        Args:
            seconds: that the query may take.

        Raises:
            TooBusy: all are taken, and none became free in time.
            StoreUnavailable: the server is ending.
        """
        for _ in range(_TRIES):
            reader = self._take()
            if not reader.is_alive():
                self._drop(reader, "lost")
                continue
            lease = QuerySession(self, reader, seconds)
            with self._lock:
                self._running.add(lease)
                self._count["queries"] += 1
            if not self.is_closed:
                return lease
            lease.stop("")
            raise messages.closed()
        raise messages.lost(None)

    def lengthen(self, lease: QuerySession) -> None:
        """Let a query be long; its reader's place is filled.

        Raises:
            TooBusy: too many are long already.
        """
        with self._lock:
            fits = self._long < self.limits.long
            if fits:
                self._light -= 1
                self._long += 1
                lease.is_long = True
        if not fits:
            raise messages.too_many_long(self.limits)
        lease.reader.renice()
        self._fill()

    def give_back(self, lease: QuerySession) -> None:
        """Take back a reader that has done its work."""
        if lease.is_long:  # it cannot be given its priority again
            self.take_down(lease, "")
            return
        with self._lock:
            self._running.discard(lease)
            self._light -= 1
            is_wanted = self._queue or self._present() < self._workers
            if is_wanted and not self.is_closed:
                self._offer(lease.reader)
                return
        lease.reader.close()

    def take_down(self, lease: QuerySession, reason: str) -> None:
        """End a reader with its query."""
        lease.reader.close()
        with self._lock:
            self._running.discard(lease)
            if lease.is_long:
                self._long -= 1
            else:
                self._light -= 1
            self._note(reason)
        self._fill()

    def note(self, reason: str) -> None:
        """Count a query that ended before its answer did."""
        with self._lock:
            self._note(reason)

    def statistics(self) -> PoolStatistics:
        """What goes on."""
        with self._lock:
            return PoolStatistics(
                idle=len(self._idle),
                running=len(self._running),
                long=self._long,
                waiting=len(self._queue),
                started=self._count["started"],
                queries=self._count["queries"],
                ended=dict(self._ended),
                refused=dict(self._refused),
            )

    def close(self) -> None:
        """End all readers; queries that run are told so."""
        with self._lock:
            self.is_closed = True
            idle, running = self._idle, list(self._running)
            self._idle = []
            for place in self._queue:
                place.ready.set()
        for lease in running:
            lease.reader.kill()
        for reader in idle:
            reader.close(grace=_GRACE)

    def _take(self) -> WorkerProcess:
        """A reader that is idle, or the next to be for whom it is the turn."""
        self._fill()
        with self._lock:
            if self.is_closed:
                raise messages.closed()
            if self._idle:
                self._light += 1
                return self._idle.pop()
            if len(self._queue) >= self.limits.waiting:
                self._refused["queue"] += 1
                raise messages.queue_full(self.limits)
            place = _QueuePlace()
            self._queue.append(place)
        if not place.ready.wait(_SOON):
            self._fill()
            place.ready.wait(self.limits.queueing)
        with self._lock:
            if place.reader is not None:
                return place.reader
            self._queue.remove(place)
            if self.is_closed:
                raise messages.closed()
            self._refused["queueing"] += 1
            raise messages.waited_long(self.limits)

    def _present(self) -> int:
        """How many readers there are for light queries, or soon; under the lock."""
        return len(self._idle) + self._light + self._starting

    def _offer(self, reader: WorkerProcess) -> None:
        """Give a reader to who has waited longest, else let it wait; under the lock."""
        if self._queue:
            self._light += 1
            place = self._queue.popleft()
            place.reader = reader
            place.ready.set()
        else:
            self._idle.append(reader)

    def _drop(self, reader: WorkerProcess, reason: str) -> None:
        """Forget a reader that was taken and has ended."""
        reader.close()
        with self._lock:
            self._light -= 1
            self._note(reason)

    def _note(self, reason: str) -> None:
        if reason:
            self._ended[reason] += 1

    def _fill(self) -> None:
        """Start a reader if one is missing, and let it open the store.

        While queries wait there are more, until those that keep them waiting have
        shown that they are long.
        """
        with self._lock:
            more = self.limits.long if len(self._queue) > self._starting else 0
            if self.is_closed or self._present() >= self._workers + more:
                return
            self._starting += 1
        reader = None
        try:
            reader = WorkerProcess(worker_main, self.limits)
            reader.send(OpenSnapshot(self._folder()))
        except (OSError, AlaqatError) as error:
            logging.getLogger(__name__).warning("No reader could be started: %s", error)
        with self._lock:
            self._starting -= 1
            if reader is not None and not self.is_closed:
                self._count["started"] += 1
                self._offer(reader)
                return
        if reader is not None:
            reader.close()
