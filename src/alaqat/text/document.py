"""Documents: a text with its lines, sentences and markers, read from a UTF-8 file."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from alaqat.errors import InvalidData
from alaqat.text import segments
from alaqat.text.quotes import locate
from alaqat.text.segments import (
    Marker,
    Sentence,
    Span,
)


@dataclass(frozen=True)
class Document:
    """A text and its segmentation; offsets are code points.

    Attributes:
        slug: the name, as in IRIs.
        text: the whole text.
        heading_lines: the 1-based lines that the description names as headings.
    """

    slug: str
    text: str
    heading_lines: frozenset[int] = frozenset()

    @cached_property
    def sha256(self) -> str:
        """The hash of the text in UTF-8, which is the hash of its file."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @cached_property
    def lines(self) -> tuple[Span, ...]:
        """The lines, without the line feeds that end them; line n is at n - 1."""
        return tuple(segments.find_lines(self.text))

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """The sentences and items, numbered from 1; headings are not among them."""
        found = (unit for unit in self._units if unit.kind != "heading")
        return tuple(replace(unit, number=n) for n, unit in enumerate(found, 1))

    @cached_property
    def headings(self) -> tuple[Sentence, ...]:
        """The headings, numbered from 1."""
        found = (unit for unit in self._units if unit.kind == "heading")
        return tuple(replace(unit, number=n) for n, unit in enumerate(found, 1))

    @cached_property
    def markers(self) -> tuple[Marker, ...]:
        """The footnote markers in the order of the text."""
        return tuple(segments.find_markers(self.text))

    def line_of(self, offset: int) -> int:
        """Return the 1-based line of an offset; a line feed belongs to its own line."""
        return bisect_right(self._line_starts, offset)

    def sentence_at(self, offset: int) -> Sentence | None:
        """Return the sentence or item at an offset; None in headings and gaps."""
        number = bisect_right(self._sentence_starts, offset)
        if number and offset < self.sentences[number - 1].span.end:
            return self.sentences[number - 1]
        return None

    def slice(self, span: Span) -> str:
        """Return the text of a span."""
        return self.text[span.start : span.end]

    def find(self, exact: str, prefix: str = "", suffix: str = "") -> Span:
        """Return the only span of some words between a prefix and a suffix.

        Raises:
            QuoteNotFound: no such span exists; the message shows the most similar one.
            QuoteAmbiguous: several exist; the message lists them.
        """
        start = locate(self.text, exact, prefix, suffix)
        return Span(start, start + len(exact))

    def markers_closing(self, span: Span) -> tuple[Marker, ...]:
        """Return the footnote markers in a span and those that close it.

        A marker closes a span if it follows on the same line without a letter or digit
        in between; "[3] · [4]" both close.
        """
        closed = segments.extend_to_markers(self.text, span)
        first = bisect_left(self.markers, closed.start, key=lambda one: one.span.start)
        last = bisect_right(self.markers, closed.end, key=lambda one: one.span.end)
        return self.markers[first:last]

    @cached_property
    def _units(self) -> tuple[Sentence, ...]:
        """Headings, sentences and items, not numbered yet."""
        return tuple(self._read_units())

    def _read_units(self) -> Iterator[Sentence]:
        for number, line in enumerate(self.lines, 1):
            heading = number in self.heading_lines
            for kind, span in segments.split_line(self.slice(line), heading=heading):
                start, end = line.start + span.start, line.start + span.end
                yield Sentence(0, Span(start, end), number, kind)

    @cached_property
    def _line_starts(self) -> list[int]:
        return [line.start for line in self.lines]

    @cached_property
    def _sentence_starts(self) -> list[int]:
        return [sentence.span.start for sentence in self.sentences]


MAX_BYTES = 5_000_000
"""The most bytes that a document may have."""

_FORBIDDEN_BYTES = re.compile(rb"\A\xef\xbb\xbf|\r|\0")
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
    """Read a document from a UTF-8 file.

    Args:
        path: the file.
        slug: the document's name, as in IRIs.
        headings: the 1-based lines that are headings.

    Raises:
        InvalidData: the file cannot be read, is empty, has more than MAX_BYTES bytes,
            is not UTF-8, or has a byte order mark, carriage return or NUL.
    """
    raw = _read_bytes(path)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        at, remedy = error.start, "Save it as UTF-8."
        raise _invalid_byte(path, raw, at, "is not UTF-8", remedy) from error
    if found := _FORBIDDEN_BYTES.search(raw):
        raise _invalid_byte(path, raw, found.start(), *_REMEDIES[found[0]])
    if not text.strip():
        raise InvalidData(
            "The document is empty.",
            path=path,
            remedy="Put the text in it, or remove its folder.",
        )
    return Document(slug, text, frozenset(headings))


def _read_bytes(path: Path) -> bytes:
    """Return the bytes of a file, up to the limit of size."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InvalidData(
            f"The document cannot be read: {error.strerror}.",
            path=path,
            remedy="Check that the file exists and may be read.",
        ) from error
    if len(raw) > MAX_BYTES:
        raise InvalidData(
            f"The document has more than {MAX_BYTES:,} bytes.",
            path=path,
            remedy="Split it into several documents.",
        )
    return raw


def _invalid_byte(
    path: Path, raw: bytes, at: int, fault: str, remedy: str
) -> InvalidData:
    """Return the error for a forbidden byte."""
    line = raw.count(b"\n", 0, at) + 1
    message = f"The document {fault} (byte {raw[at]:#04x} at offset {at})."
    return InvalidData(message, path=path, line=line, remedy=remedy)
