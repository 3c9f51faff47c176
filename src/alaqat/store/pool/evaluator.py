"""What runs in a reader process: one query after another, in the store it is told."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, replace
from itertools import islice
from multiprocessing.connection import Connection
from pathlib import Path
from typing import IO, Any, TypeVar, cast

from alaqat.errors import AlaqatError, StoreUnavailable
from alaqat.store.embedded import EmbeddedStore
from alaqat.store.embedded.answers import Triples
from alaqat.store.embedded.tables import closed_tables
from alaqat.store.interface import Answer
from alaqat.store.latest import Snapshot, open_snapshot
from alaqat.store.outline import Outline, analysed
from alaqat.store.pool import refusals
from alaqat.store.pool.counting import RowCount
from alaqat.store.pool.guards import guard, sealed
from alaqat.store.pool.limits import Limits
from alaqat.store.pool.messages import (
    Ask,
    Done,
    Failed,
    Gone,
    Head,
    Leave,
    More,
    Opened,
    Prepare,
    Rows,
    Write,
    pack,
)
from alaqat.store.published import STORE

_Row = TypeVar("_Row")
_PIECE = 1 << 16


def unreadable(folder: Path, error: OSError) -> StoreUnavailable:
    """A store that was opened and cannot be read."""
    return StoreUnavailable(
        "The store cannot be read.",
        path=folder,
        cause=str(error),
        remedy="Ask again; if that fails too, build the dataset again: alaqat build",
    )


def evaluate(connection: Connection, limits: Limits) -> None:
    """Answer queries until the other end is closed."""
    guard(limits.memory)
    evaluator = Evaluator(connection, limits)
    try:
        while True:
            evaluator.converse(connection.recv())
    except (EOFError, ConnectionError):
        return  # nobody asks any more


@dataclass
class Evaluator:
    """Evaluates queries in the snapshot that was last opened."""

    connection: Connection
    limits: Limits
    _snapshot: Snapshot | None = None
    _closed: int = 0

    def converse(self, message: Ask | Prepare) -> None:
        """Answer a query, or make ready for it."""
        try:
            store = self._open(message.folder)
        except StoreUnavailable as error:
            if isinstance(message, Ask):
                self.connection.send(Gone(error))
            return
        if isinstance(message, Ask):
            self.connection.send(Opened())
            try:
                outline = analysed(message.query, self.limits.services)
                with nullcontext() if outline.calls else sealed(self._closed):
                    self._answer(message, outline, store)
            except AlaqatError as error:
                self.connection.send(Failed(error))
            except ConnectionError:
                raise  # nobody reads the answer any more
            except OSError as error:
                self.connection.send(Failed(unreadable(message.folder, error)))
            except MemoryError:
                os.abort()  # as the engine does; nothing here can be relied on now

    def _open(self, folder: Path) -> EmbeddedStore:
        """The snapshot in a folder, opened unless it is open."""
        if self._snapshot is None or self._snapshot.folder != folder:
            self._snapshot = open_snapshot(folder)
            self._snapshot.store.warm()
            self._snapshot.store.services = self.limits.services
            self._closed = closed_tables(self._snapshot.folder / STORE)
        return self._snapshot.store

    def _answer(self, ask: Ask, outline: Outline, store: EmbeddedStore) -> None:
        """Evaluate a query and tell its answer as it is wanted."""
        answer = store.query(
            outline,
            default_graphs=ask.default_graphs,
            named_graphs=ask.named_graphs,
            bindings=ask.bindings,
        )
        self.connection.send(Head(answer.kind, answer.variables, answer.truth))
        wanted = self.connection.recv()
        if isinstance(wanted, Write):
            self._write(answer, wanted)
        else:
            self._tell(answer, wanted)

    def _write(self, answer: Answer, wanted: Write) -> None:
        """Send the answer as the engine writes it."""
        out = _Pieces(self.connection, self.limits, RowCount(wanted.form))
        if isinstance(answer, Triples):
            answer = replace(answer, result=_counted(answer.result, self.limits))
        answer.write(cast("IO[bytes]", out), wanted.form)
        self.connection.send(Done(out.close()))

    def _tell(self, answer: Answer, wanted: More | Leave) -> None:
        """Send rows as often as more are wanted."""
        rows = _counted(answer, self.limits)
        while isinstance(wanted, More):
            told = [tuple(map(pack, row)) for row in islice(rows, wanted.count)]
            self.connection.send(Rows(told))
            if len(told) < wanted.count:
                return
            wanted = self.connection.recv()


class _Pieces:
    """A file that sends what is written to it in pieces, up to the limits."""

    def __init__(self, connection: Connection, limits: Limits, rows: RowCount) -> None:
        self._connection = connection
        self._limits = limits
        self._rows = rows
        self._buffer = bytearray()
        self._size = 0

    def write(self, data: Any) -> int:
        """Take some bytes, and send when there are enough."""
        self._buffer += data
        self._size += len(data)
        if self._size > self._limits.size:
            raise refusals.too_many_bytes(self._limits)
        if self._rows.see(data) > self._limits.rows:
            raise refusals.too_many_rows(self._limits)
        while len(self._buffer) >= _PIECE:
            self._connection.send(bytes(self._buffer[:_PIECE]))
            del self._buffer[:_PIECE]
        return len(data)

    def flush(self) -> None:
        """Nothing: only full pieces are sent before the end."""

    def close(self) -> int:
        """Send what is left; the size of all."""
        if self._buffer:
            self._connection.send(bytes(self._buffer))
        return self._size


def _counted(answer: Iterable[_Row], limits: Limits) -> Iterator[_Row]:
    """The rows or triples, up to the limit."""
    for number, row in enumerate(answer):
        if number >= limits.rows:
            raise refusals.too_many_rows(limits)
        yield row
