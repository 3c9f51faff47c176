"""An answer that a reader holds, as who asked for it sees it."""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import IO, Any, Literal

from alaqat.errors import AlaqatError, LimitReached
from alaqat.formats import Format
from alaqat.store.interface import Row
from alaqat.store.pool.lease import Lease
from alaqat.store.pool.messages import Done, Failed, Head, Leave, More, Write, unpack

_AT_ONCE = 512  # rows, about as many as a page shows


class PooledAnswer:
    """The answer to a query, which keeps its reader until it is read or forgotten."""

    def __init__(self, lease: Lease, head: Head) -> None:
        self._lease = lease
        self._head = head
        weakref.finalize(self, _leave, lease).atexit = False

    @property
    def kind(self) -> Literal["bindings", "boolean", "graph"]:
        """What the query asked for."""
        return self._head.kind

    @property
    def variables(self) -> Sequence[str]:
        """The names of the columns."""
        return self._head.variables

    @property
    def truth(self) -> bool | None:
        """What an ASK found."""
        return self._head.truth

    def __iter__(self) -> Iterator[Row]:
        """The rows, some hundreds of them computed ahead."""
        rows: list[Any] = [None] * _AT_ONCE
        while len(rows) == _AT_ONCE:
            rows = checked(self._lease, self._lease.ask(More(_AT_ONCE))).rows
            if len(rows) < _AT_ONCE:
                self._lease.finish()
            for row in rows:
                yield tuple(map(unpack, row))

    def write(self, out: IO[bytes], form: Format) -> None:
        """Write it; what was written is no answer if this raises."""
        self._lease.say(Write(form))
        while not isinstance(said := self._lease.hear(), Done):
            piece = checked(self._lease, said)
            try:
                out.write(piece)
            except OSError:
                self._lease.stop("left")
                raise
        self._lease.finish()


def checked(lease: Lease, said: Any) -> Any:
    """What a reader said, unless it said that there is no answer."""
    if isinstance(said, Failed):
        lease.finish("answer" if isinstance(said.error, LimitReached) else "")
        raise said.error
    return said


def _leave(lease: Lease) -> None:
    """Give back the reader of an answer that nobody reads to its end."""
    if not lease.is_over:
        with suppress(AlaqatError):
            lease.say(Leave())
            lease.finish()
