"""What follows from a dataset, made anew after a change; or why it may not be so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rdflib import VOID, Graph, Literal, URIRef

from alaqat.curation.graph_cache import DEFAULT
from alaqat.proofs.as_rdf import ProofRecorder
from alaqat.proofs.contradictions import infer_from
from alaqat.proofs.prover import Prover
from alaqat.reason.derivations import derivation_rules
from alaqat.terms import (
    INFERRED_GRAPH,
    META_GRAPH,
    PROOFS_GRAPH,
    document_graph,
    is_default_graph,
)
from alaqat.validate.engines import validate
from alaqat.validate.results import nonconforming_error


def bears_on_inferences(name: str) -> bool:
    """Whether a graph holds premises, or the text that proofs end in."""
    is_premise = name == DEFAULT or is_default_graph(name)
    return is_premise or name.startswith(document_graph(""))


def infer_and_validate(
    given: Mapping[URIRef, Graph], shapes: Graph, *, inferred: Graph | None = None
) -> dict[URIRef, Graph]:
    """The graphs of inferences and of their proofs, as far as they may have changed.

    Args:
        given: the graphs that clients write.
        shapes: that all of it must keep to.
        inferred: what follows, if that is known to be as before.

    Raises:
        InvalidData: an axiom is one that the reasoner does not read in full.
        Inconsistent: the facts contradict the ontology.
        Nonconforming: the shapes found violations.
    """
    follows = inferred
    if follows is None:
        follows = infer_from(given, strict=True)
    everything = _merged((*given.values(), follows))
    report = validate(everything, shapes)
    if report.violations:
        raise nonconforming_error(report, everything)
    if inferred is not None:
        return {}
    graphs = {**given, INFERRED_GRAPH: follows}
    proofs = ProofRecorder(Prover(graphs)).everything()
    return {INFERRED_GRAPH: follows, PROOFS_GRAPH: proofs}


def preload_engines(graphs: Mapping[URIRef, Graph], shapes: Graph) -> None:
    """Do once what later derivations need not: read shapes, close and compile axioms.

    Raises:
        As ``derive`` does, but for violations of the shapes.
    """
    validate(Graph(), shapes)
    infer_from(graphs, strict=True)
    derivation_rules(Prover(graphs).premises)


def _merged(graphs: Iterable[Graph]) -> Graph:
    """Several graphs as one, in the store that is fastest to fill."""
    merged = Graph(store="SimpleMemory", bind_namespaces="none")
    for graph in graphs:
        merged += graph
    return merged


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
