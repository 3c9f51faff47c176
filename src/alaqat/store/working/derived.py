"""What follows from a dataset, made anew after a change; or why it may not be so."""

from __future__ import annotations

from collections.abc import Mapping

from rdflib import VOID, Graph, Literal, URIRef

from alaqat.explain import Explainer, Recorder
from alaqat.reason import infer
from alaqat.terms import (
    INFERRED_GRAPH,
    META_GRAPH,
    PROOFS_GRAPH,
    is_default_graph,
)
from alaqat.validate import refusal, validate


def derive(given: Mapping[URIRef, Graph], shapes: Graph) -> dict[URIRef, Graph]:
    """The graphs of inferences and of their proofs.

    Args:
        given: the graphs that clients write.
        shapes: that all of it must keep to.

    Raises:
        InvalidData: an axiom is one that the reasoner does not read in full.
        Inconsistent: the facts contradict the ontology.
        Nonconforming: the shapes found violations.
    """
    premises, everything = Graph(), Graph()
    for name, graph in given.items():
        everything += graph
        if is_default_graph(name):
            premises += graph
    inferred = infer(premises, strict=True)
    everything += inferred
    report = validate(everything, shapes)
    if report.violations:
        raise refusal(report, everything)
    graphs = {**given, INFERRED_GRAPH: inferred}
    proofs = Recorder(Explainer(graphs)).everything()
    return {INFERRED_GRAPH: inferred, PROOFS_GRAPH: proofs}


def recounted(meta: Graph, sizes: Mapping[str, int | None]) -> Graph:
    """The description of the dataset with the sizes that its graphs have now."""
    counted = Graph() + meta
    for dataset in set(meta.subjects(VOID.subset)):
        for name, size in sizes.items():
            graph = URIRef(name)
            if graph == META_GRAPH or not name or size is None:
                continue
            counted.set((graph, VOID.triples, Literal(size)))
            counted.add((dataset, VOID.subset, graph))
    return counted
