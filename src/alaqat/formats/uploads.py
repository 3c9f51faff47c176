"""Reading the RDF that somebody sends: checked, then written as plain N-Triples."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pyoxigraph as ox
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import MultiPartParser

from alaqat.errors import InvalidData, UnsupportedFormat
from alaqat.formats.files import OXIGRAPH, reason
from alaqat.formats.table import (
    RDF_XML,
    Format,
    holding,
    of_file,
    of_media_type,
    parse_content_type,
)

MULTIPART = "multipart/form-data"
MOST_FILES = 100
_OFFERS = holding("graph")

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
    return _triples(content, of_media_type(media_type, _OFFERS), base)


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
    form = of_file(Path(name)) if is_untyped else of_media_type(media_type, _OFFERS)
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
    _check_utf8(content)
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


def _check_utf8(content: bytes) -> None:
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
