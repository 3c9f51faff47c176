"""Which family of classes a fact is of, such as relation, event or figure."""

from __future__ import annotations

from collections.abc import Mapping

from rdflib import RDF, RDFS, Graph, URIRef
from rdflib.term import Node

from alaqat.formats.graphs import default_graph
from alaqat.terms import AL, ONTOLOGY_GRAPH


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
        default = default_graph(graphs)
        self._facts = {
            URIRef(family): frozenset(default.subjects(RDF.type, URIRef(family)))
            for family in sorted(map(str, below - {AL.DatedRelation}))
        }

    def of(self, fact: Node) -> URIRef | None:
        """The family of a fact; None for what is no fact."""
        found = (family for family, facts in self._facts.items() if fact in facts)
        return next(found, None)
