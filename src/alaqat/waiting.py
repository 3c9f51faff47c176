"""Waiting room: the bounded number of requests that wait for a query."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock

from alaqat.errors import TooBusy

#: Places of a waiting room, unless it is configured otherwise.
DEFAULT_PLACES = 64

_RETRY_SECONDS = 1  # in which a queue has moved on
_SHARED_PART = 0.75  # of all places, which followers may fill; the rest is for leaders
_CLIENT_PART = 0.5  # of all places, which the followers of one client may fill
_ADDRESS_PART = 0.875  # of all places, which one client may fill in any way


class WaitingRoom:
    """Counts the requests that wait: for a worker, or for an answer in the making.

    Those that wait for the answer to an equal query (followers) never fill all places,
    and neither does one client: light queries of others still find one.

    Args:
        places: how many may wait at once.
    """

    def __init__(self, places: int = DEFAULT_PLACES) -> None:
        self._places = places
        self._clients: Counter[str] = Counter()
        self._lock = RLock()  # a finalizer may run at any time
        self._refused = 0

    def __len__(self) -> int:
        """Return how many wait."""
        return self._clients.total()

    @property
    def refused(self) -> int:
        """How many found no place so far."""
        return self._refused

    @contextmanager
    def place(self, client: str, *, follows: bool = False) -> Iterator[None]:
        """Take a place while the context is entered.

        Args:
            client: who waits; the places of an empty one are not limited apart.
            follows: whether it waits for the answer to an equal query.

        Raises:
            TooBusy: there is none.
        """
        with self._lock:
            if not self._has_place(client, follows=follows):
                self._refused += 1
                raise TooBusy(
                    f"{len(self)} queries are waiting, which is the maximum.",
                    retry_after=_RETRY_SECONDS,
                    remedy="Try again in a moment.",
                )
            self._clients[client] += 1
        try:
            yield
        finally:
            with self._lock:
                self._clients[client] -= 1
                if not self._clients[client]:
                    del self._clients[client]

    def _has_place(self, client: str, *, follows: bool) -> bool:
        """Return whether one more may wait. Lock held."""
        limit = self._places * (_SHARED_PART if follows else 1.0)
        if len(self) + 1 > max(1.0, limit):
            return False
        part = _CLIENT_PART if follows else _ADDRESS_PART
        own = max(1.0, self._places * part)
        return not client or self._clients[client] + 1 <= own
