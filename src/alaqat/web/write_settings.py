"""Settings of a writable server: who may write, and how commits run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from alaqat.curation.backup import create_writable_store
from alaqat.curation.model import InferenceHook
from alaqat.curation.writer_process import WritableStore
from alaqat.store.releases import Release
from alaqat.web.middleware.auth import TokenTable, bearer_author

utc_now = partial(datetime.now, UTC)


@dataclass(frozen=True)
class WriteSettings:
    """Settings of a writable server: who may write, and how commits run.

    Attributes:
        tokens: of those who may write.
        hook: infers and validates; None for neither.
        seconds: the time limit of a commit.
    """

    tokens: TokenTable
    hook: InferenceHook | None
    seconds: float = 60.0

    def create(self, folder: Path, source: Release | None) -> Release:
        """Return the writable store in a folder, created if it is new.

        Args:
            folder: of the writable store.
            source: the dataset that a new one starts from; None for an empty one.
        """
        return create_writable_store(folder, source, utc_now())

    def writer(self, folder: Path) -> WritableStore:
        """Return the writer of a writable store, whose process is starting."""
        writer = WritableStore(folder, self.hook, clock=utc_now, timeout=self.seconds)
        writer.start()
        return writer

    @property
    def author(self) -> Callable[[], str | None]:
        """Returns the author of the current request, by its token."""
        return bearer_author(self.tokens)
