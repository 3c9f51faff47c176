"""Request bodies: read by few threads at once, complete, and at some pace.

Reading a body blocks a thread until the client sends it. So few are read at the same
time, and the client that makes no progress loses its connection (``connections.py``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from threading import Condition
from time import monotonic
from typing import Any

from werkzeug.exceptions import ClientDisconnected, LengthRequired, RequestTimeout

from alaqat.errors import TooBusy
from alaqat.web.settings import FrontLimits

# The server returns fewer bytes than it is asked for only at the end of a body. So this
# is also what must come before progress is noticed.
_CHUNK_BYTES = 8_192
_WAIT_SECONDS = 0.3  # in which a stalled body makes room for another


@dataclass
class BodyTransfer:
    """A body that is being read.

    Attributes:
        client: who sends it.
        address: of the connection's other end: a proxy, if there is one.
        started: when the first byte was wanted.
        progressed: when the last bytes came.
        size: how many came so far.
        is_cut: whether it took too long, and its connection was closed.
    """

    client: str
    address: str
    started: float
    progressed: float = 0.0
    size: int = 0
    is_cut: bool = False

    def __post_init__(self) -> None:
        self.progressed = self.started

    def is_stalled(self, now: float, limits: FrontLimits, *, is_full: bool) -> bool:
        """Return whether it came to a halt, or comes too slowly.

        Args:
            now: the time.
            limits: with the pace that is expected.
            is_full: whether others wait for its place, so that less is tolerated.
        """
        patience = limits.crowded_stall if is_full else limits.body_stall
        if now - self.progressed >= patience:
            return True
        expected = (now - self.started - limits.body_stall) * limits.body_rate
        return self.size < expected


@dataclass
class BodyTransfers:
    """All bodies that are being read, within the limits of their number.

    Attributes:
        limits: of the number and the pace.
        clock: returns the time in seconds.
        crowded: called when a body waits for a place.
    """

    limits: FrontLimits
    clock: Callable[[], float] = monotonic
    crowded: Callable[[], object] = bool
    refused: int = 0
    _transfers: list[BodyTransfer] = field(default_factory=list)
    _waiting: int = 0
    _changed: Condition = field(default_factory=Condition)

    def __len__(self) -> int:
        """Return how many are being read."""
        return len(self._transfers)

    def begin(self, client: str, address: str, *, is_spared: bool) -> BodyTransfer:
        """Begin to read a body, for which there must be a place soon.

        Raises:
            TooBusy: too many are being read.
        """
        share = self.limits.bodies if is_spared else self.limits.bodies_per_client
        with self._changed:
            if not self._has_place(client, share):
                self._waiting += 1
                self.crowded()
                try:
                    self._changed.wait_for(
                        lambda: self._has_place(client, share), _WAIT_SECONDS
                    )
                finally:
                    self._waiting -= 1
            if not self._has_place(client, share):
                self.refused += 1
                raise TooBusy(
                    "Too many requests are being received.",
                    retry_after=1,
                    remedy="Send the body at once, and fewer at the same time.",
                )
            transfer = BodyTransfer(client, address, self.clock())
            self._transfers.append(transfer)
            return transfer

    def end(self, transfer: BodyTransfer) -> None:
        """End the reading of a body; no effect if it has ended."""
        with self._changed:
            if transfer in self._transfers:
                self._transfers.remove(transfer)
                self._changed.notify_all()

    def stalled(self) -> list[BodyTransfer]:
        """Return the bodies that came to a halt, or come too slowly."""
        now = self.clock()
        with self._changed:
            is_full = self._waiting > 0
            return [
                transfer
                for transfer in self._transfers
                if transfer.is_stalled(now, self.limits, is_full=is_full)
            ]

    def _has_place(self, client: str, share: int) -> bool:
        """Return whether one more of a client may be read. Lock held."""
        counts = Counter(transfer.client for transfer in self._transfers)
        return counts.total() < self.limits.bodies and counts[client] < share


class BodyInput:
    """A ``wsgi.input`` that takes a place while it is read, and must be complete.

    The server reports the end of a connection as the end of the body; half a graph must
    not be stored for the whole.

    Args:
        source: the server's own input.
        length: bytes that the client announced.
        begin: begins the transfer.
        transfers: where it ends.
    """

    def __init__(
        self,
        source: Any,
        length: int,
        begin: Callable[[], BodyTransfer],
        transfers: BodyTransfers,
    ) -> None:
        self._source = source
        self._left = length
        self._begin = begin
        self._transfers = transfers
        self._transfer: BodyTransfer | None = None

    def read(self, size: int | None = -1) -> bytes:
        """Return some bytes, fewer than the size only at the end.

        Raises:
            TooBusy: too many bodies are being read.
            RequestTimeout: the body took too long.
            ClientDisconnected: the connection ended before the body did.
        """
        wanted = self._left if size is None or size < 0 else min(size, self._left)
        parts = []
        while wanted > 0:
            part = self._read_some(wanted)
            parts.append(part)
            wanted -= len(part)
        return b"".join(parts)

    def readline(self, size: int | None = -1) -> bytes:
        """Return bytes up to a line's end, read one by one: nothing here does it."""
        line = bytearray()
        while (size is None or size < 0 or len(line) < size) and (byte := self.read(1)):
            line += byte
            if byte == b"\n":
                break
        return bytes(line)

    def __iter__(self) -> Iterator[bytes]:
        """Yield the lines."""
        return iter(self.readline, b"")

    def close(self) -> None:
        """Give up the place."""
        if self._transfer is not None:
            self._transfers.end(self._transfer)

    def _read_some(self, wanted: int) -> bytes:
        """Return some bytes that came."""
        if self._transfer is None:
            self._transfer = self._begin()
        transfer, expected = self._transfer, min(wanted, _CHUNK_BYTES)
        part: bytes = self._source.read(expected)
        if len(part) < expected:
            self.close()
            raise RequestTimeout if transfer.is_cut else ClientDisconnected
        transfer.size += len(part)
        transfer.progressed = self._transfers.clock()
        self._left -= len(part)
        if not self._left:
            self.close()
        return part


class UnboundedInput:
    """A ``wsgi.input`` that refuses to be read, of a body sent in chunks.

    The server reports the end of the connection as the end of such a body, so that one
    which was cut off looks complete.
    """

    def read(self, _size: int | None = -1) -> bytes:
        """Raise LengthRequired (RFC 9110 §15.5.12)."""
        raise LengthRequired

    readline = read


def announced_length(environ: dict[str, Any]) -> int | None:
    """Return the bytes of a request's body, 0 for none; None if it comes in chunks."""
    if environ.get("HTTP_TRANSFER_ENCODING"):
        return None
    length = environ.get("CONTENT_LENGTH") or ""
    return int(length) if length.isdecimal() else 0
