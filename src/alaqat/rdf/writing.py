"""RDF serialization: streams of triples or quads, and canonical graphs and datasets.

Oxigraph declares prefixes in arbitrary order and writes some RDF/XML that no parser can
read; here the order is fixed, and what RDF/XML cannot express is refused.
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
from alaqat.rdf.canonical import SortedQuads, sort_nquads
from alaqat.rdf.formats import (
    JSON_LD,
    N_QUADS,
    RDF_XML,
    TRIG,
    TURTLE,
    Format,
)
from alaqat.rdf.graphs import Triple
from alaqat.rdf.reading import OXIGRAPH_FORMATS
from alaqat.rdf.terms import OxTerm, to_oxigraph
from alaqat.terms import PREFIXES, STORE_DEFAULT_GRAPH

_Statement = TypeVar("_Statement", ox.Triple, ox.Quad)

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
# The lookbehind and the possessive repeats keep the search linear.
_XML_NAME_END = re.compile(r"(?<![\w.-])[\d.-]*+[^\W\d][\w.-]*+$")
_FORBIDDEN_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_FORBIDDEN_XML_BYTES = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")
_XML_ROOT = re.compile(rb"(?<=<rdf:RDF )[^>]*(?=>)")
# Prefixes with another meaning in XML, or declared by the serializer itself.
_RESERVED_PREFIXES = re.compile(r"rdf$|its$|xml", re.IGNORECASE)
# RDF 1.1 XML Syntax §5.3: names that are not allowed for properties.
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
    """Write a stream of triples or quads, IRIs abbreviated by the prefixes.

    Raises:
        UnsupportedFormat: RDF/XML cannot express a predicate, a class or a character.
    """
    if form == RDF_XML:
        statements = map(_check_rdf_xml, statements)
        prefixes = {
            n: iri for n, iri in prefixes.items() if not _RESERVED_PREFIXES.match(n)
        }
    known = {} if form == JSON_LD else dict(prefixes)
    head: Any = (
        _HeaderSorter(out, _HEADER_SORTERS[form]) if form in _HEADER_SORTERS else out
    )
    ox.serialize(statements, head, OXIGRAPH_FORMATS[form], prefixes=known)
    if head is not out:
        head.finish()


def write_triples(
    triples: Iterable[Triple],
    out: IO[bytes],
    form: Format,
    prefixes: Mapping[str, str] = PREFIXES,
) -> None:
    """Write triples in a format for graphs, IRIs abbreviated by the prefixes."""
    converted = (ox.Triple(*map(to_oxigraph, triple)) for triple in triples)  # type: ignore[arg-type] # a graph has each term in a valid position
    write_statements(converted, out, form, prefixes)


def write_quads(lines: Iterable[bytes], out: IO[bytes], form: Format) -> None:
    """Write lines of N-Quads in a format for datasets."""
    if form == N_QUADS:
        out.writelines(lines)
        return
    source: Any = _LineReader(lines)
    write_statements(ox.parse(source, ox.RdfFormat.N_QUADS), out, form, PREFIXES)


class _LineReader:
    """A readable file over an iterable of lines."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines = filter(None, lines)  # an empty one would look like the end
        self._rest = memoryview(b"")  # of a line that may be very long

    def read(self, size: int) -> bytes:
        """Return the next bytes, none at the end."""
        content = self._rest or memoryview(next(self._lines, b""))
        self._rest = content[size:]
        return bytes(content[:size])


class _HeaderSorter:
    """A writable file that sorts the declarations at the beginning of its content."""

    def __init__(
        self, out: IO[bytes], sort: Callable[[bytes, bool], tuple[bytes, bool]]
    ) -> None:
        self._out = out
        self._sort = sort
        self._buffer = b""
        self._in_header = True

    def write(self, content: bytes) -> int:
        """Write some content; an incomplete header is buffered."""
        self._buffer += content
        ready, self._in_header = self._sort(self._buffer, self._in_header)
        if ready:
            self._out.write(ready)
            self._buffer = b""
        return len(content)

    def flush(self) -> None:
        """Do nothing: an incomplete header stays in the buffer."""

    def finish(self) -> None:
        """Write the rest of the buffer."""
        self._out.write(self._buffer)


def _sort_prefixes(content: bytes, in_header: bool) -> tuple[bytes, bool]:
    """Sort the prefixes and add a blank line; return nothing if more may follow."""
    if not in_header:
        return content, False
    lines = content.splitlines(keepends=True)
    head = [line for line in lines if line.startswith(b"@prefix ")]
    if len(head) == len(lines) or not lines[len(head)].strip():
        return b"", True
    return b"".join((*sorted(head), b"\n", *lines[len(head) :])), False


def _sort_namespaces(content: bytes, in_header: bool) -> tuple[bytes, bool]:
    """Sort the namespaces, and escape carriage returns (XML 1.0 §2.11)."""
    if in_header:
        if not _XML_ROOT.search(content):
            return b"", True
        content = _XML_ROOT.sub(_sort_attributes, content, count=1)
    return content.replace(b"\r", b"&#13;"), False


def _sort_attributes(found: re.Match[bytes]) -> bytes:
    """Return the attributes sorted by name."""
    return b" ".join(sorted(found[0].split(b" ")))


_HEADER_SORTERS = {
    TURTLE: _sort_prefixes,
    TRIG: _sort_prefixes,
    RDF_XML: _sort_namespaces,
}


def _check_rdf_xml(statement: _Statement) -> _Statement:
    """Check that RDF/XML can express a statement (RDF 1.1 XML §2.4, XML 1.0 §2.2)."""
    predicate, value = statement.predicate.value, statement.object
    named = value.value if isinstance(value, ox.NamedNode) else ""
    wrong = ""
    if not _is_xml_name(predicate):
        wrong = f"the predicate {predicate}"
    elif isinstance(value, ox.Literal) and _FORBIDDEN_IN_XML.search(value.value):
        wrong = f"a control character in a value of {statement.subject}"
    elif named and predicate == f"{_RDF}type" and not _is_xml_name(named):
        wrong = f"the class {named}"  # which becomes the name of an element
    if wrong:
        raise UnsupportedFormat(
            f"RDF/XML cannot express {wrong}.", remedy="Choose another format."
        )
    return statement


def _is_xml_name(iri: str) -> bool:
    """Check whether an IRI can be written as an element name."""
    return iri not in _FORBIDDEN_PROPERTIES and _XML_NAME_END.search(iri) is not None


def write_dataset(graphs: Mapping[URIRef, Graph], out: IO[bytes], form: Format) -> bool:
    """Write named graphs in a format for datasets; return whether it is canonical."""
    quads = sorted_nquads(graphs)
    content = quads.content
    out.write(content if form == N_QUADS else transcode_nquads(content, form))
    return quads.is_canonical


def transcode_nquads(nquads: bytes, form: Format) -> bytes:
    """Convert canonical N-Quads to another format for datasets."""
    out = BytesIO()
    quads = sorted(_parse_nquads(nquads), key=lambda quad: str(quad.graph_name))
    write_statements(quads, out, form, _used_prefixes(quads))
    return out.getvalue()


def write_graph(graph: Graph, out: IO[bytes], form: Format) -> bool:
    """Write a graph in a format for graphs; return whether it is canonical.

    Raises:
        UnsupportedFormat: RDF/XML cannot express a predicate, a class or a character.
    """
    quads = sort_nquads(graph_nquads(graph))
    write_sorted_graph(quads, out, form)
    return quads.is_canonical


def write_sorted_graph(quads: SortedQuads, out: IO[bytes], form: Format) -> None:
    """Write the triples of sorted quads in a format for graphs.

    Raises:
        UnsupportedFormat: RDF/XML cannot express a predicate, a class or a character.
    """
    parsed = list(_parse_nquads(quads.content))
    triples = [quad.triple for quad in parsed]
    write_statements(triples, out, form, _used_prefixes(parsed))


def graph_nquads(graph: Graph) -> bytes:
    """Return a graph as N-Quads in some order."""
    return nquads({STORE_DEFAULT_GRAPH: graph})


def canonical_nquads(graphs: Mapping[URIRef, Graph]) -> bytes:
    """Return the graphs as ``sorted_nquads`` does, canonical or not."""
    return sorted_nquads(graphs).content


def sorted_nquads(graphs: Mapping[URIRef, Graph]) -> SortedQuads:
    """Return the graphs as sorted N-Quads with canonical blank node labels.

    The labels are those of RDF Dataset Canonicalization (RDFC-1.0), so isomorphic
    datasets give equal bytes, unless that takes too much work.
    `STORE_DEFAULT_GRAPH` is written as the default graph.
    """
    return sort_nquads(nquads(graphs))


def nquads(graphs: Mapping[URIRef, Graph]) -> bytes:
    """Return graphs as N-Quads in some order.

    `STORE_DEFAULT_GRAPH` is written as the default graph.
    """
    convert = _QuadConverter()
    quads = (
        convert.quad(triple, name) for name, graph in graphs.items() for triple in graph
    )
    return ox.serialize(quads, format=ox.RdfFormat.N_QUADS) or b""


class _QuadConverter:
    """Converts triples to Oxigraph's quads, with a cache of IRIs."""

    def __init__(self) -> None:
        self._iris: dict[URIRef, OxTerm] = {}

    def quad(self, triple: Triple, name: URIRef) -> ox.Quad:
        """Return a triple of a named graph as a quad."""
        subject, predicate, value = map(self._term, triple)
        graph = ox.DefaultGraph() if name == STORE_DEFAULT_GRAPH else self._term(name)
        return ox.Quad(subject, predicate, value, graph)  # type: ignore[arg-type] # a graph has each term in a valid position

    def _term(self, term: Node) -> OxTerm:
        if not isinstance(term, URIRef):
            return to_oxigraph(term)
        found = self._iris.get(term)
        if found is None:
            found = self._iris[term] = to_oxigraph(term)
        return found


def _parse_nquads(content: bytes) -> Iterable[ox.Quad]:
    """Yield the quads in the order of their lines."""
    return ox.parse(content, ox.RdfFormat.N_QUADS)


def _used_prefixes(quads: Iterable[ox.Quad]) -> dict[str, str]:
    """Return the project's prefixes whose namespace occurs in some IRI."""
    iris = {
        term.datatype.value if isinstance(term, ox.Literal) else term.value
        for quad in quads
        for term in (*quad.triple, quad.graph_name)
        if isinstance(term, ox.Literal | ox.NamedNode)
    }
    spaces = {iri[: end + 1] for iri in iris for end in _namespace_ends(iri)}
    return {prefix: base for prefix, base in PREFIXES.items() if base in spaces}


def _namespace_ends(iri: str) -> Iterable[int]:
    """Yield the offsets where a namespace may end in an IRI."""
    return (place for place, letter in enumerate(iri) if letter in "/#")


class XmlOutput:
    """A file of XML that refuses the characters that XML has not (XML 1.0 §2.2).

    Carriage returns are escaped: a parser would make them line feeds (§2.11).

    Args:
        out: the file to write to.
    """

    def __init__(self, out: IO[bytes]) -> None:
        self._out, self._tail = out, b""

    def write(self, content: bytes) -> int:
        """Write some bytes.

        Raises:
            UnsupportedFormat: there is a control character among them.
        """
        if _FORBIDDEN_XML_BYTES.search(self._tail + content):
            raise UnsupportedFormat(
                "XML cannot express a control character in a value.",
                remedy="Choose another format.",
            )
        self._tail = content[-2:]
        self._out.write(content.replace(b"\r", b"&#13;"))
        return len(content)

    def flush(self) -> None:
        """Flush the file."""
        self._out.flush()
