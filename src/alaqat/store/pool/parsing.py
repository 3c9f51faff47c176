"""Parsing in a process of its own: uploads and files in any RDF format.

A parser reads some documents by recursion or in quadratic time, and its process opens
no file and no connection while it does.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from alaqat.errors import AlaqatError, InvalidData, StoreUnavailable, TooLarge
from alaqat.rdf.graphs import Triple
from alaqat.rdf.reading import (
    import_parsers,
    parse_ntriples,
    read_file,
    read_upload,
)
from alaqat.store.pool.sandbox import sandbox
from alaqat.store.pool.task import Task, TaskEnd, TaskLimits

UPLOAD_LIMITS = TaskLimits(seconds=30, memory=1 << 30, size=256_000_000)
"""For a request body."""

FILE_LIMITS = TaskLimits(seconds=3600, memory=8 << 30, size=1 << 40)
"""For a file that the operator names."""


def parse_upload(
    content: bytes,
    content_type: str,
    base: str,
    limits: TaskLimits = UPLOAD_LIMITS,
) -> bytes:
    """Parse a request body as ``read_upload`` does, in a process of its own.

    Raises:
        UnsupportedFormat: the media type or the charset is not supported.
        InvalidData: the body is not valid in its format, or crashes the parser.
        TooLarge: it takes too long, too much memory, or becomes too long.
        TooBusy: too many bodies are being parsed.
        StoreUnavailable: the process ended for no reason of the body.
    """
    if not content:
        return read_upload(content, content_type, base)
    task = Task(limits, lambda end: _failure(end, limits))
    return b"".join(task.run(_read_upload, content, content_type, base))


def parse_file(
    path: Path,
    base: str,
    *,
    renames_blank_nodes: bool = False,
    limits: TaskLimits = FILE_LIMITS,
) -> Iterator[bytes]:
    """Yield the triples of a file as ``read_file`` does, from a process of its own.

    Raises:
        UnsupportedFormat: the extension is not that of an RDF format.
        InvalidData: the file is missing, not valid, or crashes the parser.
        TooLarge: it takes too long or too much memory.
    """
    task = Task(limits, lambda end: _failure(end, limits, path))
    return task.run(
        read_file, path.absolute(), base, renames_blank_nodes=renames_blank_nodes
    )


def parse_file_triples(path: Path, base: str) -> Iterator[Triple]:
    """Yield the triples of a file; raise what ``parse_file`` raises."""
    return parse_ntriples(parse_file(path, base))


def _read_upload(content: bytes, content_type: str, base: str) -> Iterator[bytes]:
    """Yield the triples of a request body."""
    import_parsers(content_type)
    with sandbox():
        triples = read_upload(content, content_type, base)
    yield triples


def _failure(end: TaskEnd, limits: TaskLimits, path: Path | None = None) -> AlaqatError:
    """Return the error of a document that ended its process."""
    if end is TaskEnd.CRASH:
        return InvalidData(
            "The document is nested too deeply, or its terms are defined by each other "
            "in too long a chain.",
            path=path,
            remedy="Nest it less, or write it as N-Triples, which nests nothing.",
        )
    if end is TaskEnd.ERROR:
        return StoreUnavailable(
            "The process that read the document ended unexpectedly.",
            path=path,
            remedy="Try again; if that fails too, report it.",
        )
    reached = {
        TaskEnd.TIME: f"it takes more than {limits.seconds:g} seconds to read",
        TaskEnd.MEMORY: f"it takes more than {limits.memory >> 20} MiB to read",
        TaskEnd.SIZE: f"it has more than {limits.size:,} bytes as N-Triples",
    }
    return TooLarge(
        f"The document was not read: {reached[end]}.",
        path=path,
        remedy="Split it into several smaller ones.",
    )
