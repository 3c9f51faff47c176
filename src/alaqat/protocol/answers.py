"""Writing what was found in the format that is liked best, and only if it is news."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from http import HTTPStatus
from typing import IO, cast

from alaqat.errors import NotAcceptable, UnsupportedFormat
from alaqat.formats import Format
from alaqat.protocol.caching import REVALIDATE, known_tag, tag
from alaqat.protocol.served import Served
from alaqat.protocol.spool import IN_MEMORY, Spool
from alaqat.protocol.values import Reply, Request

#: Of what no one may keep: errors, what is new each time, what a change came to.
NO_STORE = "no-store"


def written(form: Format, write: Callable[[IO[bytes]], None]) -> Reply:
    """The reply with what is written, all of it before any of it is sent.

    Raises:
        NotAcceptable: the format has no way to say something that was found.
    """
    spool = Spool()
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


def answered(
    request: Request,
    served: Served,
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
