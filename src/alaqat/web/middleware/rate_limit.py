"""Clients, and the rate limit of each: requests, and seconds of work, per minute."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from threading import Lock
from time import monotonic
from typing import Any

from alaqat.errors import RateLimitExceeded
from alaqat.lru import LruCache

_MAX_CLIENTS = 10_000
_MINUTE = 60.0
_IPV6_PREFIX = 64  # bits: a household or a host has all addresses of such a network


@lru_cache(_MAX_CLIENTS)
def client_of_address(address: str) -> str:
    """Return the client of an address: IPv6 by its /64, mapped IPv4 as IPv4.

    What is no address, as of a Unix socket, stands for itself.
    """
    parsed = _parse(address)
    if isinstance(parsed, IPv6Address):
        return str(IPv6Network((int(parsed), _IPV6_PREFIX), strict=False))
    return address if parsed is None else str(parsed)


@lru_cache(_MAX_CLIENTS)
def is_loopback(address: str) -> bool:
    """Return whether an address is of this machine."""
    parsed = _parse(address)
    return parsed is not None and parsed.is_loopback


def address_of_request(environ: dict[str, Any], proxies: int) -> str:
    """Return the address that a request comes from.

    Args:
        environ: of the request, before other middleware has changed it.
        proxies: how many proxies append to X-Forwarded-For; what is left of that is a
            claim of the client.
    """
    forwarded = str(environ.get("HTTP_X_FORWARDED_FOR", "")).split(",")
    if 0 < proxies <= len(forwarded) and (address := forwarded[-proxies].strip()):
        return address
    return str(environ.get("REMOTE_ADDR", ""))


def _parse(address: str) -> IPv4Address | IPv6Address | None:
    """Return an address, an IPv4 one if it is mapped to IPv6; None if it is none."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return mapped or parsed


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
