"""Observability: request log (JSON lines), metrics (Prometheus) and health checks.

The log contains neither who asked nor what was asked. The hooks of a request also apply
the rate limit, which is charged with the time that they measure.
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
from alaqat.store.pool.sandbox import sandbox_status
from alaqat.store.pool.store import PooledStore
from alaqat.store.releases import MANIFEST, CurrentSnapshot
from alaqat.web.middleware.rate_limit import RateLimiter
from alaqat.web.responses import represent
from alaqat.web.settings import Settings

LOGGER_NAME = "alaqat.web"

# Request ids that are accepted from a proxy; others could break out of a log or header.
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_FIELDS_ATTRIBUTE = "fields"


class JsonFormatter(logging.Formatter):
    """Formats a log record as a JSON object on one line, with the event's fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as a line."""
        when = datetime.fromtimestamp(record.created, UTC)
        entry = {
            "time": when.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, _FIELDS_ATTRIBUTE, {}),
        }
        if record.exc_info:
            entry["trace"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False)


def start_logging(*, requests: bool, out: TextIO | None = None) -> None:
    """Configure the server's log.

    Args:
        requests: whether every request is logged, or errors only.
        out: the destination; stderr if None.
    """
    handler = logging.StreamHandler(out or sys.stderr)
    handler.setFormatter(JsonFormatter())
    logger = logging.getLogger(LOGGER_NAME)
    logger.handlers[:] = [handler]
    logger.setLevel(logging.INFO if requests else logging.ERROR)


def log_event(event: str, **fields: str | float) -> None:
    """Log an event that is not an error."""
    logging.getLogger(LOGGER_NAME).info(event, extra={_FIELDS_ATTRIBUTE: fields})


def log_error(event: str, error: BaseException, **fields: str | float) -> None:
    """Log an internal error with its traceback."""
    logging.getLogger(LOGGER_NAME).error(
        event, exc_info=error, extra={_FIELDS_ATTRIBUTE: fields}
    )


def request_id(given: str) -> str:
    """Return the id that a proxy gave a request if it is acceptable, else a new one."""
    return given if _REQUEST_ID.fullmatch(given) else uuid4().hex


CONTENT_TYPE = CONTENT_TYPE_LATEST
_BUCKETS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)

#: Returns values by name; a name that ends in _total is that of a counter.
MetricsSource = Callable[[], Mapping[str, float]]


class Metrics:
    """Counts and times requests, and collects the metrics of other parts.

    Args:
        sources: are called for each scrape.
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
            kind: the route; one of few, so that no client creates many time series.
            method: of the request.
            status: of the response.
            seconds: that it took.
        """
        self._requests.labels(kind, method, str(status)).inc()
        self._seconds.labels(kind).observe(seconds)

    def render(self) -> bytes:
        """Return all metrics in the text format of Prometheus."""
        return generate_latest(self._registry)


class _SourcesCollector(Collector):
    """Collects the metrics of other parts."""

    def __init__(self, sources: Iterable[MetricsSource]) -> None:
        self._sources = tuple(sources)

    def collect(self) -> Iterable[Metric]:
        """Yield the current metrics."""
        for source in self._sources:
            for name, value in source().items():
                title = name.removesuffix("_total").replace("_", " ")
                family = (
                    CounterMetricFamily
                    if name.endswith("_total")
                    else GaugeMetricFamily
                )
                yield family(f"alaqat_{name}", title.capitalize(), value)


# Reasons why queries are stopped or refused; each is a metric from the start.
_STOP_REASONS = ("time", "memory", "answer", "long", "left", "lost")
_REFUSAL_REASONS = ("queue", "queueing")


def pool_metrics(store: PooledStore) -> dict[str, float]:
    """Return the current load of the worker pool, and its counters."""
    current = store.statistics()
    return {
        "readers_idle": current.idle,
        "readers_started_total": current.started,
        "queries_running": current.running,
        "queries_long": current.long,
        "queries_waiting": current.waiting,
        "queries_total": current.queries,
        **_by_reason("stopped", _STOP_REASONS, current.ended),
        **_by_reason("refused", _REFUSAL_REASONS, current.refused),
        **{
            f"service_calls_{outcome}_total": number
            for outcome, number in store.service_calls().items()
        },
    }


def _by_reason(
    outcome: str, reasons: tuple[str, ...], counts: Mapping[str, int]
) -> dict[str, float]:
    """Return a counter for each reason."""
    known = dict.fromkeys(reasons, 0) | dict(counts)
    return {f"queries_{outcome}_{reason}_total": known[reason] for reason in known}


def snapshot_metrics(snapshots: CurrentSnapshot) -> dict[str, float]:
    """Return the size of the current snapshot.

    The triples are omitted if a graph has too many to be counted with a commit: the sum
    of the others would look like a loss.
    """
    manifest = json.loads((snapshots.folder() / MANIFEST).read_bytes())
    triples: Mapping[str, int | None] = manifest.get("triples", {})
    known = [size for size in triples.values() if size is not None]
    metrics: dict[str, float] = {"store_graphs": len(triples)}
    if len(known) == len(triples):
        metrics["store_triples"] = sum(known)
    return metrics


_KNOWN_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"})
_REQUEST_ID_HEADER = "X-Request-Id"

# The time to parse these headers is not linear: one of 20 kB could take seconds.
_NEGOTIATION_HEADERS = ("Accept", "Accept-Language", "Accept-Encoding", "If-None-Match")
_MAX_HEADER_LENGTH = 2000


def observe_requests(
    app: Flask,
    metrics: Metrics,
    settings: Settings,
    *,
    cpu_seconds: Callable[[], float],
) -> None:
    """Identify, limit, count, time and log the requests of an application.

    Args:
        app: the application.
        metrics: counts them.
        settings: the rate limits.
        cpu_seconds: returns the seconds that other processes worked for the current
            request.
    """
    limiter = RateLimiter(
        requests=settings.requests_per_minute, seconds=settings.seconds_per_minute
    )

    @app.before_request
    def begin() -> None:
        g.began, g.worked = perf_counter(), thread_time()
        g.request_id = request_id(request.headers.get(_REQUEST_ID_HEADER, ""))
        g.client = _limited_client(spares_loopback=settings.spares_loopback)
        headers = (request.headers.get(name, "") for name in _NEGOTIATION_HEADERS)
        if any(len(header) > _MAX_HEADER_LENGTH for header in headers):
            raise RequestHeaderFieldsTooLarge
        if g.client and not _is_exempt():
            limiter.admit(g.client)

    @app.after_request
    def end(response: Response) -> Response:
        seconds = perf_counter() - g.began
        kind = _route_name()
        method = request.method if request.method in _KNOWN_METHODS else "other"
        metrics.count(kind, method, response.status_code, seconds)
        other_seconds = cpu_seconds()
        if g.client:
            limiter.charge(g.client, thread_time() - g.worked + other_seconds)
        response.headers[_REQUEST_ID_HEADER] = g.request_id
        log_event(
            "request",
            id=g.request_id,
            kind=kind,
            method=method,
            status=response.status_code,
            milliseconds=round(seconds * 1000, 1),
        )
        return response

    @app.get("/metrics")
    def metrics_page() -> Response:
        return Response(metrics.render(), content_type=CONTENT_TYPE)


def _is_exempt() -> bool:
    """Return whether the rate limit spares a request: health checks and static files.

    A file that is missing, or requested in part, may cost an error page; so it counts.
    """
    if request.endpoint != "static":
        return _route_name() == "health"
    name = (request.view_args or {}).get("filename", "")
    path = safe_join(current_app.static_folder or "", name)
    if path is None or "Range" in request.headers:
        return False
    return isfile(path)  # noqa: PTH113 # unlike Path.is_file, no error for a long name


def _route_name() -> str:
    """Return the name of the current route, for the log and metrics."""
    endpoint = request.endpoint or "unknown"
    return endpoint.rpartition(".")[2].removesuffix("_page")


def _limited_client(*, spares_loopback: bool) -> str:
    """Return the address of the client; empty if it has no rate limit."""
    address = request.remote_addr or ""
    try:
        is_local = ip_address(address).is_loopback
    except ValueError:
        is_local = False
    return "" if is_local and spares_loopback else address


_HEALTH_TYPE = "application/health+json"
_READY_TIMEOUT = 2.0  # seconds that a light query may take on a server that is ready


def health_blueprint(dataset: Callable[[], Dataset], endpoint: Endpoint) -> Blueprint:
    """Return the routes for health checks.

    Args:
        dataset: returns the current version, which is queried in this process to check
            liveness: that must work even while all workers are busy.
        endpoint: is queried to check readiness, as clients query it. With a writer it
            may be healthy without data: it waits for its first write.
    """
    blueprint = Blueprint("health", __name__)
    query = endpoint.library.get("anything").text
    may_be_empty = endpoint.writer is not None

    def has_data(store: Store) -> bool:
        return bool(store.query(query).truth) or may_be_empty

    @blueprint.get("/health")
    def health() -> Response:
        return _health_response(lambda: has_data(dataset().store))

    @blueprint.get("/ready")
    def ready() -> Response:
        store = with_timeout(endpoint.store, _READY_TIMEOUT)
        sandbox = sandbox_status().as_json()
        return _health_response(lambda: has_data(store), sandbox=sandbox)

    return blueprint


def _health_response(has_data: Callable[[], bool], **more: object) -> Response:
    """Return the result of a health check; an error is reported in the same form."""
    try:
        fault = "" if has_data() else "The dataset is empty."
    except AlaqatError as error:
        fault = error.message
    result: dict[str, object] = (
        {"status": "fail", "output": fault} if fault else {"status": "pass"}
    )
    result |= more
    status = HTTPStatus.SERVICE_UNAVAILABLE if fault else HTTPStatus.OK
    body = json.dumps(result).encode()
    return represent(
        Representation(body, _HEALTH_TYPE, status, cache_control=NO_STORE, vary=())
    )
