"""Segmentation of a text into lines, sentences, list items and footnote markers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["sentence", "item", "heading"]


@dataclass(frozen=True, order=True)
class Span:
    """A range of the text in code points; the end is exclusive."""

    start: int
    end: int


@dataclass(frozen=True)
class Sentence:
    """A sentence, a list item (even of several sentences) or a heading.

    Sentences and items are numbered together from 1, headings separately.
    """

    number: int
    span: Span
    line: int
    kind: Kind


@dataclass(frozen=True)
class Marker:
    """A footnote marker such as ``[3]``; its number is the reference's."""

    number: int
    span: Span


_MARK = r"\[\d{1,3}\]"
_MARKER = re.compile(_MARK)
_ITEM = re.compile(r"\s*[-*•]\s+(?=\S)")

# A run of full stops, question or exclamation marks; after it closing quotes and
# brackets, then markers ("[3] · [4]"); after all that a space or the line's end.
# The lookbehind and the possessive repeats keep the search linear.
_END = re.compile(
    r"(?<![.!?؟…۔])[.!?؟…۔]++"
    rf"(?:[\"'”’»)\]}}]|\s*{_MARK}(?:\s*[·,،]\s*{_MARK})*)*+"
    r"(?=\s|\Z)"
)
_ENCLOSED = re.compile(
    r"\"[^\"]*\"|«[^«»]*»|“[^“”]*”|„[^„“”]*[“”]|\([^()]*\)|\[[^\[\]]*\]"
)
_INITIAL = re.compile(r"(?:\A|[\s.(])[^\W\d_]\Z")

# What may come between a clause and the markers that close it.
_TO_MARKERS = re.compile(rf"(?:{_MARK}|[^\w\[\n])*+")


def find_lines(text: str) -> Iterator[Span]:
    """Yield the lines of a text, without the line feed that ends each."""
    start = 0
    for line in text.split("\n"):
        yield Span(start, start + len(line))
        start += len(line) + 1


def find_markers(text: str) -> Iterator[Marker]:
    """Yield the footnote markers in the order of the text."""
    for found in _MARKER.finditer(text):
        yield Marker(int(found[0][1:-1]), Span(*found.span()))


def extend_to_markers(text: str, span: Span) -> Span:
    """Extend a span up to the next letter, digit or line end, markers included."""
    found = _TO_MARKERS.match(text, span.end)
    return Span(span.start, found.end() if found else span.end)


def split_line(line: str, *, heading: bool) -> Iterator[tuple[Kind, Span]]:
    """Yield the trimmed units of one line: a heading, an item, or its sentences.

    Args:
        line: the line, without its line feed.
        heading: whether the description names the line as a heading.
    """
    item = None if heading else _ITEM.match(line)
    kind: Kind = "heading" if heading else "item" if item else "sentence"
    ends = _sentence_ends(line) if kind == "sentence" else ()
    start = item.end() if item else 0
    for end in (*ends, len(line)):
        if span := _trim(line, start, end):
            yield kind, span
        start = end


def _sentence_ends(line: str) -> Iterator[int]:
    """Yield the offsets where sentences end in a line.

    None ends within quotes or brackets, nor after an initial ("U.S. Base").
    """
    enclosed = _ENCLOSED.finditer(line)
    inside = next(enclosed, None)
    for found in _END.finditer(line):
        while inside and inside.end() <= found.start():
            inside = next(enclosed, None)
        if inside and inside.start() < found.start() and found.end() < inside.end():
            continue
        before = line[max(0, found.start() - 2) : found.start()]
        if line[found.start()] != "." or not _INITIAL.search(before):
            yield found.end()


def _trim(line: str, start: int, end: int) -> Span | None:
    """Return the span without surrounding white space; None if it is blank."""
    words = line[start:end]
    start += len(words) - len(words.lstrip())
    words = words.strip()
    return Span(start, start + len(words)) if words else None


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text that the same spans cover from start to end.

    Attributes:
        span: its range.
        covers: the indexes of the spans that cover it.
    """

    span: Span
    covers: tuple[int, ...]


def split_at_spans(whole: Span, spans: Sequence[Span]) -> Iterator[Piece]:
    """Split a span wherever one of several spans begins or ends.

    Args:
        whole: the span to split; the pieces cover all of it, in order.
        spans: may overlap, nest, repeat, be empty or reach beyond the whole.
    """
    near = [
        (number, span)
        for number, span in enumerate(spans)
        if span.start < whole.end and whole.start < span.end and span.start < span.end
    ]
    cuts = {whole.start, whole.end}
    cuts |= {at for _, span in near for at in (span.start, span.end)}
    start = whole.start
    for end in sorted(at for at in cuts if whole.start < at <= whole.end):
        covers = (n for n, span in near if span.start <= start and end <= span.end)
        yield Piece(Span(start, end), tuple(covers))
        start = end
