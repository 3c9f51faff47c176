"""Sandbox of a worker: limits of memory, files and connections, and its lifetime."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count, islice
from multiprocessing import forkserver

_PR_SET_PDEATHSIG = 1  # prctl(2)


def restrict_process(memory: int) -> None:
    """Limit the memory, core dumps and lifetime of this process, and silence stderr.

    Args:
        memory: bytes of data it may have; an engine that gets no more aborts.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the whole group
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Not RLIMIT_AS: the files that the engine maps are no memory of this process.
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    _release_forkserver()
    die_with_parent()
    _silence_stderr()


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent ends, however it ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _release_forkserver() -> None:
    """Close the descriptor that keeps the fork server alive.

    Python passes it to every child so that the child may fork too; a running query
    would then keep the fork server from ending with the web server.
    """
    held = getattr(forkserver._forkserver, "_forkserver_alive_fd", None)
    if held is not None:
        os.close(held)


def _silence_stderr() -> None:
    """Discard what an aborting engine prints; Python's own stderr still works.

    The server reports the failure itself.
    """
    sys.stderr = os.fdopen(os.dup(2), "w", buffering=1)
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    os.close(null)


@contextmanager
def sandbox(unopened: int = 0) -> Iterator[None]:
    """Prevent the opening of files and connections within the context.

    The engine reads files and calls servers without Python noticing. Both need a free
    file descriptor, and none is below the limit that this sets.

    Args:
        unopened: how many files the engine may still have to open to read its store.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # A new descriptor gets the lowest free number, which must be below the limit.
    free = (number for number in count() if not _is_descriptor_open(number))
    limit = next(islice(free, unopened, None)) if unopened else 0
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(limit, soft), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def _is_descriptor_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True
