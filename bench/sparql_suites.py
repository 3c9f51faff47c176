"""W3C SPARQL test suites: the engine alone and the server over HTTP, side by side.

python bench/sparql_suites.py prints how many cases each passes, and every failure. The
suites are found as in the tests.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from alaqat.queries.library import read_library
from alaqat.store.oxigraph import OxigraphStore
from alaqat.store.oxigraph_writer import OxigraphWriter
from alaqat.web.app import create_app
from sparql_cases import Direct, Engine, OverHttp, cases, fails

ROOT = Path(__file__).parents[1]


def main() -> None:
    """Print the table and the failures."""
    store = OxigraphStore()
    editor = OxigraphWriter(store)
    library = read_library(ROOT / "queries")
    app = create_app(store, library, writer=editor, author=lambda: "suite")
    engines: dict[str, Engine] = {
        "engine": Direct(),
        "http": OverHttp(app.test_client()),
    }
    every = cases()
    sizes = Counter(case.suite for case in every)
    failures: dict[str, dict[str, str]] = {}
    lines = [f"{'':10}" + "".join(f"{suite:>17}" for suite in sizes) + f"{'all':>8}"]
    lines.append(f"{'cases':10}" + "".join(f"{n:17}" for n in sizes.values()))
    lines[-1] += f"{len(every):8}"
    for name, engine in engines.items():
        start = time.perf_counter()
        failures[name] = {c.name: reason for c in every if (reason := fails(c, engine))}
        seconds = time.perf_counter() - start
        passed = Counter(c.suite for c in every if c.name not in failures[name])
        line = f"{name:10}" + "".join(f"{passed[suite]:17}" for suite in sizes)
        lines.append(f"{line}{passed.total():8}  ({seconds:.0f} s)")
    for name, reason in failures["http"].items():
        mark = "both" if name in failures["engine"] else "http only"
        lines.append(f"failed by {mark}: {name}: {reason[:300]}")
    lines += (
        f"failed by the engine only: {name}: {reason[:300]}"
        for name, reason in failures["engine"].items()
        if name not in failures["http"]
    )
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
