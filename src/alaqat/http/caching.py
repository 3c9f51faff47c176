"""Tags of what was answered, requests that depend on them, and replies that are kept.

A tag says two things: which version of the dataset it was made from, and what was asked
of it. So a client that has anything of a version can ask for changes to just that one.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from http import HTTPStatus
from threading import Lock

from alaqat.errors import Conflict
from alaqat.http.messages import Reply, Request

#: Bytes of all replies that are kept, and of the largest one.
BUDGET, LARGEST = 64_000_000, 1_000_000

#: Whoever keeps a reply asks again, and is told at once whether it is still right.
REVALIDATE = "public, max-age=0, must-revalidate"

_DIGITS = 32
_OVERHEAD = 2_000  # bytes that keeping a reply costs besides its body
# RFC 9110 §8.8.3; a compression sets its name behind what we gave out.
_TAG = re.compile(r'(W/)?"([^":]*)(?::\w+)?"')


def tag(version: str, *asked: str) -> str:
    """The strong tag of a reply (RFC 9110 §8.8.3)."""
    return f'"{_digest(version)}-{_digest(*asked)}"'


def expected_version(request: Request, version: str, *, exists: bool) -> str | None:
    """The version that must be current for a change; None if any may be.

    Args:
        request: the change.
        version: that is current.
        exists: whether what it changes is there.

    Raises:
        Conflict: the client has seen another one, or not what it thinks (RFC 9110
            §13.1.1 and §13.1.2).
    """
    if not request.if_match and not request.if_none_match:
        return None
    if request.if_match and not _matches(request.if_match, version, exists):
        raise Conflict(
            "The dataset has changed since.",
            remedy="Read it again, then send the change again.",
        )
    if request.if_none_match and _matches(request.if_none_match, version, exists):
        raise Conflict("It is there already.", remedy="Ask without If-None-Match.")
    return version or None


def known_tag(if_none_match: str, current: str) -> str:
    """The tag under which a client has what is current; empty if it does not.

    One that a compression has made of ours counts (RFC 9110 §8.8.3.3), and a weak one
    does too (§13.1.2).

    Args:
        if_none_match: the tags of what the client has.
        current: the tag of what is current.
    """
    for found in _TAG.finditer(if_none_match):
        if f'"{found[2]}"' == current:
            return found[0]
    return ""


class ResponseCache:
    """Replies that are kept, the ones used last within a budget of bytes.

    Of several that ask the same at the same time, one asks the store and the others
    wait for what it is told, be it an error.
    """

    def __init__(self, budget: int = BUDGET, largest: int = LARGEST) -> None:
        self._budget = budget
        self._largest = largest
        self._kept: OrderedDict[Hashable, tuple[Reply, int]] = OrderedDict()
        self._size = 0
        self._flights: dict[Hashable, Future[Reply]] = {}
        self._counts: Counter[str] = Counter()
        self._lock = Lock()

    def get(
        self,
        key: str,
        make: Callable[[], Reply],
        *,
        apart: Hashable = None,
        is_current: Callable[[], bool],
    ) -> Reply:
        """The reply of a key, made if it is not kept.

        Args:
            key: of what is asked of which version.
            make: makes the reply.
            apart: those for whom this differs do not wait for each other.
            is_current: whether the version still is what it was; else nothing is kept.
        """
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                self._counts["hits"] += 1
                return self._kept[key][0]
            flight = self._flights.get((key, apart))
            leads = flight is None
            self._counts["misses" if leads else "shared"] += 1
            if flight is None:
                flight = self._flights[key, apart] = Future()
        if not leads:
            return flight.result()
        return self._lead(key, apart, flight, make, is_current)

    def figures(self) -> dict[str, float]:
        """How much is kept, and how often it served: kept already, or being made."""
        with self._lock:
            counts = {f"cache_{n}_total": float(c) for n, c in self._counts.items()}
            return {
                **counts,
                "cache_replies": len(self._kept),
                "cache_bytes": self._size,
            }

    def _lead(
        self,
        key: str,
        apart: Hashable,
        flight: Future[Reply],
        make: Callable[[], Reply],
        is_current: Callable[[], bool],
    ) -> Reply:
        """Make a reply for all who wait for it, or fail for all of them."""
        try:
            reply = make()
            stays = is_current()  # it may open a store: not while others are locked out
        except BaseException as error:
            self._land(key, apart)
            flight.set_exception(error)
            raise
        if stays:
            with self._lock:
                self._keep(key, reply)
        self._land(key, apart)
        flight.set_result(reply)
        return reply

    def _land(self, key: str, apart: Hashable) -> None:
        """Let whoever comes now not wait any more."""
        with self._lock:
            self._flights.pop((key, apart), None)

    def _keep(self, key: str, reply: Reply) -> None:
        """Keep a whole reply if it is not too large, and forget the oldest ones."""
        size = int(reply.headers.get("Content-Length", self._largest + 1))
        if reply.status != HTTPStatus.OK or size > self._largest:
            return
        self._kept[key] = (reply, size + _OVERHEAD)
        self._size += size + _OVERHEAD
        while self._size > self._budget:
            _, (_, gone) = self._kept.popitem(last=False)
            self._size -= gone


def _matches(condition: str, version: str, exists: bool) -> bool:
    """Whether a condition holds for what is there now."""
    return exists if condition.strip() == "*" else _holds(condition, version)


def _holds(tags: str, version: str) -> bool:
    """Whether one of the tags is a strong one of a version (RFC 9110 §8.8.3.2)."""
    known = _digest(version)
    return bool(version) and any(
        not weak and opaque.partition("-")[0] == known
        for weak, opaque in _TAG.findall(tags)
    )


def _digest(*parts: str) -> str:
    """A short name for texts, whatever stands in them."""
    together = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(together.encode()).hexdigest()[:_DIGITS]
