"""Writing whole graphs so that the same content always gives the same bytes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from io import BytesIO
from typing import IO

import pyoxigraph as ox
from rdflib import Graph, URIRef

from alaqat.formats.files import canonical_nquads
from alaqat.formats.table import N_QUADS, Format
from alaqat.formats.writing import write_statements
from alaqat.terms import PREFIXES

_ALONE = URIRef("urn:x-graph")


def write_dataset(graphs: Mapping[URIRef, Graph], out: IO[bytes], form: Format) -> None:
    """Write named graphs, sorted, in a format that holds a dataset."""
    content = canonical_nquads(graphs)
    out.write(content if form == N_QUADS else rewritten(content, form))


def rewritten(nquads: bytes, form: Format) -> bytes:
    """Canonical N-Quads in another format that holds a dataset."""
    out = BytesIO()
    quads = sorted(_parsed(nquads), key=lambda quad: str(quad.graph_name))
    write_statements(quads, out, form, _used(quads))
    return out.getvalue()


def write_graph(graph: Graph, out: IO[bytes], form: Format) -> None:
    """Write triples, sorted, in a format that holds a graph.

    Raises:
        UnsupportedFormat: XML cannot hold a predicate or a character of the graph.
    """
    quads = list(_parsed(canonical_nquads({_ALONE: graph})))
    write_statements([quad.triple for quad in quads], out, form, _used(quads))


def _parsed(content: bytes) -> Iterable[ox.Quad]:
    """The quads in the order of their lines."""
    return ox.parse(content, ox.RdfFormat.N_QUADS)


def _used(quads: Iterable[ox.Quad]) -> dict[str, str]:
    """The project's prefixes that stand at the beginning of some IRI."""
    iris = {
        term.datatype.value if isinstance(term, ox.Literal) else term.value
        for quad in quads
        for term in (*quad.triple, quad.graph_name)
        if isinstance(term, ox.Literal | ox.NamedNode)
    }
    spaces = {iri[: end + 1] for iri in iris for end in _ends(iri)}
    return {prefix: base for prefix, base in PREFIXES.items() if base in spaces}


def _ends(iri: str) -> Iterable[int]:
    """Where namespaces may end in an IRI."""
    return (place for place, letter in enumerate(iri) if letter in "/#")
