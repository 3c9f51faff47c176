"""Query worker: evaluates queries in a sandboxed process and limits their results."""

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
from alaqat.rdf.terms import Shortener
from alaqat.sparql.analysis import QueryAnalysis, ensure_analysed
from alaqat.sparql.federation import refuse_service
from alaqat.store.interface import QueryResult
from alaqat.store.oxigraph import (
    GraphResult,
    OxigraphStore,
    count_unopened_sst_files,
)
from alaqat.store.pool import messages
from alaqat.store.pool.messages import (
    Cancel,
    End,
    Failed,
    FetchRows,
    OpenSnapshot,
    PackedTerm,
    QueryLimits,
    Ready,
    ResultHeader,
    RowBatch,
    RunQuery,
    SnapshotGone,
    WriteResult,
    pack_term,
)
from alaqat.store.pool.sandbox import restrict_process, sandbox
from alaqat.store.releases import (
    STORE,
    Snapshot,
    open_snapshot,
)

_Row = TypeVar("_Row")
_CHUNK_BYTES = 1 << 16


def worker_main(connection: Connection, limits: QueryLimits, folder: Path) -> None:
    """Run the worker process: answer queries until the pipe is closed.

    Args:
        connection: to the process that asks.
        limits: of each query.
        folder: holds all snapshots; no other files can be read.
    """
    status = restrict_process(limits.memory, readable=[folder])
    worker = QueryWorker(connection, limits, is_confined=status.is_complete)
    try:
        while True:
            worker.handle(connection.recv())
    except (EOFError, ConnectionError):
        return  # the web process has closed the pipe


@dataclass
class QueryWorker:
    """Evaluates queries in the snapshot that was opened last.

    Attributes:
        connection: to the process that asks.
        limits: of each query.
        is_confined: whether the system lets the process open neither sockets nor files
            of others; if not, none at all can be opened while a query is evaluated.
    """

    connection: Connection
    limits: QueryLimits
    is_confined: bool
    _snapshot: Snapshot | None = None
    _unopened: int = 0

    def handle(self, message: RunQuery | OpenSnapshot) -> None:
        """Open a snapshot, or carry on the conversation about a query."""
        try:
            store = self._open(message.folder)
        except StoreUnavailable as error:
            if isinstance(message, RunQuery):
                self.connection.send(SnapshotGone(error))
            return
        if isinstance(message, RunQuery):
            self.connection.send(Ready())
            try:
                analysis = ensure_analysed(message.query, self.limits.services)
                refuse_service(analysis)
                with nullcontext() if self.is_confined else sandbox(self._unopened):
                    self._evaluate(message, analysis, store)
            except AlaqatError as error:
                self.connection.send(Failed(error))
            except ConnectionError:
                raise  # the web process has closed the pipe
            except OSError as error:
                self.connection.send(Failed(_unreadable(message.folder, error)))
            except MemoryError:
                os.abort()  # as the engine does: the process is no longer reliable

    def _open(self, folder: Path) -> OxigraphStore:
        """Return the store of a snapshot, opened unless it is open."""
        if self._snapshot is None or self._snapshot.folder != folder:
            self._snapshot = open_snapshot(folder)
            self._snapshot.store.warm()
            if not self.is_confined:
                store = self._snapshot.folder / STORE
                self._unopened = count_unopened_sst_files(store)
        return self._snapshot.store

    def _evaluate(
        self, message: RunQuery, analysis: QueryAnalysis, store: OxigraphStore
    ) -> None:
        """Evaluate a query and send its result as requested."""
        result = store.query(
            analysis,
            default_graphs=message.default_graphs,
            named_graphs=message.named_graphs,
            bindings=message.bindings,
        )
        self.connection.send(ResultHeader(result.kind, result.variables, result.truth))
        request = self.connection.recv()
        if isinstance(request, WriteResult):
            self._write(result, request)
        else:
            self._send_rows(result, request)

    def _write(self, result: QueryResult, request: WriteResult) -> None:
        """Send the serialized result in chunks."""
        out = _ChunkedOutput(self.connection, self.limits, RowCounter(request.form))
        if isinstance(result, GraphResult):
            result = replace(result, result=_limit_rows(result.result, self.limits))
        result.write(cast("IO[bytes]", out), request.form)
        self.connection.send(End(out.close()))

    def _send_rows(self, result: QueryResult, request: FetchRows | Cancel) -> None:
        """Send batches of rows as long as more are requested."""
        rows, shortener = _limit_rows(result, self.limits), Shortener()
        while isinstance(request, FetchRows):
            batch, size = [], 0
            for row in islice(rows, request.count):
                shown = map(shortener.shorten, row) if request.is_preview else row
                batch.append(tuple(map(pack_term, shown)))
                size += sum(map(_size, batch[-1]))
                if size > messages.MAX_BATCH_CHARACTERS:
                    raise messages.rows_too_long()
            self.connection.send(RowBatch(batch))
            if len(batch) < request.count:
                return
            request = self.connection.recv()


def _size(term: PackedTerm) -> int:
    """Return the characters of a term."""
    if isinstance(term, tuple):
        return sum(len(part) for part in term if isinstance(part, str))
    return len(term or "")


def _unreadable(folder: Path, error: OSError) -> StoreUnavailable:
    return StoreUnavailable(
        "The store cannot be read.",
        path=folder,
        cause=str(error),
        remedy="Try again; if that fails too, build the dataset again: alaqat build",
    )


def _limit_rows(rows: Iterable[_Row], limits: QueryLimits) -> Iterator[_Row]:
    """Yield rows or triples up to the limit, and raise beyond it."""
    for number, row in enumerate(rows):
        if number >= limits.rows:
            raise messages.too_many_rows(limits)
        yield row


class _ChunkedOutput:
    """A file that sends what is written to it in chunks, up to the limits."""

    def __init__(
        self, connection: Connection, limits: QueryLimits, rows: RowCounter
    ) -> None:
        self._connection = connection
        self._limits = limits
        self._rows = rows
        self._buffer = bytearray()
        self._size = 0

    def write(self, data: Any) -> int:
        """Buffer some bytes, and send the chunks that are full."""
        self._buffer += data
        self._size += len(data)
        if self._size > self._limits.size:
            raise messages.result_too_large(self._limits)
        if self._rows.feed(data) > self._limits.rows:
            raise messages.too_many_rows(self._limits)
        while len(self._buffer) >= _CHUNK_BYTES:
            self._connection.send(bytes(self._buffer[:_CHUNK_BYTES]))
            del self._buffer[:_CHUNK_BYTES]
        return len(data)

    def flush(self) -> None:
        """Do nothing: only full chunks are sent before the end."""

    def close(self) -> int:
        """Send the rest, and return the size of the whole."""
        if self._buffer:
            self._connection.send(bytes(self._buffer))
        return self._size


class RowCounter:
    """Counts rows in the serialized stream; the engine reports none.

    A row that binds nothing is not recognized in JSON; the byte limit covers it. In a
    format without row marks nothing is counted.
    """

    def __init__(self, form: Format) -> None:
        self.count = 0
        self._mark = form.row_mark
        self._tail = b""
        self._quotes = 0

    def feed(self, chunk: bytes) -> int:
        """Return how many rows have begun up to the end of a chunk."""
        if self._mark is None:
            return 0
        text = self._tail + (self._unquoted(chunk) if self._mark.is_quoted else chunk)
        self.count += len(self._mark.pattern.findall(text))
        self._tail = text[len(text) - self._mark.length + 1 :]
        return self.count - self._mark.before

    def _unquoted(self, chunk: bytes) -> bytes:
        """Return what is outside quotes, since quoted values may contain line ends."""
        parts = chunk.split(b'"')
        outside = parts[self._quotes % 2 :: 2]
        self._quotes += len(parts) - 1
        return b"".join(outside)
