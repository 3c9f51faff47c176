"""What keeps a reader process from outliving or outgrowing the server."""

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


def guard(memory: int) -> None:
    """Bound this process: its memory, its files, its life.

    Args:
        memory: bytes of data it may have. An engine that cannot have more aborts.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the whole group
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Not RLIMIT_AS: the engine maps files, and those take no memory of ours.
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    _release_forkserver()
    die_with_parent()
    _silence_stderr()


def die_with_parent() -> None:
    """Be killed when the process that started this one ends, however it does."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _release_forkserver() -> None:
    """Do not keep the server that forks alive, which then ends as the web server does.

    Python gives every process that it forked a hold of it, so that it may fork too; a
    query that runs would keep all of them from ending.
    """
    held = getattr(forkserver._forkserver, "_forkserver_alive_fd", None)
    if held is not None:
        os.close(held)


def _silence_stderr() -> None:
    """Keep our own messages but not those of an engine that aborts for want of memory.

    The server tells of that in its own words.
    """
    sys.stderr = os.fdopen(os.dup(2), "w", buffering=1)
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 2)
    os.close(nothing)


@contextmanager
def sandbox(closed: int = 0) -> Iterator[None]:
    """Let nothing be opened meanwhile: no file, and no connection to anywhere.

    The engine reads files and calls servers by itself, unseen by Python. Neither works
    without a free file descriptor, and whatever needs one is told that there is none.

    Args:
        closed: how many files the engine may still have to open to read its store.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # A descriptor is the lowest number that is free, and below the limit.
    free = (number for number in count() if not _is_open(number))
    most = next(islice(free, closed, None)) if closed else 0
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, soft), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def _is_open(number: int) -> bool:
    """Whether a file descriptor is in use."""
    try:
        os.fstat(number)
    except OSError:
        return False
    return True
