"""Every request, watched from first byte to answer: name, budget, count, log."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address
from os.path import isfile
from time import perf_counter, thread_time

from flask import Flask, Response, current_app, g, request
from werkzeug.exceptions import RequestHeaderFieldsTooLarge
from werkzeug.security import safe_join

from alaqat.web.budget import Budgets
from alaqat.web.log import request_id, tell
from alaqat.web.metrics import CONTENT_TYPE, Metrics
from alaqat.web.settings import Settings

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"})
_HEADER = "X-Request-Id"

# Reading a header takes longer than it is long: one of 20 kB could take seconds.
_NEGOTIATING = ("Accept", "Accept-Language", "Accept-Encoding", "If-None-Match")
_LONGEST = 2000


def watch(
    app: Flask, metrics: Metrics, settings: Settings, *, evaluated: Callable[[], float]
) -> None:
    """Watch the requests of an application.

    Args:
        app: the application.
        metrics: counts them.
        settings: how much a client may ask for.
        evaluated: gives the seconds of work that the current request caused elsewhere.
    """
    budgets = Budgets(
        requests=settings.requests_per_minute, seconds=settings.seconds_per_minute
    )

    @app.before_request
    def begin() -> None:
        g.began, g.worked = perf_counter(), thread_time()
        g.request_id = request_id(request.headers.get(_HEADER, ""))
        g.client = _client(spares_loopback=settings.spares_loopback)
        if any(len(request.headers.get(name, "")) > _LONGEST for name in _NEGOTIATING):
            raise RequestHeaderFieldsTooLarge
        if g.client and not _is_free():
            budgets.admit(g.client)

    @app.after_request
    def end(reply: Response) -> Response:
        seconds = perf_counter() - g.began
        kind = _kind()
        method = request.method if request.method in _METHODS else "other"
        metrics.count(kind, method, reply.status_code, seconds)
        seconds_elsewhere = evaluated()
        if g.client:
            budgets.charge(g.client, thread_time() - g.worked + seconds_elsewhere)
        reply.headers[_HEADER] = g.request_id
        tell(
            "request",
            id=g.request_id,
            kind=kind,
            method=method,
            status=reply.status_code,
            milliseconds=round(seconds * 1000, 1),
        )
        return reply

    @app.get("/metrics")
    def metrics_page() -> Response:
        return Response(metrics.text(), content_type=CONTENT_TYPE)


def _is_free() -> bool:
    """Whether a request is never refused: whether we live, and what pages load.

    A file that is not there, or not all of it, may cost the page of an error.
    """
    if request.endpoint != "static":
        return _kind() == "health"
    name = (request.view_args or {}).get("filename", "")
    path = safe_join(current_app.static_folder or "", name)
    if path is None or "Range" in request.headers:
        return False
    return isfile(path)  # noqa: PTH113 # which is no error for a name that is too long


def _kind() -> str:
    """What is asked for: the name of the route, or nothing that is known."""
    endpoint = request.endpoint or "unknown"
    return endpoint.rpartition(".")[2].removesuffix("_page")


def _client(*, spares_loopback: bool) -> str:
    """Who asks, by address; empty for one that has no bound."""
    address = request.remote_addr or ""
    try:
        is_local = ip_address(address).is_loopback
    except ValueError:
        is_local = False
    return "" if is_local and spares_loopback else address
