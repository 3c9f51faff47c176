"""Triples of some graphs by a pattern, without the machinery of a query."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
from rdflib import BNode, Literal, URIRef
from rdflib.term import Node

from alaqat.errors import InvalidData
from alaqat.formats import from_oxigraph, to_oxigraph
from alaqat.terms import OWN_GRAPH

if TYPE_CHECKING:
    from alaqat.formats.stored_graphs import Pattern, Triple

_PLACES = ((URIRef, BNode), (URIRef,), (URIRef, BNode, Literal))  # of a triple


def matching(
    data: ox.Store, pattern: Pattern, graphs: Sequence[URIRef]
) -> Iterator[Triple]:
    """Yield the triples of some graphs that match a pattern, each once."""
    try:
        terms = tuple(map(_term, pattern, _PLACES))
    except (InvalidData, TypeError):
        return  # no triple has such a term in such a place
    triples = (quad.triple for quad in _quads(data, terms, graphs))
    convert = from_oxigraph
    if pattern[0] is None and pattern[2] is None:  # many, in which terms come again
        convert = cache(from_oxigraph)
    for triple in triples if len(graphs) < 2 else dict.fromkeys(triples):
        subject, predicate, value = triple
        yield (
            convert(subject) if pattern[0] is None else pattern[0],
            convert(predicate) if pattern[1] is None else pattern[1],
            convert(value) if pattern[2] is None else pattern[2],
        )


def _quads(
    data: ox.Store, terms: tuple[Any, ...], graphs: Sequence[URIRef]
) -> Iterable[ox.Quad]:
    """The quads of the graphs: what is said of one thing is looked up at once."""
    names = [ox.DefaultGraph() if n == OWN_GRAPH else ox.NamedNode(n) for n in graphs]
    subject, predicate, value = terms
    if len(names) > 1 and subject is not None:
        chosen, every = set(names), data.quads_for_pattern(subject, predicate, value)
        return (quad for quad in every if quad.graph_name in chosen)
    return (
        quad
        for name in names
        for quad in data.quads_for_pattern(subject, predicate, value, name)
    )


def _term(term: Node | None, kinds: tuple[type[Node], ...]) -> Any:
    """A term as Oxigraph has it; TypeError if it cannot stand in its place."""
    if term is None:
        return None
    if not isinstance(term, kinds):
        raise TypeError(term)
    return to_oxigraph(term)
