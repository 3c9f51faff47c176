"""Benchmark of reasoning on synthetic facts: python bench/reason.py [TRIPLES ...].

One line for each size: wall-clock and CPU seconds from triples in memory to the new
triples, and the peak memory of a separate process. `--way owlrl` is the reference
engine, `--way untouched` unmodified owlrl, `--way stream` the Nemo engine without an
rdflib graph, `--way proofs` the Nemo engine with all proofs, the cost of a write to a
served dataset. Equal results end in the same six digits.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import statistics
import sys
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from owlrl.OWLRL import OWLRL_Semantics
from rdflib import RDF, Graph

from alaqat.proofs.as_rdf import ProofGraphBuilder
from alaqat.proofs.contradictions import materialise
from alaqat.proofs.prover import Prover
from alaqat.reason.engine import (
    declared_terms,
    is_about_individual,
    is_project_term,
)
from alaqat.reason.inference import infer, stream_inferences
from alaqat.terms import (
    INFERRED_GRAPH,
    ONTOLOGY_GRAPH,
    facts_graph,
)
from synthetic import facts

ONTOLOGY = Path(__file__).parent.parent / "ontology" / "alaqat.ttl"


def triples(size: int) -> list[tuple]:
    """Return the ontology and synthetic facts, up to a number of triples."""
    ontology = list(Graph().parse(ONTOLOGY))
    return ontology + list(facts(size - len(ontology)))


def graph_of(data: list[tuple]) -> Graph:
    """Return the triples as a graph."""
    graph = Graph(bind_namespaces="none")
    for triple in data:
        graph.add(triple)
    return graph


def unmodified_owlrl(graph: Graph) -> set[tuple]:
    """Return what unmodified owlrl derives, filtered as `infer` does."""
    copy = graph_of(list(graph))
    OWLRL_Semantics(copy, False, False).closure()
    schema = declared_terms(graph.subject_objects(RDF.type))
    return {
        (one, two, three)
        for one, two, three in copy
        if (one, two, three) not in graph
        and is_project_term(two, three)
        and is_about_individual((one, two, three), schema)
    }


def measure(size: int, way: str, times: int, answers: multiprocessing.Queue) -> None:
    """Put median times, peak memory in MiB, size and hash of the result in a queue."""
    data = triples(size)
    source = data if way == "stream" else graph_of(data)
    if way != "stream":
        del data
    taken, worked = [], []
    for _ in range(times):
        start, begun = time.perf_counter(), time.process_time()
        news = WAYS[way](source)
        taken.append(time.perf_counter() - start)
        worked.append(time.process_time() - begun)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    medians = statistics.median(taken), statistics.median(worked)
    answers.put((*medians, memory, len(news), hash_of(news)))


def hash_of(news: set) -> int:
    """Return a number that equal sets of triples share."""
    lines = sorted(" ".join(term.n3() for term in triple) for triple in news)
    return int.from_bytes(sha256("\n".join(lines).encode()).digest()[:3])


def with_proofs(graph: Graph) -> set[tuple]:
    """What infer adds, after its proofs were made, too."""
    ontology = Graph().parse(ONTOLOGY)
    graphs = {facts_graph("made-up"): graph - ontology, ONTOLOGY_GRAPH: ontology}
    news = materialise(graphs)
    ProofGraphBuilder(Prover({**graphs, INFERRED_GRAPH: news})).all_inferred()
    return set(news)


WAYS: dict[str, Callable[[object], set]] = {
    "nemo": lambda graph: set(infer(graph, engine="nemo")),
    "owlrl": lambda graph: set(infer(graph, engine="owlrl")),
    "proofs": with_proofs,
    "stream": lambda data: set(stream_inferences(data)),
    "untouched": unmodified_owlrl,
}


def main() -> None:
    """Print one line for each size and way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", metavar="TRIPLES", nargs="*", type=int)
    parser.add_argument("--way", action="append", choices=sorted(WAYS))
    parser.add_argument("--times", type=int, default=3)
    options = parser.parse_args()
    context = multiprocessing.get_context("fork")
    for size in options.sizes or [10_000, 100_000]:
        for way in options.way or ["nemo"]:
            answers = context.Queue()
            arguments = (size, way, options.times, answers)
            process = context.Process(target=measure, args=arguments)
            process.start()
            taken, worked, memory, count, mark = answers.get()
            process.join()
            sys.stdout.write(
                f"{size:>9,} triples {way:>9}: {taken:8.2f} s"
                f" ({worked:.2f} s of work) {memory:6.0f} MiB,"
                f" {count:,} inferred, {mark:06x}\n"
            )


if __name__ == "__main__":
    main()
