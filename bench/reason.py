"""How long reasoning takes on made-up facts: python bench/reason.py [TRIPLES ...].

One line for each size: seconds from triples in memory to the new triples kept, those of
them that the processor worked (which others on the machine prolong less), and the
highest memory of a process of its own. `--way owlrl` is the reference engine, `--way
untouched` owlrl as it comes, `--way stream` the fast engine without a graph of rdflib,
`--way proofs` the fast engine and the proofs of everything, which is what a write to a
served dataset costs. Equal answers end in the same six digits.
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
    declared,
    is_about_things,
    is_ours,
)
from alaqat.reason.inference import infer, stream
from alaqat.terms import (
    INFERRED_GRAPH,
    ONTOLOGY_GRAPH,
    facts_graph,
)
from synthetic import facts

ONTOLOGY = Path(__file__).parent.parent / "ontology" / "alaqat.ttl"


def triples(size: int) -> list[tuple]:
    """The ontology and made-up facts, that many together."""
    ontology = list(Graph().parse(ONTOLOGY))
    return ontology + list(facts(size - len(ontology)))


def graph_of(data: list[tuple]) -> Graph:
    """The triples as a graph."""
    graph = Graph(bind_namespaces="none")
    for triple in data:
        graph.add(triple)
    return graph


def as_it_comes(graph: Graph) -> set[tuple]:
    """What owlrl as it comes adds, of that what infer keeps."""
    copy = graph_of(list(graph))
    OWLRL_Semantics(copy, False, False).closure()
    schema = declared(graph.subject_objects(RDF.type))
    return {
        (one, two, three)
        for one, two, three in copy
        if (one, two, three) not in graph
        and is_ours(two, three)
        and is_about_things((one, two, three), schema)
    }


def measure(size: int, way: str, times: int, answers: multiprocessing.Queue) -> None:
    """Put the median times, the memory in MiB and the answer's hash in a queue."""
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
    """A number that equal sets of triples share."""
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
    "stream": lambda data: set(stream(data)),
    "untouched": as_it_comes,
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
