"""Start of a worker, and a light query in a running one: python bench/workers.py.

Over a built dataset. Prints the minimum and the median in milliseconds: from the start
of a worker process to its end after an answer, and of a query in a worker that runs.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from alaqat.store.pool.store import PooledStore
from alaqat.store.releases import CurrentSnapshot


def milliseconds(action: Callable[[], object]) -> float:
    """Return how long an action takes."""
    began = perf_counter()
    action()
    return (perf_counter() - began) * 1000


def ask(store: PooledStore) -> None:
    """Evaluate a light query to its end."""
    list(store.query("SELECT ?s { ?s a ?class } LIMIT 1"))


def start(output: Path) -> None:
    """Start a pool of one worker, ask it, and end it."""
    store = PooledStore(CurrentSnapshot(output), workers=1)
    try:
        ask(store)
    finally:
        store.close()


def report(name: str, times: list[float]) -> None:
    """Print a line for an action."""
    print(f"{min(times):6.2f} {statistics.median(times):7.2f}  {name}")


def main() -> None:
    """Print a line for the start, and one for a query."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("build/dataset"))
    parser.add_argument("--runs", type=int, default=50)
    options = parser.parse_args()
    start(options.output)  # which starts the fork server, too
    print("   min  median  milliseconds")
    starts = [milliseconds(lambda: start(options.output)) for _ in range(options.runs)]
    report("start of a worker, with its first answer and its end", starts)
    store = PooledStore(CurrentSnapshot(options.output), workers=1)
    try:
        asked = (milliseconds(lambda: ask(store)) for _ in range(options.runs * 20))
        report("light query", list(asked))
    finally:
        store.close()


if __name__ == "__main__":
    main()
