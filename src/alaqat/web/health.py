"""Whether the server lives, and whether requests should be sent to it."""

from __future__ import annotations

import json
from collections.abc import Callable

from flask import Blueprint, Response

from alaqat.dataset import Dataset
from alaqat.errors import AlaqatError
from alaqat.library import Library
from alaqat.store import Store

_PATIENCE = 2.0  # seconds that a light query may take in a server that is ready


def health_blueprint(
    dataset: Callable[[], Dataset], store: Store, library: Library
) -> Blueprint:
    """The routes that monitors ask.

    Args:
        dataset: is asked, in this process, whether the server lives: that must be told
            even while all evaluators are taken.
        store: is asked whether the server is ready, as anybody's queries are.
        library: has the query.
    """
    blueprint = Blueprint("health", __name__)
    query = library.get("anything").text

    @blueprint.get("/health")
    def health() -> Response:
        return _told(lambda: bool(dataset().store.query(query).truth))

    @blueprint.get("/ready")
    def ready() -> Response:
        return _told(lambda: bool(store.query(query, timeout=_PATIENCE).truth))

    return blueprint


def _told(is_well: Callable[[], bool]) -> Response:
    """The answer in the form of health checks; no fault is told in another."""
    try:
        fault = "" if is_well() else "The dataset is empty."
    except AlaqatError as error:
        fault = error.message
    told = {"status": "fail", "output": fault} if fault else {"status": "pass"}
    reply = Response(
        json.dumps(told),
        status=503 if fault else 200,
        mimetype="application/health+json",
    )
    reply.headers["Cache-Control"] = "no-store"
    return reply
