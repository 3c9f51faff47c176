"""A process that evaluates queries, as the process that started it sees it."""

from __future__ import annotations

import multiprocessing
import os
import select
import sys
import time
from multiprocessing.connection import wait
from threading import Lock
from typing import Any

from alaqat.store.pool.evaluator import evaluate
from alaqat.store.pool.limits import Limits

# A server that has imported everything, and nothing else, forks: no thread and no open
# store is copied, and a process is there in some ten milliseconds.
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["__main__", "alaqat.store.pool.evaluator"])
_STARTING = Lock()
_CPUCLOCK_SCHED = 2  # clock_getcpuclockid(3), as Linux numbers such clocks
_GRACE = 2.0  # seconds that an idle process has to end by itself
_NICE = 19  # gives way to every other process


class Reader:
    """A process that evaluates one query at a time.

    Args:
        limits: that it keeps itself to.

    Raises:
        OSError: no process can be started.
    """

    def __init__(self, limits: Limits) -> None:
        with _STARTING:
            self._connection, theirs = _FORKS.Pipe()
            self._process = _FORKS.Process(
                target=evaluate, args=(theirs, limits), daemon=True
            )
            try:
                self._process.start()
            except EOFError as error:
                raise OSError("the server that forks has ended") from error
            finally:
                theirs.close()
        self._poll = select.poll()
        self._poll.register(self._connection.fileno(), select.POLLIN)

    @property
    def pid(self) -> int:
        """The number of the process."""
        return int(self._process.pid or 0)

    def is_silent(self) -> bool:
        """Whether it has nothing to say: one that waits and speaks has ended."""
        return not self._poll.poll(0)

    def send(self, message: object) -> None:
        """Say something; OSError if it has ended."""
        self._connection.send(message)

    def receive(self, seconds: float) -> Any:
        """What it says, or None if it is silent for so long.

        Raises:
            EOFError: it has ended; OSError: in the middle of a word.
        """
        if not self._poll.poll(max(0.0, seconds) * 1000):
            return None
        return self._connection.recv()

    def give_way(self) -> None:
        """Let every other process go first from now on."""
        try:
            os.setpriority(os.PRIO_PROCESS, self.pid, _NICE)
        except ProcessLookupError:
            return  # it has ended, which is noticed when it is read

    def work(self) -> float:
        """Seconds of a processor that it has had so far."""
        if sys.platform != "linux":
            return time.monotonic()
        try:
            return time.clock_gettime(~self.pid << 3 | _CPUCLOCK_SCHED)
        except OSError:
            return 0.0  # it has ended, which is noticed when it is read

    def end(self) -> int | None:
        """End it and wait for that; the code it ended with, be it by itself.

        Whoever waits for what it says is told.
        """
        self._process.kill()
        wait([self._process.sentinel])
        with _STARTING:  # who starts a process looks at all that have ended
            self._process.join()
        return self._process.exitcode

    def close(self) -> None:
        """Close the pipe, which ends a process that is idle; kill one that lingers."""
        self._connection.close()
        wait([self._process.sentinel], _GRACE)
        self.end()

    def kill(self) -> int | None:
        """End it, and listen no more."""
        code = self.end()
        self._connection.close()
        return code
