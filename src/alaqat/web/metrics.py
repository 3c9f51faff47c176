"""What the server counts and times, in the form of Prometheus."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

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

CONTENT_TYPE = CONTENT_TYPE_LATEST
_BUCKETS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)

Figures = Callable[[], Mapping[str, float]]
"""Gives figures by name; a name that ends in _total only ever grows."""


class Metrics:
    """Counts and times requests, and passes on the figures of other parts.

    Args:
        sources: give figures when they are asked for.
    """

    def __init__(self, *sources: Figures) -> None:
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
        self._registry.register(_Passed(sources))

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


class _Passed(Collector):
    """Figures that other parts keep."""

    def __init__(self, sources: Iterable[Figures]) -> None:
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
