"""The official cases of SPARQL, of the engine itself and over HTTP, side by side.

python bench/sparql_suites.py prints how many each answers rightly, and every case that
only one of them does. The suites are looked for as the tests do.
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
    """Print the table, and the misses."""
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
    misses: dict[str, dict[str, str]] = {}
    lines = [f"{'':10}" + "".join(f"{suite:>17}" for suite in sizes) + f"{'all':>8}"]
    lines.append(f"{'cases':10}" + "".join(f"{n:17}" for n in sizes.values()))
    lines[-1] += f"{len(every):8}"
    for name, engine in engines.items():
        start = time.perf_counter()
        misses[name] = {c.name: told for c in every if (told := fails(c, engine))}
        taken = time.perf_counter() - start
        right = Counter(c.suite for c in every if c.name not in misses[name])
        line = f"{name:10}" + "".join(f"{right[suite]:17}" for suite in sizes)
        lines.append(f"{line}{right.total():8}  ({taken:.0f} s)")
    for name, told in misses["http"].items():
        mark = "both" if name in misses["engine"] else "http only"
        lines.append(f"missed by {mark}: {name}: {told[:300]}")
    lines += (
        f"missed by the engine only: {name}: {told[:300]}"
        for name, told in misses["engine"].items()
        if name not in misses["http"]
    )
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
