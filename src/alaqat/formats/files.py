"""Reading Turtle and N-Quads files, and writing triples, quads and TSV."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pyoxigraph as ox
from rdflib import BNode, Graph, URIRef
from rdflib.term import Node

from alaqat.errors import InvalidData, UnsupportedFormat
from alaqat.formats.convert import OxTerm, from_oxigraph, to_oxigraph
from alaqat.formats.graphs import new_graph
from alaqat.formats.table import (
    JSON_LD,
    N_QUADS,
    N_TRIPLES,
    RDF_XML,
    TRIG,
    TURTLE,
    Format,
    of_file,
)
from alaqat.terms import BASE, OWN_GRAPH

Triple = tuple[Node, Node, Node]

#: No file written by hand is longer; a longer one was put there by mistake.
LARGEST = 5_000_000

OXIGRAPH: dict[Format, ox.RdfFormat] = {
    TURTLE: ox.RdfFormat.TURTLE,
    N_TRIPLES: ox.RdfFormat.N_TRIPLES,
    RDF_XML: ox.RdfFormat.RDF_XML,
    JSON_LD: ox.RdfFormat.JSON_LD,
    N_QUADS: ox.RdfFormat.N_QUADS,
    TRIG: ox.RdfFormat.TRIG,
}


def read_turtle(path: Path) -> Graph:
    """Read a Turtle file.

    Blank nodes are named after the file's content and their order in it, so that two
    runs agree and two files do not share any.

    Raises:
        InvalidData: the file is missing, too large, no UTF-8 or no Turtle; the error
            tells the line.
    """
    content = _content(path)
    graph = new_graph()
    names = _Names(content)
    try:
        for quad in ox.parse(content, ox.RdfFormat.TURTLE):
            terms = (from_oxigraph(term) for term in quad.triple)
            subject, predicate, value = (names.of(term) for term in terms)
            graph.add((subject, predicate, value))
    except SyntaxError as error:
        raise _broken(TURTLE, path, error) from None
    except InvalidData as error:
        error.path = path
        raise
    return graph


def read_quads(path: Path) -> Iterator[tuple[Triple, URIRef | None]]:
    """Read the quads of an N-Quads file; the graph is None for the default graph.

    Raises:
        InvalidData: the file is missing or no N-Quads.
    """
    try:
        for quad in ox.parse(path=str(path), format=ox.RdfFormat.N_QUADS):
            subject, predicate, value = (from_oxigraph(term) for term in quad.triple)
            name = quad.graph_name
            graph = None if isinstance(name, ox.DefaultGraph) else URIRef(name.value)
            yield (subject, predicate, value), graph
    except (OSError, SyntaxError) as error:
        raise InvalidData(
            f"The quads cannot be read: {error}.",
            path=path,
            remedy="Build the dataset again: alaqat build",
        ) from None


def read_triples(path: Path) -> Iterator[Triple]:
    """Read the triples of a file of any size, in the format that its ending says.

    Named graphs are read as one.

    Raises:
        InvalidData: the file is missing or not in its format.
        UnsupportedFormat: the ending stands for no format of graphs.
    """
    form = of_file(path)
    if form not in OXIGRAPH:
        raise UnsupportedFormat(
            f"{form.title} holds no graph.", path=path, remedy="Give a file of RDF."
        )
    try:
        for quad in ox.parse(path=str(path), format=OXIGRAPH[form], base_iri=BASE):
            subject, predicate, value = (from_oxigraph(term) for term in quad.triple)
            yield subject, predicate, value
    except OSError as error:
        raise _unreadable(path, error) from None
    except SyntaxError as error:
        raise _broken(form, path, error) from None


def read_dataset(path: Path) -> dict[URIRef, Graph]:
    """The named graphs of an N-Quads file.

    Raises:
        InvalidData: the file is missing or no N-Quads.
    """
    graphs: dict[URIRef, Graph] = {}
    for triple, name in read_quads(path):
        if name is not None:
            if name not in graphs:
                graphs[name] = new_graph()
            graphs[name].add(triple)
    return graphs


def canonical_nquads(graphs: Mapping[URIRef, Graph]) -> bytes:
    """The graphs as sorted N-Quads, in which blank nodes have canonical names.

    The names are those of RDF Dataset Canonicalization (RDFC-1.0), so equal datasets
    give equal bytes. What stands under ``OWN_GRAPH`` is in the default graph.
    """
    convert = _Converter()
    dataset = ox.Dataset(
        convert.quad(triple, name) for name, graph in graphs.items() for triple in graph
    )
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    written = ox.serialize(dataset, format=ox.RdfFormat.N_QUADS)
    return b"".join(sorted((written or b"").splitlines(keepends=True)))


class _Converter:
    """Makes Oxigraph's quads; the IRIs, most of which come often, once each."""

    def __init__(self) -> None:
        self._iris: dict[URIRef, OxTerm] = {}

    def quad(self, triple: Triple, name: URIRef) -> ox.Quad:
        """A triple of a graph."""
        subject, predicate, value = map(self._term, triple)
        graph = ox.DefaultGraph() if name == OWN_GRAPH else self._term(name)
        return ox.Quad(subject, predicate, value, graph)  # type: ignore[arg-type] # a graph has each term where it may stand

    def _term(self, term: Node) -> OxTerm:
        if not isinstance(term, URIRef):
            return to_oxigraph(term)
        found = self._iris.get(term)
        if found is None:
            found = self._iris[term] = to_oxigraph(term)
        return found


class _Names:
    """Gives the blank nodes of one file names that depend on its content only."""

    def __init__(self, content: bytes) -> None:
        self._prefix = f"b{hashlib.sha256(content).hexdigest()[:16]}n"
        self._names: dict[Node, BNode] = {}

    def of(self, term: Node) -> Node:
        """The name of a blank node; any other term as it is."""
        if not isinstance(term, BNode):
            return term
        name = BNode(f"{self._prefix}{len(self._names)}")
        return self._names.setdefault(term, name)


def _broken(form: Format, path: Path, error: SyntaxError) -> InvalidData:
    """Return the error for a file that is not in its format."""
    return InvalidData(
        f"This is no {form.title}: {reason(error)}.",
        path=path,
        line=error.lineno,
        remedy="Correct that line, or the one before it.",
    )


def _unreadable(path: Path, error: OSError) -> InvalidData:
    """Return the error for a file that cannot be read."""
    return InvalidData(
        f"The file cannot be read: {error.strerror or error}.",
        path=path,
        remedy="See that it is there and may be read.",
    )


def _content(path: Path) -> bytes:
    """The bytes of a file, if they are UTF-8 and not too many."""
    try:
        size = path.stat().st_size
        content = path.read_bytes() if size <= LARGEST else b""
    except OSError as error:
        raise _unreadable(path, error) from None
    if size > LARGEST:
        raise InvalidData(
            f"The file has {size:,} bytes; {LARGEST:,} is the limit.",
            path=path,
            remedy="Split it, or see whether it is the right file.",
        )
    _check_utf8(content, path)
    return content


def _check_utf8(content: bytes, path: Path) -> None:
    """Refuse what is no UTF-8, and tell where."""
    try:
        content.decode()
    except UnicodeDecodeError as error:
        raise InvalidData(
            f"The file is no UTF-8 at byte {error.start}.",
            path=path,
            line=content.count(b"\n", 0, error.start) + 1,
            remedy="Save it as UTF-8.",
        ) from None


def reason(error: SyntaxError) -> str:
    """What the parser says, without its account of the place."""
    place, _, reason = str(error.msg).partition(": ")
    return (reason or place).rstrip(".")
