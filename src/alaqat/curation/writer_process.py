"""The writer process: commits run one at a time in a process that can be killed.

``WritableStore`` is the writer that clients use; it bounds the queue of changes, their
time and their memory.
"""

from __future__ import annotations

import gc
import os
import resource
import signal
import tempfile
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
from alaqat.store.pool.sandbox import confine_process

_STARTUP_TIMEOUT = 60.0  # seconds that the process may take to get ready
_SHUTDOWN_TIMEOUT = 5.0  # seconds that it may take to end


class WritableStore:
    """The writer of a writable store; thread-safe.

    Args:
        folder: a folder initialised by ``create_writable_store``.
        hook: materialises inferences and validates; None for a store without either.
        clock: returns the time that the changelog records.
        timeout: seconds after which a change is stopped.
        memory: bytes that the writer process may use.
        queue_limit: changes that may be running or waiting at once.
    """

    def __init__(
        self,
        folder: Path,
        hook: InferenceHook | None,
        *,
        clock: Callable[[], datetime],
        timeout: float = 60.0,
        memory: int = 4 << 30,
        queue_limit: int = 16,
    ) -> None:
        self._snapshots = Snapshots(folder)
        self._process = WriterProcess(self._snapshots.folder, hook, timeout, memory)
        self._clock = clock
        self._lock = Lock()
        self._queue_slots = BoundedSemaphore(queue_limit)

    def commit(
        self, change: Mutation, *, author: str, expected: str | None = None
    ) -> CommitResult:
        """Carry out a change in one transaction; later reads see it."""
        if not self._queue_slots.acquire(blocking=False):
            raise TooBusy("Too many changes are waiting.", remedy="Try again shortly.")
        try:
            with self._lock:
                return self._commit(
                    CommitRequest(change, author, self._clock(), expected)
                )
        finally:
            self._queue_slots.release()

    def start(self) -> None:
        """Start the writer process, so that the first change need not wait for it."""
        with self._lock:
            self._process.start()

    def close(self) -> None:
        """End the writer process."""
        with self._lock:
            self._process.close()

    def _commit(self, request: CommitRequest) -> CommitResult:
        """Run a commit; one stopped just after publishing counts as successful."""
        try:
            return self._process.commit(request)
        except (LimitReached, StoreUnavailable):
            for snapshot in self._snapshots.chain():
                if snapshot.manifest.get("request") == request.digest:
                    return CommitResult(snapshot.version)
            raise
        finally:
            self._process.start()  # replaces a process that was stopped


class WriterProcess:
    """A process that runs commits, started on demand.

    Args:
        folder: the folder of the writable store.
        hook: materialises inferences and validates; None for a store without either.
        timeout: seconds after which a commit is stopped.
        memory: bytes that the process may use.
    """

    def __init__(
        self, folder: Path, hook: InferenceHook | None, timeout: float, memory: int
    ) -> None:
        self._folder = folder
        self._hook = hook
        self._timeout = timeout
        self._memory = memory
        self._worker: WorkerProcess | None = None
        self._is_ready = False

    def commit(self, request: CommitRequest) -> CommitResult:
        """Run a commit and return its result; not thread-safe.

        Raises:
            AlaqatError: any error of the commit.
            TimedOut: it took too long and was stopped.
            LimitReached: it needed too much memory and was stopped.
            StoreUnavailable: the process died.
        """
        worker = self.start()
        try:
            self._await_ready(worker)
            worker.send(request)
            reply: CommitResult | AlaqatError | None = worker.receive(self._timeout)
        except (EOFError, OSError):
            raise self._exit_error() from None
        if reply is None:
            self.close(0)
            raise TimedOut(
                f"The change was stopped after {self._timeout:g} seconds.",
                remedy="Nothing was changed. Change less at once.",
            )
        if isinstance(reply, AlaqatError):
            raise reply
        return reply

    def start(self) -> WorkerProcess:
        """Start the process unless it is running."""
        if self._worker is not None and not self._worker.is_alive():
            self.close()
        if self._worker is None:
            self._is_ready = False
            self._worker = WorkerProcess(
                _writer_main, self._folder, self._hook, self._memory
            )
        return self._worker

    def close(self, grace: float = _SHUTDOWN_TIMEOUT) -> int | None:
        """End the process; the next commit removes its leftovers.

        Args:
            grace: seconds for the running commit to finish.
        """
        worker, self._worker = self._worker, None
        return worker.close(grace) if worker else None

    def _await_ready(self, worker: WorkerProcess) -> None:
        """Wait until the process is ready; the commit's timeout starts afterwards."""
        if self._is_ready:
            return
        if worker.receive(_STARTUP_TIMEOUT) is None:
            self.close(0)
            raise StoreUnavailable(
                "The writer process did not start in time.",
                remedy="Nothing was changed. Try again.",
            )
        self._is_ready = True

    def _exit_error(self) -> AlaqatError:
        """Return the error of a dead process; out of memory, the engine aborts."""
        if self.close() in (-signal.SIGABRT, -signal.SIGKILL):
            return LimitReached(
                "The change needed too much memory and was stopped.",
                remedy="Nothing was changed. Change less at once.",
            )
        return StoreUnavailable(
            "The writer process ended unexpectedly.",
            remedy="Check whether the change was made before you repeat it.",
        )


def _writer_main(
    pipe: Connection, folder: Path, hook: InferenceHook | None, memory: int
) -> None:
    """Run the writer process, which can open only the store and what the hook reads."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends it by the pipe
    gc.disable()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    name = str(os.getpid())
    with Snapshots(folder).private_folder(f"{name}-temporary") as temporary:
        tempfile.tempdir = str(temporary)
        confine_process(readable=hook.files if hook else (), writable=[folder])
        _run_commits(pipe, Committer(folder, hook, name))


def _run_commits(pipe: Connection, committer: Committer) -> None:
    """Run the commits received on a pipe, until it is closed."""
    try:
        with suppress(AlaqatError):  # the first commit reports the same error
            committer.warm_up()
        gc.collect()
        gc.freeze()  # what every commit reuses need not be collected again
        pipe.send(True)
        while True:
            pipe.send(_commit_or_error(committer, pipe.recv()))
            gc.collect()  # while no client waits
    except MemoryError:
        os.abort()
    except (EOFError, BrokenPipeError):
        pass
    finally:
        committer.close()


def _commit_or_error(
    committer: Committer, request: CommitRequest
) -> CommitResult | AlaqatError:
    """Return the result of a commit, or its error."""
    try:
        return committer.commit(request)
    except AlaqatError as error:
        return error
