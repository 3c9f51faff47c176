"""Conversion between Flask's requests and responses and those of ``alaqat.http``."""

from __future__ import annotations

from secrets import token_hex

from flask import Response, request
from werkzeug.urls import iri_to_uri

from alaqat.errors import AlaqatError, UnsupportedFormat
from alaqat.http.messages import PROBLEM_TYPE, HttpRequest, HttpResponse
from alaqat.http.representation import Representation, error_headers, to_response
from alaqat.rdf.formats import FORMATS

_HTML = "text/html"


def protocol_request() -> HttpRequest:
    """Return the current request as the protocols read it.

    Raises:
        UnsupportedFormat: its body is compressed.
    """
    encoding = request.headers.get("Content-Encoding", "identity").lower()
    if encoding != "identity" and request.content_length:
        raise UnsupportedFormat(
            f"The content encoding {encoding} is not supported.",
            remedy="Send the body as it is, without Content-Encoding.",
        )
    return HttpRequest(
        method=request.method,
        query_string=request.query_string,
        content_type=request.headers.get("Content-Type", ""),
        accept=request.headers.get("Accept", ""),
        body=request.get_data(cache=False),
        url=iri_to_uri(request.base_url),
        if_match=request.headers.get("If-Match", ""),
        if_none_match=request.headers.get("If-None-Match", ""),
        nonce=token_hex(16),
    )


def flask_response(response: HttpResponse) -> Response:
    """Return a response as Flask sends it."""
    return Response(
        response.body, status=int(response.status), headers=dict(response.headers)
    )


def represent(representation: Representation) -> Response:
    """Return the response with a representation as Flask sends it."""
    return flask_response(to_response(representation))


def with_error_headers(error: AlaqatError, page: Response) -> Response:
    """Return the page of an error with the headers of its problem details."""
    page.headers.update(error_headers(error))
    return page


def wants_page() -> bool:
    """Return whether the client accepts HTML and prefers nothing else to it."""
    accepted = request.accept_mimetypes
    if "format" in request.args or _HTML not in accepted.values():
        return False
    data_types = (*(form.media_type for form in FORMATS), PROBLEM_TYPE)
    return accepted.best_match([_HTML, *data_types]) == _HTML
