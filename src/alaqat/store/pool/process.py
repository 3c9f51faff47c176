"""Worker processes: a child process with a pipe to it that can be killed at any time.

Its limits are set by the function that it runs, first of all: see ``sandbox``.
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

#: A process with the preloaded modules forks, so no thread and no open store is copied,
#: and a worker starts in about ten milliseconds.
FORKSERVER = multiprocessing.get_context("forkserver")
FORKSERVER.set_forkserver_preload(["__main__", "alaqat.store.pool.forkserver"])

_P = ParamSpec("_P")
_START_LOCK = Lock()
_DISCONNECTED = select.POLLHUP | select.POLLERR
_CPUCLOCK_SCHED = 2  # Linux's number of a process's CPU clock, clock_getcpuclockid(3)
_LOWEST_PRIORITY = 19


class WorkerProcess:
    """A process that runs a function, and this end of the pipe to it.

    Args:
        run: called in the process with the other end of the pipe.
        args: further arguments of the function.

    Raises:
        OSError: the process cannot be started.
    """

    def __init__(
        self,
        run: Callable[Concatenate[Connection, _P], None],
        *args: _P.args,
        **options: _P.kwargs,
    ) -> None:
        with _START_LOCK:
            self._pipe, child_pipe = FORKSERVER.Pipe()
            self._process = FORKSERVER.Process(
                target=run, args=(child_pipe, *args), kwargs=options, daemon=True
            )
            try:
                self._process.start()
            except EOFError as error:
                raise OSError("the fork server has ended") from error
            finally:
                child_pipe.close()
        self._poll = select.poll()
        self._poll.register(self._pipe.fileno(), select.POLLIN)

    @property
    def pid(self) -> int:
        """The process ID."""
        return int(self._process.pid or 0)

    def is_alive(self) -> bool:
        """Return whether the process still holds its end of the pipe."""
        return not any(event & _DISCONNECTED for _, event in self._poll.poll(0))

    def send(self, message: object) -> None:
        """Send a message; OSError if the process has ended."""
        self._pipe.send(message)

    def receive(self, seconds: float) -> Any:
        """Return the next message, or None if none arrives within some seconds.

        Raises:
            EOFError: the process has ended.
            OSError: it has ended in the middle of a message.
        """
        if not self._poll.poll(max(0.0, seconds) * 1000):
            return None
        return self._pipe.recv()

    def renice(self) -> None:
        """Give the process the lowest scheduling priority."""
        try:
            os.setpriority(os.PRIO_PROCESS, self.pid, _LOWEST_PRIORITY)
        except ProcessLookupError:
            return  # it has ended, which the next receive reports

    def cpu_seconds(self) -> float:
        """Return the CPU time of the process; 0 if it has ended."""
        if sys.platform != "linux":
            return time.monotonic()
        try:
            return time.clock_gettime(~self.pid << 3 | _CPUCLOCK_SCHED)
        except OSError:
            return 0.0

    def kill(self, grace: float = 0.0) -> int | None:
        """Kill the process and return its exit code; a pending receive raises EOFError.

        Args:
            grace: seconds in which it may end by itself.
        """
        if grace:
            wait([self._process.sentinel], grace)
        self._process.kill()
        wait([self._process.sentinel])
        with _START_LOCK:  # starting a process joins all ended ones too
            self._process.join()
        return self._process.exitcode

    def close(self, grace: float = 0.0) -> int | None:
        """Close the pipe, which asks the process to end, then kill it."""
        self._pipe.close()
        return self.kill(grace)
