"""Inference, SHACL validation and proofs of a writable store, before each commit."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from rdflib import Graph, URIRef

from alaqat.proofs.as_rdf import ProofGraphBuilder
from alaqat.proofs.contradictions import materialise
from alaqat.proofs.prover import Prover
from alaqat.rdf.graphs import union
from alaqat.reason.derivations import derivation_rules
from alaqat.sources import read_shapes
from alaqat.store.differences import DEFAULT_GRAPH_KEY
from alaqat.terms import (
    INFERRED_GRAPH,
    ONTOLOGY_GRAPH,
    PROOFS_GRAPH,
    document_graph,
    is_default_graph,
)
from alaqat.validate.engines import validate
from alaqat.validate.results import nonconforming_error


@dataclass(frozen=True)
class ReasoningHook:
    """The hook of a store with an ontology: OWL reasoning, the shapes, and proofs.

    Attributes:
        root: the folder that contains ``ontology`` with the shapes.
    """

    root: Path

    @property
    def files(self) -> Collection[Path]:
        """The folder of the ontology, with the shapes."""
        return (self.root / "ontology",)

    def applies_to(self, graphs: Collection[URIRef]) -> bool:
        """Return whether a dataset with these graphs has an ontology."""
        return ONTOLOGY_GRAPH in graphs

    def affects_inference(self, graph: str) -> bool:
        """Return whether a graph holds premises, or a text that proofs cite."""
        is_premise = graph == DEFAULT_GRAPH_KEY or is_default_graph(graph)
        return is_premise or graph.startswith(document_graph(""))

    def warm_up(self, given: Mapping[URIRef, Graph]) -> None:
        """Read the shapes, and close and compile the axioms."""
        validate(Graph(), self._shapes)
        materialise(given, strict=True)
        derivation_rules(Prover(given).premises)

    def materialise(
        self, given: Mapping[URIRef, Graph], inferred: Graph | None
    ) -> Mapping[URIRef, Graph]:
        """Return the graphs of inferences and proofs, unless they cannot have changed.

        Raises:
            InvalidData: the reasoner does not support an axiom in full.
            Inconsistent: the facts contradict the ontology.
            Nonconforming: the data violates the shapes.
        """
        if is_affected := inferred is None:
            inferred = materialise(given, strict=True)
        data = union((*given.values(), inferred))
        report = validate(data, self._shapes)
        if report.violations:
            raise nonconforming_error(report, data)
        if not is_affected:
            return {}
        graphs = {**given, INFERRED_GRAPH: inferred}
        proofs = ProofGraphBuilder(Prover(graphs)).all_inferred()
        return {INFERRED_GRAPH: inferred, PROOFS_GRAPH: proofs}

    @cached_property
    def _shapes(self) -> Graph:
        return read_shapes(self.root)
