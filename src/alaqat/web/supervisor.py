"""Supervisor: the parent process, which starts the one that answers, again and again.

It never ends because that one crashes: what makes it crash may be in a request, and
come again. Each restart waits longer than the last, up to half a minute. It also raises
the limit of open files, and says if that is too low.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from multiprocessing import Pipe
from time import monotonic
from typing import Any

from granian.server.mp import MPServer

from alaqat.errors import CannotServe

# Tells the process that answers how often it was started again.
_RESTARTS_VARIABLE = "ALAQAT_RESTARTS"

_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 30.0  # seconds
_STABLE_SECONDS = 60.0  # after which a crash counts as the first one again
_MAX_FAILED_STARTS = 2  # of a server that has never answered

# File descriptors
_RESERVED = 64  # for the store's files, logs, libraries and the listening socket
_PER_WORKER = 3  # a pipe, a process's end and its start
_LONG_WORKERS = 8  # that may run beside the others
_SPOOLED = 128  # responses that are sent from disk, and bodies
_FEWEST_CONNECTIONS = 16
_MOST_DESCRIPTORS = 65_536  # more than any number of connections needs


def raise_limit() -> int:
    """Raise the limit of open files as far as it may be of use, and return it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return _MOST_DESCRIPTORS
    allowed = _MOST_DESCRIPTORS if hard == resource.RLIM_INFINITY else hard
    wanted = max(soft, min(allowed, _MOST_DESCRIPTORS))
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    except (OSError, ValueError):
        return soft
    return wanted


def connections_within(limit: int, wanted: int, workers: int) -> int:
    """Return how many connections fit within the limit of open files.

    If these are fewer than wanted, stderr says what is needed.

    Args:
        limit: of open files.
        wanted: connections.
        workers: the size of the worker pool.

    Raises:
        CannotServe: hardly any connection fits.
    """
    fixed = _RESERVED + _PER_WORKER * (workers + _LONG_WORKERS)
    needed = fixed + _SPOOLED + wanted
    if limit >= needed:
        return wanted
    left = limit - fixed
    fitting = min(wanted, max(left - _SPOOLED, left // 2))
    if fitting < _FEWEST_CONNECTIONS:
        raise CannotServe(
            f"The limit of open files is {limit}; the server needs {needed}.",
            remedy=f"Raise it: ulimit -n {needed}, or LimitNOFILE= of systemd.",
        )
    sys.stderr.write(
        f"The limit of open files is {limit}, {needed} are needed: at most {fitting} "
        f"connections instead of {wanted}. Raise it: ulimit -n {needed}\n"
    )
    return fitting


def restarts() -> int:
    """Return how often this process was started again, having ended by itself."""
    return int(os.environ.get(_RESTARTS_VARIABLE, "0"))


class Backoff:
    """The pauses before restarts: each is twice the last, until all was well.

    Args:
        clock: returns the time in seconds.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._crashes = 0
        self._last = clock()

    def pause(self) -> float:
        """Count a crash, and return the seconds to wait."""
        now = self._clock()
        if now - self._last >= _STABLE_SECONDS:
            self._crashes = 0
        self._last = now
        self._crashes += 1
        return float(min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** (self._crashes - 1)))


class Supervisor(MPServer):
    """A Granian server that outlives its process, and announces its shutdown to it.

    Attributes:
        has_answered: whether the server ever did; one that never does is given up.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.shutdown_receiver, self._shutdown_sender = Pipe(duplex=False)
        self.has_answered: Callable[[], bool] = bool
        self._restarts = 0
        self._backoff = Backoff()
        os.environ[_RESTARTS_VARIABLE] = "0"

    def shutdown(self, exit_code: int = 0) -> None:
        """Announce the shutdown, then shut down."""
        self._shutdown_sender.send(True)
        super().shutdown(exit_code)  # type: ignore[no-untyped-call] # Granian's own has no types

    def _serve_loop(self, spawn_target: Any, target_loader: Any) -> None:
        """Wait for signals and for the end of the process; restart it.

        Granian's own loop ends when a process ends twice within seconds.
        """
        while True:
            self.main_loop_interrupt.wait()
            self.main_loop_interrupt.clear()
            if self.interrupt_signal:
                return
            if self.interrupt_children:
                if self._is_hopeless():
                    return  # with interrupt_children set: the exit code is 1
                self.interrupt_children.clear()
                if not self._restart(spawn_target, target_loader):
                    return
            if self.reload_signal:
                self._reload(spawn_target, target_loader)  # type: ignore[no-untyped-call] # as above

    def _is_hopeless(self) -> bool:
        """Return whether the server has failed to start several times."""
        return not self.has_answered() and self._restarts >= _MAX_FAILED_STARTS - 1

    def _restart(self, spawn_target: Any, target_loader: Any) -> bool:
        """Start the process again after a pause; False if a signal ends the pause."""
        pause, crashed = self._backoff.pause(), self.wrks[0]
        self._restarts += 1
        os.environ[_RESTARTS_VARIABLE] = str(self._restarts)
        _log_restart(crashed.inner.exitcode, self._restarts, pause)
        deadline = monotonic() + pause
        while (left := deadline - monotonic()) > 0:
            self.main_loop_interrupt.wait(left)
            if self.interrupt_signal:
                return False
        self._respawn_workers([0], spawn_target, target_loader)
        return True


def _log_restart(exit_code: int | None, restarts: int, pause: float) -> None:
    """Log the restart of the process, in the form of the server's log.

    This process does not import the logging of the application.
    """
    entry = {
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "level": "error",
        "event": "restart",
        "exit_code": exit_code,
        "restarts": restarts,
        "pause": pause,
    }
    sys.stderr.write(f"{json.dumps(entry)}\n")
    sys.stderr.flush()
