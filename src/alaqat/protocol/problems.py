"""Errors as problem details for programs (RFC 9457)."""

from __future__ import annotations

import json
from collections.abc import Iterable
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
from alaqat.protocol.values import PROBLEM, Reply

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
    return problem(error.category.status, error.message, **more).having(
        **_headers(error)
    )


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
