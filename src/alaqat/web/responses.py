"""Flask's requests and responses as the values of the protocol, and back."""

from __future__ import annotations

from collections.abc import Sequence
from secrets import token_hex

from flask import Blueprint, Response, request
from werkzeug.urls import iri_to_uri

from alaqat.errors import AlaqatError
from alaqat.http.messages import (
    PROBLEM,
    Reply,
    Request,
    problem_response,
)
from alaqat.rdf.formats import FORMATS

_HTML = "text/html"
# What scripts of other sites may send and see, besides what they always may.
_SENT = ("Accept", "Authorization", "Content-Type", "If-Match", "If-None-Match")
_TOLD = ("Allow", "ETag", "Location", "Retry-After", "WWW-Authenticate")


def protocol_request() -> Request:
    """The current request as the protocol has it."""
    return Request(
        method=request.method,
        query_string=request.query_string,
        content_type=request.headers.get("Content-Type", ""),
        accept=request.headers.get("Accept", ""),
        body=request.get_data(cache=False),
        url=iri_to_uri(request.base_url),
        if_match=request.headers.get("If-Match", ""),
        if_none_match=request.headers.get("If-None-Match", ""),
        chance=token_hex(16),
    )


def response(reply: Reply) -> Response:
    """A reply as Flask has it."""
    return Response(reply.body, status=int(reply.status), headers=dict(reply.headers))


def with_problem_headers(page: Response, error: AlaqatError) -> Response:
    """The page of an error, with the headers that programs are told it with.

    What is said of the body is said of the page's own, which differs by language too.
    """
    for name, value in problem_response(error).headers.items():
        if name != "Vary" and not name.startswith("Content-"):
            page.headers[name] = value
    return page


def shared(blueprint: Blueprint, methods: Sequence[str]) -> None:
    """Let any site read what anyone may read; nothing here depends on cookies."""
    headers = {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Allow-Methods": ", ".join(methods),
        "Access-Control-Allow-Headers": ", ".join(_SENT),
        "Access-Control-Expose-Headers": ", ".join(_TOLD),
        "Access-Control-Max-Age": "86400",
    }

    @blueprint.after_request
    def share(reply: Response) -> Response:
        reply.headers.update(headers)
        return reply


def wants_page() -> bool:
    """Whether the client names HTML and likes it as much as anything else."""
    accepted = request.accept_mimetypes
    if "format" in request.args or _HTML not in accepted.values():
        return False
    machine = (*(form.media_type for form in FORMATS), PROBLEM)
    return accepted.best_match([_HTML, *machine]) == _HTML
