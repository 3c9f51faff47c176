"""Counting the rows of an answer in what the engine writes, which tells no figures.

Rows that bind nothing are not seen in JSON; the limit of bytes holds for them.
"""

from __future__ import annotations

from alaqat.formats import Format


class RowCount:
    """Counts rows in pieces of an answer; none in a format that has none."""

    def __init__(self, form: Format) -> None:
        self.count = 0
        self._mark = form.row_mark
        self._tail = b""
        self._quotes = 0

    def see(self, piece: bytes) -> int:
        """Return how many rows have begun, with this piece."""
        if self._mark is None:
            return 0
        text = self._tail + (self._unquoted(piece) if self._mark.is_quoted else piece)
        self.count += len(self._mark.pattern.findall(text))
        self._tail = text[len(text) - self._mark.length + 1 :]
        return self.count - self._mark.before

    def _unquoted(self, piece: bytes) -> bytes:
        """What stands outside quotes, where a line's end may stand in a value."""
        parts = piece.split(b'"')
        outside = parts[self._quotes % 2 :: 2]
        self._quotes += len(parts) - 1
        return b"".join(outside)
