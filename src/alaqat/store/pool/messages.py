"""Query limits, the messages between web process and worker, and limit errors.

One conversation: RunQuery, answered by Ready and ResultHeader, or by SnapshotGone or
Failed. After the header comes either one WriteResult, answered by chunks of bytes and
End or Failed; or any number of FetchRows, each answered by RowBatch or Failed. Cancel
ends the conversation early and is not answered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import rdflib
from rdflib import BNode, URIRef
from rdflib.term import Node

from alaqat.errors import (
    AlaqatError,
    LimitReached,
    StoreUnavailable,
    TooBusy,
    TooLarge,
)
from alaqat.rdf.formats import Format
from alaqat.rdf.terms import ElidedLiteral
from alaqat.sparql.analysis import QueryAnalysis
from alaqat.timeout import DEFAULT_TIMEOUT


@dataclass(frozen=True)
class QueryLimits:
    """Limits of a query and of the queue.

    Attributes:
        seconds: wall-clock time from the start of evaluation to the end of the result.
        memory: bytes of data in the worker.
        rows: of the result; triples, if it is a graph.
        size: bytes of the serialized result.
        characters: of the query text.
        light_query_cpu_seconds: CPU time after which a query counts as long: its worker
            is reniced, and another takes its place for light queries.
        long_queries: how many may run at once.
        queue_length: how many queries may wait for a worker.
        queue_seconds: how long each may wait.
        services: the endpoints that a query may call by SERVICE.
    """

    seconds: float = DEFAULT_TIMEOUT
    memory: int = 1 << 30
    rows: int = 10_000_000
    size: int = 1 << 30
    characters: int = 1_000_000
    light_query_cpu_seconds: float = 0.25
    long_queries: int = 8
    queue_length: int = 32
    queue_seconds: float = 5.0
    services: frozenset[str] = frozenset()


# Messages to a worker


@dataclass(frozen=True)
class OpenSnapshot:
    """Open the snapshot in a folder ahead of the first query; not answered."""

    folder: Path


@dataclass(frozen=True)
class RunQuery:
    """Evaluate a query in the snapshot in a folder."""

    folder: Path
    query: str | QueryAnalysis
    default_graphs: Sequence[str]
    named_graphs: Sequence[str]
    bindings: Mapping[str, Node] | None


@dataclass(frozen=True)
class WriteResult:
    """Serialize the result in a format."""

    form: Format


@dataclass(frozen=True)
class FetchRows:
    """Send the next rows, at most so many; of long terms only the start if for show."""

    count: int
    is_preview: bool = False


@dataclass(frozen=True)
class Cancel:
    """Stop: the rest of the result is not needed."""


# Messages from a worker


@dataclass(frozen=True)
class Ready:
    """The snapshot is open, and evaluation begins."""


@dataclass(frozen=True)
class SnapshotGone:
    """The snapshot could not be opened; another may be current by now."""

    error: AlaqatError


@dataclass(frozen=True)
class ResultHeader:
    """The header of a result, sent before its rows."""

    kind: Literal["bindings", "boolean", "graph"]
    variables: Sequence[str]
    truth: bool | None


# A term as plain values: unpickling rdflib's own would normalize 01 to 1.
PackedTerm = (
    str
    | tuple[str]
    | tuple[str, str | None, str | None]
    | tuple[str, str | None, str | None, int]
    | None
)

MAX_BATCH_CHARACTERS = 64_000_000
"""The characters of the terms of one batch of rows."""


@dataclass(frozen=True)
class RowBatch:
    """The next rows; fewer than requested are the last."""

    rows: list[tuple[PackedTerm, ...]]


@dataclass(frozen=True)
class End:
    """The serialized result is complete."""

    size: int


@dataclass(frozen=True)
class Failed:
    """There is no result, or no more of it."""

    error: AlaqatError


def pack_term(term: Node | None) -> PackedTerm:
    """Return a term as plain values that can be pickled."""
    if isinstance(term, rdflib.Literal):
        datatype = None if term.datatype is None else str(term.datatype)
        if isinstance(term, ElidedLiteral):
            return str(term), term.language, datatype, term.length
        return str(term), term.language, datatype
    if isinstance(term, BNode):
        return (str(term),)
    return None if term is None else str(term)


def unpack_term(packed: PackedTerm) -> Node | None:
    """Return the term of plain values, with its lexical form unchanged."""
    if packed is None:
        return None
    if isinstance(packed, str):
        return URIRef(packed)
    if len(packed) == 1:
        return BNode(packed[0])
    if len(packed) == 4:
        text, tag, iri_text, length = packed
        return ElidedLiteral.of(text, length, tag, iri_text)
    lexical, language, datatype = packed
    iri = None if datatype is None or language else URIRef(datatype)
    return rdflib.Literal(lexical, lang=language, datatype=iri, normalize=False)


# Limit errors

_USE_PAGING = "Request it in pages, with ORDER BY, LIMIT and OFFSET."
_RETRY_SECONDS = 1  # in which a queue has moved on
_RETRY = "Try again in a moment."


def out_of_memory(limits: QueryLimits) -> LimitReached:
    """Return the error for a query that needs too much memory."""
    return LimitReached(
        f"The query was stopped: it needs more than {limits.memory >> 20} MiB.",
        remedy="Ask for less at once: fewer joins, no ORDER BY or DISTINCT over all.",
    )


def result_too_large(limits: QueryLimits) -> LimitReached:
    """Return the error for a serialized result with too many bytes."""
    return LimitReached(
        f"The answer was stopped: it has more than {limits.size:,} bytes.",
        remedy=_USE_PAGING,
    )


def too_many_rows(limits: QueryLimits) -> LimitReached:
    """Return the error for a result with too many rows."""
    return LimitReached(
        f"The answer was stopped: it has more than {limits.rows:,} rows.",
        remedy=_USE_PAGING,
    )


def rows_too_long() -> LimitReached:
    """Return the error for rows of long terms."""
    return LimitReached(
        f"The answer was stopped: a few rows of it have more than "
        f"{MAX_BATCH_CHARACTERS:,} characters.",
        remedy="Download the result in a format, or shorten its values with SUBSTR.",
    )


def query_too_long(characters: int, limits: QueryLimits) -> TooLarge:
    """Return the error for a query text that would take long just to parse."""
    return TooLarge(
        f"The query has {characters:,} characters; {limits.characters:,} are allowed.",
        remedy="Split the query into several smaller ones.",
    )


def queue_full(limits: QueryLimits) -> TooBusy:
    """Return the error for a query that may not even wait."""
    return TooBusy(
        f"{limits.queue_length} queries are waiting, which is the maximum.",
        retry_after=_RETRY_SECONDS,
        remedy=_RETRY,
    )


def queue_timeout(limits: QueryLimits) -> TooBusy:
    """Return the error for a query that got no worker in time."""
    return TooBusy(
        f"The query waited {limits.queue_seconds:g} seconds and was not started.",
        retry_after=_RETRY_SECONDS,
        remedy=_RETRY,
    )


def too_many_long_queries(limits: QueryLimits) -> TooBusy:
    """Return the error for a query that proves long while too many others are."""
    running = limits.long_queries
    return TooBusy(
        f"The query takes long, and {running} such queries are running already.",
        retry_after=max(1, round(limits.seconds / 4)),
        remedy="Try again when they have ended, or ask for less at once.",
    )


def worker_died(exit_code: int | None) -> StoreUnavailable:
    """Return the error for a worker that crashed or was killed from outside."""
    return StoreUnavailable(
        f"The process that evaluated the query ended (exit code {exit_code}).",
        remedy="Try again; if it happens again, ask for less at once.",
    )


def server_stopping() -> StoreUnavailable:
    """Return the error for a query that the shutdown of the server ends."""
    return StoreUnavailable("The server is shutting down.", remedy=_RETRY)
