"""RDF parsing: Turtle and N-Quads files, and uploads in any format."""

from __future__ import annotations

import hashlib
import re
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from io import BytesIO
from itertools import islice
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
from alaqat.rdf.nesting import check_entities, check_nesting
from alaqat.rdf.terms import from_oxigraph

if TYPE_CHECKING:
    from werkzeug.datastructures import FileStorage

MAX_FILE_BYTES = 5_000_000
"""The limit for hand-written files; a larger one must be a mistake."""

MAX_SCANNED_BYTES = 100_000_000
"""The size of the largest file whose nesting is checked before it is parsed."""

MAX_LITERAL = 8_000_000
"""The bytes of the longest literal that is read: parsers buffer lines up to 16 MiB."""

_CHUNK_TRIPLES = 1000
_OWL_START = 4096  # bytes in which an ontology shows its format

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
        check_nesting(content, TURTLE)
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


def _format_of_file(path: Path) -> Format:
    """Return the format of a file by its extension; for .owl, by how it begins.

    Raises:
        InvalidData: the file cannot be read.
        UnsupportedFormat: the extension is not that of an RDF format, or the file is
            OWL/XML.
    """
    if path.suffix.lower() != ".owl":
        return format_from_path(path)
    try:
        with path.open("rb") as file:
            start = file.read(_OWL_START)
    except OSError as error:
        raise _unreadable(path, error) from None
    if not start.removeprefix(BOM_UTF8).lstrip().startswith(b"<?xml") and not re.search(
        rb"<(!DOCTYPE|(\w+:)?RDF)\b", start
    ):
        return TURTLE
    if re.search(rb"<(\w+:)?Ontology\b", start) and not re.search(
        rb"<(\w+:)?RDF\b", start
    ):
        raise UnsupportedFormat(
            "The file is OWL/XML, which is not RDF.",
            path=path,
            remedy="Save the ontology as RDF/XML or Turtle.",
        )
    return RDF_XML


def read_file(path: Path, base: str, *, renames_blank_nodes: bool) -> Iterator[bytes]:
    """Yield the triples of a file as N-Triples, in the format of its extension.

    Named graphs are merged. A file beyond ``MAX_SCANNED_BYTES`` is not checked for
    nesting: the parser may crash.

    Args:
        path: of a file of any size.
        base: resolves relative IRIs.
        renames_blank_nodes: whether they get new labels, so that no two files share
            any.

    Raises:
        InvalidData: the file is missing, or not valid in its format.
        UnsupportedFormat: the extension is not that of an RDF format.
    """
    form = _format_of_file(path)
    if form not in OXIGRAPH_FORMATS:
        raise UnsupportedFormat(
            f"{form.title} cannot hold a graph.", path=path, remedy="Give an RDF file."
        )
    try:
        if path.stat().st_size <= MAX_SCANNED_BYTES:
            content = path.read_bytes()
            check_nesting(content, form)
            if form == RDF_XML:
                check_entities(content)
            del content
        with path.open("rb") as file:
            if file.read(len(BOM_UTF8)) != BOM_UTF8:
                file.seek(0)
            quads = ox.parse(
                file,
                format=OXIGRAPH_FORMATS[form],
                base_iri=base,
                rename_blank_nodes=renames_blank_nodes,
            )
            yield from _iter_ntriples(quads)
    except OSError as error:
        raise _unreadable(path, error) from None
    except SyntaxError as error:
        raise _syntax_error(form, path, error) from None
    except InvalidData as error:
        error.path = path
        raise


def parse_ntriples(chunks: Iterable[bytes]) -> Iterator[Triple]:
    """Yield the triples of N-Triples in chunks of whole lines.

    Raises:
        InvalidData: one has a term that is new in RDF 1.2.
    """
    for chunk in chunks:
        for quad in ox.parse(chunk, ox.RdfFormat.N_TRIPLES):
            subject, predicate, value = (from_oxigraph(term) for term in quad.triple)
            yield subject, predicate, value


def _iter_ntriples(quads: Iterable[ox.Quad]) -> Iterator[bytes]:
    """Yield the triples of quads as N-Triples in chunks of whole lines.

    Raises:
        InvalidData: a literal is too long.
    """
    triples = (_checked(quad.triple) for quad in quads)
    while chunk := list(islice(triples, _CHUNK_TRIPLES)):
        yield ox.serialize(chunk, format=ox.RdfFormat.N_TRIPLES) or b""


def _checked(triple: ox.Triple) -> ox.Triple:
    """Return a triple; raise InvalidData if its literal is too long."""
    value = triple.object
    if isinstance(value, ox.Literal) and len(value.value) > MAX_LITERAL // 4:
        size = len(value.value.encode())
        if size > MAX_LITERAL:
            raise InvalidData(
                f"A value of {triple.predicate.value} has {size:,} bytes; "
                f"{MAX_LITERAL:,} are allowed.",
                remedy="Split it, or keep it in a file and link that.",
            )
    return triple


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
    content = content.removeprefix(BOM_UTF8)
    media_type, options = parse_content_type(content_type)
    if media_type == MULTIPART:
        return _read_form(content, options.get("boundary", ""), base)
    if not content and not media_type:
        return b""
    _check_charset(options)
    return _to_ntriples(
        content, format_from_media_type(media_type, _UPLOAD_FORMATS), base
    )


def import_parsers(content_type: str) -> None:
    """Import what reading a body needs, so that no file is opened while it is read."""
    if parse_content_type(content_type)[0] == MULTIPART:
        import werkzeug.formparser  # noqa: F401 # imported again where it is used


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
    check_nesting(content, form)
    try:
        quads = ox.parse(
            content,
            OXIGRAPH_FORMATS[form],
            base_iri=base,
            without_named_graphs=True,
            rename_blank_nodes=True,
        )
        return b"".join(_iter_ntriples(quads))
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
