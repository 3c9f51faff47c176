"""How much of the machine's time the queries of a thread took.

A reader for the time of one query, which is stopped when its time is over.
"""

from __future__ import annotations

import threading
from time import monotonic
from typing import Any, Protocol

from alaqat.errors import AlaqatError
from alaqat.store.pool import messages
from alaqat.store.pool.messages import QueryLimits
from alaqat.store.pool.process import WorkerProcess
from alaqat.timeout import timed_out

_cpu_seconds = threading.local()


def add_cpu_seconds(seconds: float) -> None:
    """Count time for this thread."""
    _cpu_seconds.seconds = getattr(_cpu_seconds, "seconds", 0.0) + max(0.0, seconds)


def take_cpu_seconds() -> float:
    """The time counted for this thread since this was last asked, in seconds."""
    seconds = float(getattr(_cpu_seconds, "seconds", 0.0))
    _cpu_seconds.seconds = 0.0
    return seconds


_ABORTED = -6  # SIGABRT: an engine's answer to memory that it does not get
_IDLE = 4  # times the patience, and a query is long even if it did little
_PAUSE = 0.02  # seconds between two looks at what it did


class SessionOwner(Protocol):
    """Who hands out readers, as a lease sees them."""

    limits: QueryLimits
    is_closed: bool

    def lengthen(self, lease: QuerySession) -> None:
        """Let a query be long; TooBusy if too many are."""

    def give_back(self, lease: QuerySession) -> None:
        """Take back a reader that has done its work."""

    def take_down(self, lease: QuerySession, reason: str) -> None:
        """End a reader with its query."""

    def note(self, reason: str) -> None:
        """Count a query that ended before its answer did."""


class QuerySession:
    """A conversation with a reader, within its time.

    Args:
        lender: to whom the reader goes back.
        reader: that evaluates.
        seconds: that the query may take.
    """

    def __init__(
        self, lender: SessionOwner, reader: WorkerProcess, seconds: float
    ) -> None:
        self.reader = reader
        self.is_long = False
        self._lender = lender
        self._seconds = seconds
        self._deadline = monotonic() + seconds
        self._look = self._long_from = self._deadline  # until its evaluation begins
        self._worked = 0.0
        self.is_over = False
        self._began, self._before = monotonic(), reader.cpu_seconds()

    def begin(self) -> None:
        """Let the time count in which a light query is answered."""
        patience = self._lender.limits.patience
        self._worked = self.reader.cpu_seconds()
        self._look = monotonic() + patience
        self._long_from = monotonic() + _IDLE * patience

    def say(self, message: object) -> None:
        """Say something that needs no answer."""
        try:
            self.reader.send(message)
        except OSError:
            raise self._lost() from None

    def ask(self, message: object) -> Any:
        """Say something and wait for what is said to it.

        Raises:
            TimedOut: the time was over; TooBusy: it takes long, and too many do.
            LimitReached: the memory was used up.
            StoreUnavailable: the process has ended.
        """
        self.say(message)
        return self.hear()

    def hear(self) -> Any:
        """Wait for what is said, and end the query when it must not go on."""
        while True:
            now = monotonic()
            if now >= self._deadline:
                self.stop("time")
                raise timed_out(self._seconds, self._lender.limits.seconds)
            if not self.is_long and now >= self._look:
                self._judge(now)
            until = self._deadline if self.is_long else min(self._deadline, self._look)
            try:
                said = self.reader.receive(until - now)
            except (EOFError, OSError):
                raise self._lost() from None
            if said is not None:
                return said

    def finish(self, reason: str = "") -> None:
        """Give the reader back, which has said all it had to say."""
        if not self.is_over:
            self._end()
            self._lender.give_back(self)
            self._lender.note(reason)

    def stop(self, reason: str) -> None:
        """End the reader with its query."""
        if not self.is_over:
            self._end()
            self._lender.take_down(self, reason)

    def _end(self) -> None:
        """Let it be over, and count the time that it took."""
        self.is_over = True
        work = self.reader.cpu_seconds()  # 0 if it has ended by itself
        add_cpu_seconds(work - self._before if work else monotonic() - self._began)

    def _judge(self, now: float) -> None:
        """Go over to the long queries if it is one.

        What counts is the work that was done: on a busy machine even a light query
        takes a while.
        """
        left = self._lender.limits.patience - (self.reader.cpu_seconds() - self._worked)
        if left > 0 and now < self._long_from:
            self._look = now + max(left, _PAUSE)
            return
        try:
            self._lender.lengthen(self)
        except AlaqatError:
            self.stop("long")
            raise

    def _lost(self) -> AlaqatError:
        """What to say of a process that has ended."""
        code = self.reader.close()
        if self._lender.is_closed:
            self.stop("")
            return messages.closed()
        if code == _ABORTED:
            self.stop("memory")
            return messages.out_of_memory(self._lender.limits)
        self.stop("lost")
        return messages.lost(code)
