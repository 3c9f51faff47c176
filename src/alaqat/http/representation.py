"""What is written for an answer: in memory while it is small, else on disk.

Representations, and the HTTP headers that follow from them.

``reply_with`` is the one place that sets Content-Type, Vary, ETag, Cache-Control, Link
and CORS headers; ``conditional`` is the one place that answers 304 Not Modified.

Errors as problem details for programs (RFC 9457).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from tempfile import SpooledTemporaryFile
from threading import Lock
from typing import IO, cast

from rdflib.term import Node

from alaqat.errors import (
    AlaqatError,
    Conflict,
    Forbidden,
    Inconsistent,
    LimitReached,
    MethodNotAllowed,
    NotAcceptable,
    TooBusy,
    UnknownToken,
    UnsupportedFormat,
)
from alaqat.http.linked_data import Link, link_header
from alaqat.http.messages import (
    PROBLEM_TYPE,
    HttpRequest,
    HttpResponse,
)
from alaqat.rdf.formats import Format

#: Bytes that stay in memory, and bytes that are sent at once.
MAX_IN_MEMORY, CHUNK_SIZE = 1_000_000, 65_536


class SpooledBody:
    """A file that is written once, then read by as many as want."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(max_size=MAX_IN_MEMORY)  # noqa: SIM115 # it lives as long as the reply
        self._lock = Lock()
        self._size = 0

    def write(self, content: bytes) -> int:
        """Write some more."""
        self._size += len(content)
        return self._file.write(content)

    def writelines(self, lines: Iterable[bytes]) -> None:
        """Write many lines."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Nothing is held back."""

    def __len__(self) -> int:
        """Return how many bytes were written."""
        return self._size

    def __del__(self) -> None:
        self._file.close()

    def __iter__(self) -> Iterator[bytes]:
        for start in range(0, self._size, CHUNK_SIZE):
            with self._lock:
                self._file.seek(start)
                piece = self._file.read(CHUNK_SIZE)
            yield piece

    def lines(self) -> Iterator[bytes]:
        """The lines, each with its end."""
        rest = b""
        for piece in self:
            *whole, rest = (rest + piece).split(b"\n")
            yield from (line + b"\n" for line in whole)
        if rest:
            yield rest


#: Cache-Control: store it and revalidate it by its tag each time, or do not store it.
REVALIDATE = "public, max-age=0, must-revalidate"
NO_CACHE, NO_STORE = "no-cache", "no-store"

#: Media type of JSON that is no answer to a query.
JSON_TYPE = "application/json"

# Any site may read what anyone may read: nothing here depends on cookies.
_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Allow, Content-Location, ETag, Link, Location, "
    "Retry-After, WWW-Authenticate",
}
_PREFLIGHT = {
    "Access-Control-Allow-Headers": "Accept, Authorization, Content-Type, If-Match, "
    "If-None-Match",
    "Access-Control-Max-Age": "86400",
}
_DIGEST_LENGTH = 32
# RFC 9110 §8.8.3; a compression sets its name behind what we gave out.
_TAG = re.compile(r'(W/)?"([^":]*)(?::\w+)?"')


@dataclass(frozen=True)
class Representation:
    """A body with its metadata, as RFC 9110 §3.2 has it.

    Attributes:
        body: what is sent; a spool if it is large.
        content_type: with a charset where there is one.
        status: of HTTP.
        tag: the strong entity tag, quoted; empty for none.
        cache_control: what caches may do; empty to leave that to them.
        vary: the request headers that it was chosen by.
        language: of a page; empty for data.
        location: its own address, if another one was asked for.
        links: to what belongs to it.
        is_shared: whether scripts of other sites may read it.
    """

    body: bytes | SpooledBody
    content_type: str
    status: HTTPStatus = HTTPStatus.OK
    tag: str = ""
    cache_control: str = ""
    vary: Sequence[str] = ("Accept",)
    language: str = ""
    location: str = ""
    links: Sequence[Link] = ()
    is_shared: bool = True


def serialize(form: Format, write: Callable[[IO[bytes]], None]) -> Representation:
    """Return what a function writes in a format, all of it before any of it is sent.

    Raises:
        NotAcceptable: the format has no way to say something that was found.
    """
    spool = SpooledBody()
    try:
        write(cast("IO[bytes]", spool))
    except UnsupportedFormat as error:
        raise NotAcceptable(error.message, remedy=error.remedy) from None
    body = b"".join(spool) if len(spool) <= MAX_IN_MEMORY else spool
    return Representation(body, form.content_type)


def serialize_json(value: object) -> Representation:
    """Return a value as JSON."""
    return Representation(json.dumps(value, ensure_ascii=False).encode(), JSON_TYPE)


def to_response(representation: Representation) -> HttpResponse:
    """Return a reply with a representation and every header that follows from it."""
    body = representation.body
    headers = {
        "Content-Type": representation.content_type,
        "Content-Length": str(len(body)) if representation.content_type else "",
        "Content-Language": representation.language,
        "Content-Location": representation.location,  # RFC 9110 §8.7
        "Vary": ", ".join(representation.vary),
        "ETag": representation.tag,
        "Cache-Control": representation.cache_control,
        "Link": link_header(representation.links),
    }
    shared = _CORS if representation.is_shared else {}
    return HttpResponse(
        representation.status,
        {**{name: value for name, value in headers.items() if value}, **shared},
        [body] if isinstance(body, bytes) else body,
    )


def empty_response(
    status: HTTPStatus,
    *,
    location: str = "",
    vary: Sequence[str] = (),
    cache_control: str = "",
) -> HttpResponse:
    """Return a reply without a body: a redirect, or what a change came to."""
    nothing = Representation(b"", "", status, vary=vary, cache_control=cache_control)
    reply = to_response(nothing)
    if not location:
        return reply
    return replace(reply, headers={**reply.headers, "Location": location})


def preflight(methods: Sequence[str]) -> HttpResponse:
    """Return the reply to OPTIONS, which is also a CORS preflight request."""
    allowed = ", ".join(methods)
    headers = {"Allow": allowed, "Access-Control-Allow-Methods": allowed, **_PREFLIGHT}
    return HttpResponse(HTTPStatus.NO_CONTENT, {**headers, **_CORS})


def conditional(reply: HttpResponse, if_none_match: str) -> HttpResponse:
    """Return 304 Not Modified if the client has the reply, else the reply itself.

    The client is told the tag that it has: a compression may have made it of ours (RFC
    9110 §8.8.3.3). A weak one counts too (§13.1.2).
    """
    current = reply.headers.get("ETag")
    if reply.status != HTTPStatus.OK or not current:
        return reply
    for found in _TAG.finditer(if_none_match):
        if f'"{found[2]}"' == current:
            kept = {n: v for n, v in reply.headers.items() if n not in _BODY_HEADERS}
            return HttpResponse(HTTPStatus.NOT_MODIFIED, {**kept, "ETag": found[0]})
    return reply


# What a reply without a body does not have (RFC 9110 §15.4.5).
_BODY_HEADERS = frozenset(
    f"Content-{name}" for name in ("Type", "Length", "Language", "Disposition")
)


def entity_tag(version: str, *asked: str) -> str:
    """Return the tag of what is answered from a version (RFC 9110 §8.8.3).

    It tells both, so that a client that has anything of a version can ask for changes
    to just that one.
    """
    return f'"{_digest(version)}-{_digest(*asked)}"'


def content_tag(body: bytes) -> str:
    """Return the tag of a body; no other body has it."""
    return f'"{hashlib.sha256(body).hexdigest()[:_DIGEST_LENGTH]}"'


def expected_version(request: HttpRequest, version: str, *, exists: bool) -> str | None:
    """Return the version that must be current for a change; None if any may be.

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


def _matches(condition: str, version: str, exists: bool) -> bool:
    """Return whether a condition holds for what is there now."""
    if condition.strip() == "*":
        return exists
    known = _digest(version)  # RFC 9110 §8.8.3.2: strong tags only
    return bool(version) and any(
        not weak and opaque.partition("-")[0] == known
        for weak, opaque in _TAG.findall(condition)
    )


def _digest(*parts: str) -> str:
    """Return a short name for texts, whatever stands in them."""
    together = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(together.encode()).hexdigest()[:_DIGEST_LENGTH]


_MAX_CONTRADICTIONS = 100
"""How many contradictions a problem lists."""


def problem_response(error: AlaqatError) -> HttpResponse:
    """What went wrong, as a problem with the place and the remedy."""
    more = {
        "remedy": error.remedy,
        "line": error.line,
        "column": getattr(error, "column", None),
        "results": getattr(error, "results", None),
        "contradictions": _contradictions(error),
    }
    reply = problem_details(error.category.status, error.message, **more)
    return replace(reply, headers={**reply.headers, **error_headers(error)})


def error_headers(error: AlaqatError) -> dict[str, str]:
    """Return the headers that HTTP wants beside a status."""
    if isinstance(error, MethodNotAllowed):
        return {"Allow": ", ".join(error.allowed)}  # RFC 9110 §15.5.6
    if isinstance(error, UnknownToken):
        return {"WWW-Authenticate": 'Bearer error="invalid_token"'}  # RFC 6750 §3.1
    if isinstance(error, Forbidden):
        return {"WWW-Authenticate": "Bearer"}  # RFC 9110 §15.5.2, RFC 6750 §3
    if isinstance(error, TooBusy):
        return {"Retry-After": str(error.retry_after)}  # RFC 9110 §10.2.3
    return {"Retry-After": "1"} if isinstance(error, LimitReached) else {}


def _contradictions(error: AlaqatError) -> list[dict[str, object]] | None:
    """Where the facts contradict the ontology, each by its rule, axioms and facts."""
    if not isinstance(error, Inconsistent):
        return None
    return [
        {
            "rule": one.rule,
            "axioms": [_to_ntriples(triple) for triple in one.axioms],
            "facts": [_to_ntriples(triple) for triple in one.triples],
            "message": one.message,
        }
        for one in error.contradictions[:_MAX_CONTRADICTIONS]
    ]


def _to_ntriples(triple: Iterable[Node]) -> str:
    """A triple as a line of N-Triples."""
    return f"{' '.join(term.n3() for term in triple)} ."


def problem_details(status: int, detail: str, **more: object) -> HttpResponse:
    """A problem for programs (RFC 9457); what is None is left out."""
    code = HTTPStatus(status)
    members = {
        "type": "about:blank",
        "title": code.phrase,
        "status": int(code),
        "detail": detail,
        **{name: value for name, value in more.items() if value is not None},
    }
    made = serialize_json(members)
    return to_response(
        replace(made, content_type=PROBLEM_TYPE, status=code, cache_control=NO_STORE)
    )
