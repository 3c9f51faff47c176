"""Logs as JSON, a line for each event; who asked, and what, is not in them.

What the server counts and times, in the form of Prometheus.

What the store and its readers count, for /metrics.

Every request, watched from first byte to answer: name, budget, count, log.

Whether the server lives, and whether requests should be sent to it.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from ipaddress import ip_address
from os.path import isfile
from time import perf_counter, thread_time
from typing import TextIO
from uuid import uuid4

from flask import Blueprint, Flask, Response, current_app, g, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector
from werkzeug.exceptions import RequestHeaderFieldsTooLarge
from werkzeug.security import safe_join

from alaqat.dataset import Dataset
from alaqat.errors import AlaqatError
from alaqat.http.endpoint import Endpoint
from alaqat.http.representation import NO_STORE, Representation
from alaqat.store.interface import Store, with_timeout
from alaqat.store.pool.store import PooledStore
from alaqat.store.releases import MANIFEST, CurrentSnapshot
from alaqat.web.middleware.rate_limit import RateLimiter
from alaqat.web.responses import represent
from alaqat.web.settings import Settings

LOGGER_NAME = "alaqat.web"

# What a proxy may call a request; anything else could break out of a log or header.
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_FIELDS_ATTRIBUTE = "fields"


class JsonFormatter(logging.Formatter):
    """One JSON object a line, with the fields of the event."""

    def format(self, record: logging.LogRecord) -> str:
        """A record as a line."""
        when = datetime.fromtimestamp(record.created, UTC)
        told = {
            "time": when.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, _FIELDS_ATTRIBUTE, {}),
        }
        if record.exc_info:
            told["trace"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False)


def start_logging(*, requests: bool, out: TextIO | None = None) -> None:
    """Write the server's log.

    Args:
        requests: whether every request is told; if not, only what went wrong.
        out: where to; stderr if None.
    """
    handler = logging.StreamHandler(out or sys.stderr)
    handler.setFormatter(JsonFormatter())
    logger = logging.getLogger(LOGGER_NAME)
    logger.handlers[:] = [handler]
    logger.setLevel(logging.INFO if requests else logging.ERROR)


def log_event(event: str, **fields: str | float) -> None:
    """Tell of an event that is no fault."""
    logging.getLogger(LOGGER_NAME).info(event, extra={_FIELDS_ATTRIBUTE: fields})


def log_error(event: str, error: BaseException, **fields: str | float) -> None:
    """Tell of a fault of ours, with where it arose."""
    logging.getLogger(LOGGER_NAME).error(
        event, exc_info=error, extra={_FIELDS_ATTRIBUTE: fields}
    )


def request_id(given: str) -> str:
    """The name that a proxy gave a request if it is a plain one, else a new one."""
    return given if _REQUEST_ID.fullmatch(given) else uuid4().hex


CONTENT_TYPE = CONTENT_TYPE_LATEST
_BUCKETS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)

MetricsSource = Callable[[], Mapping[str, float]]
"""Gives figures by name; a name that ends in _total only ever grows."""


class Metrics:
    """Counts and times requests, and passes on the figures of other parts.

    Args:
        sources: give figures when they are asked for.
    """

    def __init__(self, *sources: MetricsSource) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "alaqat_requests",
            "Requests that were answered",
            ["kind", "method", "status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "alaqat_request_seconds",
            "Time from the first byte of a request to the first of its answer",
            ["kind"],
            buckets=_BUCKETS,
            registry=self._registry,
        )
        ProcessCollector(registry=self._registry)
        self._registry.register(_SourcesCollector(sources))

    def count(self, kind: str, method: str, status: int, seconds: float) -> None:
        """Count a request.

        Args:
            kind: of what was asked for; one of few, so that no client makes many.
            method: of HTTP.
            status: of the answer.
            seconds: that it took.
        """
        self._requests.labels(kind, method, str(status)).inc()
        self._seconds.labels(kind).observe(seconds)

    def text(self) -> bytes:
        """All figures, as Prometheus reads them."""
        return generate_latest(self._registry)


class _SourcesCollector(Collector):
    """Figures that other parts keep."""

    def __init__(self, sources: Iterable[MetricsSource]) -> None:
        self._sources = tuple(sources)

    def collect(self) -> Iterable[Metric]:
        """The figures as they are now."""
        for source in self._sources:
            for name, value in source().items():
                title = name.removesuffix("_total").replace("_", " ")
                family = (
                    CounterMetricFamily
                    if name.endswith("_total")
                    else GaugeMetricFamily
                )
                yield family(f"alaqat_{name}", title.capitalize(), value)


# Why queries end without an answer, so that each has its figure from the start.
_STOP_REASONS = ("time", "memory", "answer", "long", "left", "lost")
_REFUSAL_REASONS = ("queue", "queueing")


def pool_metrics(store: PooledStore) -> dict[str, float]:
    """What goes on among the readers, and what has happened since the start."""
    now = store.statistics()
    return {
        "readers_idle": now.idle,
        "readers_started_total": now.started,
        "queries_running": now.running,
        "queries_long": now.long,
        "queries_waiting": now.waiting,
        "queries_total": now.queries,
        **_by_reason("stopped", _STOP_REASONS, now.ended),
        **_by_reason("refused", _REFUSAL_REASONS, now.refused),
    }


def snapshot_metrics(latest: CurrentSnapshot) -> dict[str, float]:
    """How much the current snapshot holds.

    The triples are left out where a graph has too many to be counted with a commit: the
    sum of the others would look like a loss.
    """
    manifest = json.loads((latest.folder() / MANIFEST).read_bytes())
    triples: Mapping[str, int | None] = manifest.get("triples", {})
    known = [size for size in triples.values() if size is not None]
    figures: dict[str, float] = {"store_graphs": len(triples)}
    if len(known) == len(triples):
        figures["store_triples"] = sum(known)
    return figures


def _by_reason(
    what: str, reasons: tuple[str, ...], counts: Mapping[str, int]
) -> dict[str, float]:
    """A figure for each reason."""
    known = dict.fromkeys(reasons, 0) | dict(counts)
    return {f"queries_{what}_{reason}_total": known[reason] for reason in known}


_KNOWN_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"})
_REQUEST_ID_HEADER = "X-Request-Id"

# Reading a header takes longer than it is long: one of 20 kB could take seconds.
_NEGOTIATION_HEADERS = ("Accept", "Accept-Language", "Accept-Encoding", "If-None-Match")
_MAX_HEADER_LENGTH = 2000


def observe_requests(
    app: Flask, metrics: Metrics, settings: Settings, *, evaluated: Callable[[], float]
) -> None:
    """Watch the requests of an application.

    Args:
        app: the application.
        metrics: counts them.
        settings: how much a client may ask for.
        evaluated: gives the seconds of work that the current request caused elsewhere.
    """
    budgets = RateLimiter(
        requests=settings.requests_per_minute, seconds=settings.seconds_per_minute
    )

    @app.before_request
    def begin() -> None:
        g.began, g.worked = perf_counter(), thread_time()
        g.request_id = request_id(request.headers.get(_REQUEST_ID_HEADER, ""))
        g.client = _limited_client(spares_loopback=settings.spares_loopback)
        if any(
            len(request.headers.get(name, "")) > _MAX_HEADER_LENGTH
            for name in _NEGOTIATION_HEADERS
        ):
            raise RequestHeaderFieldsTooLarge
        if g.client and not _is_exempt():
            budgets.admit(g.client)

    @app.after_request
    def end(reply: Response) -> Response:
        seconds = perf_counter() - g.began
        kind = _route_name()
        method = request.method if request.method in _KNOWN_METHODS else "other"
        metrics.count(kind, method, reply.status_code, seconds)
        seconds_elsewhere = evaluated()
        if g.client:
            budgets.charge(g.client, thread_time() - g.worked + seconds_elsewhere)
        reply.headers[_REQUEST_ID_HEADER] = g.request_id
        log_event(
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


def _is_exempt() -> bool:
    """Whether a request is never refused: whether we live, and what pages load.

    A file that is not there, or not all of it, may cost the page of an error.
    """
    if request.endpoint != "static":
        return _route_name() == "health"
    name = (request.view_args or {}).get("filename", "")
    path = safe_join(current_app.static_folder or "", name)
    if path is None or "Range" in request.headers:
        return False
    return isfile(path)  # noqa: PTH113 # which is no error for a name that is too long


def _route_name() -> str:
    """What is asked for: the name of the route, or nothing that is known."""
    endpoint = request.endpoint or "unknown"
    return endpoint.rpartition(".")[2].removesuffix("_page")


def _limited_client(*, spares_loopback: bool) -> str:
    """Who asks, by address; empty for one that has no bound."""
    address = request.remote_addr or ""
    try:
        is_local = ip_address(address).is_loopback
    except ValueError:
        is_local = False
    return "" if is_local and spares_loopback else address


_HEALTH_TYPE = "application/health+json"
_READY_TIMEOUT = 2.0  # seconds that a light query may take in a server that is ready


def health_blueprint(dataset: Callable[[], Dataset], served: Endpoint) -> Blueprint:
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
        return _health_response(lambda: is_well(dataset().store))

    @blueprint.get("/ready")
    def ready() -> Response:
        return _health_response(
            lambda: is_well(with_timeout(served.store, _READY_TIMEOUT))
        )

    return blueprint


def _health_response(is_well: Callable[[], bool]) -> Response:
    """The answer in the form of health checks; no fault is told in another."""
    try:
        fault = "" if is_well() else "The dataset is empty."
    except AlaqatError as error:
        fault = error.message
    told = {"status": "fail", "output": fault} if fault else {"status": "pass"}
    status = HTTPStatus.SERVICE_UNAVAILABLE if fault else HTTPStatus.OK
    body = json.dumps(told).encode()
    return represent(
        Representation(body, _HEALTH_TYPE, status, cache_control=NO_STORE, vary=())
    )
