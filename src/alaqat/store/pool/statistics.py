"""What goes on among the readers, as figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Statistics:
    """What goes on among the readers, and what has happened since the start.

    Attributes:
        idle: readers that wait for a query.
        running: queries that are being evaluated, the long ones too.
        long: those that take long.
        waiting: queries that wait for a reader.
        started: processes so far.
        queries: begun so far.
        ended: queries so far that were ended before their answer, by what: time,
            memory, answer (too many rows or bytes), long (too many long ones), left
            (nobody took the rest), lost (the process ended by itself).
        refused: queries so far that were not begun, by why: queue, queueing.
    """

    idle: int
    running: int
    long: int
    waiting: int
    started: int
    queries: int
    ended: Mapping[str, int]
    refused: Mapping[str, int]
