"""Query session: a worker for one query, with its deadline and CPU accounting."""

from __future__ import annotations

from time import monotonic
from typing import Any, Protocol

from alaqat.accounting import add_cpu_seconds
from alaqat.errors import AlaqatError
from alaqat.store.pool import messages
from alaqat.store.pool.messages import QueryLimits
from alaqat.store.pool.process import WorkerProcess
from alaqat.timeout import timed_out

_SIGABRT_EXIT = -6  # the engine aborts when it gets no more memory
_WALL_CLOCK_FACTOR = 4  # times the CPU budget: a query is long by then in any case
_CHECK_INTERVAL = 0.02  # seconds between two checks of the CPU time
_START_SECONDS = 0.05  # CPU time of a worker's start and end, about


class SessionOwner(Protocol):
    """The scheduler, as a session sees it."""

    limits: QueryLimits
    is_closed: bool

    def demote(self, session: QuerySession) -> None:
        """Reclassify a query as long; TooBusy if too many are."""

    def release(self, session: QuerySession) -> None:
        """Take back the worker of a session that is over."""

    def kill(self, session: QuerySession, reason: str) -> None:
        """Kill the worker of a session that is over."""

    def count(self, reason: str) -> None:
        """Count a query that ended before its result did."""


class QuerySession:
    """A conversation with a worker about one query, with a deadline.

    Args:
        owner: takes back the worker.
        worker: evaluates the query.
        seconds: until the deadline.
        client: whose query it is; empty if unknown.
    """

    def __init__(
        self,
        owner: SessionOwner,
        worker: WorkerProcess,
        seconds: float,
        client: str = "",
    ) -> None:
        self.worker = worker
        self.client = client
        self.is_long = False
        self.is_over = False
        self._owner = owner
        self._seconds = seconds
        self._started = monotonic()
        self._deadline = self._started + seconds
        self._cpu_at_start = self._cpu_at_evaluation = worker.cpu_seconds()
        # Neither is due before the evaluation begins.
        self._next_check = self._long_after = self._deadline

    def begin_evaluation(self) -> None:
        """Start the budget of a light query, now that the snapshot is open."""
        budget = self._owner.limits.light_query_cpu_seconds
        self._cpu_at_evaluation = self.worker.cpu_seconds()
        self._next_check = monotonic() + budget
        self._long_after = monotonic() + _WALL_CLOCK_FACTOR * budget

    def send(self, message: object) -> None:
        """Send a message to the worker.

        Raises:
            LimitReached: its memory was used up.
            StoreUnavailable: the process has ended.
        """
        try:
            self.worker.send(message)
        except OSError:
            raise self._end_of_worker() from None

    def request(self, message: object) -> Any:
        """Send a message and return the reply; raise what ``receive`` raises."""
        self.send(message)
        return self.receive()

    def receive(self) -> Any:
        """Return the next message from the worker, or end the query at a limit.

        Raises:
            TimedOut: the deadline has passed.
            TooBusy: the query is long, and too many others are.
            LimitReached: its memory was used up.
            StoreUnavailable: the process has ended.
        """
        while True:
            now = monotonic()
            if now >= self._deadline:
                self.stop("time")
                raise timed_out(self._seconds, self._owner.limits.seconds)
            if not self.is_long and now >= self._next_check:
                self._reclassify(now)
            until = self._deadline
            if not self.is_long:
                until = min(until, self._next_check)
            try:
                message = self.worker.receive(until - now)
            except (EOFError, OSError):
                raise self._end_of_worker() from None
            if message is not None:
                return message

    def finish(self, reason: str = "") -> None:
        """End the session and release its worker, which has no more to send.

        Args:
            reason: to count if the result is incomplete.
        """
        if not self.is_over:
            self._end()
            self._owner.release(self)
            self._owner.count(reason)

    def stop(self, reason: str) -> None:
        """End the session and kill its worker, whose successor the client pays for.

        Args:
            reason: to count; empty if it should not be.
        """
        if not self.is_over:
            self._end()
            add_cpu_seconds(_START_SECONDS)
            self._owner.kill(self, reason)

    def _end(self) -> None:
        """Mark the session as over and account for its CPU time."""
        self.is_over = True
        cpu = self.worker.cpu_seconds()  # 0 if the process has ended
        elapsed = monotonic() - self._started
        add_cpu_seconds(cpu - self._cpu_at_start if cpu else elapsed)

    def _reclassify(self, now: float) -> None:
        """Reclassify the query as long once its CPU budget is spent.

        CPU time decides, since on a busy machine even a light query takes a while.
        """
        spent = self.worker.cpu_seconds() - self._cpu_at_evaluation
        left = self._owner.limits.light_query_cpu_seconds - spent
        if left > 0 and now < self._long_after:
            self._next_check = now + max(left, _CHECK_INTERVAL)
            return
        try:
            self._owner.demote(self)
        except AlaqatError:
            self.stop("long")
            raise

    def _end_of_worker(self) -> AlaqatError:
        """End the session of a worker that has ended, and return the error for it."""
        exit_code = self.worker.close()
        if self._owner.is_closed:
            self.stop("")
            return messages.server_stopping()
        if exit_code == _SIGABRT_EXIT:
            self.stop("memory")
            return messages.out_of_memory(self._owner.limits)
        self.stop("lost")
        return messages.worker_died(exit_code)
