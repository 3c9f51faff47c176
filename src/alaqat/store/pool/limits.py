"""How much a query may take, and whom it may call."""

from __future__ import annotations

from dataclasses import dataclass

from alaqat.timeout import DEFAULT_TIMEOUT


@dataclass(frozen=True)
class Limits:
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
