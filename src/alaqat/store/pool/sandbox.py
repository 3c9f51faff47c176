"""Sandbox of a worker: limits of memory, files, sockets, programs and lifetime.

The entry point of each process that reads what others sent calls ``restrict_process``,
or ``confine_process``, before anything else: the kernel restricts the thread that asks
for it, and all threads that this one starts afterwards.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import socket
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from itertools import count, islice
from multiprocessing import forkserver
from pathlib import Path
from threading import Thread

from alaqat.store.pool import landlock, seccomp

_PR_SET_PDEATHSIG = 1  # prctl(2)


@dataclass(frozen=True)
class SandboxStatus:
    """What the system keeps from worker processes.

    Attributes:
        sockets: whether they can open no socket and run no program.
        files: the version of Landlock, by which they can open only files that they
            need; 0 if there is none.
    """

    sockets: bool
    files: int

    @property
    def is_complete(self) -> bool:
        """Whether neither a socket nor any other file can be opened."""
        return self.sockets and self.files > 0

    def as_json(self) -> dict[str, str]:
        """Return the name of each mechanism, or none."""
        return {
            "sockets": "seccomp" if self.sockets else "none",
            "files": f"landlock {self.files}" if self.files else "none",
        }


def restrict_process(
    memory: int,
    *,
    readable: Collection[Path] = (),
    writable: Collection[Path] = (),
    network: bool = False,
) -> SandboxStatus:
    """Confine this process, limit its memory and lifetime, and silence stderr.

    Args:
        memory: bytes of data it may have; an engine that gets no more aborts.
        readable: files, and folders with all below them, that it may open.
        writable: the same for reading, writing, creating and removing.
        network: whether it may open sockets, and read what it needs for that.

    Returns:
        what the system confines it by.

    Raises:
        OSError: the system can confine it but refused.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the whole group
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Not RLIMIT_AS: the files that the engine maps are no memory of this process.
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    _release_forkserver()
    die_with_parent()
    _silence_stderr()
    return confine_process(readable=readable, writable=writable, network=network)


def confine_process(
    *,
    readable: Collection[Path] = (),
    writable: Collection[Path] = (),
    network: bool = False,
) -> SandboxStatus:
    """Confine this thread, and all that it starts, as far as the system can.

    No socket can be opened, no program run, no process started, and no file opened but
    those of Python, of the system's libraries, and those given. There is no way back.

    Args:
        readable: files, and folders with all below them, that may be opened.
        writable: the same for reading, writing, creating and removing.
        network: whether it may open sockets, and read what it needs for that.

    Returns:
        what is in force.

    Raises:
        OSError: the system can confine it but refused.
    """
    prepare_confinement()
    if "coverage" in sys.modules:  # which writes what it measured to the working folder
        writable = (*writable, Path.cwd())
    files = landlock.restrict_files(readable, writable, network=network)
    has_filter = seccomp.forbid_system_calls(network=network)
    return SandboxStatus(has_filter and not network, files)


def prepare_confinement() -> None:
    """Compute what a process needs to confine itself, once for all that it forks.

    To find libseccomp programs are run, which confined processes cannot.
    """
    landlock.version()
    landlock.runtime_files()
    seccomp.is_available()


@cache
def sandbox_status() -> SandboxStatus:
    """Return what keeps worker processes confined on this machine, from a trial.

    The trial is a thread, which confines itself and then tries what it may not do.
    """
    found = SandboxStatus(sockets=False, files=0)

    def try_out() -> None:
        nonlocal found
        with suppress(OSError):  # workers would not start either
            status = confine_process()
            found = SandboxStatus(
                status.sockets and not _can_open_socket(),
                0 if _can_list_root() else status.files,
            )

    trial = Thread(target=try_out)
    trial.start()
    trial.join()
    return found


def _can_open_socket() -> bool:
    try:
        socket.socket().close()
    except PermissionError:
        return False
    return True


def _can_list_root() -> bool:
    try:
        list(Path("/").iterdir())
    except PermissionError:
        return False
    return True


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

    It stands in where the system cannot confine the process completely. The engine
    reads files and calls servers without Python noticing. Both need a free file
    descriptor, and none is below the limit that this sets.

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
