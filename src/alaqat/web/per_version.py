"""What is made once for each version of the dataset, and forgotten with it."""

from __future__ import annotations

from collections.abc import Callable
from threading import RLock
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from alaqat.dataset import Dataset

Made = TypeVar("Made")


class Once(Generic[Made]):
    """Makes something of a version of the dataset when it is first asked for.

    Args:
        make: takes the version.
    """

    def __init__(self, make: Callable[[Dataset], Made]) -> None:
        self._make = make
        self._made: WeakKeyDictionary[Dataset, Made] = WeakKeyDictionary()
        self._lock = RLock()

    def of(self, dataset: Dataset) -> Made:
        """What is made of a version; the same for whoever asks."""
        with self._lock:
            if dataset not in self._made:
                self._made[dataset] = self._make(dataset)
            return self._made[dataset]
