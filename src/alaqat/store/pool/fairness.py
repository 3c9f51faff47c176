"""Fairness between clients: who made workers necessary, and who goes first.

A query that is killed costs a new worker, and one that proves long does too. A client
that makes many of them necessary within seconds is *costly*: it goes after the others,
gets no extra workers, and never the last idle one.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from threading import RLock
from time import monotonic

from alaqat.lru import LruCache

_FADING_SECONDS = 10.0  # in which what is remembered of a client falls to a third
_COSTLY_STARTS = 3.0  # workers within that time
_MAX_CLIENTS = 10_000


class RecentStarts:
    """How many workers each client made necessary lately, fading with time.

    Args:
        clock: returns the time in seconds.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._levels: LruCache[tuple[float, float]] = LruCache(_MAX_CLIENTS)
        self._lock = RLock()  # a finalizer may end a query at any time

    def add(self, client: str) -> None:
        """Count a worker that a client made necessary; an empty one is not counted."""
        if client:
            with self._lock:
                self._levels.set(client, (self.level(client) + 1, self._clock()))

    def level(self, client: str) -> float:
        """Return the count of a client, of which old ones are a fraction."""
        level, then = self._levels.get(client) or (0.0, 0.0)
        return level * math.exp((then - self._clock()) / _FADING_SECONDS)

    def is_costly(self, client: str) -> bool:
        """Return whether a client made many workers necessary lately."""
        return bool(client) and self.level(client) > _COSTLY_STARTS


class StartPace:
    """The pace at which workers are started: a few at once, then so many a second.

    Args:
        per_second: starts a second.
        at_once: starts without a pause.
        clock: returns the time in seconds.
    """

    def __init__(
        self,
        per_second: float = 25.0,
        at_once: int = 12,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._interval = 1 / per_second
        self._slack = at_once * self._interval
        self._clock = clock
        self._next = 0.0

    def pause(self) -> float:
        """Count a start, and return the seconds to wait before it."""
        now = self._clock()
        self._next = max(self._next, now - self._slack) + self._interval
        return max(0.0, self._next - now)
