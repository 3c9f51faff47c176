"""Stores: one small interface over several engines."""

from __future__ import annotations

from pathlib import Path

from alaqat.store.embedded import EmbeddedStore
from alaqat.store.interface import Answer, Row, Store, Triple

__all__ = [
    "Answer",
    "EmbeddedStore",
    "Row",
    "Store",
    "Triple",
    "open_store",
]


def open_store(folder: Path, *, is_set: bool = False) -> EmbeddedStore:
    """Open a store to read it; every command, server and worker does so by this.

    Args:
        folder: of the store; other processes may read it too.
        is_set: whether its usual default graph is known to be a set as it is.

    Raises:
        StoreUnavailable: there is no store, or it is damaged.
    """
    return EmbeddedStore.open(folder, is_set=is_set)
