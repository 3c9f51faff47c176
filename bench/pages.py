"""How long the server works on each kind of page, warm, in both languages.

``make build && .venv/bin/python bench/pages.py [ROUNDS]`` prints, for each page, the
median of the processor time and of the wall time of rendering it, of giving one that is
kept, and of telling a client that it has it. Nothing is sent over a network.
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
# Beside one page of each kind, those that do more work.
MORE = {
    "words": "/document/kazakhstan?char=2532,2586",
    "topic": "/queries/lookup",
    "question about": "/queries/lookup/embassies-by-city?city=place:almaty",
}


def client(version: str) -> FlaskClient:
    """An application over the project's dataset; nothing is kept without a version."""
    output = ROOT / "build" / "dataset"
    store = open_snapshot(output / (output / "current").readlink()).store
    dataset = Dataset(store, version)
    app = create_app(store, read_library(ROOT / "queries"), dataset=lambda: dataset)
    return app.test_client()


def times(ask: Callable[[], object], rounds: int) -> tuple[float, float]:
    """The median milliseconds of the processor and of the clock."""
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
    fresh, keeping = client(""), client("measured")
    row = "{:16} {:3} {:>7} {:>8} {:>8} {:>8} {:>8} {:>6}"
    heads = ("page", "", "kB", "rendered", "by clock", "kept", "by clock", "304")
    print(row.format(*heads), "  (milliseconds, medians)")
    slow = 0
    for name, address in {**PAGES, **MORE}.items():
        for language in LANGUAGES:
            path, headers = f"/{language}{address}", {"Accept": "text/html"}
            asked = {"headers": headers}
            size = len(fresh.get(path, **asked).data) / 1000
            tag = keeping.get(path, **asked).headers.get("ETag", "")
            known = {"headers": {**headers, "If-None-Match": tag}}
            found = (
                *times(lambda p=path, a=asked: fresh.get(p, **a), rounds),
                *times(lambda p=path, a=asked: keeping.get(p, **a), rounds),
                times(lambda p=path, a=known: keeping.get(p, **a), rounds)[0],
            )
            slow += found[0] > GOAL
            told = (f"{one:.1f}" for one in (size, *found))
            print(row.format(name, language, *told), "  *" * (found[0] > GOAL))
    print(f"Rendering takes more than {GOAL:.0f} ms of processor time: {slow} pages")


if __name__ == "__main__":
    main()
