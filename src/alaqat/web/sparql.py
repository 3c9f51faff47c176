"""The endpoint: the protocol for programs, the same query as a page for people."""

from __future__ import annotations

from flask import Blueprint, Response, request

from alaqat.protocol import METHODS, respond
from alaqat.store import Store
from alaqat.web.query import QueryPage
from alaqat.web.values import protocol_request, response, wants_page

# Any site may read what anyone may read; nothing here depends on who asks.
_SHARED = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": ", ".join(METHODS),
    "Access-Control-Allow-Headers": "Accept, Content-Type",
    "Access-Control-Max-Age": "86400",
}
_REFUSED = ("PUT", "DELETE", "PATCH")  # the protocol says so itself


def sparql_blueprint(store: Store, page: QueryPage) -> Blueprint:
    """The routes of the endpoint."""
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
        return response(respond(protocol_request(), store))

    @blueprint.after_request
    def share(reply: Response) -> Response:
        reply.headers.update(_SHARED)
        return reply

    return blueprint
