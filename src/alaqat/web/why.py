"""The proof of a triple, for programs."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response

from alaqat.dataset import Dataset
from alaqat.protocol.why import why_reply
from alaqat.web.values import protocol_request, response


def why_blueprint(dataset: Callable[[], Dataset]) -> Blueprint:
    """The route that tells why a triple holds."""
    blueprint = Blueprint("why", __name__)

    @blueprint.get("/why")
    def why() -> Response:
        return response(why_reply(protocol_request(), dataset()))

    return blueprint
