"""Whether the server lives, and whether requests should be sent to it."""

from __future__ import annotations

import json
from collections.abc import Callable
from http import HTTPStatus

from flask import Blueprint, Response

from alaqat.dataset import Dataset
from alaqat.errors import AlaqatError
from alaqat.protocol import Representation, Served
from alaqat.protocol.representation import NO_STORE
from alaqat.store import Store
from alaqat.store.interface import with_timeout
from alaqat.web.values import send

_HEALTH = "application/health+json"
_PATIENCE = 2.0  # seconds that a light query may take in a server that is ready


def health_blueprint(dataset: Callable[[], Dataset], served: Served) -> Blueprint:
    """The routes that monitors ask.

    Args:
        dataset: is asked, in this process, whether the server lives: that must be told
            even while all evaluators are taken.
        served: is asked whether the server is ready, as anybody's queries are. With an
            editor all may be well without data: it waits for its first write.
    """
    blueprint = Blueprint("health", __name__)
    query = served.library.get("anything").text
    may_be_empty = served.editor is not None

    def is_well(store: Store) -> bool:
        return bool(store.query(query).truth) or may_be_empty

    @blueprint.get("/health")
    def health() -> Response:
        return _told(lambda: is_well(dataset().store))

    @blueprint.get("/ready")
    def ready() -> Response:
        return _told(lambda: is_well(with_timeout(served.store, _PATIENCE)))

    return blueprint


def _told(is_well: Callable[[], bool]) -> Response:
    """The answer in the form of health checks; no fault is told in another."""
    try:
        fault = "" if is_well() else "The dataset is empty."
    except AlaqatError as error:
        fault = error.message
    told = {"status": "fail", "output": fault} if fault else {"status": "pass"}
    status = HTTPStatus.SERVICE_UNAVAILABLE if fault else HTTPStatus.OK
    body = json.dumps(told).encode()
    return send(Representation(body, _HEALTH, status, cache_control=NO_STORE, vary=()))
