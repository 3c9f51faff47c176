"""The proof of a triple, for programs."""

from __future__ import annotations

from flask import Blueprint, Response

from alaqat.protocol.why import Proofs
from alaqat.store import Store
from alaqat.web.values import protocol_request, response


def why_blueprint(store: Store) -> Blueprint:
    """The route that tells why a triple holds."""
    blueprint = Blueprint("why", __name__)
    proofs = Proofs(store)

    @blueprint.get("/why")
    def why() -> Response:
        return response(proofs.respond(protocol_request()))

    return blueprint
