"""What a server needs to let those with a token write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from alaqat.store.published import Published
from alaqat.store.working import InferenceHook, WorkingStore, create
from alaqat.web.authorization import Tokens, bearer

now = partial(datetime.now, UTC)


@dataclass(frozen=True)
class Writing:
    """Who may write, and what follows from it.

    Attributes:
        tokens: of those who may.
        hook: infers and validates; None if nothing does.
        seconds: that a change may take.
    """

    tokens: Tokens
    hook: InferenceHook | None
    seconds: float = 60.0

    def create(self, folder: Path, source: Published | None) -> Published:
        """The working store in a folder, made from a dataset or empty if it is new."""
        return create(folder, source, now())

    def editor(self, folder: Path) -> WorkingStore:
        """The editor of a working store, which is getting ready."""
        editor = WorkingStore(folder, self.hook, clock=now, limit=self.seconds)
        editor.start()
        return editor

    @property
    def author(self) -> Callable[[], str | None]:
        """Tells who makes the current request."""
        return bearer(self.tokens)
