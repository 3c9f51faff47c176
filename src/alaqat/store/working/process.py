"""The process that makes commits, so that one that takes too long can be killed."""

from __future__ import annotations

import gc
import os
import resource
import signal
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

from alaqat.errors import AlaqatError, LimitReached, StoreUnavailable, TimedOut
from alaqat.store.interface import CommitResult
from alaqat.store.pool.process import WorkerProcess
from alaqat.store.working.commits import Committer
from alaqat.store.working.values import InferenceHook, Request

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

    def commit(self, request: Request) -> CommitResult:
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


def _answered(committer: Committer, request: Request) -> CommitResult | AlaqatError:
    """What became of a request."""
    try:
        return committer.commit(request)
    except AlaqatError as error:
        return error
