"""How much of the machine's time the queries of a thread took."""

from __future__ import annotations

import threading

_spent = threading.local()


def spend(seconds: float) -> None:
    """Count time for this thread."""
    _spent.seconds = getattr(_spent, "seconds", 0.0) + max(0.0, seconds)


def spent() -> float:
    """The time counted for this thread since this was last asked, in seconds."""
    seconds = float(getattr(_spent, "seconds", 0.0))
    _spent.seconds = 0.0
    return seconds
