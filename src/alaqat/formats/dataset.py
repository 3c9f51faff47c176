"""Writing whole graphs so that the same content always gives the same bytes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import IO

import pyoxigraph as ox
from rdflib import Graph, URIRef

from alaqat.errors import UnsupportedFormat
from alaqat.formats.files import OXIGRAPH, canonical_nquads
from alaqat.formats.table import JSON_LD, N_QUADS, RDF_XML, TRIG, TURTLE, Format
from alaqat.terms import PREFIXES

_ALONE = URIRef("urn:x-graph")
_XML_NAMES = re.compile(r"[^\W\d][\w.-]*$")
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def write_dataset(graphs: Mapping[URIRef, Graph], out: IO[bytes], form: Format) -> None:
    """Write named graphs, sorted, in a format that holds a dataset."""
    content = canonical_nquads(graphs)
    if form is N_QUADS:
        out.write(content)
        return
    quads = sorted(_parsed(content), key=lambda quad: str(quad.graph_name))
    out.write(_serialized(quads, quads, form))


def write_graph(graph: Graph, out: IO[bytes], form: Format) -> None:
    """Write triples, sorted, in a format that holds a graph.

    Raises:
        UnsupportedFormat: XML cannot hold a predicate or a character of the graph.
    """
    quads = list(_parsed(canonical_nquads({_ALONE: graph})))
    if form is RDF_XML:
        _check_xml(quads)
    out.write(_serialized([quad.triple for quad in quads], quads, form))


def _parsed(content: bytes) -> Iterable[ox.Quad]:
    """The quads in the order of their lines."""
    return ox.parse(content, ox.RdfFormat.N_QUADS)


def _serialized(
    statements: Sequence[ox.Triple] | Sequence[ox.Quad],
    quads: Sequence[ox.Quad],
    form: Format,
) -> bytes:
    """The statements in a format, with the prefixes that they use in a fixed order."""
    prefixes = {} if form is JSON_LD else _used(quads)
    written = ox.serialize(statements, format=OXIGRAPH[form], prefixes=prefixes) or b""
    return _FIXED[form](written) if form in _FIXED else written


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


def _check_xml(quads: Iterable[ox.Quad]) -> None:
    """Refuse what RDF/XML has no way to say (RDF 1.1 XML Syntax §2.4, XML 1.0 §2.2)."""
    for quad in quads:
        value = quad.object
        if not _XML_NAMES.search(quad.predicate.value):
            wrong = f"the predicate {quad.predicate.value}"
        elif isinstance(value, ox.Literal) and _NOT_IN_XML.search(value.value):
            wrong = f"a control character that {quad.subject} has"
        else:
            continue
        raise UnsupportedFormat(
            f"RDF/XML cannot hold {wrong}.", remedy="Take another format."
        )


def _sort_prefix_lines(written: bytes) -> bytes:
    """Sort the prefixes, whose order Oxigraph leaves to chance, and set them apart."""
    lines = written.splitlines(keepends=True)
    head = [line for line in lines if line.startswith(b"@prefix ")]
    return b"".join((*sorted(head), b"\n", *lines[len(head) :]))


def _fix_xml(written: bytes) -> bytes:
    """Sort the namespaces likewise, and keep carriage returns (XML 1.0 §2.11)."""
    fixed = re.sub(rb"(?<=<rdf:RDF )[^>]*(?=>)", _sort_attributes, written, count=1)
    return fixed.replace(b"\r", b"&#13;")


def _sort_attributes(found: re.Match[bytes]) -> bytes:
    """Attributes in the order of their names."""
    return b" ".join(sorted(found[0].split(b" ")))


_FIXED: dict[Format, Callable[[bytes], bytes]] = {
    TURTLE: _sort_prefix_lines,
    TRIG: _sort_prefix_lines,
    RDF_XML: _fix_xml,
}
