"""Counting the rows of an answer in what the engine writes, which tells no figures.

Rows that bind nothing are not seen in JSON; the limit of bytes holds for them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from alaqat.formats import CSV, JSON, TSV, XML, Format

# What stands once for each row, and in no value: there a quote follows a backslash in
# JSON, < is &lt; in XML, and a line's end is \n in TSV. With its length, and how often
# it stands before the first row.
_MARKS: Mapping[Format, tuple[re.Pattern[bytes], int, int]] = {
    JSON: (re.compile(rb'[\[,]\{"[^,}]'), 4, 0),
    XML: (re.compile(rb"<result>"), 8, 0),
    TSV: (re.compile(rb"\n"), 1, 1),
    CSV: (re.compile(rb"\n"), 1, 1),
}


class RowCount:
    """Counts rows in pieces of an answer; none in a format that has none."""

    def __init__(self, form: Format) -> None:
        self.count = 0
        self._form = form
        self._tail = b""
        self._quotes = 0

    def see(self, piece: bytes) -> int:
        """How many rows have begun, with this piece."""
        if self._form in _MARKS:
            mark, length, before = _MARKS[self._form]
            text = self._tail + (self._unquoted(piece) if self._form is CSV else piece)
            self.count += len(mark.findall(text))
            self._tail = text[len(text) - length + 1 :]
            return self.count - before
        return 0

    def _unquoted(self, piece: bytes) -> bytes:
        """What stands outside quotes, where a line's end may stand in a value."""
        parts = piece.split(b'"')
        outside = parts[self._quotes % 2 :: 2]
        self._quotes += len(parts) - 1
        return b"".join(outside)
