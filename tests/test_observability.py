"""Metrics, rate limits and the request log."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from rdflib import Literal, Namespace

from alaqat.errors import LimitReached
from alaqat.log import start_logging
from alaqat.queries.library import Library
from alaqat.store.interface import Store
from alaqat.store.oxigraph import OxigraphStore
from alaqat.store.oxigraph_writer import amend
from alaqat.store.pool.messages import QueryLimits
from alaqat.store.pool.store import PooledStore
from alaqat.store.releases import (
    CURRENT,
    MANIFEST,
    CurrentSnapshot,
)
from alaqat.terms import facts_graph
from alaqat.web.app import create_app
from alaqat.web.middleware import observability
from alaqat.web.settings import Settings
from conftest import Built

E = Namespace("http://e/")
ASK = "/sparql?query=ASK%20%7B%20%3Fs%20%3Fp%20'secret'%20%7D"


@pytest.fixture(scope="module")
def store() -> Store:
    """Return a store with one triple."""
    store = OxigraphStore()
    amend(store, facts_graph("x"), [(E.s, E.p, Literal("o"))])
    return store


@pytest.fixture
def client(store: Store, library: Library) -> FlaskClient:
    """Return a client without a rate limit."""
    return create_app(store, library, metrics=[lambda: {"sizes": 7.0}]).test_client()


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Yield the log."""
    out = io.StringIO()
    start_logging(requests=True, out=out)
    yield out
    start_logging(requests=False)


def test_requests_are_counted_by_kind_method_and_status(client: FlaskClient) -> None:
    """And timed; metrics of other parts are included."""
    client.get(ASK)
    client.get(ASK)
    client.post("/sparql", data="nonsense")
    text = client.get("/metrics").text
    line = 'alaqat_requests_total{kind="sparql",method="GET",status="200"} 2.0'
    assert line in text.splitlines()
    assert 'kind="sparql",method="POST",status="415"' in text
    assert 'alaqat_request_seconds_count{kind="sparql"} 3.0' in text
    assert "alaqat_sizes 7.0" in text
    assert "alaqat_cache_replies" in text


@pytest.mark.parametrize(
    ("triples", "metrics"),
    [
        ({"a": 2, "b": 3}, {"store_graphs": 2, "store_triples": 5}),
        ({"a": 2, "b": None}, {"store_graphs": 2}),
        ({}, {"store_graphs": 0, "store_triples": 0}),
    ],
)
def test_an_unknown_size_is_omitted(
    tmp_path: Path, triples: dict[str, int | None], metrics: dict[str, float]
) -> None:
    """A large graph is not counted with each commit."""
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / MANIFEST).write_text(
        json.dumps({"version": "1", "triples": triples})
    )
    (tmp_path / CURRENT).symlink_to("one")
    assert observability.snapshot_metrics(CurrentSnapshot(tmp_path)) == metrics


def test_every_reason_to_stop_a_query_is_a_metric_from_the_start(
    built: Built, root: Path
) -> None:
    """By the names that the pool uses and the manual lists."""
    store = PooledStore(
        CurrentSnapshot(built.output), workers=1, limits=replace(QueryLimits(), rows=1)
    )
    try:
        before = observability.pool_metrics(store)
        with pytest.raises(LimitReached):
            list(store.query("SELECT * { ?s ?p ?o }"))
        after = observability.pool_metrics(store)
    finally:
        store.close()
    assert set(before) == set(after)
    assert after["queries_stopped_answer_total"] == 1
    manual = (root / "docs" / "operations.md").read_text(encoding="utf-8")
    (line,) = (one for one in manual.splitlines() if "stopped_REASON" in one)
    named = {
        name.split("_")[2] for name in before if name.startswith("queries_stopped")
    }
    assert all(re.search(rf"\b{reason}\b", line) for reason in named)


def test_an_unknown_path_creates_no_metric(client: FlaskClient) -> None:
    """Or anybody could create any number of time series."""
    for number in range(20):
        client.get(f"/nothing-{number}")
        client.open("/sparql", method=f"M{number}")
    text = client.get("/metrics").text
    assert "nothing-" not in text
    assert 'method="M1"' not in text
    assert 'kind="unknown",method="GET",status="404"} 20.0' in text


def test_a_client_beyond_its_rate_limit_gets_429(
    store: Store, library: Library
) -> None:
    """With Retry-After; health checks are exempt."""
    settings = Settings(requests_per_minute=3, spares_loopback=False)
    client = create_app(store, library, settings).test_client()
    statuses = [client.get(ASK).status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    refused = client.get(ASK)
    assert refused.mimetype == "application/problem+json"
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.get_json()["remedy"]
    assert client.get("/health").status_code == 200
    other = client.get(ASK, environ_overrides={"REMOTE_ADDR": "198.51.100.7"})
    assert other.status_code == 200


@pytest.mark.parametrize(
    ("path", "headers", "statuses"),
    [
        ("/health", {}, [200, 200, 200]),
        ("/static/icon.svg", {}, [200, 200, 200]),
        ("/static/icon.svg", {"Range": "bytes=99999999-"}, [416, 416, 429]),
        ("/static/nothing.js", {}, [404, 404, 429]),
        (f"/static/{'a' * 300}", {}, [404, 404, 429]),
        ("/static/../__init__.py", {}, [404, 404, 429]),
        ("/metrics", {}, [200, 200, 429]),
        ("/ready", {}, [200, 200, 429]),
    ],
)
def test_only_cheap_requests_are_exempt(
    store: Store,
    library: Library,
    path: str,
    headers: dict[str, str],
    statuses: list[int],
) -> None:
    """A missing file, and the metrics, count like all else."""
    settings = Settings(requests_per_minute=2, spares_loopback=False)
    client = create_app(store, library, settings).test_client()
    found = []
    for _ in statuses:
        with client.get(path, headers=headers) as response:
            found.append(response.status_code)
    assert found == statuses


def test_the_work_of_other_processes_is_charged_too(
    store: Store, library: Library
) -> None:
    """A client pays for a long query afterwards."""
    settings = Settings(seconds_per_minute=10, spares_loopback=False)
    app = create_app(store, library, settings, cpu_seconds=lambda: 11.0)
    client = app.test_client()
    assert [client.get(ASK).status_code for _ in range(2)] == [200, 429]


def test_loopback_is_exempt_by_default(store: Store, library: Library) -> None:
    """But not the clients of a proxy on this machine."""
    settings = Settings(requests_per_minute=1)
    client = create_app(store, library, settings).test_client()
    assert [client.get(ASK).status_code for _ in range(3)] == [200, 200, 200]
    far = {"REMOTE_ADDR": "2001:db8::1"}
    found = [client.get(ASK, environ_overrides=far).status_code for _ in range(2)]
    assert found == [200, 429]


def test_every_response_has_a_request_id(
    store: Store, library: Library, client: FlaskClient
) -> None:
    """That of a proxy, or a new one: a visitor writes nothing into the log."""
    header = {"X-Request-Id": "from-the-proxy.1"}
    proxied = create_app(store, library, Settings(proxies=1)).test_client()
    assert (
        proxied.get(ASK, headers=header).headers["X-Request-Id"]
        == header["X-Request-Id"]
    )
    assert (
        client.get(ASK, headers=header).headers["X-Request-Id"] not in header.values()
    )
    ours = {client.get(ASK).headers["X-Request-Id"] for _ in range(3)}
    assert len(ours) == 3


def test_the_log_contains_neither_client_nor_query(
    client: FlaskClient, log: io.StringIO
) -> None:
    """No address, no query, no user agent."""
    headers = {"User-Agent": "agent-x", "Referer": "http://elsewhere/"}
    response = client.get(ASK, headers=headers)
    line = json.loads(log.getvalue().splitlines()[-1])
    assert line["id"] == response.headers["X-Request-Id"]
    assert (line["kind"], line["status"]) == ("sparql", 200)
    for secret in ("secret", "127.0.0.1", "agent-x", "elsewhere", "ASK"):
        assert secret not in log.getvalue()


@pytest.mark.parametrize("name", ["Accept", "Accept-Language", "If-None-Match"])
def test_a_header_that_is_slow_to_parse_is_refused(
    client: FlaskClient, name: str
) -> None:
    """Negotiating over thousands of types takes seconds."""
    response = client.get(ASK, headers={name: "text/turtle;q=0.1, " * 500})
    assert response.status_code == 431
