"""Tasks: functions that run once, each in a process of its own that can be killed.

What data can make slow, deep or large runs here instead of in the process that answers
requests: parsing, canonical order, dumps. A crash of the process is an error like any
other.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from multiprocessing.connection import Connection
from signal import SIGABRT, SIGBUS, SIGSEGV
from threading import BoundedSemaphore
from time import monotonic
from typing import ParamSpec, TypeVar

from alaqat.errors import AlaqatError, TooBusy
from alaqat.store.pool.process import WorkerProcess
from alaqat.store.pool.sandbox import restrict_process

_P = ParamSpec("_P")
_T = TypeVar("_T")

MAX_TASKS = 4
"""How many tasks run at once in this process's name."""

_QUEUE_SECONDS = 10.0  # that a task waits for another to end
_RETRY_SECONDS = 5
_CHECK_INTERVAL = 0.5  # seconds between two checks of the time
_WALL_CLOCK_FACTOR = 4  # times the CPU time that a task may take
_GRACE_SECONDS = 1.0  # in which the process ends by itself after its last item
_RECURSION_EXIT = 75  # exit code, any that Python does not use
_slots = BoundedSemaphore(MAX_TASKS)


class TaskEnd(Enum):
    """Why a task ended before its time.

    A crash is a stack that overflows, be it Python's or the machine's; an error is one
    of this project, with its traceback on stderr.
    """

    TIME = "time"
    MEMORY = "memory"
    SIZE = "size"
    CRASH = "crash"
    ERROR = "error"


@dataclass(frozen=True)
class TaskLimits:
    """Limits of a task.

    Attributes:
        seconds: of CPU time, or four times as long on a busy machine.
        memory: bytes of data in its process.
        size: bytes of all that it yields, as far as that is bytes.
    """

    seconds: float = 60.0
    memory: int = 1 << 30
    size: int = 1 << 30


@dataclass(frozen=True)
class _Done:
    """The function has returned, or has failed with an error."""

    error: AlaqatError | None = None


class Task:
    """A kind of task: its limits, and the errors for reaching them.

    Args:
        limits: of each.
        failure: returns the error of a task that ended early.
    """

    def __init__(
        self, limits: TaskLimits, failure: Callable[[TaskEnd], AlaqatError]
    ) -> None:
        self.limits = limits
        self._failure = failure

    def run(
        self,
        function: Callable[_P, Iterator[_T]],
        *args: _P.args,
        **options: _P.kwargs,
    ) -> Iterator[_T]:
        """Yield what a function yields in a process of its own.

        Args:
            function: a generator function of a module.
            args: its arguments, which are pickled.
            options: likewise.

        Raises:
            AlaqatError: any error of the function, or that of a limit.
            TooBusy: too many tasks are running.
        """
        if not _slots.acquire(timeout=_QUEUE_SECONDS):
            raise TooBusy(
                f"{MAX_TASKS} documents or dumps are being processed already.",
                retry_after=_RETRY_SECONDS,
                remedy="Try again in a moment.",
            )
        worker = None
        try:
            worker = WorkerProcess(
                _task_main, self.limits.memory, function, args, options
            )
            yield from self._receive(worker)
        except (EOFError, OSError):
            exit_code = worker.close(_GRACE_SECONDS) if worker else None
            raise self._failure(_end_of(exit_code)) from None
        finally:
            if worker is not None:
                worker.close()
            _slots.release()

    def _receive(self, worker: WorkerProcess) -> Iterator[_T]:
        """Yield what the process sends until it is done, within the limits."""
        waited, size = 0.0, 0
        while True:
            began = monotonic()
            item = worker.receive(_CHECK_INTERVAL)
            waited += monotonic() - began
            if item is None:
                if self._is_late(worker, waited):
                    raise self._failure(TaskEnd.TIME)
                continue
            if isinstance(item, _Done):
                if item.error is not None:
                    raise item.error
                return
            size += len(item) if isinstance(item, bytes) else 0
            if size > self.limits.size:
                raise self._failure(TaskEnd.SIZE)
            yield item

    def _is_late(self, worker: WorkerProcess, waited: float) -> bool:
        """Return whether the time is up; CPU time decides on a busy machine."""
        spent = max(worker.cpu_seconds(), waited / _WALL_CLOCK_FACTOR)
        return min(waited, spent) >= self.limits.seconds


def _end_of(exit_code: int | None) -> TaskEnd:
    """Return why a process ended: out of memory, the engine aborts."""
    if exit_code == -SIGABRT:
        return TaskEnd.MEMORY
    is_crash = exit_code in (-SIGSEGV, -SIGBUS, _RECURSION_EXIT)
    return TaskEnd.CRASH if is_crash else TaskEnd.ERROR


def _task_main(
    pipe: Connection,
    memory: int,
    function: Callable[..., Iterator[object]],
    args: tuple[object, ...],
    options: dict[str, object],
) -> None:
    """Run a function and send what it yields."""
    restrict_process(memory)
    try:
        for item in function(*args, **options):
            pipe.send(item)
        pipe.send(_Done())
    except AlaqatError as error:
        pipe.send(_Done(error))
    except MemoryError:
        os.abort()  # as the engine does
    except RecursionError:
        os._exit(_RECURSION_EXIT)
    except ConnectionError:
        return  # nobody waits for more
