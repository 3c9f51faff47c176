"""Stores: one small interface over several engines."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from alaqat.errors import UnknownEngine
from alaqat.store.embedded import EmbeddedStore
from alaqat.store.interface import Answer, Row, Store, Triple

__all__ = [
    "ENGINES",
    "Answer",
    "EmbeddedStore",
    "Row",
    "Store",
    "Triple",
    "open_store",
]


def _load_memory(quads: Path) -> Store:
    """Load an N-Quads file into the memory of this process."""
    from alaqat.store.memory import MemoryStore  # which brings rdflib's SPARQL

    return MemoryStore.load(quads)


#: How each engine opens what was built: a folder of Oxigraph, or an N-Quads file.
ENGINES: dict[str, Callable[[Path], Store]] = {
    "embedded": EmbeddedStore.open,
    "memory": _load_memory,
}


def open_store(location: Path, *, engine: str = "embedded") -> Store:
    """Open a store to read it.

    Args:
        location: the folder of a store for ``embedded``, N-Quads for ``memory``.
        engine: one of ENGINES.

    Raises:
        StoreUnavailable: there is no store, or it is damaged.
        InvalidData: the N-Quads cannot be read.
        UnknownEngine: no engine has that name.
    """
    if engine not in ENGINES:
        raise UnknownEngine(
            f"No store is named {engine}.", remedy=f"Stores are: {', '.join(ENGINES)}."
        )
    return ENGINES[engine](location)
