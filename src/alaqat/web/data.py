"""The graphs as resources, each at its own address or named in the query string."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, request, url_for
from werkzeug.urls import iri_to_uri

from alaqat.errors import AlaqatError
from alaqat.protocol import Served, respond_graph, told
from alaqat.protocol.graphs import READING, WRITING
from alaqat.web.settings import Settings
from alaqat.web.values import protocol_request, response

_REFUSED = ("PATCH",)  # the protocol says so itself


def data_blueprint(
    served: Served, settings: Settings, author: Callable[[], str | None]
) -> Blueprint:
    """The routes of the graph store.

    Args:
        served: what is read and, with an editor, changed.
        settings: how large a graph may be that is sent.
        author: tells who makes the current request, if they have shown it.
    """
    blueprint = Blueprint("data", __name__)

    @blueprint.route(
        *("/data",),
        methods=[*WRITING, *_REFUSED],
        strict_slashes=False,
        provide_automatic_options=False,
    )
    @blueprint.route(
        *("/data/<path:_>",),
        methods=[*WRITING, *_REFUSED],
        provide_automatic_options=False,
    )
    def data(_: str = "") -> Response:
        who = author()
        if request.method in WRITING and request.method not in READING:
            try:
                served.writer(who)  # a large body is held only for who may send it
            except AlaqatError as error:
                return response(told(error))
            request.max_content_length = settings.largest_graph
        endpoint = iri_to_uri(url_for("data.data", _external=True))
        return response(respond_graph(protocol_request(), served, endpoint, who))

    return blueprint
