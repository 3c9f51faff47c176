"""Inference and validation of a working store's content, with its shapes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from rdflib import Graph, URIRef

from alaqat.curation.graph_cache import DEFAULT
from alaqat.proofs.as_rdf import ProofGraphBuilder
from alaqat.proofs.contradictions import materialise
from alaqat.proofs.prover import Prover
from alaqat.rdf.graphs import union
from alaqat.reason.derivations import derivation_rules
from alaqat.sources import read_shapes
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
    """What a working store holds changes to: an ontology and the shapes.

    Attributes:
        root: the folder that holds ``ontology``, with the shapes.
    """

    root: Path

    def applies_to(self, graphs: Collection[URIRef]) -> bool:
        """Return whether a dataset with these graphs has an ontology."""
        return ONTOLOGY_GRAPH in graphs

    def bears_on(self, graph: str) -> bool:
        """Return whether a graph holds premises, or the text that proofs end in."""
        is_premise = graph == DEFAULT or is_default_graph(graph)
        return is_premise or graph.startswith(document_graph(""))

    def prepare(self, given: Mapping[URIRef, Graph]) -> None:
        """Read shapes, close and compile axioms."""
        validate(Graph(), self._shapes)
        materialise(given, strict=True)
        derivation_rules(Prover(given).premises)

    def infer(
        self, given: Mapping[URIRef, Graph], inferred: Graph | None
    ) -> Mapping[URIRef, Graph]:
        """Return the graphs of inferences and of their proofs, if they may be others.

        Raises:
            InvalidData: an axiom is one that the reasoner does not read in full.
            Inconsistent: the facts contradict the ontology.
            Nonconforming: the shapes found violations.
        """
        follows = inferred
        if follows is None:
            follows = materialise(given, strict=True)
        everything = union((*given.values(), follows))
        report = validate(everything, self._shapes)
        if report.violations:
            raise nonconforming_error(report, everything)
        if inferred is not None:
            return {}
        graphs = {**given, INFERRED_GRAPH: follows}
        proofs = ProofGraphBuilder(Prover(graphs)).all_inferred()
        return {INFERRED_GRAPH: follows, PROOFS_GRAPH: proofs}

    @cached_property
    def _shapes(self) -> Graph:
        return read_shapes(self.root)
