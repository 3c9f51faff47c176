"""RDF parsing: Turtle and N-Quads files, and uploads in any format."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
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
from alaqat.rdf.graphs import Triple, new_graph
from alaqat.rdf.terms import from_oxigraph
from alaqat.terms import BASE

if TYPE_CHECKING:
    from werkzeug.datastructures import FileStorage

MAX_FILE_BYTES = 5_000_000
"""The limit for hand-written files; a larger one must be a mistake."""

OXIGRAPH_FORMATS: dict[Format, ox.RdfFormat] = {
    TURTLE: ox.RdfFormat.TURTLE,
    N_TRIPLES: ox.RdfFormat.N_TRIPLES,
    RDF_XML: ox.RdfFormat.RDF_XML,
    JSON_LD: ox.RdfFormat.JSON_LD,
    N_QUADS: ox.RdfFormat.N_QUADS,
    TRIG: ox.RdfFormat.TRIG,
}


def read_turtle(path: Path) -> Graph:
    """Read a Turtle file.

    Blank node labels derive from the file's content and their order in it, so that
    they are reproducible and no two files share any.

    Raises:
        InvalidData: the file is missing, too large, not UTF-8 or not valid Turtle.
    """
    content = _read_bytes(path)
    graph = new_graph()
    names = _BlankNodeNames(content)
    try:
        for quad in ox.parse(content, ox.RdfFormat.TURTLE):
            terms = (from_oxigraph(term) for term in quad.triple)
            subject, predicate, value = map(names.rename, terms)
            graph.add((subject, predicate, value))
    except SyntaxError as error:
        raise _syntax_error(TURTLE, path, error) from None
    except InvalidData as error:
        error.path = path
        raise
    return graph


def read_quads(path: Path) -> Iterator[tuple[Triple, URIRef | None]]:
    """Read the quads of an N-Quads file; the graph is None for the default graph.

    Raises:
        InvalidData: the file is missing or not valid N-Quads.
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
    """Read the triples of a file of any size, in the format of its extension.

    Named graphs are merged.

    Raises:
        InvalidData: the file is missing or not valid in its format.
        UnsupportedFormat: the extension is not that of an RDF format.
    """
    form = format_from_path(path)
    if form not in OXIGRAPH_FORMATS:
        raise UnsupportedFormat(
            f"{form.title} cannot hold a graph.", path=path, remedy="Give an RDF file."
        )
    try:
        for quad in ox.parse(
            path=str(path), format=OXIGRAPH_FORMATS[form], base_iri=BASE
        ):
            subject, predicate, value = (from_oxigraph(term) for term in quad.triple)
            yield subject, predicate, value
    except OSError as error:
        raise _unreadable(path, error) from None
    except SyntaxError as error:
        raise _syntax_error(form, path, error) from None


def read_dataset(path: Path) -> dict[URIRef, Graph]:
    """Read the named graphs of an N-Quads file.

    Raises:
        InvalidData: the file is missing or not valid N-Quads.
    """
    graphs: dict[URIRef, Graph] = {}
    for triple, name in read_quads(path):
        if name is not None:
            if name not in graphs:
                graphs[name] = new_graph()
            graphs[name].add(triple)
    return graphs


class _BlankNodeNames:
    """Labels for the blank nodes of one file that depend on its content only."""

    def __init__(self, content: bytes) -> None:
        self._prefix = f"b{hashlib.sha256(content).hexdigest()[:16]}n"
        self._names: dict[Node, BNode] = {}

    def rename(self, term: Node) -> Node:
        """Return the blank node with its label; other terms unchanged."""
        if not isinstance(term, BNode):
            return term
        name = BNode(f"{self._prefix}{len(self._names)}")
        return self._names.setdefault(term, name)


def _syntax_error(form: Format, path: Path, error: SyntaxError) -> InvalidData:
    """Return the error for a file that is not valid in its format."""
    return InvalidData(
        f"Not valid {form.title}: {parser_message(error)}.",
        path=path,
        line=error.lineno,
        remedy="Correct that line, or the one before it.",
    )


def _unreadable(path: Path, error: OSError) -> InvalidData:
    """Return the error for a file that cannot be read."""
    return InvalidData(
        f"The file cannot be read: {error.strerror or error}.",
        path=path,
        remedy="Check that it exists and is readable.",
    )


def _read_bytes(path: Path) -> bytes:
    """Return the bytes of a file, checked for size and UTF-8."""
    try:
        size = path.stat().st_size
        content = path.read_bytes() if size <= MAX_FILE_BYTES else b""
    except OSError as error:
        raise _unreadable(path, error) from None
    if size > MAX_FILE_BYTES:
        raise InvalidData(
            f"The file has {size:,} bytes; {MAX_FILE_BYTES:,} is the limit.",
            path=path,
            remedy="Split it, or check that it is the right file.",
        )
    _check_utf8(content, "Save it as UTF-8.", path)
    return content


def _check_utf8(content: bytes, remedy: str, path: Path | None = None) -> None:
    """Raise InvalidData at the first byte that is not UTF-8."""
    try:
        content.decode()
    except UnicodeDecodeError as error:
        raise InvalidData(
            f"Byte {error.start} is not UTF-8.",
            path=path,
            line=content.count(b"\n", 0, error.start) + 1,
            remedy=remedy,
        ) from None


def parser_message(error: SyntaxError) -> str:
    """Return the parser's message without the position."""
    place, _, reason = str(error.msg).partition(": ")
    return (reason or place).rstrip(".")


MULTIPART = "multipart/form-data"
MAX_FORM_FILES = 100
_UPLOAD_FORMATS = formats_for("graph")

# Deeply nested triple terms exhaust the parser's stack. Unclosed strings and IRIs run
# to the end, as they do for the parser, so the scan is linear.
_MAX_TERM_DEPTH = 100
_TRIPLE_TERM_TOKENS = re.compile(
    rb"#[^\r\n]*|\\.|<[^<>\x00-\x20]*+>"
    rb'|"""(?:[^"\\]|\\.|"(?!""))*+(?:""")?|"(?:[^"\\\n]|\\.)*+"?'
    rb"|'''(?:[^'\\]|\\.|'(?!''))*+(?:''')?|'(?:[^'\\\n]|\\.)*+'?"
    rb"|<<|>>",
    re.DOTALL,
)
# Parsing time grows with the square of the depth of elements.
_MAX_XML_DEPTH = 1000
_XML_TAGS = re.compile(
    rb"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|<\?.*?(?:\?>|\Z)"
    rb"""|<(?P<tag>/?)(?:[^<>"']|"[^"]*"|'[^']*')*+>""",
    re.DOTALL,
)
_DTD = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_UNKNOWN_MEDIA_TYPES = ("", "application/octet-stream")


def read_upload(content: bytes, content_type: str, base: str) -> bytes:
    """Parse a request body, and return its triples as N-Triples.

    Blank nodes get new labels, so that no two bodies share any.

    Args:
        content: the whole body.
        content_type: its media type; an empty body needs none.
        base: resolves relative IRIs.

    Raises:
        UnsupportedFormat: the media type or the charset is not supported.
        InvalidData: the body is not valid in its format.
    """
    media_type, options = parse_content_type(content_type)
    if media_type == MULTIPART:
        return _read_form(content, options.get("boundary", ""), base)
    if not content and not media_type:
        return b""
    _check_charset(options)
    return _to_ntriples(
        content, format_from_media_type(media_type, _UPLOAD_FORMATS), base
    )


def _read_form(content: bytes, boundary: str, base: str) -> bytes:
    """Return the triples of all files of a form (RFC 7578)."""
    parts = [
        _read_form_file(file, base)
        for file in _form_files(content, boundary)
        if file.filename
    ]
    if not parts:
        raise InvalidData(
            "The form has no file.", remedy="Send RDF files, or one as the body."
        )
    return b"".join(parts)


def _form_files(content: bytes, boundary: str) -> Iterator[FileStorage]:
    """Yield the files of a form."""
    # Only what speaks HTTP needs Werkzeug, which takes long to import.
    from werkzeug.exceptions import RequestEntityTooLarge
    from werkzeug.formparser import MultiPartParser

    parser = MultiPartParser(_in_memory, max_form_parts=MAX_FORM_FILES)  # type: ignore[arg-type] # ignores the four keyword arguments
    try:
        _, files = parser.parse(BytesIO(content), boundary.encode(), len(content))
    except (ValueError, RequestEntityTooLarge) as error:
        raise InvalidData(
            f"The form cannot be read: {error}.",
            remedy=f"Send {MULTIPART} with at most {MAX_FORM_FILES} files.",
        ) from None
    yield from files.values()


def _in_memory(**_: object) -> BytesIO:
    """Return the buffer for a file: in memory, where the whole form already is."""
    return BytesIO()


def _read_form_file(file: FileStorage, base: str) -> bytes:
    """Return the triples of a file, whose extension counts if it has no type."""
    media_type, options = parse_content_type(file.content_type or "")
    name = file.filename or ""
    _check_charset(options)
    is_untyped = media_type in _UNKNOWN_MEDIA_TYPES
    form = (
        format_from_path(Path(name))
        if is_untyped
        else format_from_media_type(media_type, _UPLOAD_FORMATS)
    )
    if form not in _UPLOAD_FORMATS:
        raise UnsupportedFormat(f"{name} does not hold triples of one graph.")
    try:
        return _to_ntriples(file.stream.read(), form, base)
    except InvalidData as error:
        error.message = f"{name}: {error.message}"
        raise


def _check_charset(options: dict[str, str]) -> None:
    """Raise UnsupportedFormat for a charset other than UTF-8."""
    charset = options.get("charset", "utf-8")
    if charset.lower() not in ("utf-8", "utf8", "us-ascii"):
        raise UnsupportedFormat(
            f"The body is {charset}, not UTF-8.", remedy="Send UTF-8."
        )


def _to_ntriples(content: bytes, form: Format, base: str) -> bytes:
    """Return the triples of a body as N-Triples."""
    _check_utf8(content, "Send UTF-8.")
    if form == RDF_XML and _DTD.search(content):
        raise InvalidData(
            "RDF/XML with a document type declaration is not supported.",
            remedy="Expand its entities, and remove <!DOCTYPE.",
        )
    _check_depth(content, form)
    try:
        quads = ox.parse(
            content,
            OXIGRAPH_FORMATS[form],
            base_iri=base,
            without_named_graphs=True,
            rename_blank_nodes=True,
        )
        triples = (quad.triple for quad in quads)
        return ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b""
    except SyntaxError as error:
        raise InvalidData(
            f"Not valid {form.title}: {_syntax_message(error)}.",
            line=error.lineno,
            remedy="Correct that line, or the one before it.",
        ) from None


def _syntax_message(error: SyntaxError) -> str:
    """Return the parser's message, or a clearer one for a remote JSON-LD context."""
    if "LoadDocumentCallback" in str(error.msg):
        return "its context is remote, and remote contexts are not loaded"
    return parser_message(error)


def _check_depth(content: bytes, form: Format) -> None:
    """Raise InvalidData for nesting that would crash or stall the parser."""
    deepest, steps = _MAX_TERM_DEPTH, _triple_term_steps(content)
    if form == RDF_XML:
        deepest, steps = _MAX_XML_DEPTH, _element_steps(content)
    depth = 0
    for step, place in steps:
        depth += step
        if depth > deepest:
            raise InvalidData(
                f"It is nested more than {deepest} levels deep.",
                line=content.count(b"\n", 0, place) + 1,
                remedy="Nest it less.",
            )


def _triple_term_steps(content: bytes) -> Iterator[tuple[int, int]]:
    """Yield +1 or -1 and the offset where a triple term begins or ends."""
    if content.count(b"<<") > _MAX_TERM_DEPTH:
        for found in _TRIPLE_TERM_TOKENS.finditer(content):
            yield (found[0] == b"<<") - (found[0] == b">>"), found.start()


def _element_steps(content: bytes) -> Iterator[tuple[int, int]]:
    """Yield +1 or -1 and the offset where an XML element begins or ends."""
    for found in _XML_TAGS.finditer(content):
        if found["tag"] == b"/":
            yield -1, found.start()
        elif found["tag"] is not None and not found[0].endswith(b"/>"):
            yield 1, found.start()
