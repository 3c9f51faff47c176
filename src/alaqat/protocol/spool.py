"""What is written for an answer: in memory while it is small, else on disk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from tempfile import SpooledTemporaryFile
from threading import Lock

#: Bytes that stay in memory, and bytes that are sent at once.
IN_MEMORY, PIECE = 1_000_000, 65_536


class Spool:
    """A file that is written once, then read by as many as want."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 # it lives as long as the reply
        self._lock = Lock()
        self._size = 0

    def write(self, content: bytes) -> int:
        """Write some more."""
        self._size += len(content)
        return self._file.write(content)

    def writelines(self, lines: Iterable[bytes]) -> None:
        """Write many lines."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Nothing is held back."""

    def __len__(self) -> int:
        """Return how many bytes were written."""
        return self._size

    def __del__(self) -> None:
        self._file.close()

    def __iter__(self) -> Iterator[bytes]:
        for start in range(0, self._size, PIECE):
            with self._lock:
                self._file.seek(start)
                piece = self._file.read(PIECE)
            yield piece

    def lines(self) -> Iterator[bytes]:
        """The lines, each with its end."""
        rest = b""
        for piece in self:
            *whole, rest = (rest + piece).split(b"\n")
            yield from (line + b"\n" for line in whole)
        if rest:
            yield rest
