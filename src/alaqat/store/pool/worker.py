"""Counting the rows of an answer in what the engine writes, which tells no figures.

Rows that bind nothing are not seen in JSON; the limit of bytes holds for them.

What runs in a reader process: one query after another, in the store it is told.
"""

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
from alaqat.rdf.formats import Format
from alaqat.sparql.analysis import QueryAnalysis, analysed
from alaqat.store.interface import QueryResult
from alaqat.store.oxigraph import (
    OxigraphStore,
    Triples,
    closed_tables,
)
from alaqat.store.pool import messages
from alaqat.store.pool.messages import (
    Cancel,
    End,
    Failed,
    FetchRows,
    OpenSnapshot,
    QueryLimits,
    Ready,
    ResultHeader,
    RowBatch,
    RunQuery,
    SnapshotGone,
    WriteResult,
    pack,
)
from alaqat.store.pool.sandbox import guard, sandbox
from alaqat.store.releases import (
    STORE,
    Snapshot,
    open_snapshot,
)


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


def worker_main(connection: Connection, limits: QueryLimits) -> None:
    """Answer queries until the other end is closed."""
    guard(limits.memory)
    evaluator = QueryWorker(connection, limits)
    try:
        while True:
            evaluator.converse(connection.recv())
    except (EOFError, ConnectionError):
        return  # nobody asks any more


@dataclass
class QueryWorker:
    """Evaluates queries in the snapshot that was last opened."""

    connection: Connection
    limits: QueryLimits
    _snapshot: Snapshot | None = None
    _closed: int = 0

    def converse(self, message: RunQuery | OpenSnapshot) -> None:
        """Answer a query, or make ready for it."""
        try:
            store = self._open(message.folder)
        except StoreUnavailable as error:
            if isinstance(message, RunQuery):
                self.connection.send(SnapshotGone(error))
            return
        if isinstance(message, RunQuery):
            self.connection.send(Ready())
            try:
                outline = analysed(message.query, self.limits.services)
                with nullcontext() if outline.calls else sandbox(self._closed):
                    self._answer(message, outline, store)
            except AlaqatError as error:
                self.connection.send(Failed(error))
            except ConnectionError:
                raise  # nobody reads the answer any more
            except OSError as error:
                self.connection.send(Failed(unreadable(message.folder, error)))
            except MemoryError:
                os.abort()  # as the engine does; nothing here can be relied on now

    def _open(self, folder: Path) -> OxigraphStore:
        """The snapshot in a folder, opened unless it is open."""
        if self._snapshot is None or self._snapshot.folder != folder:
            self._snapshot = open_snapshot(folder)
            self._snapshot.store.warm()
            self._snapshot.store.services = self.limits.services
            self._closed = closed_tables(self._snapshot.folder / STORE)
        return self._snapshot.store

    def _answer(
        self, ask: RunQuery, outline: QueryAnalysis, store: OxigraphStore
    ) -> None:
        """Evaluate a query and tell its answer as it is wanted."""
        answer = store.query(
            outline,
            default_graphs=ask.default_graphs,
            named_graphs=ask.named_graphs,
            bindings=ask.bindings,
        )
        self.connection.send(ResultHeader(answer.kind, answer.variables, answer.truth))
        wanted = self.connection.recv()
        if isinstance(wanted, WriteResult):
            self._write(answer, wanted)
        else:
            self._tell(answer, wanted)

    def _write(self, answer: QueryResult, wanted: WriteResult) -> None:
        """Send the answer as the engine writes it."""
        out = _Pieces(self.connection, self.limits, RowCount(wanted.form))
        if isinstance(answer, Triples):
            answer = replace(answer, result=_counted(answer.result, self.limits))
        answer.write(cast("IO[bytes]", out), wanted.form)
        self.connection.send(End(out.close()))

    def _tell(self, answer: QueryResult, wanted: FetchRows | Cancel) -> None:
        """Send rows as often as more are wanted."""
        rows = _counted(answer, self.limits)
        while isinstance(wanted, FetchRows):
            told = [tuple(map(pack, row)) for row in islice(rows, wanted.count)]
            self.connection.send(RowBatch(told))
            if len(told) < wanted.count:
                return
            wanted = self.connection.recv()


class _Pieces:
    """A file that sends what is written to it in pieces, up to the limits."""

    def __init__(
        self, connection: Connection, limits: QueryLimits, rows: RowCount
    ) -> None:
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
            raise messages.too_many_bytes(self._limits)
        if self._rows.see(data) > self._limits.rows:
            raise messages.too_many_rows(self._limits)
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


def _counted(answer: Iterable[_Row], limits: QueryLimits) -> Iterator[_Row]:
    """The rows or triples, up to the limit."""
    for number, row in enumerate(answer):
        if number >= limits.rows:
            raise messages.too_many_rows(limits)
        yield row
