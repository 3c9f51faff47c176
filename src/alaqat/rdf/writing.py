"""Writing triples and quads as they come, so that they are read back as they were.

Oxigraph leaves the order of prefixes to chance, and some of its RDF/XML no parser reads
back; what is written here has one order, and what XML has no way to say is refused.

Writing whole graphs so that the same content always gives the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from io import BytesIO
from typing import IO, Any, TypeVar

import pyoxigraph as ox
from rdflib import Graph, URIRef
from rdflib.term import Node

from alaqat.errors import UnsupportedFormat
from alaqat.rdf.formats import (
    JSON_LD,
    N_QUADS,
    RDF_XML,
    TRIG,
    TURTLE,
    Format,
)
from alaqat.rdf.reading import OXIGRAPH_FORMATS, canonical_nquads
from alaqat.rdf.terms import to_oxigraph
from alaqat.terms import PREFIXES

_Statement = TypeVar("_Statement", ox.Triple, ox.Quad)

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
# Looked for only where no such letter stands before, so that it is not done again.
_XML_NAME_END = re.compile(r"(?<![\w.-])[\d.-]*+[^\W\d][\w.-]*+$")
_FORBIDDEN_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_XML_ROOT = re.compile(rb"(?<=<rdf:RDF )[^>]*(?=>)")
# Prefixes that mean something else in XML, or that the writer declares itself.
_RESERVED_PREFIXES = re.compile(r"rdf$|its$|xml", re.IGNORECASE)
# RDF 1.1 XML Syntax §5.3: what no property may be called.
_FORBIDDEN_PROPERTIES = frozenset(
    f"{_RDF}{name}"
    for name in (
        *("RDF", "ID", "about", "parseType", "resource", "nodeID", "datatype"),
        *("Description", "li", "aboutEach", "aboutEachPrefix", "bagID"),
    )
)


def write_statements(
    statements: Iterable[_Statement],
    out: IO[bytes],
    form: Format,
    prefixes: Mapping[str, str],
) -> None:
    """Write triples or quads as they come, IRIs shortened by the prefixes.

    Raises:
        UnsupportedFormat: XML cannot hold a predicate, a class or a character.
    """
    if form is RDF_XML:
        statements = map(_check_rdf_xml, statements)
        prefixes = {
            n: iri for n, iri in prefixes.items() if not _RESERVED_PREFIXES.match(n)
        }
    known = {} if form is JSON_LD else dict(prefixes)
    head: Any = (
        _HeaderSorter(out, _HEADER_SORTERS[form]) if form in _HEADER_SORTERS else out
    )
    ox.serialize(statements, head, OXIGRAPH_FORMATS[form], prefixes=known)
    if head is not out:
        head.finish()


def write_triples(
    triples: Iterable[tuple[Node, Node, Node]],
    out: IO[bytes],
    form: Format,
    prefixes: Mapping[str, str] = PREFIXES,
) -> None:
    """Write triples in a format that holds a graph, IRIs shortened by the prefixes."""
    converted = (ox.Triple(*map(to_oxigraph, triple)) for triple in triples)  # type: ignore[arg-type] # as above
    write_statements(converted, out, form, prefixes)


def write_quads(lines: Iterable[bytes], out: IO[bytes], form: Format) -> None:
    """Write lines of N-Quads in a format that holds a dataset."""
    if form is N_QUADS:
        out.writelines(lines)
        return
    source: Any = _LineReader(lines)
    write_statements(ox.parse(source, ox.RdfFormat.N_QUADS), out, form, PREFIXES)


class _LineReader:
    """Lines as a file that is read."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines = iter(lines)
        self._rest = b""

    def read(self, size: int) -> bytes:
        """The next bytes, nothing at the end."""
        content = self._rest or next(self._lines, b"")
        self._rest = content[size:]
        return content[:size]


class _HeaderSorter:
    """Passes on what is written, with its head set in order."""

    def __init__(
        self, out: IO[bytes], order: Callable[[bytes, bool], tuple[bytes, bool]]
    ) -> None:
        self._out = out
        self._order = order
        self._held = b""
        self._is_open = True

    def write(self, content: bytes) -> int:
        """Write some more."""
        self._held += content
        written, self._is_open = self._order(self._held, self._is_open)
        if written:
            self._out.write(written)
            self._held = b""
        return len(content)

    def flush(self) -> None:
        """Nothing is held but a head that is not whole."""

    def finish(self) -> None:
        """Write what is still held."""
        self._out.write(self._held)


def _order_prefixes(content: bytes, is_head: bool) -> tuple[bytes, bool]:
    """Sort the lines of prefixes, and set them apart; nothing if more may come."""
    if not is_head:
        return content, False
    lines = content.splitlines(keepends=True)
    head = [line for line in lines if line.startswith(b"@prefix ")]
    if len(head) == len(lines) or not lines[len(head)].strip():
        return b"", True
    return b"".join((*sorted(head), b"\n", *lines[len(head) :])), False


def _order_namespaces(content: bytes, is_head: bool) -> tuple[bytes, bool]:
    """Sort the namespaces, and keep carriage returns (XML 1.0 §2.11)."""
    if is_head:
        if not _XML_ROOT.search(content):
            return b"", True
        content = _XML_ROOT.sub(_sort_attributes, content, count=1)
    return content.replace(b"\r", b"&#13;"), False


def _sort_attributes(found: re.Match[bytes]) -> bytes:
    """Attributes in the order of their names."""
    return b" ".join(sorted(found[0].split(b" ")))


_HEADER_SORTERS = {
    TURTLE: _order_prefixes,
    TRIG: _order_prefixes,
    RDF_XML: _order_namespaces,
}


def _check_rdf_xml(statement: _Statement) -> _Statement:
    """A statement that RDF/XML can say (RDF 1.1 XML Syntax §2.4, XML 1.0 §2.2)."""
    predicate, value = statement.predicate.value, statement.object
    named = value.value if isinstance(value, ox.NamedNode) else ""
    wrong = ""
    if not _is_xml_name(predicate):
        wrong = f"the predicate {predicate}"
    elif isinstance(value, ox.Literal) and _FORBIDDEN_IN_XML.search(value.value):
        wrong = f"a control character that {statement.subject} has"
    elif named and predicate == f"{_RDF}type" and not _is_xml_name(named):
        wrong = f"the class {named}"  # which becomes the name of an element
    if wrong:
        raise UnsupportedFormat(
            f"RDF/XML cannot hold {wrong}.", remedy="Take another format."
        )
    return statement


def _is_xml_name(iri: str) -> bool:
    """Whether an IRI can be written as the name of an element."""
    return iri not in _FORBIDDEN_PROPERTIES and _XML_NAME_END.search(iri) is not None


_SINGLE_GRAPH = URIRef("urn:x-graph")


def write_dataset(graphs: Mapping[URIRef, Graph], out: IO[bytes], form: Format) -> None:
    """Write named graphs, sorted, in a format that holds a dataset."""
    content = canonical_nquads(graphs)
    out.write(content if form is N_QUADS else transcode_nquads(content, form))


def transcode_nquads(nquads: bytes, form: Format) -> bytes:
    """Canonical N-Quads in another format that holds a dataset."""
    out = BytesIO()
    quads = sorted(_parse_nquads(nquads), key=lambda quad: str(quad.graph_name))
    write_statements(quads, out, form, _used_prefixes(quads))
    return out.getvalue()


def write_graph(graph: Graph, out: IO[bytes], form: Format) -> None:
    """Write triples, sorted, in a format that holds a graph.

    Raises:
        UnsupportedFormat: XML cannot hold a predicate or a character of the graph.
    """
    quads = list(_parse_nquads(canonical_nquads({_SINGLE_GRAPH: graph})))
    write_statements([quad.triple for quad in quads], out, form, _used_prefixes(quads))


def _parse_nquads(content: bytes) -> Iterable[ox.Quad]:
    """The quads in the order of their lines."""
    return ox.parse(content, ox.RdfFormat.N_QUADS)


def _used_prefixes(quads: Iterable[ox.Quad]) -> dict[str, str]:
    """The project's prefixes that stand at the beginning of some IRI."""
    iris = {
        term.datatype.value if isinstance(term, ox.Literal) else term.value
        for quad in quads
        for term in (*quad.triple, quad.graph_name)
        if isinstance(term, ox.Literal | ox.NamedNode)
    }
    spaces = {iri[: end + 1] for iri in iris for end in _namespace_ends(iri)}
    return {prefix: base for prefix, base in PREFIXES.items() if base in spaces}


def _namespace_ends(iri: str) -> Iterable[int]:
    """Where namespaces may end in an IRI."""
    return (place for place, letter in enumerate(iri) if letter in "/#")
