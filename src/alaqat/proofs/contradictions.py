"""Materialised inferences of a dataset, and the sources of its contradictions.

Everything is derived again after a change: that is correct whatever the change, and
fast while a dataset is small; the closure of a schema, which seldom changes, is cached.
To resolve a contradiction, a curator needs the file and line of each fact, and its
quotes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rdflib import BNode, Literal
from rdflib.graph import ReadOnlyGraphAggregate

from alaqat.errors import Inconsistent, unlocated
from alaqat.proofs.prover import Prover
from alaqat.reason.consistency import format_triple
from alaqat.reason.inference import infer
from alaqat.terms import (
    INFERRED_GRAPH,
    is_default_graph,
    local,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from rdflib import Graph, URIRef

    from alaqat.errors import Contradiction, SourceLocator
    from alaqat.reason.rules import Triple

    _Place = tuple[Path, int] | None


def materialise(
    graphs: Mapping[URIRef, Graph],
    *,
    strict: bool = False,
    where: SourceLocator = unlocated,
) -> Graph:
    """Return what follows from ontology, entities and facts, but not from the text.

    Args:
        graphs: all named graphs; earlier inferences among them are ignored.
        strict: whether to refuse axioms that are not supported in full.
        where: finds the file and line of a node.

    Raises:
        Inconsistent: the facts contradict the ontology; each is located and quoted.
    """
    premises = [
        graph
        for name, graph in graphs.items()
        if is_default_graph(name) and name != INFERRED_GRAPH
    ]
    try:
        return infer(ReadOnlyGraphAggregate(premises), strict=strict)
    except Inconsistent as error:
        raise locate_contradiction(error, Prover(graphs), where) from None


def locate_contradiction(
    error: Inconsistent, prover: Prover, where: SourceLocator
) -> Inconsistent:
    """Return the same contradictions, each fact with its file, line and quotes.

    Args:
        error: what the reasoner found.
        prover: for the graphs that the reasoner read.
        where: finds the file and line of a node.
    """
    found = tuple(_located(one, prover, where) for one in error.contradictions)
    path, line = next(_places(error.contradictions[0], where), None) or (None, None)
    return Inconsistent(
        found,
        path=path,
        line=line,
        remedy="Correct the fact, or the axiom if the fact is as the source says.",
    )


def _located(one: Contradiction, prover: Prover, where: SourceLocator) -> Contradiction:
    """Extend the message of a contradiction by the source of each fact and axiom."""
    lines = one.message.splitlines()[:1]
    for triple in one.triples:
        lines += [f"  {format_triple(triple)}", *_source_lines(triple, prover, where)]
    for triple in filter(_is_ground, one.axioms):
        lines += [
            f"  by the axiom {format_triple(triple)}",
            *_line(_place(triple, where)),
        ]
    return replace(one, message="\n".join(lines))


def _source_lines(
    triple: Triple, prover: Prover, where: SourceLocator
) -> Iterator[str]:
    """Yield the file and line of a fact, and the quotes that state it."""
    yield from _line(_place(triple, where))
    proof = prover.proof(triple)
    for citation in proof.citations() if proof else ():
        yield f"    «{citation.quote}» (line {citation.line} of the text)"


def _places(one: Contradiction, where: SourceLocator) -> Iterator[_Place]:
    """Yield places by relevance: triples that use the nodes, then their definitions."""
    uses = [triple for triple in one.triples if triple[0] not in one.nodes]
    places = [_place(triple, where) for triple in (*uses, *one.triples)]
    places += [where(str(node), "") for node in one.nodes]
    return filter(None, places)


def _place(triple: Triple, where: SourceLocator) -> _Place:
    subject, _, value = triple
    words = str(value) if isinstance(value, Literal) else local(str(value))
    return where(str(subject), words)


def _line(place: _Place) -> Iterable[str]:
    return ("    {}:{}".format(*place),) if place else ()


def _is_ground(triple: Triple) -> bool:
    """Return whether a triple has no blank nodes, so that it can be located."""
    return not any(isinstance(term, BNode) for term in triple)
