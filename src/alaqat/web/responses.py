"""Flask's requests and responses as the values of the protocol, and back."""

from __future__ import annotations

from secrets import token_hex

from flask import Response, request
from werkzeug.urls import iri_to_uri

from alaqat.errors import AlaqatError
from alaqat.http.messages import (
    PROBLEM_TYPE,
    HttpRequest,
    HttpResponse,
)
from alaqat.http.representation import (
    Representation,
    error_headers,
    to_response,
)
from alaqat.rdf.formats import FORMATS

_HTML = "text/html"


def protocol_request() -> HttpRequest:
    """The current request as the protocol has it."""
    return HttpRequest(
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


def flask_response(reply: HttpResponse) -> Response:
    """A reply as Flask has it."""
    return Response(reply.body, status=int(reply.status), headers=dict(reply.headers))


def represent(representation: Representation) -> Response:
    """Return a representation as Flask has it."""
    return flask_response(to_response(representation))


def with_error_headers(error: AlaqatError, page: Response) -> Response:
    """Return the page of an error with the headers of its problem response."""
    page.headers.update(error_headers(error))
    return page


def wants_page() -> bool:
    """Whether the client names HTML and likes it as much as anything else."""
    accepted = request.accept_mimetypes
    if "format" in request.args or _HTML not in accepted.values():
        return False
    machine = (*(form.media_type for form in FORMATS), PROBLEM_TYPE)
    return accepted.best_match([_HTML, *machine]) == _HTML
