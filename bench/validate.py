"""Benchmark of SHACL engines: python bench/validate.py [COPIES ...].

Validates copies of tests/data/valid.ttl that share no party and no fact, with the
ontology. A tenth of the figures lose their unit, so that there are results to report.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from string import ascii_uppercase

from rdflib import Graph, URIRef
from rdflib.term import Node

from alaqat.terms import BASE, QUDT
from alaqat.validate.engines import ENGINES, validate
from alaqat.validate.report import ValidationReport

ROOT = Path(__file__).parent.parent
STATE = BASE + "id/state/"


def renamed(node: Node, copy: int) -> Node:
    """Return a node's IRI in a copy; a state gets another code of three letters."""
    if not isinstance(node, URIRef) or not node.startswith(BASE + "id/"):
        return node
    if node.startswith(STATE):
        number = copy * 26 + int.from_bytes(node[-3:].encode()) % 26
        places = (number // 676, number // 26 % 26, number % 26)
        return URIRef(STATE + "".join(ascii_uppercase[place] for place in places))
    name, sign, part = node.partition("#")
    return URIRef(f"{name}-{copy}{sign}{part}")


def generate(copies: int) -> Graph:
    """Return the ontology and the copies."""
    good = Graph().parse(ROOT / "tests" / "data" / "valid.ttl")
    data = Graph().parse(ROOT / "ontology" / "alaqat.ttl")
    for copy in range(copies):
        for triple in good:
            subject, predicate, object_ = (renamed(node, copy) for node in triple)
            if predicate != QUDT.hasUnit or copy % 10:
                data.add((subject, predicate, object_))
    return data


def main() -> None:
    """Print one line per size and engine; all engines must agree."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("copies", metavar="COPIES", nargs="*", type=int)
    parser.add_argument("--engine", action="append", choices=sorted(ENGINES))
    options = parser.parse_args()
    shapes = Graph()
    for path in sorted((ROOT / "ontology" / "shapes").glob("*.ttl")):
        shapes.parse(path)
    for copies in options.copies or [1, 26]:
        data = generate(copies)
        reports: list[ValidationReport] = []
        for engine in options.engine or ENGINES:
            start = time.perf_counter()
            reports.append(validate(data, shapes, engine=engine))
            taken = time.perf_counter() - start
            found = len(reports[-1].results)
            sys.stdout.write(
                f"{len(data)} triples, {engine}: {taken:.2f} s, {found} results\n"
            )
        if any(report != reports[0] for report in reports):
            sys.exit("The engines do not agree.")


if __name__ == "__main__":
    main()
