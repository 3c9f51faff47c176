"""A cache of representations that coalesces equal requests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from http import HTTPStatus
from threading import Lock

from alaqat.http.representation import Representation
from alaqat.lru import LruCache

#: Bytes of all representations in the cache, and of the largest one.
MAX_CACHE_BYTES, MAX_ENTRY_BYTES = 64_000_000, 1_000_000

_ENTRY_OVERHEAD = 2_000  # bytes that an entry costs besides its body


class ResponseCache:
    """An LRU cache within a budget of bytes.

    Of several requests for the same at the same time, one asks the store and the others
    wait for its result, be it an error.
    """

    def __init__(
        self, budget: int = MAX_CACHE_BYTES, largest: int = MAX_ENTRY_BYTES
    ) -> None:
        self._largest = largest
        self._entries: LruCache[Representation] = LruCache(budget, _entry_bytes)
        self._flights: dict[Hashable, Future[Representation]] = {}
        self._counts: Counter[str] = Counter()
        self._lock = Lock()

    def get(
        self,
        key: str,
        make: Callable[[], Representation],
        *,
        apart: Hashable = None,
        is_current: Callable[[], bool],
    ) -> Representation:
        """Return the representation of a key, made if it is not cached.

        Args:
            key: of what is asked of which version.
            make: makes the representation.
            apart: those for whom this differs do not wait for each other.
            is_current: whether the version still is what it was; else nothing is kept.
        """
        with self._lock:
            entry = self._entries.get(key)
            if entry is not None:
                self._counts["hits"] += 1
                return entry
            flight = self._flights.get((key, apart))
            leads = flight is None
            self._counts["misses" if leads else "shared"] += 1
            if flight is None:
                flight = self._flights[key, apart] = Future()
        if not leads:
            return flight.result()
        return self._run_flight(key, apart, flight, make, is_current)

    def figures(self) -> dict[str, float]:
        """Return how much is cached, and how often it served or was being made."""
        with self._lock:
            counts = {f"cache_{n}_total": float(c) for n, c in self._counts.items()}
        return {
            **counts,
            "cache_replies": len(self._entries),
            "cache_bytes": self._entries.size,
        }

    def _run_flight(
        self,
        key: str,
        apart: Hashable,
        flight: Future[Representation],
        make: Callable[[], Representation],
        is_current: Callable[[], bool],
    ) -> Representation:
        """Make a representation for all who wait for it, or fail for all of them."""
        try:
            made = make()
            stays = is_current()  # it may open a store: not while others are locked out
        except BaseException as error:
            self._close_flight(key, apart)
            flight.set_exception(error)
            raise
        is_good = made.status == HTTPStatus.OK and len(made.body) <= self._largest
        if stays and is_good:
            self._entries.put(key, made)
        self._close_flight(key, apart)
        flight.set_result(made)
        return made

    def _close_flight(self, key: str, apart: Hashable) -> None:
        """Close the flight, so that later callers start a new one."""
        with self._lock:
            self._flights.pop((key, apart), None)


def _entry_bytes(one: Representation) -> int:
    return len(one.body) + _ENTRY_OVERHEAD
