"""How long reasoning takes on generated facts: python bench/reason.py [TRIPLES ...].

The facts have the shape of the real ones (holder, node, other party, dates, and the
claim with its selectors) on the project's ontology, and come from a fixed seed.
`--untouched` times owlrl as it comes, too; tests compare the results.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from owlrl.OWLRL import OWLRL_Semantics
from rdflib import RDF, XSD, Graph, Literal, URIRef

from alaqat.reason import ENGINES, infer
from alaqat.terms import AL, BASE, EDTF, OA

ONTOLOGY = Path(__file__).parent.parent / "ontology" / "alaqat.ttl"
RELATIONS = ("DiplomaticRelation", "NonRelation", "Embassy", "Consulate", "Dispute")
ORGANIZATIONS = ("Membership", "FoundingMembership", "Chairmanship")


def relations(seed: int) -> Iterator[tuple[URIRef, URIRef, URIRef]]:
    """The triples of one dated relation with its claim after another, without end."""
    choose = random.Random(seed)  # noqa: S311 # a benchmark, nothing secret
    number = 0
    while True:
        number += 1
        name = choose.choice(RELATIONS + ORGANIZATIONS)
        kind = "org" if name in ORGANIZATIONS else "state"
        one, other = (
            URIRef(f"{BASE}id/{what}/{choose.randrange(200)}")
            for what in ("state", kind)
        )
        node = URIRef(f"{BASE}id/fact/bench/{number}")
        yield from relation(node, one, AL[f"has{name}"], other)
        yield from claim(node, URIRef(f"{BASE}id/claim/bench/{number}"), number)


def relation(node: URIRef, one: URIRef, has: URIRef, other: URIRef) -> Iterator:
    """Holder, node, other party, dates."""
    year = 1990 + len(node) % 30
    yield one, has, node
    yield node, AL["with"], other
    yield node, AL.edtf, Literal(f"{year}/", datatype=EDTF.EDTF)
    yield node, AL.startEarliest, Literal(f"{year}-01-01", datatype=XSD.date)
    yield node, AL.startLatest, Literal(f"{year}-12-31", datatype=XSD.date)


def claim(node: URIRef, claim: URIRef, number: int) -> Iterator:
    """The claim of a node with its target and its two selectors."""
    target, place, quote = (URIRef(f"{claim}#{part}") for part in "tpq")
    yield claim, RDF.type, AL.Claim
    yield claim, OA.hasBody, node
    yield claim, OA.hasTarget, target
    yield target, RDF.type, OA.SpecificResource
    yield target, OA.hasSelector, place
    yield target, OA.hasSelector, quote
    yield place, OA.start, Literal(str(number), datatype=XSD.nonNegativeInteger)
    yield place, OA.end, Literal(str(number + 50), datatype=XSD.nonNegativeInteger)
    yield quote, OA.exact, Literal(f"words number {number}")


def generate(size: int) -> Graph:
    """The ontology and facts, about `size` triples together."""
    graph = Graph().parse(ONTOLOGY)
    for triple in relations(seed=1):
        if len(graph) >= size:
            return graph
        graph.add(triple)
    return graph


def close_as_it_comes(graph: Graph) -> Graph:
    """The closure by owlrl untouched."""
    copy = Graph()
    for triple in graph:
        copy.add(triple)
    OWLRL_Semantics(copy, False, False).closure()
    return copy


def seconds(run: Callable[[Graph], object], graph: Graph, times: int) -> float:
    """The median of several runs."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        run(graph)
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def main() -> None:
    """Print one line for each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", metavar="TRIPLES", nargs="*", type=int)
    parser.add_argument("--untouched", action="store_true")
    parser.add_argument("--engine", default="owlrl", choices=sorted(ENGINES))
    parser.add_argument("--times", type=int, default=3)
    options = parser.parse_args()
    for size in options.sizes or [2_000, 8_000]:
        graph = generate(size)
        run = partial(infer, engine=options.engine)
        taken = seconds(run, graph, options.times)
        line = f"{len(graph)} triples, {len(run(graph))} inferred, {taken:.2f} s"
        if options.untouched:
            taken = seconds(close_as_it_comes, graph, 1)
            line += f"; owlrl as it comes {taken:.2f} s"
        sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()
