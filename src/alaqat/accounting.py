"""Accounting of work: whose request this thread answers, and what it has cost.

The HTTP server sets the client of each request; whatever works for it in other
processes adds the CPU time here, and the rate limit is charged with the sum.
"""

from __future__ import annotations

import threading


class _Account(threading.local):
    """The client of a thread's request, and the CPU seconds used on its behalf."""

    client = ""
    seconds = 0.0


_account = _Account()


def set_client(client: str) -> None:
    """Set the client whose request this thread answers; empty for none."""
    _account.client = client
    _account.seconds = 0.0


def current_client() -> str:
    """Return the client whose request this thread answers; empty if unknown."""
    return _account.client


def add_cpu_seconds(seconds: float) -> None:
    """Add to the CPU time that other processes used on behalf of this thread."""
    _account.seconds += max(0.0, seconds)


def cpu_seconds() -> float:
    """Return the CPU time added for this thread since it was last taken."""
    return _account.seconds


def take_cpu_seconds() -> float:
    """Return the CPU time added for this thread, and reset it."""
    seconds = _account.seconds
    _account.seconds = 0.0
    return seconds
