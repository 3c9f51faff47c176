"""Errors as problem details for programs (RFC 9457)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from http import HTTPStatus

from rdflib.term import Node

from alaqat.errors import (
    AlaqatError,
    Forbidden,
    Inconsistent,
    LimitReached,
    MethodNotAllowed,
    TooBusy,
    UnknownToken,
)
from alaqat.http.messages import PROBLEM, Reply
from alaqat.http.representation import (
    NO_STORE,
    reply_with,
    represent_json,
)

_LISTED = 100
"""How many contradictions a problem lists."""


def problem_response(error: AlaqatError) -> Reply:
    """What went wrong, as a problem with the place and the remedy."""
    more = {
        "remedy": error.remedy,
        "line": error.line,
        "column": getattr(error, "column", None),
        "results": getattr(error, "results", None),
        "contradictions": _contradictions(error),
    }
    reply = problem(error.category.status, error.message, **more)
    return replace(reply, headers={**reply.headers, **headers_of(error)})


def headers_of(error: AlaqatError) -> dict[str, str]:
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
    made = represent_json(members)
    return reply_with(
        replace(made, content_type=PROBLEM, status=code, cache_control=NO_STORE)
    )
