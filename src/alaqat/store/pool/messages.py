"""How much a query may take, and whom it may call.

What the web process and a reader say to each other.

A conversation: Ask, then Opened and Head, or Gone or Failed. After a Head either one
Write, answered by pieces of bytes and Done or Failed; or any number of More, answered
by Rows or Failed; Leave ends it early and is not answered.

What is told when a limit is reached: which one, and what to do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rdflib import BNode, URIRef
from rdflib import Literal as Text
from rdflib.term import Node

from alaqat.errors import (
    AlaqatError,
    LimitReached,
    StoreUnavailable,
    TooBusy,
    TooLarge,
)
from alaqat.rdf.formats import Format
from alaqat.sparql.analysis import QueryAnalysis
from alaqat.timeout import DEFAULT_TIMEOUT


@dataclass(frozen=True)
class QueryLimits:
    """How much a query may take, how many may wait, and whom they may call.

    Attributes:
        seconds: of wall clock, from the start of its evaluation to the answer's end.
        memory: bytes of data that the process evaluating it may have.
        rows: of an answer; triples, if it is a graph.
        size: bytes of an answer as it is written.
        text: characters of the query itself.
        patience: seconds of a processor after which a query counts as long: it then
            gives way to others, and another process takes its place for light queries.
        long: how many long queries may run at once.
        waiting: how many queries may wait for a process.
        queueing: seconds that one may wait.
        services: the endpoints that a query may call by SERVICE.
    """

    seconds: float = DEFAULT_TIMEOUT
    memory: int = 1 << 30
    rows: int = 10_000_000
    size: int = 1 << 30
    text: int = 1_000_000
    patience: float = 0.25
    long: int = 8
    waiting: int = 32
    queueing: float = 5.0
    services: frozenset[str] = frozenset()


# A term as plain values: rdflib's own pickles would write 01 as 1.
Packed = str | tuple[str] | tuple[str, str | None, str | None] | None


@dataclass(frozen=True)
class OpenSnapshot:
    """Open the snapshot in a folder, to be ready; not answered."""

    folder: Path


@dataclass(frozen=True)
class RunQuery:
    """Evaluate a query in the snapshot in a folder; its outline, if it is known."""

    folder: Path
    query: str | QueryAnalysis
    default_graphs: Sequence[str]
    named_graphs: Sequence[str]
    bindings: Mapping[str, Node] | None


@dataclass(frozen=True)
class WriteResult:
    """Write the answer in a format."""

    form: Format


@dataclass(frozen=True)
class FetchRows:
    """Tell that many rows."""

    count: int


@dataclass(frozen=True)
class Cancel:
    """The rest is not wanted."""


@dataclass(frozen=True)
class ResultHeader:
    """What kind of answer there is."""

    kind: Literal["bindings", "boolean", "graph"]
    variables: Sequence[str]
    truth: bool | None


@dataclass(frozen=True)
class RowBatch:
    """Rows of an answer; fewer than were asked for are the last."""

    rows: list[tuple[Packed, ...]]


@dataclass(frozen=True)
class End:
    """The answer is written; so many bytes."""

    size: int


@dataclass(frozen=True)
class Ready:
    """The snapshot is open, and the evaluation begins."""


@dataclass(frozen=True)
class SnapshotGone:
    """The snapshot could not be opened; another may be current now."""

    error: AlaqatError


@dataclass(frozen=True)
class Failed:
    """There is no answer, or no more of it."""

    error: AlaqatError


def pack(term: Node | None) -> Packed:
    """A term as plain values."""
    if isinstance(term, Text):
        datatype = None if term.datatype is None else str(term.datatype)
        return str(term), term.language, datatype
    if isinstance(term, BNode):
        return (str(term),)
    return None if term is None else str(term)


def unpack(packed: Packed) -> Node | None:
    """The term of plain values, letter for letter."""
    if packed is None:
        return None
    if isinstance(packed, str):
        return URIRef(packed)
    if len(packed) == 1:
        return BNode(packed[0])
    text, language, datatype = packed
    kind = None if datatype is None or language else URIRef(datatype)
    return Text(text, lang=language, datatype=kind, normalize=False)


_IN_PARTS = "Ask for it in parts, with ORDER BY, LIMIT and OFFSET."
_LATER = 1  # seconds until a queue has moved


def out_of_memory(limits: QueryLimits) -> LimitReached:
    """A query needs more memory than it may have."""
    return LimitReached(
        f"The query was stopped: it needs more than {limits.memory >> 20} MiB.",
        remedy="Ask for less at once: fewer joins, no ORDER BY or DISTINCT over all.",
    )


def too_many_bytes(limits: QueryLimits) -> LimitReached:
    """An answer is too long as it is written."""
    return LimitReached(
        f"The answer was stopped: it has more than {limits.size:,} bytes.",
        remedy=_IN_PARTS,
    )


def too_many_rows(limits: QueryLimits) -> LimitReached:
    """An answer has too many rows."""
    return LimitReached(
        f"The answer was stopped: it has more than {limits.rows:,} rows.",
        remedy=_IN_PARTS,
    )


def too_long(characters: int, limits: QueryLimits) -> TooLarge:
    """The text of a query would take long only to be read."""
    return TooLarge(
        f"The query has {characters:,} characters; {limits.text:,} are allowed.",
        remedy="Ask for less at once, in several queries.",
    )


def queue_full(limits: QueryLimits) -> TooBusy:
    """Too many queries wait already."""
    return TooBusy(
        f"{limits.waiting} queries are waiting, and no more may.",
        retry_after=_LATER,
        remedy="Ask again in a moment.",
    )


def waited_long(limits: QueryLimits) -> TooBusy:
    """A query found no process in time."""
    return TooBusy(
        f"The query waited {limits.queueing:g} seconds and was not begun.",
        retry_after=_LATER,
        remedy="Ask again in a moment.",
    )


def too_many_long(limits: QueryLimits) -> TooBusy:
    """A query turned out to be long while as many long ones ran as may."""
    return TooBusy(
        f"The query takes long, and {limits.long} such queries are running already.",
        retry_after=max(1, round(limits.seconds / 4)),
        remedy="Ask again when they have ended, or ask for less at once.",
    )


def lost(exit_code: int | None) -> StoreUnavailable:
    """The process ended by itself, or somebody else ended it."""
    return StoreUnavailable(
        f"The process that evaluated the query ended (exit code {exit_code}).",
        remedy="Ask again; if it happens again, ask for less at once.",
    )


def closed() -> StoreUnavailable:
    """The server is going down."""
    return StoreUnavailable("The server is ending.", remedy="Ask again in a moment.")
