"""Reading a document's file, byte for byte."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from alaqat.document.text import Document
from alaqat.errors import InvalidData

LIMIT = 5_000_000
"""The most bytes that a document may have."""

_REFUSED = re.compile(rb"\A\xef\xbb\xbf|\r|\0")
_REMEDIES = {
    b"\xef\xbb\xbf": (
        "begins with a byte order mark",
        "Save it as UTF-8 without a byte order mark.",
    ),
    b"\r": (
        "has a carriage return",
        "End its lines with a line feed only (Unix line ends).",
    ),
    b"\0": ("has a NUL character", "Remove it; a document is plain text."),
}


def read_document(path: Path, slug: str, headings: Iterable[int] = ()) -> Document:
    """Read a document.

    Args:
        path: the file, in UTF-8.
        slug: the document's name, as in IRIs.
        headings: the 1-based lines that are headings.

    Raises:
        InvalidData: the file cannot be read, is empty, has more than LIMIT bytes,
            is not UTF-8, or has a byte order mark, carriage return or NUL.
    """
    raw = _read(path)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        at, remedy = error.start, "Save it as UTF-8."
        raise _invalid(path, raw, at, "is not UTF-8", remedy) from error
    if found := _REFUSED.search(raw):
        raise _invalid(path, raw, found.start(), *_REMEDIES[found[0]])
    if not text.strip():
        raise InvalidData(
            "The document is empty.",
            path=path,
            remedy="Put the text in it, or remove its folder.",
        )
    return Document(slug, text, frozenset(headings))


def _read(path: Path) -> bytes:
    """The bytes of a file that is not too large."""
    try:
        with path.open("rb") as file:
            raw = file.read(LIMIT + 1)
    except OSError as error:
        raise InvalidData(
            f"The document cannot be read: {error.strerror}.",
            path=path,
            remedy="Check that the file exists and may be read.",
        ) from error
    if len(raw) > LIMIT:
        raise InvalidData(
            f"The document has more than {LIMIT:,} bytes.",
            path=path,
            remedy="Split it into several documents.",
        )
    return raw


def _invalid(path: Path, raw: bytes, at: int, fault: str, remedy: str) -> InvalidData:
    """The error for a byte that must not be there."""
    line = raw.count(b"\n", 0, at) + 1
    message = f"The document {fault} (byte {raw[at]:#04x} at offset {at})."
    return InvalidData(message, path=path, line=line, remedy=remedy)
