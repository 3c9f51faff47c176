"""Which family of classes a fact is of, such as relation, event or figure."""

from __future__ import annotations

from collections.abc import Mapping

from rdflib import RDF, RDFS, Graph, URIRef
from rdflib.term import Node

from alaqat.terms import AL, ONTOLOGY_GRAPH, is_default_graph


class Kinds:
    """Sorts facts into the classes just below al:Fact, and below al:DatedRelation.

    Args:
        graphs: all named graphs of a dataset.
    """

    def __init__(self, graphs: Mapping[URIRef, Graph]) -> None:
        ontology = graphs.get(ONTOLOGY_GRAPH, Graph())
        below = {
            family
            for above in (AL.Fact, AL.DatedRelation)
            for family in ontology.subjects(RDFS.subClassOf, above)
        }
        self._families = sorted(map(str, below - {AL.DatedRelation}))
        self._read = [graph for name, graph in graphs.items() if is_default_graph(name)]

    def of(self, fact: Node) -> URIRef | None:
        """The family of a fact; None for what is no fact."""
        for family in self._families:
            triple = (fact, RDF.type, URIRef(family))
            if any(triple in graph for graph in self._read):
                return URIRef(family)
        return None
