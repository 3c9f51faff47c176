"""Who evaluates when: readers for light queries, and long queries that give way.

As many readers as there are workers are kept for light queries. A query that takes
longer than one has patience for keeps its reader, which gives way to all others, and a
fresh one takes that reader's place; so long queries never keep light ones waiting.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from threading import Condition

from alaqat.errors import AlaqatError
from alaqat.store.pool import refusals
from alaqat.store.pool.lease import Lease
from alaqat.store.pool.limits import Limits
from alaqat.store.pool.messages import Prepare
from alaqat.store.pool.reader import Reader
from alaqat.store.pool.statistics import Statistics


class Lanes:
    """Hands readers out and takes them back.

    Args:
        workers: how many readers are kept for light queries.
        limits: of queries.
        folder: tells the folder of the snapshot that is current.
    """

    def __init__(
        self, workers: int, limits: Limits, folder: Callable[[], Path]
    ) -> None:
        self.limits = limits
        self._workers = workers
        self._folder = folder
        self._changed = Condition()
        self._idle: list[Reader] = []
        self._light = self._long = self._waiting = self._starting = 0
        self._running: set[Lease] = set()
        self._count: Counter[str] = Counter()
        self._ended: Counter[str] = Counter()
        self._refused: Counter[str] = Counter()
        self.is_closed = False
        for _ in range(workers):
            self._fill()

    def lease(self, seconds: float) -> Lease:
        """A reader for one query.

        Args:
            seconds: that the query may take.

        Raises:
            TooBusy: all are taken, and none became free in time.
            StoreUnavailable: the server is ending.
        """
        while True:
            reader = self._take()
            if reader.is_silent():
                lease = Lease(self, reader, seconds)
                with self._changed:
                    self._running.add(lease)
                    self._count["queries"] += 1
                return lease
            self._drop(reader, "lost")

    def lengthen(self, lease: Lease) -> None:
        """Let a query be long; its reader's place is filled.

        Raises:
            TooBusy: too many are long already.
        """
        with self._changed:
            fits = self._long < self.limits.long
            if fits:
                self._light -= 1
                self._long += 1
                lease.is_long = True
        if not fits:
            raise refusals.too_many_long(self.limits)
        lease.reader.give_way()
        self._fill()

    def give_back(self, lease: Lease) -> None:
        """Take back a reader that has done its work."""
        if lease.is_long:  # it cannot be given its priority again
            self.take_down(lease, "")
            return
        with self._changed:
            self._running.discard(lease)
            self._light -= 1
            if not self.is_closed:
                self._idle.append(lease.reader)
                self._changed.notify()
                return
        lease.reader.kill()

    def take_down(self, lease: Lease, reason: str) -> None:
        """End a reader with its query."""
        lease.reader.kill()
        with self._changed:
            self._running.discard(lease)
            if lease.is_long:
                self._long -= 1
            else:
                self._light -= 1
            self._note(reason)
        self._fill()

    def note(self, reason: str) -> None:
        """Count a query that ended before its answer did."""
        with self._changed:
            self._note(reason)

    def statistics(self) -> Statistics:
        """What goes on."""
        with self._changed:
            return Statistics(
                idle=len(self._idle),
                running=len(self._running),
                long=self._long,
                waiting=self._waiting,
                started=self._count["started"],
                queries=self._count["queries"],
                ended=dict(self._ended),
                refused=dict(self._refused),
            )

    def close(self) -> None:
        """End all readers; queries that run are told so."""
        with self._changed:
            self.is_closed = True
            idle, running = self._idle, list(self._running)
            self._idle = []
            self._changed.notify_all()
        for reader in idle:
            reader.kill()
        for lease in running:
            lease.reader.end()

    def _take(self) -> Reader:
        """A reader that is idle, as soon as there is one."""
        self._fill()
        with self._changed:
            if not self._idle and self._waiting >= self.limits.waiting:
                self._refused["queue"] += 1
                raise refusals.queue_full(self.limits)
            self._waiting += 1
            try:
                self._changed.wait_for(
                    lambda: self._idle or self.is_closed, self.limits.queueing
                )
            finally:
                self._waiting -= 1
            if self.is_closed:
                raise refusals.closed()
            if not self._idle:
                self._refused["queueing"] += 1
                raise refusals.waited_long(self.limits)
            self._light += 1
            return self._idle.pop()

    def _drop(self, reader: Reader, reason: str) -> None:
        """Forget a reader that was taken and has ended."""
        reader.kill()
        with self._changed:
            self._light -= 1
            self._note(reason)

    def _note(self, reason: str) -> None:
        if reason:
            self._ended[reason] += 1

    def _fill(self) -> None:
        """Start a reader if one is missing, and let it open the store."""
        with self._changed:
            present = len(self._idle) + self._light + self._starting
            if self.is_closed or present >= self._workers:
                return
            self._starting += 1
        reader = None
        try:
            reader = Reader(self.limits)
            reader.send(Prepare(self._folder()))
        except (OSError, AlaqatError) as error:
            logging.getLogger(__name__).warning("No reader could be started: %s", error)
        with self._changed:
            self._starting -= 1
            if reader is not None:
                self._count["started"] += 1
                self._idle.append(reader)
                self._changed.notify()
