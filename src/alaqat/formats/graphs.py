"""RDF graphs of this process: new ones, and several as one."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from rdflib import Graph

from alaqat.formats.stored_graphs import stored_union
from alaqat.terms import is_default_graph

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rdflib import URIRef
    from rdflib.term import Node


def new_graph(triples: Iterable[tuple[Node, Node, Node]] = ()) -> Graph:
    """Return a graph of triples, in the store that is fastest to fill and to walk."""
    graph = Graph(store="SimpleMemory", bind_namespaces="none")
    for triple in triples:
        graph.add(triple)
    return graph


def union(graphs: Iterable[Graph]) -> Graph:
    """Return several graphs as one: those of one store over it, others as a copy."""
    several = tuple(graphs)
    stored = stored_union(several)
    return new_graph(chain.from_iterable(several)) if stored is None else stored


def default_graph(graphs: Mapping[URIRef, Graph]) -> Graph:
    """Return the union of the named graphs that a plain query reads."""
    return union(graph for name, graph in graphs.items() if is_default_graph(name))
