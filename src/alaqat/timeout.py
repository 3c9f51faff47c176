"""Timeout of queries: the default, the parameter that lowers it, the error."""

from __future__ import annotations

import math
from collections.abc import Sequence

from alaqat.errors import InvalidQuery, TimedOut

#: Seconds after which a query is stopped, unless the server is configured otherwise.
DEFAULT_TIMEOUT = 30.0


#: The shortest ``timeout=``: a query that is stopped costs the start of a process.
MIN_TIMEOUT = 0.1


def parse_timeout(values: Sequence[str]) -> float | None:
    """Return the smallest ``timeout=`` of a request in seconds; None without one.

    An empty one is as none. A smaller one than ``MIN_TIMEOUT`` is raised to that.

    Raises:
        InvalidQuery: a value is not a positive, finite number.
    """
    values = [value for value in values if value]
    try:
        seconds = [float(value) for value in values]
    except ValueError:
        seconds = [0.0]
    if not all(0 < each < math.inf for each in seconds):
        raise InvalidQuery(
            f"Not a valid timeout: {', '.join(values)}.",
            remedy="Give timeout in seconds, for example timeout=2.5.",
        )
    return max(MIN_TIMEOUT, min(seconds)) if seconds else None


def clamp_timeout(requested: float | None, limit: float) -> float:
    """Return the requested seconds, at most the server's limit; the limit if None."""
    return limit if requested is None else min(requested, limit)


def timed_out(seconds: float, limit: float) -> TimedOut:
    """Return the error of a query that was stopped after some seconds."""
    return TimedOut(
        f"The query was stopped after {seconds:g} seconds.",
        remedy="Ask for less at once: fewer joins, a LIMIT."
        + ("" if seconds >= limit else f" At most {limit:g} s."),
    )
