"""Reading Turtle and N-Quads files, and writing triples, quads and TSV.

Reading the RDF that somebody sends: checked, then written as plain N-Triples.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
from rdflib import BNode, Graph, URIRef
from rdflib.term import Node

from alaqat.errors import InvalidData, UnsupportedFormat
from alaqat.rdf.formats import (
    JSON_LD,
    N_QUADS,
    N_TRIPLES,
    RDF_XML,
    TRIG,
    TURTLE,
    Format,
    format_from_media_type,
    format_from_path,
    formats_for,
    parse_content_type,
)
from alaqat.rdf.graphs import new_graph
from alaqat.rdf.terms import (
    OxTerm,
    from_oxigraph,
    to_oxigraph,
)
from alaqat.terms import BASE, STORE_DEFAULT_GRAPH

if TYPE_CHECKING:
    from werkzeug.datastructures import FileStorage

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
    form = format_from_path(path)
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
        graph = ox.DefaultGraph() if name == STORE_DEFAULT_GRAPH else self._term(name)
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


MULTIPART = "multipart/form-data"
MOST_FILES = 100
_OFFERS = formats_for("graph")

# Deeper triple terms than any that say something use up the parser's stack. What is not
# closed runs to the end, as it does for the parser; so nothing is looked at twice.
_DEEPEST = 100
_TERMS = re.compile(
    rb"#[^\r\n]*|\\.|<[^<>\x00-\x20]*+>"
    rb'|"""(?:[^"\\]|\\.|"(?!""))*+(?:""")?|"(?:[^"\\\n]|\\.)*+"?'
    rb"|'''(?:[^'\\]|\\.|'(?!''))*+(?:''')?|'(?:[^'\\\n]|\\.)*+'?"
    rb"|<<|>>",
    re.DOTALL,
)
# Parsing takes the square of the depth of elements in time.
_DEEPEST_XML = 1000
_TAGS = re.compile(
    rb"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|<\?.*?(?:\?>|\Z)"
    rb"""|<(?P<tag>/?)(?:[^<>"']|"[^"]*"|'[^']*')*+>""",
    re.DOTALL,
)
_DTD = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_UNTYPED = ("", "application/octet-stream")


def read_upload(content: bytes, content_type: str, base: str) -> bytes:
    """The triples of a body, as N-Triples.

    The whole body is read before anything is done with it. Blank nodes get new names:
    those of two bodies are never the same node.

    Args:
        content: as it came.
        content_type: of the body; an empty body needs none.
        base: what relative IRIs are resolved against.

    Raises:
        UnsupportedFormat: the media type or the charset is not read here.
        InvalidData: it is not what its type says; the error tells the line.
    """
    media_type, options = parse_content_type(content_type)
    if media_type == MULTIPART:
        return _read_files(content, options.get("boundary", ""), base)
    if not content and not media_type:
        return b""
    _check_charset(options)
    return _triples(content, format_from_media_type(media_type, _OFFERS), base)


def _read_files(content: bytes, boundary: str, base: str) -> bytes:
    """The triples of all files of a form (RFC 7578)."""
    parts = [
        _read_file(file, base) for file in _files(content, boundary) if file.filename
    ]
    if not parts:
        raise InvalidData(
            "The form has no file.", remedy="Send RDF files, or one as the body."
        )
    return b"".join(parts)


def _files(content: bytes, boundary: str) -> Iterator[FileStorage]:
    """The files of a form."""
    from werkzeug.exceptions import RequestEntityTooLarge
    from werkzeug.formparser import MultiPartParser

    parser = MultiPartParser(_in_memory, max_form_parts=MOST_FILES)  # type: ignore[arg-type] # it wants four names that mean nothing here
    try:
        _, files = parser.parse(BytesIO(content), boundary.encode(), len(content))
    except (ValueError, RequestEntityTooLarge) as error:
        raise InvalidData(
            f"The form cannot be read: {error}.",
            remedy=f"Send {MULTIPART} with at most {MOST_FILES} files.",
        ) from None
    yield from files.values()


def _in_memory(**_: object) -> BytesIO:
    """Where a file of a form is kept: in memory, where the whole form is already."""
    return BytesIO()


def _read_file(file: FileStorage, base: str) -> bytes:
    """The triples of a file; if its type is not told, its name tells it."""
    media_type, options = parse_content_type(file.content_type or "")
    name = file.filename or ""
    _check_charset(options)
    is_untyped = media_type in _UNTYPED
    form = (
        format_from_path(Path(name))
        if is_untyped
        else format_from_media_type(media_type, _OFFERS)
    )
    if form not in _OFFERS:
        raise UnsupportedFormat(f"{name} does not hold triples of one graph.")
    try:
        return _triples(file.stream.read(), form, base)
    except InvalidData as error:
        error.message = f"{name}: {error.message}"
        raise


def _check_charset(options: dict[str, str]) -> None:
    """Refuse what says that it is not UTF-8."""
    charset = options.get("charset", "utf-8")
    if charset.lower() not in ("utf-8", "utf8", "us-ascii"):
        raise UnsupportedFormat(
            f"The body is {charset}, not UTF-8.", remedy="Send UTF-8."
        )


def _triples(content: bytes, form: Format, base: str) -> bytes:
    """What a body says, as N-Triples."""
    _check_upload_utf8(content)
    if form == RDF_XML and _DTD.search(content):
        raise InvalidData(
            "RDF/XML with a document type declaration is not read.",
            remedy="Write its entities out, and leave <!DOCTYPE away.",
        )
    _check_depth(content, form)
    try:
        quads = ox.parse(
            content,
            OXIGRAPH[form],
            base_iri=base,
            without_named_graphs=True,
            rename_blank_nodes=True,
        )
        triples = (quad.triple for quad in quads)
        return ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b""
    except SyntaxError as error:
        raise InvalidData(
            f"This is no {form.title}: {_told(error)}.",
            line=error.lineno,
            remedy="Correct it there, or just before.",
        ) from None


def _told(error: SyntaxError) -> str:
    """What the parser says; of a context that stands elsewhere, in our words."""
    if "LoadDocumentCallback" in str(error.msg):
        return "its context stands elsewhere, and nothing is fetched from here"
    return reason(error)


def _check_upload_utf8(content: bytes) -> None:
    """Refuse what is no UTF-8, and tell where."""
    try:
        content.decode()
    except UnicodeDecodeError as error:
        raise InvalidData(
            f"Byte {error.start} is not UTF-8.",
            line=content.count(b"\n", 0, error.start) + 1,
            remedy="Send UTF-8.",
        ) from None


def _check_depth(content: bytes, form: Format) -> None:
    """Refuse what is nested so deep that a parser would fail or not come to an end."""
    deepest, steps = _DEEPEST, _triple_terms(content)
    if form == RDF_XML:
        deepest, steps = _DEEPEST_XML, _elements(content)
    depth = 0
    for step, place in steps:
        depth += step
        if depth > deepest:
            raise InvalidData(
                f"It is nested more than {deepest} deep.",
                line=content.count(b"\n", 0, place) + 1,
                remedy="Nest it less.",
            )


def _triple_terms(content: bytes) -> Iterator[tuple[int, int]]:
    """Where triple terms begin and end, if there are as many as would matter."""
    if content.count(b"<<") > _DEEPEST:
        for found in _TERMS.finditer(content):
            yield (found[0] == b"<<") - (found[0] == b">>"), found.start()


def _elements(content: bytes) -> Iterator[tuple[int, int]]:
    """Where elements begin and end."""
    for found in _TAGS.finditer(content):
        if found["tag"] == b"/":
            yield -1, found.start()
        elif found["tag"] is not None and not found[0].endswith(b"/>"):
            yield 1, found.start()
