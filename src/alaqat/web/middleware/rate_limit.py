"""Rate limit of one client in a minute: requests, and seconds of work."""

from __future__ import annotations

import math
from collections.abc import Callable
from threading import Lock
from time import monotonic

from alaqat.errors import TooMany
from alaqat.lru import LruCache

_MAX_CLIENTS = 10_000
_MINUTE = 60.0


class TokenBuckets:
    """A token bucket for each client, full at first, that fills again in a minute.

    Args:
        per_minute: how much a client may spend in a minute, and at once.
        clock: tells the time in seconds.
        most_clients: how many are remembered; the one seen longest ago is forgotten,
            which is the one whose bucket is most likely full.
    """

    def __init__(
        self,
        per_minute: float,
        *,
        clock: Callable[[], float] = monotonic,
        most_clients: int = _MAX_CLIENTS,
    ) -> None:
        self._size = per_minute
        self._clock = clock
        self._lock = Lock()
        self._buckets: LruCache[tuple[float, float]] = LruCache(most_clients)

    def spend(self, client: str, amount: float) -> None:
        """Take from a client's bucket, even what it does not hold: it may owe."""
        with self._lock:
            self._buckets.put(client, (self._level(client) - amount, self._clock()))

    def wait(self, client: str, amount: float = 0.0) -> float:
        """In how many seconds a client may spend an amount; 0 if it may now."""
        with self._lock:
            missing = amount - self._level(client)
        return max(0.0, missing * _MINUTE / self._size)

    def _level(self, client: str) -> float:
        """What a client may spend now."""
        level, then = self._buckets.get(client) or (self._size, 0.0)
        return min(self._size, level + (self._clock() - then) * self._size / _MINUTE)


class RateLimiter:
    """What each client may ask for.

    Args:
        requests: how many a minute; 0 for no bound.
        seconds: of the machine's time a minute; 0 for no bound.
        clock: tells the time in seconds.
    """

    def __init__(
        self,
        *,
        requests: float,
        seconds: float,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._requests = TokenBuckets(requests or math.inf, clock=clock)
        self._seconds = TokenBuckets(seconds or math.inf, clock=clock)

    def admit(self, client: str) -> None:
        """Count a request.

        Raises:
            TooMany: the client has used up what it may; the error tells when it may
                ask again.
        """
        for budget, amount, what in (
            (self._requests, 1.0, "requests"),
            (self._seconds, 0.0, "seconds of work"),
        ):
            seconds = budget.wait(client, amount)
            if seconds > 0:
                raise TooMany(
                    f"You have used up your {what} for this minute.",
                    retry_after=math.ceil(seconds),
                    remedy="Wait, ask for less at once, or take the files at /dump.",
                )
        self._requests.spend(client, 1.0)

    def charge(self, client: str, seconds: float) -> None:
        """Take the time that a request took."""
        self._seconds.spend(client, seconds)
