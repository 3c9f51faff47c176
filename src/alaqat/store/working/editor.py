"""The working store as its clients see it: changes in, versions out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from threading import BoundedSemaphore, Lock

from alaqat.errors import LimitReached, StoreUnavailable, TooBusy
from alaqat.store.interface import CommitResult, Mutation
from alaqat.store.working.process import CommitProcess
from alaqat.store.working.snapshots import Snapshots
from alaqat.store.working.values import InferenceHook, Request


class WorkingStore:
    """A writer of the working store in a folder; many threads may use it.

    Args:
        folder: that ``Committer.create`` made.
        hook: infers and validates; None if nothing does.
        clock: tells the time that the record of a change gives.
        limit: how many seconds a change may take.
        memory: how many bytes a change may need.
        waiting: how many changes may wait for their turn.
    """

    def __init__(
        self,
        folder: Path,
        hook: InferenceHook | None,
        *,
        clock: Callable[[], datetime],
        limit: float = 60.0,
        memory: int = 4 << 30,
        waiting: int = 16,
    ) -> None:
        self._snapshots = Snapshots(folder)
        self._writer = CommitProcess(self._snapshots.folder, hook, limit, memory)
        self._clock = clock
        self._turn = Lock()
        self._places = BoundedSemaphore(waiting)

    def commit(
        self, change: Mutation, *, author: str, expected: str | None = None
    ) -> CommitResult:
        """Carry out a change; whoever reads afterwards sees it."""
        if not self._places.acquire(blocking=False):
            raise TooBusy("Too many changes wait.", remedy="Ask again in a moment.")
        try:
            with self._turn:
                return self._commit(Request(change, author, self._clock(), expected))
        finally:
            self._places.release()

    def start(self) -> None:
        """Get ready, so that the first change does not wait for it."""
        with self._turn:
            self._writer.start()

    def close(self) -> None:
        """End the process that writes."""
        with self._turn:
            self._writer.close()

    def _commit(self, request: Request) -> CommitResult:
        """Have the commit made; one that was stopped just after it is told as made."""
        try:
            return self._writer.commit(request)
        except (LimitReached, StoreUnavailable):
            for snapshot in self._snapshots.chain():
                if snapshot.manifest.get("request") == request.digest:
                    return CommitResult(snapshot.version)
            raise
        finally:
            self._writer.start()  # one that was stopped has a successor at once
