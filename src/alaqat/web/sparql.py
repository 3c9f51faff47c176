"""The endpoint: the protocol for programs, the same query as a page for people."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, request

from alaqat.protocol import METHODS, Served, respond
from alaqat.web.query import QueryPage
from alaqat.web.values import protocol_request, response, wants_page

_REFUSED = ("PUT", "DELETE", "PATCH")  # the protocol says so itself


def sparql_blueprint(
    served: Served, page: QueryPage, author: Callable[[], str | None]
) -> Blueprint:
    """The routes of the endpoint.

    Args:
        served: what is read and, with an editor, changed.
        page: shows answers to people.
        author: tells who makes the current request, if they have shown it.
    """
    blueprint = Blueprint("sparql", __name__)

    @blueprint.route(
        "/sparql",
        methods=[*METHODS, *_REFUSED],
        strict_slashes=False,
        provide_automatic_options=False,
    )
    def sparql() -> Response:
        if request.method in ("GET", "HEAD") and wants_page():
            return page.answer(protocol_request())
        return response(respond(protocol_request(), served, author()))

    return blueprint
