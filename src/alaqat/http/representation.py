"""Representations, the HTTP headers that follow from them, and problem details.

``to_response`` is the one place that sets Content-Type, Vary, ETag, Cache-Control, Link
and CORS headers; ``conditional`` is the one place that answers 304 Not Modified. Errors
are problem details (RFC 9457). A large body is spooled to disk.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from http import HTTPStatus
from tempfile import SpooledTemporaryFile
from threading import Lock
from typing import IO, Protocol, cast

from rdflib.term import Node

from alaqat.errors import (
    AlaqatError,
    CannotWrite,
    Conflict,
    Inconsistent,
    LimitReached,
    MethodNotAllowed,
    NotAcceptable,
    TooBusy,
    Unauthenticated,
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

#: Bytes of a body that are held in memory, and bytes that are sent at once.
MAX_IN_MEMORY, CHUNK_SIZE = 1_000_000, 65_536


class LongBody(Protocol):
    """A body that is sent in chunks, and whose length is known before."""

    def __len__(self) -> int:
        """Return how many bytes it has."""

    def __iter__(self) -> Iterator[bytes]:
        """Yield its chunks, any number of times."""


class SpooledBody:
    """A body that is written once, then iterated any number of times.

    A small one stays in memory, a large one goes to a temporary file, which is removed
    with the last reference to the body.
    """

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(max_size=MAX_IN_MEMORY)  # noqa: SIM115 # it lives as long as the response
        self._lock = Lock()
        self._size = 0

    def write(self, content: bytes) -> int:
        """Append some bytes, and return how many.

        Raises:
            CannotWrite: there is no room for them on the disk, or no place.
        """
        with self._reporting_errors():
            self._file.write(content)
        self._size += len(content)
        return len(content)

    def writelines(self, lines: Iterable[bytes]) -> None:
        """Append many lines."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Write what is buffered, so that nothing can fail while it is sent.

        Raises:
            CannotWrite: there is no room for it on the disk.
        """
        with self._reporting_errors():
            self._file.flush()

    @contextmanager
    def _reporting_errors(self) -> Iterator[None]:
        """Raise CannotWrite for a failed write, after giving up what was written."""
        try:
            yield
        except OSError as error:
            with suppress(OSError):  # it tries once more to write what is buffered
                self._file.close()
            self._file, self._size = SpooledTemporaryFile(MAX_IN_MEMORY), 0  # noqa: SIM115 # as above
            raise CannotWrite(
                f"The reply cannot be written to disk: {error.strerror or error}.",
                remedy="Ask for less at once, or try again later.",
            ) from None

    def __len__(self) -> int:
        """Return how many bytes were written."""
        return self._size

    def __del__(self) -> None:
        self._file.close()

    def __iter__(self) -> Iterator[bytes]:
        for start in range(0, self._size, CHUNK_SIZE):
            yield self.chunk(start)

    def chunk(self, start: int) -> bytes:
        """Return the chunk from an offset; empty at the end."""
        with self._lock:
            self._file.seek(start)
            return self._file.read(CHUNK_SIZE)

    def chunks(self) -> SpooledChunks:
        """Return the chunks for one response, which releases the body at its end."""
        return SpooledChunks(self)

    def lines(self) -> Iterator[bytes]:
        """Yield the lines, each with its end."""
        rest: list[bytes] = []  # of a line that may be very long
        for chunk in self:
            first, *others = chunk.split(b"\n")
            rest.append(first)
            if others:
                yield b"".join(rest) + b"\n"
                yield from (line + b"\n" for line in others[:-1])
                rest = [others[-1]]
        if any(rest):
            yield b"".join(rest)


class SpooledChunks:
    """The chunks of a spooled body, as one response sends them.

    Requests may share a body, so its file is removed when the last of them releases it:
    at the end of its response, or when its client has left.

    Args:
        body: that is sent.
    """

    def __init__(self, body: SpooledBody) -> None:
        self._body: SpooledBody | None = body

    def __iter__(self) -> Iterator[bytes]:
        """Yield the chunks, as long as the response is not closed."""
        start = 0
        while self._body is not None and (chunk := self._body.chunk(start)):
            start += len(chunk)
            yield chunk

    def close(self) -> None:
        """Release the body; servers call it at the end of a response (PEP 3333)."""
        self._body = None


#: Values of Cache-Control: store and revalidate each time, or do not store.
REVALIDATE = "public, max-age=0, must-revalidate"
NO_CACHE, NO_STORE = "no-cache", "no-store"

#: Media type of JSON other than query results.
JSON_TYPE = "application/json"

# CORS: any site may read what anyone may read, as nothing here depends on cookies.
_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Alaqat-Version, Allow, Content-Location, ETag, "
    "Link, Location, Retry-After, WWW-Authenticate",
}
_PREFLIGHT = {
    "Access-Control-Allow-Headers": "Accept, Authorization, Content-Type, If-Match, "
    "If-None-Match",
    "Access-Control-Max-Age": "86400",
}
_DIGEST_LENGTH = 32
# RFC 9110 §8.8.3; compression appends its name to our tag: "abc:gzip".
_TAG = re.compile(r'(W/)?"([^":]*)(?::\w+)?"')


@dataclass(frozen=True)
class Representation:
    """A body with its metadata (RFC 9110 §3.2).

    Attributes:
        body: what is sent; spooled if it is large.
        content_type: with a charset where there is one.
        status: the status code.
        tag: the strong entity tag, quoted; empty for none.
        cache_control: the Cache-Control header; empty for none.
        vary: the request headers that selected it.
        language: of a page; empty for data.
        location: its own address, if another one was requested.
        links: typed links to related resources.
        is_shared: whether scripts of other sites may read it (CORS).
    """

    body: bytes | LongBody
    content_type: str
    status: HTTPStatus = HTTPStatus.OK
    tag: str = ""
    cache_control: str = ""
    vary: Sequence[str] = ("Accept",)
    language: str = ""
    location: str = ""
    links: Sequence[Link] = ()
    is_shared: bool = True


def serialize(form: Format, write: Callable[[IO[bytes]], object]) -> Representation:
    """Return what a function writes in a format, all of it before any of it is sent.

    Raises:
        NotAcceptable: the format cannot express the result.
    """
    spooled = SpooledBody()
    with inexpressible_is_not_acceptable():
        write(cast("IO[bytes]", spooled))
        spooled.flush()
    body = b"".join(spooled) if len(spooled) <= MAX_IN_MEMORY else spooled
    return Representation(body, form.content_type)


@contextmanager
def inexpressible_is_not_acceptable() -> Iterator[None]:
    """Raise NotAcceptable where a format cannot express what is to be written."""
    try:
        yield
    except UnsupportedFormat as error:
        raise NotAcceptable(error.message, remedy=error.remedy) from None


def serialize_json(value: object) -> Representation:
    """Return a value as JSON."""
    return Representation(json.dumps(value, ensure_ascii=False).encode(), JSON_TYPE)


def to_response(representation: Representation) -> HttpResponse:
    """Return a response with a representation and the headers that follow from it."""
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
    cors = _CORS if representation.is_shared else {}
    return HttpResponse(
        representation.status,
        {**{name: value for name, value in headers.items() if value}, **cors},
        _chunks(body),
    )


def _chunks(body: bytes | LongBody) -> Iterable[bytes]:
    """Return the chunks of a body; a spooled one is released after they are sent."""
    if isinstance(body, bytes):
        return [body]
    return body.chunks() if isinstance(body, SpooledBody) else body


def empty_response(
    status: HTTPStatus,
    *,
    location: str = "",
    vary: Sequence[str] = (),
    cache_control: str = "",
) -> HttpResponse:
    """Return a response without a body, such as a redirect."""
    empty = Representation(b"", "", status, vary=vary, cache_control=cache_control)
    response = to_response(empty)
    if not location:
        return response
    return replace(response, headers={**response.headers, "Location": location})


def written_response(
    status: HTTPStatus, version: str, *, location: str = ""
) -> HttpResponse:
    """Return the response to a change, with the version that it made.

    ``Alaqat-Version`` is that version as a tag, which ``If-Match`` takes. It is not in
    ``ETag``, since no triples are stored byte by byte (RFC 9110 §9.3.4).
    """
    response = empty_response(status, location=location, cache_control=NO_STORE)
    tag = {"Alaqat-Version": f'"{version}"'} if version else {}
    return replace(response, headers={**response.headers, **tag})


def preflight(methods: Sequence[str]) -> HttpResponse:
    """Return the response to OPTIONS, which may be a CORS preflight request."""
    allowed = ", ".join(methods)
    headers = {"Allow": allowed, "Access-Control-Allow-Methods": allowed, **_PREFLIGHT}
    return HttpResponse(HTTPStatus.NO_CONTENT, {**headers, **_CORS})


def conditional(response: HttpResponse, if_none_match: str) -> HttpResponse:
    """Return 304 Not Modified if the client has the response, else the response itself.

    Its tag is repeated as the client sent it: compression may have extended ours (RFC
    9110 §8.8.3.3). Weak tags match too (§13.1.2).
    """
    current = response.headers.get("ETag")
    if response.status != HTTPStatus.OK or not current:
        return response
    for match in _TAG.finditer(if_none_match):
        if f'"{match[2]}"' == current:
            headers = {
                name: value
                for name, value in response.headers.items()
                if name not in _BODY_HEADERS
            }
            return HttpResponse(HTTPStatus.NOT_MODIFIED, {**headers, "ETag": match[0]})
    return response


# Headers that a response without a body does not have (RFC 9110 §15.4.5).
_BODY_HEADERS = frozenset(
    f"Content-{name}" for name in ("Type", "Length", "Language", "Disposition")
)


def entity_tag(version: str, *key: str) -> str:
    """Return the tag of a response that is read from a version (RFC 9110 §8.8.3).

    It contains the version, so that a client that has read anything from a version can
    make a change conditional on it.
    """
    return f'"{_digest(version)}-{_digest(*key)}"'


def content_tag(body: bytes) -> str:
    """Return the tag of a body, derived from its content."""
    return digest_tag(hashlib.sha256(body).hexdigest())


def digest_tag(sha256: str) -> str:
    """Return the tag of a body whose SHA-256 is known."""
    return f'"{sha256[:_DIGEST_LENGTH]}"'


def expected_version(request: HttpRequest, version: str, *, exists: bool) -> str | None:
    """Return the version that must be current for a change; None for any.

    Args:
        request: the change.
        version: the current version.
        exists: whether the resource to be changed exists.

    Raises:
        Conflict: If-Match or If-None-Match does not hold (RFC 9110 §13.1.1, §13.1.2).
    """
    if not request.if_match and not request.if_none_match:
        return None
    if request.if_match and not _matches(request.if_match, version, exists):
        raise Conflict(
            "The dataset has changed since.",
            remedy="Read it again, then send the change again.",
        )
    if request.if_none_match and _matches(request.if_none_match, version, exists):
        raise Conflict(
            "It exists already.", remedy="Send the change without If-None-Match."
        )
    return version or None


def _matches(condition: str, version: str, exists: bool) -> bool:
    """Return whether a list of tags matches the current version."""
    if condition.strip() == "*":
        return exists
    current = (_digest(version), version)
    return bool(version) and any(  # RFC 9110 §8.8.3.2: strong tags only
        not weak and opaque.partition("-")[0] in current
        for weak, opaque in _TAG.findall(condition)
    )


def _digest(*parts: str) -> str:
    """Return a short digest of texts; their lengths keep them apart."""
    joined = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(joined.encode()).hexdigest()[:_DIGEST_LENGTH]


_MAX_CONTRADICTIONS = 100  # that a problem lists


def problem_response(error: AlaqatError) -> HttpResponse:
    """Return the problem details of an error, with its position and remedy."""
    members = {
        "remedy": error.remedy,
        "line": error.line,
        "column": getattr(error, "column", None),
        "results": getattr(error, "results", None),
        "contradictions": _contradictions(error),
    }
    response = problem_details(error.category.status, error.message, **members)
    return replace(response, headers={**response.headers, **error_headers(error)})


def error_headers(error: AlaqatError) -> dict[str, str]:
    """Return the headers that HTTP requires with the status of an error."""
    if isinstance(error, MethodNotAllowed):
        return {"Allow": ", ".join(error.allowed)}  # RFC 9110 §15.5.6
    if isinstance(error, UnknownToken):
        return {"WWW-Authenticate": 'Bearer error="invalid_token"'}  # RFC 6750 §3.1
    if isinstance(error, Unauthenticated):
        return {"WWW-Authenticate": "Bearer"}  # RFC 9110 §15.5.2, RFC 6750 §3
    if isinstance(error, TooBusy):
        return {"Retry-After": str(error.retry_after)}  # RFC 9110 §10.2.3
    return {"Retry-After": "1"} if isinstance(error, LimitReached) else {}


def _contradictions(error: AlaqatError) -> list[dict[str, object]] | None:
    """Return each contradiction with its rule and facts; None for other errors."""
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
    """Return a triple as a line of N-Triples."""
    return f"{' '.join(term.n3() for term in triple)} ."


def problem_details(status: int, detail: str, **extra: object) -> HttpResponse:
    """Return problem details (RFC 9457); extra members that are None are omitted."""
    code = HTTPStatus(status)
    members = {
        "type": "about:blank",
        "title": code.phrase,
        "status": int(code),
        "detail": detail,
        **{name: value for name, value in extra.items() if value is not None},
    }
    return to_response(
        replace(
            serialize_json(members),
            content_type=PROBLEM_TYPE,
            status=code,
            cache_control=NO_STORE,
        )
    )
