"""What is written for an answer: in memory while it is small, else on disk.

Writing what was found in the format that is liked best, and only if it is news.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from http import HTTPStatus
from tempfile import SpooledTemporaryFile
from threading import Lock
from typing import IO, cast

from alaqat.errors import NotAcceptable, UnsupportedFormat
from alaqat.http.caching import (
    REVALIDATE,
    known_tag,
    tag,
)
from alaqat.http.endpoint import Endpoint
from alaqat.http.messages import Reply, Request
from alaqat.rdf.formats import (
    FORMATS,
    Format,
    negotiate,
)

#: Bytes that stay in memory, and bytes that are sent at once.
IN_MEMORY, PIECE = 1_000_000, 65_536


class SpooledBody:
    """A file that is written once, then read by as many as want."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 # it lives as long as the reply
        self._lock = Lock()
        self.size = 0

    def write(self, content: bytes) -> int:
        """Write some more."""
        self.size += len(content)
        return self._file.write(content)

    def writelines(self, lines: Iterable[bytes]) -> None:
        """Write many lines."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Nothing is held back."""

    def __del__(self) -> None:
        self._file.close()

    def __iter__(self) -> Iterator[bytes]:
        for start in range(0, self.size, PIECE):
            with self._lock:
                self._file.seek(start)
                piece = self._file.read(PIECE)
            yield piece

    def lines(self) -> Iterator[bytes]:
        """The lines, each with its end."""
        rest = b""
        for piece in self:
            *whole, rest = (rest + piece).split(b"\n")
            yield from (line + b"\n" for line in whole)
        if rest:
            yield rest


#: Of what no one may keep: errors, what is new each time, what a change came to.
NO_STORE = "no-store"


def choose_format(name: str, accept: str, offers: Sequence[Format]) -> Format:
    """The format asked for by name, or else the one the client likes best.

    Raises:
        NotAcceptable: there is none, or no format has the name.
    """
    if not name:
        return negotiate(accept, offers)
    for form in offers:
        if form.answers_to(name):
            return form
    titles = [form.title for form in FORMATS if form.answers_to(name)]
    names = ", ".join(offer.name for offer in offers)
    raise NotAcceptable(
        f"This answer is not written as {[*titles, name][0]}.", remedy=f"Take {names}."
    )


def serialize(form: Format, write: Callable[[IO[bytes]], None]) -> Reply:
    """The reply with what is written, all of it before any of it is sent.

    Raises:
        NotAcceptable: the format has no way to say something that was found.
    """
    spool = SpooledBody()
    try:
        write(cast("IO[bytes]", spool))
    except UnsupportedFormat as error:
        raise NotAcceptable(error.message, remedy=error.remedy) from None
    headers = {
        "Content-Type": form.content_type,
        "Content-Length": str(spool.size),
        "Vary": "Accept",
    }
    body = list(spool) if spool.size <= IN_MEMORY else spool
    return Reply(HTTPStatus.OK, headers, body)


def cached_response(
    request: Request,
    served: Endpoint,
    asked: Sequence[str],
    make: Callable[[], Reply],
    *,
    apart: Hashable = None,
) -> Reply:
    """The reply to a request that only reads, with its tag; 304 if the client has it.

    Args:
        request: that reads.
        served: what it reads.
        asked: all that the reply depends on besides the version.
        make: makes the reply.
        apart: those for whom this differs do not wait for each other.
    """
    version = served.version()
    if not version:
        return make().having(Cache_Control="no-cache")
    current = tag(version, *asked)
    headers = {"Cache-Control": REVALIDATE, "ETag": current, "Vary": "Accept"}
    has = known_tag(request.if_none_match, current)
    if has and request.method != "POST":
        return Reply(HTTPStatus.NOT_MODIFIED, {**headers, "ETag": has})

    def is_current() -> bool:
        return served.version() == version

    reply = served.cache.get(current, make, apart=apart, is_current=is_current)
    if not is_current():  # it may have been made from the next version
        return reply.having(Cache_Control="no-cache")
    return Reply(reply.status, {**reply.headers, **headers}, reply.body)
