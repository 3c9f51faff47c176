"""Rate limit of each client: requests, and seconds of work, per minute."""

from __future__ import annotations

import math
from collections.abc import Callable
from threading import Lock
from time import monotonic

from alaqat.errors import RateLimitExceeded
from alaqat.lru import LruCache

_MAX_CLIENTS = 10_000
_MINUTE = 60.0


class TokenBuckets:
    """A token bucket for each client, full at first, that refills within a minute.

    Args:
        per_minute: what a client may spend in a minute, and at once.
        clock: returns the time in seconds.
        max_clients: beyond that the client seen longest ago is forgotten, whose bucket
            is most likely full.
    """

    def __init__(
        self,
        per_minute: float,
        *,
        clock: Callable[[], float] = monotonic,
        max_clients: int = _MAX_CLIENTS,
    ) -> None:
        self._capacity = per_minute
        self._clock = clock
        self._lock = Lock()
        self._buckets: LruCache[tuple[float, float]] = LruCache(max_clients)

    def spend(self, client: str, amount: float) -> None:
        """Take an amount from a client's bucket, whose level may become negative."""
        with self._lock:
            self._buckets.set(client, (self._level(client) - amount, self._clock()))

    def seconds_until(self, client: str, amount: float = 0.0) -> float:
        """Return the seconds until a client may spend an amount; 0 for now."""
        with self._lock:
            missing = amount - self._level(client)
        return max(0.0, missing * _MINUTE / self._capacity)

    def _level(self, client: str) -> float:
        level, then = self._buckets.get(client) or (self._capacity, 0.0)
        refilled = (self._clock() - then) * self._capacity / _MINUTE
        return min(self._capacity, level + refilled)


class RateLimiter:
    """Limits the requests, and the seconds of work, of each client.

    Args:
        requests: per minute; 0 for no limit.
        seconds: of work per minute; 0 for no limit.
        clock: returns the time in seconds.
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
            RateLimitExceeded: a limit is reached; the error has the seconds to wait.
        """
        for buckets, amount, unit in (
            (self._requests, 1.0, "requests"),
            (self._seconds, 0.0, "seconds of work"),
        ):
            seconds = buckets.seconds_until(client, amount)
            if seconds > 0:
                raise RateLimitExceeded(
                    f"You have used up your {unit} for this minute.",
                    retry_after=math.ceil(seconds),
                    remedy="Wait, ask for less at once, or take the files at /dump.",
                )
        self._requests.spend(client, 1.0)

    def charge(self, client: str, seconds: float) -> None:
        """Charge a client for the seconds of work of a request."""
        self._seconds.spend(client, seconds)
