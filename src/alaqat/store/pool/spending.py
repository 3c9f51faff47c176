"""How much of the machine's time the queries of a thread took."""

from __future__ import annotations

import threading
import time

_spent = threading.local()


def cpu_seconds(pid: int) -> float:
    """The time that a process has computed so far; 0 where nobody tells.

    Linux has a clock for each process, whose number is made of the process's (see
    clock_getcpuclockid(3)).
    """
    try:
        return time.clock_gettime((~pid << 3) | 2)
    except (OSError, OverflowError):
        return 0.0


def spend(seconds: float) -> None:
    """Count time for this thread."""
    _spent.seconds = getattr(_spent, "seconds", 0.0) + max(0.0, seconds)


def spent() -> float:
    """The time counted for this thread since this was last asked, in seconds."""
    seconds = float(getattr(_spent, "seconds", 0.0))
    _spent.seconds = 0.0
    return seconds
