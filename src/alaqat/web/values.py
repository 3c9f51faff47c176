"""Flask's requests and responses as the values of the protocol, and back."""

from __future__ import annotations

from flask import Response, request

from alaqat.formats import FORMATS
from alaqat.protocol import PROBLEM, Reply, Request

_HTML = "text/html"


def protocol_request() -> Request:
    """The current request as the protocol has it."""
    return Request(
        method=request.method,
        query_string=request.query_string,
        content_type=request.headers.get("Content-Type", ""),
        accept=request.headers.get("Accept", ""),
        body=request.get_data(cache=False),
        url=request.base_url,
    )


def response(reply: Reply) -> Response:
    """A reply as Flask has it."""
    return Response(reply.body, status=int(reply.status), headers=dict(reply.headers))


def wants_page() -> bool:
    """Whether the client names HTML and likes it as much as anything else."""
    accepted = request.accept_mimetypes
    if "format" in request.args or _HTML not in accepted.values():
        return False
    machine = (*(form.media_type for form in FORMATS), PROBLEM)
    return accepted.best_match([_HTML, *machine]) == _HTML
