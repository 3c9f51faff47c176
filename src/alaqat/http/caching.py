"""An LRU cache of responses that coalesces equal requests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable
from concurrent.futures import Future, wait
from http import HTTPStatus
from threading import Lock
from time import monotonic

from alaqat.accounting import add_cpu_seconds, cpu_seconds, current_client
from alaqat.http.representation import Representation
from alaqat.lru import LruCache
from alaqat.timeout import DEFAULT_TIMEOUT, clamp_timeout, timed_out
from alaqat.waiting import WaitingRoom

#: Bytes of all cached representations, and of the largest one that is cached.
MAX_CACHE_BYTES, MAX_ENTRY_BYTES = 64_000_000, 1_000_000

_ENTRY_OVERHEAD = 2_000  # bytes that an entry costs besides its body


class _Flight(Future[Representation]):
    """A representation in the making, and the CPU seconds that workers spent on it."""

    cpu_seconds = 0.0


class ResponseCache:
    """An LRU cache of representations, bounded in bytes.

    Of several equal requests in flight, one runs and the others share its result, be it
    an error. They wait no longer than their own timeout, in the room where queries
    wait, and each is charged as if it had run alone.

    Args:
        max_bytes: of all entries.
        max_entry: bytes of the largest representation that is cached.
        room: where the others wait; one of its own if None.
        timeout: seconds that they wait at most.
    """

    def __init__(
        self,
        max_bytes: int = MAX_CACHE_BYTES,
        max_entry: int = MAX_ENTRY_BYTES,
        room: WaitingRoom | None = None,
        timeout: float = DEFAULT_TIMEOUT,
    ) -> None:
        self._max_entry = max_entry
        self._timeout = timeout
        self._room = WaitingRoom() if room is None else room
        self._entries: LruCache[Representation] = LruCache(max_bytes, _entry_bytes)
        self._flights: dict[Hashable, _Flight] = {}
        self._counts: Counter[str] = Counter()
        self._lock = Lock()

    def get(
        self,
        key: str,
        create: Callable[[], Representation],
        *,
        coalesce_key: Hashable = None,
        is_current: Callable[[], bool],
        timeout: float | None = None,
    ) -> Representation:
        """Return the representation of a key, created if it is not cached.

        Args:
            key: identifies the request and the version that it reads.
            create: creates the representation.
            coalesce_key: requests share a flight only if this is equal too.
            is_current: whether that version still is current; if not, the result is
                not cached.
            timeout: seconds to wait for another request that creates it, if less than
                the cache's own.

        Raises:
            TooBusy: too many requests are waiting.
            TimedOut: the other request takes longer than the timeout.
        """
        flight_key = key, coalesce_key
        with self._lock:
            entry = self._entries.get(key)
            if entry is not None:
                self._counts["hits"] += 1
                return entry
            flight = self._flights.get(flight_key)
            is_shared = flight is not None
            self._counts["shared" if is_shared else "misses"] += 1
            if flight is None:
                flight = self._flights[flight_key] = _Flight()
        if is_shared:
            return self._follow(flight, clamp_timeout(timeout, self._timeout))
        return self._run_flight(key, flight_key, flight, create, is_current)

    def metrics(self) -> dict[str, float]:
        """Return the size of the cache, and how often it was hit, missed or shared."""
        with self._lock:
            counts = {f"cache_{n}_total": float(c) for n, c in self._counts.items()}
        return {
            **counts,
            "cache_replies": len(self._entries),
            "cache_bytes": self._entries.size,
        }

    def _follow(self, flight: _Flight, timeout: float) -> Representation:
        """Return the result of a flight, and charge for it as if it were our own."""
        start = monotonic()
        if not flight.done():
            with self._room.place(current_client(), follows=True):
                wait([flight], timeout)
        if not flight.done():
            add_cpu_seconds(monotonic() - start)
            raise timed_out(timeout, self._timeout)
        add_cpu_seconds(flight.cpu_seconds)
        return flight.result()

    def _run_flight(
        self,
        key: str,
        flight_key: Hashable,
        flight: _Flight,
        create: Callable[[], Representation],
        is_current: Callable[[], bool],
    ) -> Representation:
        """Create a representation, and share it or the error with all who wait."""
        before = cpu_seconds()
        try:
            created = create()
            stays = is_current()  # outside the lock, as it may open a store
            flight.cpu_seconds = cpu_seconds() - before
        except BaseException as error:
            flight.cpu_seconds = cpu_seconds() - before
            self._close_flight(flight_key)
            flight.set_exception(error)
            raise
        is_cacheable = (
            created.status == HTTPStatus.OK and len(created.body) <= self._max_entry
        )
        if stays and is_cacheable:
            self._entries.set(key, created)
        self._close_flight(flight_key)
        flight.set_result(created)
        return created

    def _close_flight(self, flight_key: Hashable) -> None:
        """Close a flight, so that later callers start a new one."""
        with self._lock:
            self._flights.pop(flight_key, None)


def _entry_bytes(representation: Representation) -> int:
    return len(representation.body) + _ENTRY_OVERHEAD
