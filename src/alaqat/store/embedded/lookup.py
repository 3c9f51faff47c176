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

    Graph = ox.NamedNode | ox.DefaultGraph

_PLACES = ((URIRef, BNode), (URIRef,), (URIRef, BNode, Literal))  # of a triple


def matching(
    data: ox.Store, pattern: Pattern, graphs: Sequence[URIRef]
) -> Iterator[Triple]:
    """Yield the triples of some graphs that match a pattern, each once."""
    names = [ox.DefaultGraph() if n == OWN_GRAPH else ox.NamedNode(n) for n in graphs]
    try:
        terms = tuple(map(_term, pattern, _PLACES))
    except (InvalidData, TypeError):
        return  # no triple has such a term in such a place
    # Where many are read, terms come again.
    is_scan = pattern[0] is None and pattern[2] is None
    convert = cache(from_oxigraph) if is_scan else from_oxigraph
    for subject, predicate, value in _triples(data, terms, names):
        yield (
            convert(subject) if pattern[0] is None else pattern[0],
            convert(predicate) if pattern[1] is None else pattern[1],
            convert(value) if pattern[2] is None else pattern[2],
        )


def _triples(
    data: ox.Store, terms: tuple[Any, ...], names: Sequence[Graph]
) -> Iterable[ox.Triple]:
    """The triples of the graphs that match, each once."""
    subject, predicate, value = terms
    if len(names) == 1:
        quads = data.quads_for_pattern(subject, predicate, value, names[0])
        return (quad.triple for quad in quads)
    if terms == (None, None, None):
        return _everything(data, names)
    return dict.fromkeys(
        quad.triple
        for name in names
        for quad in data.quads_for_pattern(subject, predicate, value, name)
    )


def _everything(data: ox.Store, names: Sequence[Graph]) -> Iterator[ox.Triple]:
    """All triples of several graphs; too many for remembering those that were there."""
    for number, name in enumerate(names):
        for quad in data.quads_for_pattern(None, None, None, name):
            triple = quad.triple
            if not any(_has(data, triple, other) for other in names[:number]):
                yield triple


def _has(data: ox.Store, triple: ox.Triple, name: Graph) -> bool:
    return ox.Quad(triple.subject, triple.predicate, triple.object, name) in data


def _term(term: Node | None, kinds: tuple[type[Node], ...]) -> Any:
    """A term as Oxigraph has it; TypeError if it cannot stand in its place."""
    if term is None:
        return None
    if not isinstance(term, kinds):
        raise TypeError(term)
    return to_oxigraph(term)
