"""The text: its lines, sentences and footnote markers by code-point offsets.

Conventions:

* An offset counts Unicode code points from 0, a span's end is exclusive, and the
  text is taken as it is: nothing is normalised.
* A line ends at a line feed only; U+2028 or U+0085 is a space inside a line.
* Every character that is not a space lies in exactly one heading, sentence or item;
  only the mark that opens an item lies in none, as it is layout like the line's end.
"""

from __future__ import annotations

from alaqat.document.overlap import Piece, pieces
from alaqat.document.reading import LIMIT, read_document
from alaqat.document.segment import Marker, Sentence, Span
from alaqat.document.text import Document

__all__ = [
    "LIMIT",
    "Document",
    "Marker",
    "Piece",
    "Sentence",
    "Span",
    "pieces",
    "read_document",
]
