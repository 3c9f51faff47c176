"""A child process that is talked to by a pipe, and can be killed at any time.

What it may do is bounded by the function that it runs, first of all: see ``guards``.
"""

from __future__ import annotations

import multiprocessing
import os
import select
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from threading import Lock
from typing import Any, Concatenate, ParamSpec

#: A server that has imported what is preloaded, and nothing else, forks: no thread and
#: no open store is copied, and a process is there in some ten milliseconds.
FORKS = multiprocessing.get_context("forkserver")

_P = ParamSpec("_P")
_STARTING = Lock()
_GONE = select.POLLHUP | select.POLLERR
_CPUCLOCK_SCHED = 2  # clock_getcpuclockid(3), as Linux numbers such clocks
_NICE = 19  # gives way to every other process


class WorkerProcess:
    """A process that runs a function, and its end of the pipe to it.

    Args:
        run: called with the other end of the pipe, in the process.
        args: of the function, besides.

    Raises:
        OSError: no process can be started.
    """

    def __init__(
        self,
        run: Callable[Concatenate[Connection, _P], None],
        *args: _P.args,
        **options: _P.kwargs,
    ) -> None:
        with _STARTING:
            self._pipe, theirs = FORKS.Pipe()
            self._process = FORKS.Process(
                target=run, args=(theirs, *args), kwargs=options, daemon=True
            )
            try:
                self._process.start()
            except EOFError as error:
                raise OSError("the server that forks has ended") from error
            finally:
                theirs.close()
        self._poll = select.poll()
        self._poll.register(self._pipe.fileno(), select.POLLIN)

    @property
    def pid(self) -> int:
        """Return the number of the process."""
        return int(self._process.pid or 0)

    def is_alive(self) -> bool:
        """Return whether the process still holds its end of the pipe."""
        return not any(event & _GONE for _, event in self._poll.poll(0))

    def send(self, message: object) -> None:
        """Send a message; OSError if the process has ended."""
        self._pipe.send(message)

    def receive(self, seconds: float) -> Any:
        """Return the next message, or None if there is none for so long.

        Raises:
            EOFError: the process has ended; OSError: in the middle of a message.
        """
        if not self._poll.poll(max(0.0, seconds) * 1000):
            return None
        return self._pipe.recv()

    def renice(self) -> None:
        """Let every other process go first from now on."""
        try:
            os.setpriority(os.PRIO_PROCESS, self.pid, _NICE)
        except ProcessLookupError:
            return  # it has ended, which is noticed when it is read

    def cpu_seconds(self) -> float:
        """Return the time of a processor that it has had; 0 if it has ended."""
        if sys.platform != "linux":
            return time.monotonic()
        try:
            return time.clock_gettime(~self.pid << 3 | _CPUCLOCK_SCHED)
        except OSError:
            return 0.0

    def kill(self, grace: float = 0.0) -> int | None:
        """Kill the process, and return the code that it ended with, be it by itself.

        Whoever waits for a message learns of it.

        Args:
            grace: seconds that it has to end by itself.
        """
        if grace:
            wait([self._process.sentinel], grace)
        self._process.kill()
        wait([self._process.sentinel])
        with _STARTING:  # who starts a process looks at all that have ended
            self._process.join()
        return self._process.exitcode

    def close(self, grace: float = 0.0) -> int | None:
        """Close the pipe, which tells the process to end, then kill it."""
        self._pipe.close()
        return self.kill(grace)
