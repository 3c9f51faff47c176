"""What the store and its readers count, for /metrics."""

from __future__ import annotations

import json
from collections.abc import Mapping

from alaqat.store.latest import Latest
from alaqat.store.pool import PooledStore
from alaqat.store.published import MANIFEST

# Why queries end without an answer, so that each has its figure from the start.
_STOPPED = ("time", "memory", "answer", "long", "left", "lost")
_REFUSED = ("queue", "queueing")


def queries(store: PooledStore) -> dict[str, float]:
    """What goes on among the readers, and what has happened since the start."""
    now = store.statistics()
    return {
        "readers_idle": now.idle,
        "readers_started_total": now.started,
        "queries_running": now.running,
        "queries_long": now.long,
        "queries_waiting": now.waiting,
        "queries_total": now.queries,
        **_by_reason("stopped", _STOPPED, now.ended),
        **_by_reason("refused", _REFUSED, now.refused),
    }


def sizes(latest: Latest) -> dict[str, float]:
    """How much the current snapshot holds.

    The triples are left out where a graph has too many to be counted with a commit: the
    sum of the others would look like a loss.
    """
    manifest = json.loads((latest.folder() / MANIFEST).read_bytes())
    triples: Mapping[str, int | None] = manifest.get("triples", {})
    known = [size for size in triples.values() if size is not None]
    figures: dict[str, float] = {"store_graphs": len(triples)}
    if len(known) == len(triples):
        figures["store_triples"] = sum(known)
    return figures


def _by_reason(
    what: str, reasons: tuple[str, ...], counts: Mapping[str, int]
) -> dict[str, float]:
    """A figure for each reason."""
    known = dict.fromkeys(reasons, 0) | dict(counts)
    return {f"queries_{what}_{reason}_total": known[reason] for reason in known}
