"""A bounded, thread-safe LRU cache."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from contextlib import suppress
from threading import Lock
from typing import Generic, TypeVar

from cachetools import LRUCache

Value = TypeVar("Value")


class LruCache(Generic[Value]):
    """A cache that evicts the least recently used value when it is full.

    Args:
        maxsize: the largest total size of all values.
        size_of: returns the size of a value; each counts as 1 if None.
    """

    def __init__(
        self, maxsize: int, size_of: Callable[[Value], int] | None = None
    ) -> None:
        self._values: LRUCache[Hashable, Value] = LRUCache(maxsize, size_of)
        self._lock = Lock()

    def __len__(self) -> int:
        """Return how many values are cached."""
        return len(self._values)

    @property
    def size(self) -> int:
        """The total size of all values."""
        return int(self._values.currsize)

    def get(self, key: Hashable) -> Value | None:
        """Return the value of a key, or None if it is not cached."""
        with self._lock:
            return self._values.get(key)

    def set(self, key: Hashable, value: Value) -> None:
        """Cache a value, unless it is larger than the whole cache."""
        with self._lock, suppress(ValueError):
            self._values[key] = value

    def get_or_create(self, key: Hashable, create: Callable[[], Value]) -> Value:
        """Return the value of a key, creating it if it is not cached.

        No lock is held while it is created, so two threads may both create it.
        """
        with self._lock, suppress(KeyError):
            return self._values[key]
        value = create()
        self.set(key, value)
        return value

    def clear(self) -> None:
        """Evict all values."""
        with self._lock:
            self._values.clear()
