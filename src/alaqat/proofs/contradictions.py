"""Contradictions told down to where their facts and axioms are written, and the words.

A curator who has to mend one needs the file, and what the source says.

What follows from the graphs of a dataset, and where they contradict themselves.

All of it is derived anew after a change. That is right whatever the change, and quick
while a dataset is small; schemas, which seldom change, are closed once.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rdflib import BNode, Literal
from rdflib.graph import ReadOnlyGraphAggregate

from alaqat.errors import Inconsistent
from alaqat.proofs.prover import Prover
from alaqat.reason.consistency import format_triple
from alaqat.reason.inference import infer
from alaqat.terms import (
    INFERRED_GRAPH,
    is_default_graph,
    local,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from rdflib import Graph, URIRef

    from alaqat.errors import Where


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from alaqat.errors import Contradiction, Where
    from alaqat.proofs.prover import Prover
    from alaqat.reason.rules import Triple

    _Place = tuple[Path, int] | None


def locate_contradiction(
    error: Inconsistent, explainer: Prover, where: Where
) -> Inconsistent:
    """The same contradictions, each fact with its file, line and words.

    Args:
        error: what the reasoner found.
        explainer: of the graphs that it read.
        where: tells the file and line where a node is written.
    """
    found = tuple(_told(one, explainer, where) for one in error.contradictions)
    path, line = next(_places(error.contradictions[0], where), None) or (None, None)
    return Inconsistent(
        found,
        path=path,
        line=line,
        remedy="Mend the fact, or the axiom if the fact is as the source says.",
    )


def _told(one: Contradiction, explainer: Prover, where: Where) -> Contradiction:
    """A contradiction with more lines to its message."""
    lines = one.message.splitlines()[:1]
    for triple in one.triples:
        lines += [f"  {format_triple(triple)}", *_ground(triple, explainer, where)]
    for triple in filter(_has_names, one.axioms):
        lines += [
            f"  by the axiom {format_triple(triple)}",
            *_line(_place(triple, where)),
        ]
    return replace(one, message="\n".join(lines))


def _ground(triple: Triple, explainer: Prover, where: Where) -> Iterator[str]:
    """Where a fact is written, and the words that state it."""
    yield from _line(_place(triple, where))
    proof = explainer.proof(triple)
    for citation in proof.citations() if proof else ():
        yield f"    «{citation.quote}» (line {citation.line} of the text)"


def _places(one: Contradiction, where: Where) -> Iterator[_Place]:
    """Where to look first: what brings the things in, then what they are."""
    uses = [triple for triple in one.triples if triple[0] not in one.nodes]
    places = [_place(triple, where) for triple in (*uses, *one.triples)]
    places += [where(str(node), "") for node in one.nodes]
    return filter(None, places)


def _place(triple: Triple, where: Where) -> _Place:
    """Where a triple is written."""
    subject, _, value = triple
    words = str(value) if isinstance(value, Literal) else local(str(value))
    return where(str(subject), words)


def _line(place: _Place) -> Iterable[str]:
    return ("    {}:{}".format(*place),) if place else ()


def _has_names(triple: Triple) -> bool:
    """Whether an axiom's triple can be found by its names; lists have none."""
    return not any(isinstance(term, BNode) for term in triple)


def infer_from(
    graphs: Mapping[URIRef, Graph], *, strict: bool = False, where: Where | None = None
) -> Graph:
    """What follows from ontology, entities and facts, but not from the text.

    Args:
        graphs: all named graphs; what they hold of earlier inferences is not read.
        strict: whether to refuse axioms that are not supported in full.
        where: tells the file and line where a node is written, if it is in a file.

    Raises:
        Inconsistent: the facts contradict the ontology; told with their words.
    """
    premises = [
        graph
        for name, graph in graphs.items()
        if is_default_graph(name) and name != INFERRED_GRAPH
    ]
    try:
        return infer(ReadOnlyGraphAggregate(premises), strict=strict)
    except Inconsistent as error:
        raise locate_contradiction(error, Prover(graphs), where or _nowhere) from None


def _nowhere(_subject: str, _words: str) -> tuple[Path, int] | None:
    """The place of what was not read from a file."""
    return None
