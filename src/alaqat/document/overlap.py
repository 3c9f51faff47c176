"""A stretch of text, cut wherever one of several overlapping spans begins or ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from alaqat.document.segment import Span


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text that the same spans cover from its start to its end.

    Attributes:
        span: where it stands.
        covers: the places, in the list of spans, of those that cover it.
    """

    span: Span
    covers: tuple[int, ...]


def pieces(whole: Span, spans: Sequence[Span]) -> Iterator[Piece]:
    """The pieces of a stretch in their order; together they are the whole of it.

    Args:
        whole: the stretch.
        spans: may overlap, nest, repeat, be empty or reach beyond the stretch.
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
