"""What is asked of a working store, and what it holds changes to."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from alaqat.store.changes import Change

PATIENCE = 10.0
"""Seconds that a writer waits for those of other processes."""


@dataclass(frozen=True)
class Rules:
    """What a working store holds changes to.

    Attributes:
        root: the folder that holds ``ontology``, with the shapes.
        validates: whether a dataset with an ontology must keep to it and the shapes.
    """

    root: Path
    validates: bool = True


@dataclass(frozen=True)
class Request:
    """A change that somebody asks for at a time.

    Attributes:
        expected: the version that must be current; None if any may be.
    """

    change: Change
    author: str
    at: datetime
    expected: str | None = None

    @cached_property
    def digest(self) -> str:
        """Names the request; no other has the same change, author and time."""
        told = f"{self.at.isoformat()}\n{self.author}\n{self.change!r}"
        return hashlib.sha256(told.encode()).hexdigest()

    def version_after(self, previous: str) -> str:
        """The version that it makes of another: a chain, so no two are the same."""
        return hashlib.sha256(f"{previous}\n{self.digest}".encode()).hexdigest()
