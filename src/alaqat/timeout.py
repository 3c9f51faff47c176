"""The timeout of queries: its default, how requests lower it, and what exceeding is."""

from __future__ import annotations

import math
from collections.abc import Sequence

from alaqat.errors import InvalidQuery, TimedOut

#: Seconds after which a query is stopped, unless the server was started with others.
DEFAULT_TIMEOUT = 30.0


def parse_timeout(values: Sequence[str]) -> float | None:
    """Return the seconds that a request asks for by ``timeout=``; None for none.

    Raises:
        InvalidQuery: a value is not a positive, finite number.
    """
    try:
        seconds = [float(value) for value in values]
    except ValueError:
        seconds = [0.0]
    if not all(0 < each < math.inf for each in seconds):
        raise InvalidQuery(
            f"Not a valid timeout: {', '.join(values)}.",
            remedy="Give timeout in seconds, for example timeout=2.5.",
        )
    return min(seconds, default=None)


def clamp_timeout(asked: float | None, limit: float) -> float:
    """Return the seconds that a query gets: a request lowers the limit, or keeps it."""
    return limit if asked is None else min(asked, limit)


def timed_out(seconds: float, limit: float) -> TimedOut:
    """Return the error of a query that took as long as it may."""
    return TimedOut(
        f"The query was stopped after {seconds:g} seconds.",
        remedy="Ask for less at once: fewer joins, a LIMIT."
        + ("" if seconds >= limit else f" At most {limit:g} s."),
    )
