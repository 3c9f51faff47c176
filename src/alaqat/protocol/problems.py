"""Errors as problems for programs (RFC 9457), and the one mapping to a status."""

from __future__ import annotations

import json
from collections.abc import Iterable
from http import HTTPStatus

from rdflib.term import Node

from alaqat.errors import (
    AlaqatError,
    AmbiguousName,
    CannotWrite,
    Conflict,
    Forbidden,
    Inconsistent,
    InvalidData,
    InvalidQuery,
    LimitReached,
    Nonconforming,
    NotAcceptable,
    ReadOnly,
    StoreUnavailable,
    TooBusy,
    TooLarge,
    TooMany,
    UnknownGraph,
    UnknownName,
    UnknownQuery,
    UnknownToken,
    UnsupportedFormat,
)
from alaqat.protocol.values import PROBLEM, MethodNotAllowed, Reply

#: The one mapping from what went wrong to a status; the first class that fits.
STATUS: dict[type[AlaqatError], HTTPStatus] = {
    InvalidQuery: HTTPStatus.BAD_REQUEST,
    InvalidData: HTTPStatus.BAD_REQUEST,
    UnknownGraph: HTTPStatus.NOT_FOUND,
    AmbiguousName: HTTPStatus.BAD_REQUEST,
    UnknownName: HTTPStatus.NOT_FOUND,
    UnknownQuery: HTTPStatus.NOT_FOUND,
    UnsupportedFormat: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    NotAcceptable: HTTPStatus.NOT_ACCEPTABLE,
    ReadOnly: HTTPStatus.FORBIDDEN,
    Forbidden: HTTPStatus.UNAUTHORIZED,
    Conflict: HTTPStatus.PRECONDITION_FAILED,
    Nonconforming: HTTPStatus.UNPROCESSABLE_ENTITY,
    Inconsistent: HTTPStatus.UNPROCESSABLE_ENTITY,
    TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    LimitReached: HTTPStatus.SERVICE_UNAVAILABLE,
    TooMany: HTTPStatus.TOO_MANY_REQUESTS,
    TooBusy: HTTPStatus.SERVICE_UNAVAILABLE,
    MethodNotAllowed: HTTPStatus.METHOD_NOT_ALLOWED,
    StoreUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    CannotWrite: HTTPStatus.INSUFFICIENT_STORAGE,
}


_LISTED = 100
"""How many contradictions a problem lists."""


def told(error: AlaqatError) -> Reply:
    """What went wrong, as a problem with the place and the remedy."""
    more = {
        "remedy": error.remedy,
        "line": error.line,
        "column": getattr(error, "column", None),
        "results": getattr(error, "results", None),
        "contradictions": _contradictions(error),
    }
    return problem(status_of(error), error.message, **more).having(**_headers(error))


def _headers(error: AlaqatError) -> dict[str, str]:
    """What HTTP wants to be told beside a status."""
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
            "axioms": [_n3(triple) for triple in one.axioms],
            "facts": [_n3(triple) for triple in one.triples],
            "message": one.message,
        }
        for one in error.contradictions[:_LISTED]
    ]


def _n3(triple: Iterable[Node]) -> str:
    """A triple as a line of N-Triples."""
    return f"{' '.join(term.n3() for term in triple)} ."


def problem(status: int, detail: str, **more: object) -> Reply:
    """A problem for programs (RFC 9457); what is None is left out."""
    code = HTTPStatus(status)
    members = {
        "type": "about:blank",
        "title": code.phrase,
        "status": int(code),
        "detail": detail,
        **{name: value for name, value in more.items() if value is not None},
    }
    content = json.dumps(members, ensure_ascii=False).encode()
    headers = {
        "Content-Type": PROBLEM,
        "Content-Length": str(len(content)),
        "Cache-Control": "no-store",
        "Vary": "Accept",
    }
    return Reply(code, headers, [content])


def status_of(error: AlaqatError) -> HTTPStatus:
    """The status of an error."""
    fitting = (code for kind, code in STATUS.items() if isinstance(error, kind))
    return next(fitting, HTTPStatus.INTERNAL_SERVER_ERROR)
