"""Conformance of OWL 2 RL engines to the official test suites.

``python bench/owl_suites.py`` prints how many cases each engine passes, and our misses
with their reasons. The suites are found as in the tests. `reasonable` takes part if it
is installed; it reports no contradictions, so to it every premise is consistent.
"""

from __future__ import annotations

import contextlib
import logging
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from owlrl.OWLRL import OWLRL_Semantics
from rdflib import Graph

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from owl_cases import MISSES, Closed, cases, ours, passes


def owlrl(premise: Graph, *, axioms: bool = False) -> Closed:
    """Return the closure by unmodified owlrl."""
    closure = Graph() + premise
    rules = OWLRL_Semantics(closure, axioms, axioms)
    rules.closure()
    return Closed(closure, not rules.error_messages)


def owlrl_with_axioms(premise: Graph) -> Closed:
    """Return the closure by owlrl with axiomatic triples."""
    return owlrl(premise, axioms=True)


def reasonable(premise: Graph) -> Closed:
    """Return the closure by reasonable."""
    from reasonable import PyReasoner

    reasoner, closure = PyReasoner(), Graph()
    reasoner.from_graph(premise)
    for triple in reasoner.reason():
        closure.add(triple)
    return Closed(closure, True)


ENGINES: tuple[Callable[[Graph], Closed], ...] = (
    ours,
    owlrl,
    owlrl_with_axioms,
    reasonable,
)


def main() -> None:
    """Print the table and the misses."""
    logging.disable()
    every = cases()
    kinds = Counter(case.kind for case in every)
    lines = [f"{'':20}" + "".join(f"{k:>16}" for k in kinds) + f"{'all':>8}"]
    lines.append(f"{'cases':20}" + "".join(f"{n:16}" for n in kinds.values()))
    lines[-1] += f"{len(every):8}"
    failed = []
    for engine in ENGINES:
        with contextlib.suppress(ImportError):
            start, right = time.perf_counter(), Counter()
            for case in every:
                is_right = answers(engine, case)
                right[case.kind] += is_right
                if engine is ours and not is_right:
                    failed.append(case)
            taken = time.perf_counter() - start
            line = f"{engine.__name__:20}" + "".join(f"{right[k]:16}" for k in kinds)
            lines.append(f"{line}{right.total():8}  ({taken:.0f} s)")
    lines += (f"missed: {c.name} ({c.kind}): {MISSES.get(c.name)}" for c in failed)
    sys.stdout.write("\n".join(lines) + "\n")


def answers(engine: Callable[[Graph], Closed], case: object) -> bool:
    """Return whether an engine passes a case; an exception is a failure."""
    try:
        return passes(case, engine(case.premise))
    except ImportError:
        raise
    except Exception:  # noqa: BLE001 # any exception of an engine is a miss
        return False


if __name__ == "__main__":
    main()
