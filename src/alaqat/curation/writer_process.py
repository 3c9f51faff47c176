"""The process that makes commits, so that one that takes too long can be killed.

The working store as its clients see it: changes in, versions out.
"""

from __future__ import annotations

import gc
import os
import resource
import signal
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path
from threading import BoundedSemaphore, Lock

from alaqat.curation.commit import Committer
from alaqat.curation.model import CommitRequest, InferenceHook
from alaqat.curation.snapshots import Snapshots
from alaqat.errors import (
    AlaqatError,
    LimitReached,
    StoreUnavailable,
    TimedOut,
    TooBusy,
)
from alaqat.store.interface import CommitResult, Mutation
from alaqat.store.pool.process import WorkerProcess

_START = 60.0  # seconds until a process that does not get ready is killed
_GONE = 5.0  # seconds until a process that was told to end is killed


class CommitProcess:
    """Makes commits in a process of its own, which is started when it is needed.

    Args:
        folder: of the working store.
        hook: infers and validates; None if nothing does.
        limit: how many seconds a commit may take.
        memory: how many bytes the process may take.
    """

    def __init__(
        self, folder: Path, hook: InferenceHook | None, limit: float, memory: int
    ) -> None:
        self._folder = folder
        self._hook = hook
        self._limit = limit
        self._memory = memory
        self._worker: WorkerProcess | None = None
        self._is_ready = False

    def commit(self, request: CommitRequest) -> CommitResult:
        """Have a commit made; one at a time.

        Raises:
            AlaqatError: as the commit does.
            TimedOut: it took too long, and was stopped.
            LimitReached: it needed too much memory, and was stopped.
            StoreUnavailable: the process died.
        """
        worker = self.start()
        try:
            self._await_ready(worker)
            worker.send(request)
            answer: CommitResult | AlaqatError | None = worker.receive(self._limit)
        except (EOFError, OSError):
            raise self._died() from None
        if answer is None:
            self.close(0)
            raise TimedOut(
                f"The change was stopped after {self._limit:g} seconds.",
                remedy="Nothing was changed. Change less at once.",
            )
        if isinstance(answer, AlaqatError):
            raise answer
        return answer

    def start(self) -> WorkerProcess:
        """Start the process unless it runs."""
        if self._worker is not None and not self._worker.is_alive():
            self.close()
        if self._worker is None:
            self._is_ready = False
            self._worker = WorkerProcess(
                _make_commits, self._folder, self._hook, self._memory
            )
        return self._worker

    def close(self, grace: float = _GONE) -> int | None:
        """End the process; what it leaves is swept away by the next commit.

        Args:
            grace: seconds for the commit that it is making.
        """
        worker, self._worker = self._worker, None
        return worker.close(grace) if worker else None

    def _await_ready(self, worker: WorkerProcess) -> None:
        """Wait until the process is ready, which does not count as part of a commit."""
        if self._is_ready:
            return
        if worker.receive(_START) is None:
            self.close(0)
            raise StoreUnavailable(
                "The process that writes does not get ready.",
                remedy="Nothing was changed. Ask again.",
            )
        self._is_ready = True

    def _died(self) -> AlaqatError:
        """Why the process is no more: the engine aborts when it has no memory left."""
        if self.close() in (-signal.SIGABRT, -signal.SIGKILL):
            return LimitReached(
                "The change needed too much memory and was stopped.",
                remedy="Nothing was changed. Change less at once.",
            )
        return StoreUnavailable(
            "The process that writes ended unexpectedly.",
            remedy="Ask whether the change was made before you repeat it.",
        )


def _make_commits(
    pipe: Connection, folder: Path, hook: InferenceHook | None, memory: int
) -> None:
    """Make one commit after the other until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends us by the pipe
    gc.disable()
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    committer = Committer(folder, hook, str(os.getpid()))
    try:
        with suppress(AlaqatError):  # whoever asks first will be told
            committer.prepare()
        gc.collect()
        gc.freeze()  # what is kept from commit to commit need not be looked at again
        pipe.send(True)
        while True:
            pipe.send(_answered(committer, pipe.recv()))
            gc.collect()  # not while somebody waits
    except MemoryError:
        os.abort()
    except (EOFError, BrokenPipeError):
        pass
    finally:
        committer.close()


def _answered(
    committer: Committer, request: CommitRequest
) -> CommitResult | AlaqatError:
    """What became of a request."""
    try:
        return committer.commit(request)
    except AlaqatError as error:
        return error


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
                return self._commit(
                    CommitRequest(change, author, self._clock(), expected)
                )
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

    def _commit(self, request: CommitRequest) -> CommitResult:
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
