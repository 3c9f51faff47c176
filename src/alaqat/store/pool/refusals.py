"""What is told when a limit is reached: which one, and what to do."""

from __future__ import annotations

from alaqat.errors import LimitReached, StoreUnavailable, TooBusy, TooLarge
from alaqat.store.pool.limits import Limits

_IN_PARTS = "Ask for it in parts, with ORDER BY, LIMIT and OFFSET."
_LATER = 1  # seconds until a queue has moved


def out_of_memory(limits: Limits) -> LimitReached:
    """A query needs more memory than it may have."""
    return LimitReached(
        f"The query was stopped: it needs more than {limits.memory >> 20} MiB.",
        remedy="Ask for less at once: fewer joins, no ORDER BY or DISTINCT over all.",
    )


def too_many_bytes(limits: Limits) -> LimitReached:
    """An answer is too long as it is written."""
    return LimitReached(
        f"The answer was stopped: it has more than {limits.size:,} bytes.",
        remedy=_IN_PARTS,
    )


def too_many_rows(limits: Limits) -> LimitReached:
    """An answer has too many rows."""
    return LimitReached(
        f"The answer was stopped: it has more than {limits.rows:,} rows.",
        remedy=_IN_PARTS,
    )


def too_long(characters: int, limits: Limits) -> TooLarge:
    """The text of a query would take long only to be read."""
    return TooLarge(
        f"The query has {characters:,} characters; {limits.text:,} are allowed.",
        remedy="Ask for less at once, in several queries.",
    )


def queue_full(limits: Limits) -> TooBusy:
    """Too many queries wait already."""
    return TooBusy(
        f"{limits.waiting} queries are waiting, and no more may.",
        retry_after=_LATER,
        remedy="Ask again in a moment.",
    )


def waited_long(limits: Limits) -> TooBusy:
    """A query found no process in time."""
    return TooBusy(
        f"The query waited {limits.queueing:g} seconds and was not begun.",
        retry_after=_LATER,
        remedy="Ask again in a moment.",
    )


def too_many_long(limits: Limits) -> TooBusy:
    """A query turned out to be long while as many long ones ran as may."""
    return TooBusy(
        f"The query takes long, and {limits.long} such queries are running already.",
        retry_after=max(1, round(limits.seconds / 4)),
        remedy="Ask again when they have ended, or ask for less at once.",
    )


def lost(exit_code: int | None) -> StoreUnavailable:
    """The process ended by itself, or somebody else ended it."""
    return StoreUnavailable(
        f"The process that evaluated the query ended (exit code {exit_code}).",
        remedy="Ask again; if it happens again, ask for less at once.",
    )


def closed() -> StoreUnavailable:
    """The server is going down."""
    return StoreUnavailable("The server is ending.", remedy="Ask again in a moment.")
