"""The tables that a store on disk is in: opened before anything is asked.

The engine opens the first sixteen with the store, and the others when it first looks
into them. A process that may open no more files by then could not read them.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import product
from pathlib import Path

import pyoxigraph as ox

_OPEN_FILES = Path("/proc/self/fd")


def open_tables(data: ox.Store) -> None:
    """Have the engine look into each of its indexes.

    That opens all tables of a store, but for large ones, whose indexes are in several.
    """
    quad = next(data.quads_for_pattern(None, None, None, None), None)
    if quad is None:
        return
    graphs = None, ox.DefaultGraph(), next(data.named_graphs(), None)
    for subject, predicate, value, graph in product(
        (None, quad.subject), (None, quad.predicate), (None, quad.object), graphs
    ):
        next(data.quads_for_pattern(subject, predicate, value, graph), None)


def closed_tables(folder: Path) -> int:
    """How many tables of the store in a folder are not open in this process."""
    opened = set()
    for link in list(_OPEN_FILES.iterdir()) if _OPEN_FILES.exists() else ():
        with suppress(OSError):  # the list itself was open, and is not any more
            opened.add(link.readlink())
    return sum(path not in opened for path in folder.resolve().glob("*.sst"))
