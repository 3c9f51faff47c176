"""Benchmark of commits to a copy of build/dataset: python bench/write.py [TIMES].

Each row is a kind of change. CPU time depends less on what else runs. The first row is
what a process does before its first commit, without a client waiting. The first commit
of each kind is printed as well, because fewer caches are warm.
"""

from __future__ import annotations

import gc
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from alaqat.curation.backup import create_writable_store
from alaqat.curation.commit import Committer
from alaqat.curation.inference_hook import ReasoningHook
from alaqat.curation.model import CommitRequest
from alaqat.locations import knowledge_root
from alaqat.store.interface import (
    Add,
    Mutation,
    Update,
)
from alaqat.store.releases import current_release
from alaqat.terms import (
    BASE,
    facts_graph,
    notes_graph,
)

BUILT = Path("build/dataset")


def change(kind: str, number: int, slug: str) -> Mutation:
    """Return a unique change of a kind."""
    graph = notes_graph(slug) if "notes" in kind else facts_graph(slug)
    thing = f"<{BASE}id/fact/{slug}/x{number}>"
    comment = "<http://www.w3.org/2000/01/rdf-schema#comment>"
    triple = f'{thing} {comment} "{kind}"@en .\n'
    if "update" not in kind:
        return Add(str(graph), triple.encode())
    if "any" not in kind:
        return Update(f"INSERT DATA {{ GRAPH <{graph}> {{ {triple} }} }}")
    pattern = f'{{ GRAPH ?g {{ {thing} {comment} "{kind}"@en }} }}'
    return Update(f"INSERT {pattern} WHERE {{ VALUES ?g {{ <{graph}> }} }}")  # noqa: S608 # SPARQL is no SQL


def main() -> None:
    """Measure each kind of change, with and without validation."""
    gc.disable()
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    built = current_release(BUILT)
    slug = next(
        name.rpartition("/")[2]
        for name in built.manifest["triples"]
        if name.startswith(facts_graph(""))
    )
    for validates in (False, True):
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place) / "working"
            create_writable_store(folder, built, datetime.now(UTC))
            hook = ReasoningHook(knowledge_root()) if validates else None
            committer = Committer(folder, hook, "bench")
            used = time.process_time()
            committer.warm_up()
            used = time.process_time() - used
            gc.collect()
            gc.freeze()  # as the process that commits does
            name = "validated" if validates else "not validated"
            print(f"{name:14} start-up: CPU {used:5.2f} s", flush=True)
            for kind in ("notes", "facts", "facts update", "facts update any"):
                clock, processor = [], []
                for number in range(times):
                    request = CommitRequest(
                        change(kind, number, slug), "bench", datetime.now(UTC)
                    )
                    began, used = time.perf_counter(), time.process_time()
                    committer.commit(request)
                    clock.append(time.perf_counter() - began)
                    processor.append(time.process_time() - used)
                    gc.collect()
                print(
                    f"{name:14} {kind:18}"
                    f"{statistics.median(clock):6.2f} s, at most {max(clock):6.2f} s; "
                    f"CPU {statistics.median(processor):5.2f} s, "
                    f"the first {processor[0]:5.2f} s",
                    flush=True,
                )
            committer.close()


if __name__ == "__main__":
    main()
