"""The steps of a build: told as they begin, timed, and counted at the end."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import Any

Progress = Callable[[str], None]
"""Told the name of each step as it begins."""


def silent(step: str) -> None:
    """Tell nothing of a step."""


@dataclass(frozen=True)
class Summary:
    """What a build made; ``unexpected`` counts the advice nobody has looked at."""

    sha256: str
    folder: Path
    triples: Mapping[str, int]
    facts: int
    claims: int
    notes: int
    covered: int
    sentences: int
    inferred: int
    warnings: int
    unexpected: int
    seconds: Mapping[str, float] = field(compare=False)

    def as_json(self) -> dict[str, Any]:
        """The summary as plain values."""
        return {**asdict(self), "folder": str(self.folder)}

    def told(self, when: datetime) -> dict[str, Any]:
        """What is kept of a build that was done at some time."""
        made = self.as_json()
        del made["folder"], made["seconds"]
        return {"time": when.isoformat(timespec="seconds"), **made}


@contextmanager
def uncollected() -> Iterator[None]:
    """Keep Python from looking for circles of garbage.

    A build makes a great many objects and drops few: looking takes a sixth of its time
    and finds 8 MiB of 226.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class Clock:
    """Tells each step as it begins, and keeps how many seconds it took."""

    def __init__(self, progress: Progress) -> None:
        self.seconds: dict[str, float] = {}
        self._progress = progress
        self._began = perf_counter()

    def step(self, name: str) -> None:
        """End the step that runs, and begin another."""
        self._end()
        self.seconds[name] = 0.0
        self._progress(name)

    def stop(self) -> Mapping[str, float]:
        """End the last step."""
        self._end()
        return self.seconds

    def _end(self) -> None:
        now = perf_counter()
        if self.seconds:
            self.seconds[next(reversed(self.seconds))] = now - self._began
        self._began = now
