"""Dumps of a dataset and large graphs, written in a process of their own.

Canonical labels, sorting and conversion take memory and time that grow with the data.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import SpooledTemporaryFile
from threading import Lock
from zlib import compressobj, decompressobj

from rdflib import Graph

from alaqat.errors import AlaqatError, LimitReached
from alaqat.rdf.canonical import sort_nquads
from alaqat.rdf.formats import N_QUADS, Format
from alaqat.rdf.writing import (
    graph_nquads,
    transcode_nquads,
    write_graph,
    write_sorted_graph,
)
from alaqat.store.pool.task import Task, TaskEnd, TaskLimits
from alaqat.store.releases import open_snapshot

DUMP_LIMITS = TaskLimits(seconds=120, memory=4 << 30, size=1 << 30)
"""For all dumps of a version together; the size is that of the compressed files."""

GRAPH_LIMITS = TaskLimits(seconds=30, memory=2 << 30, size=1 << 30)
"""For a graph."""

_INLINE_TRIPLES = 2000  # of a graph that is written without another process
_IN_MEMORY = 1_000_000  # bytes of a compressed dump
_CHUNK = 1 << 20
_READ_SIZE = 1 << 16
_COMPRESSION = 1


@dataclass(frozen=True)
class DumpSummary:
    """What a catalogue states of a dump.

    Attributes:
        size: in bytes.
        sha256: of the bytes, in hexadecimal digits.
        is_canonical: whether the blank nodes have canonical labels.
    """

    size: int
    sha256: str
    is_canonical: bool


class Dump:
    """A dump, compressed in memory or in a temporary file; iterated over any often."""

    def __init__(self) -> None:
        self.summary = DumpSummary(0, "", is_canonical=True)
        self._file = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 # it lives as long as the version
        self._compressed = 0
        self._lock = Lock()

    def append(self, compressed: bytes) -> None:
        """Append compressed bytes."""
        self._compressed += self._file.write(compressed)

    def __len__(self) -> int:
        """Return the size in bytes."""
        return self.summary.size

    def __del__(self) -> None:
        self._file.close()

    def __iter__(self) -> Iterator[bytes]:
        inflate = decompressobj()
        for start in range(0, self._compressed, _READ_SIZE):
            with self._lock:
                self._file.seek(start)
                chunk = self._file.read(min(_READ_SIZE, self._compressed - start))
            while chunk:
                yield inflate.decompress(chunk, _CHUNK)
                chunk = inflate.unconsumed_tail
        yield inflate.flush()


def create_dumps(
    source: Path | bytes, forms: Sequence[Format]
) -> Mapping[Format, Dump]:
    """Return dumps of a dataset.

    Args:
        source: the folder of a snapshot, or N-Quads.
        forms: formats for datasets.

    Raises:
        LimitReached: they take too long or too much memory.
        StoreUnavailable: the snapshot is gone.
        TooBusy: too much is being processed.
    """
    task = Task(DUMP_LIMITS, lambda end: _failure("The dumps were", end, DUMP_LIMITS))
    written, dump = [], Dump()
    for item in task.run(_write_dumps, source, forms):
        if isinstance(item, DumpSummary):
            dump.summary = item
            written.append(dump)
            dump = Dump()
        else:
            dump.append(item)
    return dict(zip(forms, written, strict=True))


def serialize_graph(graph: Graph, form: Format) -> bytes:
    """Return a graph canonically in a format, a large one from another process.

    Raises:
        UnsupportedFormat: RDF/XML cannot express a predicate, a class or a character.
        LimitReached: it takes too long or too much memory.
        TooBusy: too much is being processed.
    """
    if len(graph) <= _INLINE_TRIPLES:
        out = BytesIO()
        write_graph(graph, out, form)
        return out.getvalue()
    task = Task(GRAPH_LIMITS, lambda end: _failure("The graph was", end, GRAPH_LIMITS))
    return b"".join(task.run(_write_graph, graph_nquads(graph), form))


def _write_dumps(
    source: Path | bytes, forms: Sequence[Format]
) -> Iterator[bytes | DumpSummary]:
    """Yield each dump, compressed, and its summary after it."""
    if isinstance(source, Path):
        source = open_snapshot(source).store.nquads()
    quads = sort_nquads(source)
    for form in forms:
        is_sorted = form == N_QUADS
        content = quads.content if is_sorted else transcode_nquads(quads.content, form)
        yield from _compress(content)
        digest = hashlib.sha256(content).hexdigest()
        yield DumpSummary(len(content), digest, quads.is_canonical)


def _compress(content: bytes) -> Iterator[bytes]:
    deflate = compressobj(_COMPRESSION)
    for start in range(0, len(content), _CHUNK):
        yield deflate.compress(content[start : start + _CHUNK])
    yield deflate.flush()


def _write_graph(nquads: bytes, form: Format) -> Iterator[bytes]:
    """Yield a graph in a format."""
    out = BytesIO()
    write_sorted_graph(sort_nquads(nquads), out, form)
    yield out.getvalue()


def _failure(what: str, end: TaskEnd, limits: TaskLimits) -> AlaqatError:
    """Return the error of a dump that ended its process."""
    reached = {
        TaskEnd.TIME: f"they take more than {limits.seconds:g} seconds",
        TaskEnd.MEMORY: f"they take more than {limits.memory >> 20} MiB",
        TaskEnd.SIZE: f"they have more than {limits.size:,} bytes",
        TaskEnd.CRASH: "the process that wrote them crashed",
        TaskEnd.ERROR: "the process that wrote them ended unexpectedly",
    }
    return LimitReached(
        f"{what} stopped: {reached[end]}.",
        remedy="Read the data graph by graph at /data, or use alaqat backup.",
    )
