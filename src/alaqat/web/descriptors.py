"""File descriptors: how many the server needs, and what it does with fewer."""

from __future__ import annotations

import resource
import sys

from alaqat.errors import CannotServe

_RESERVED = 64  # for the store's files, logs, libraries and the listening socket
_PER_WORKER = 3  # a pipe, a process's end and its start
_LONG_WORKERS = 8  # that may run beside the others
_SPOOLED = 128  # responses that are sent from disk, and bodies
_FEWEST_CONNECTIONS = 16


def raise_limit() -> int:
    """Raise the limit of open files to what the system allows, and return it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        except (OSError, ValueError):
            return soft
    return hard if hard != resource.RLIM_INFINITY else sys.maxsize


def connections_within(limit: int, wanted: int, workers: int) -> int:
    """Return how many connections fit within the limit of open files.

    If these are fewer than wanted, stderr says what is needed.

    Args:
        limit: of open files.
        wanted: connections.
        workers: the size of the worker pool.

    Raises:
        CannotServe: hardly any connection fits.
    """
    fixed = _RESERVED + _PER_WORKER * (workers + _LONG_WORKERS)
    needed = fixed + _SPOOLED + wanted
    if limit >= needed:
        return wanted
    left = limit - fixed
    fitting = min(wanted, max(left - _SPOOLED, left // 2))
    if fitting < _FEWEST_CONNECTIONS:
        raise CannotServe(
            f"The limit of open files is {limit}; the server needs {needed}.",
            remedy=f"Raise it: ulimit -n {needed}, or LimitNOFILE= of systemd.",
        )
    sys.stderr.write(
        f"The limit of open files is {limit}, {needed} are needed: at most {fitting} "
        f"connections instead of {wanted}. Raise it: ulimit -n {needed}\n"
    )
    return fitting
