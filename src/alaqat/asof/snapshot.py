"""The graph of one day: triples that held, denials, and their contradictions."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from rdflib import DCTERMS, OWL, RDF, XSD, Graph, Literal, URIRef

from alaqat.errors import Inconsistent
from alaqat.reason.inference import infer
from alaqat.terms import AL, BASE

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator
    from datetime import date

    from rdflib.term import Node

    from alaqat.errors import Contradiction
    from alaqat.proofs.prover import Prover
    from alaqat.reason.rules import Triple

    Holds = Callable[[Triple], bool]
    """A predicate: whether a triple held with the required certainty."""


def day_graph(prover: Prover, day: date, facts: Container[Node], holds: Holds) -> Graph:
    """Return a graph of what held on a day, with the denials of that day.

    Args:
        prover: the prover of the dataset.
        day: named in the graph by dcterms:temporal.
        facts: the dated relations.
        holds: whether a triple held.
    """
    graph = Graph(bind_namespaces="none")
    name = URIRef(f"{BASE}graph/as-of/{day.isoformat()}")
    literal = Literal(day.isoformat(), datatype=XSD.date)
    graph.add((name, DCTERMS.temporal, literal))
    dated = filter(holds, _dated_triples(prover, facts))
    for triple in (*dated, *_denial_triples(prover, holds)):
        graph.add(triple)
    return graph


def contradictions(prover: Prover, holds: Holds) -> tuple[Contradiction, ...]:
    """Return the contradictions between the premises that held and the denials."""
    graph = Graph(bind_namespaces="none")
    for triple in (
        *filter(holds, prover.premises),
        *_denial_triples(prover, holds),
    ):
        graph.add(triple)
    try:
        infer(graph)
    except Inconsistent as error:
        return error.contradictions
    return ()


def denials(prover: Prover) -> Iterator[tuple[Triple, Triple]]:
    """Yield each triple denied at any time, with the triple that denies it."""
    for denied, denying in prover.pairs(AL.deniedBy):
        for triple in prover.inferred.triples((None, denying, None)):
            yield (triple[0], denied, triple[2]), triple


def _dated_triples(prover: Prover, facts: Container[Node]) -> Iterator[Triple]:
    """Yield what depends on the day: relations, and shortcuts between entities."""
    for triple in (*prover.premises, *prover.inferred):
        subject, predicate, value = triple
        if subject in facts or (
            (subject, AL.hasRelation, value) in prover
            if value in facts
            else predicate != RDF.type and triple in prover.inferred
        ):
            yield triple


def _denial_triples(prover: Prover, holds: Holds) -> Iterator[Triple]:
    """Yield the denials that hold as negative property assertions."""
    for denied, denying in denials(prover):
        if holds(denying):
            yield from _negative_assertion(*denied)


def _negative_assertion(
    subject: Node, predicate: Node, value: Node
) -> Iterator[Triple]:
    """Yield the negative assertion of a triple (OWL 2, mapping to RDF §2.1)."""
    key = f"{subject} {predicate} {value}"
    digest = hashlib.sha256(key.encode()).hexdigest()[:16]
    name = URIRef(f"{BASE}id/denial/{digest}")
    yield name, RDF.type, OWL.NegativePropertyAssertion
    yield name, OWL.sourceIndividual, subject
    yield name, OWL.assertionProperty, predicate
    yield name, OWL.targetIndividual, value
