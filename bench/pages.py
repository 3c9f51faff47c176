"""Benchmark of pages: time to render each kind of page, in each language.

``make build && .venv/bin/python bench/pages.py [ROUNDS]`` prints, for each page, the
median CPU time and wall time of rendering it, of answering from the cache, and of
answering 304. Nothing is sent over a network.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

from flask.testing import FlaskClient

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from alaqat.dataset import Dataset
from alaqat.i18n import LANGUAGES
from alaqat.queries.library import read_library
from alaqat.store.releases import open_snapshot
from alaqat.web.app import create_app
from page_paths import PAGES

ROOT = Path(__file__).parents[1]
GOAL = 30.0  # milliseconds
# Pages that take more work than the one of their kind.
MORE = {
    "words": "/document/kazakhstan?char=2532,2586",
    "topic": "/queries/lookup",
    "question about": "/queries/lookup/embassies-by-city?city=place:almaty",
}


def client(version: str) -> FlaskClient:
    """Return a client of the project's dataset; without a version nothing is cached."""
    output = ROOT / "build" / "dataset"
    store = open_snapshot(output / (output / "current").readlink()).store
    dataset = Dataset(store, version)
    app = create_app(store, read_library(ROOT / "queries"), dataset=lambda: dataset)
    return app.test_client()


def times(ask: Callable[[], object], rounds: int) -> tuple[float, float]:
    """Return the median CPU time and wall time in milliseconds."""
    worked, passed = [], []
    for _ in range(rounds):
        work, time = process_time(), perf_counter()
        ask()
        worked.append(process_time() - work)
        passed.append(perf_counter() - time)
    return median(worked) * 1000, median(passed) * 1000


def main() -> None:
    """Measure and print."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    fresh, caching = client(""), client("measured")
    row = "{:16} {:3} {:>7} {:>8} {:>8} {:>8} {:>8} {:>6}"
    heads = ("page", "", "kB", "rendered", "wall", "cached", "wall", "304")
    print(row.format(*heads), "  (milliseconds, medians)")
    slow = 0
    for name, address in {**PAGES, **MORE}.items():
        for language in LANGUAGES:
            path, headers = f"/{language}{address}", {"Accept": "text/html"}
            options = {"headers": headers}
            size = len(fresh.get(path, **options).data) / 1000
            tag = caching.get(path, **options).headers.get("ETag", "")
            known = {"headers": {**headers, "If-None-Match": tag}}
            found = (
                *times(lambda p=path, a=options: fresh.get(p, **a), rounds),
                *times(lambda p=path, a=options: caching.get(p, **a), rounds),
                times(lambda p=path, a=known: caching.get(p, **a), rounds)[0],
            )
            slow += found[0] > GOAL
            figures = (f"{one:.1f}" for one in (size, *found))
            print(row.format(name, language, *figures), "  *" * (found[0] > GOAL))
    print(f"Rendering takes more than {GOAL:.0f} ms of CPU time: {slow} pages")


if __name__ == "__main__":
    main()
