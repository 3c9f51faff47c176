"""What the server counts, refuses and logs of requests."""

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
    """A store with one triple."""
    store = OxigraphStore()
    amend(store, facts_graph("x"), [(E.s, E.p, Literal("o"))])
    return store


@pytest.fixture
def client(store: Store, library: Library) -> FlaskClient:
    """A client without bounds."""
    return create_app(store, library, metrics=[lambda: {"sizes": 7.0}]).test_client()


@pytest.fixture
def told() -> Iterator[io.StringIO]:
    """What the log says."""
    out = io.StringIO()
    observability.start_logging(requests=True, out=out)
    yield out
    observability.start_logging(requests=False)


def test_requests_are_counted_by_kind_method_and_status(client: FlaskClient) -> None:
    """And timed; figures of other parts are passed on."""
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
    ("triples", "figures"),
    [
        ({"a": 2, "b": 3}, {"store_graphs": 2, "store_triples": 5}),
        ({"a": 2, "b": None}, {"store_graphs": 2}),
        ({}, {"store_graphs": 0, "store_triples": 0}),
    ],
)
def test_a_size_that_is_not_known_is_left_out(
    tmp_path: Path, triples: dict[str, int | None], figures: dict[str, float]
) -> None:
    """A graph with many triples is not counted with each change of it."""
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / MANIFEST).write_text(json.dumps({"triples": triples}))
    (tmp_path / CURRENT).symlink_to("one")
    assert observability.snapshot_metrics(CurrentSnapshot(tmp_path)) == figures


def test_every_reason_to_stop_a_query_has_a_figure_from_the_start(
    built: Built, root: Path
) -> None:
    """By the names that the pool counts by and the manual tells."""
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


def test_an_address_that_is_made_up_makes_no_figure(client: FlaskClient) -> None:
    """Or anybody could make as many as they like."""
    for number in range(20):
        client.get(f"/nothing-{number}")
        client.open("/sparql", method=f"M{number}")
    text = client.get("/metrics").text
    assert "nothing-" not in text
    assert 'method="M1"' not in text
    assert 'kind="unknown",method="GET",status="404"} 20.0' in text


def test_a_client_that_has_used_up_its_requests_is_told_when_to_return(
    store: Store, library: Library
) -> None:
    """429 with Retry-After, and never when it asks whether the server lives."""
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
def test_only_what_costs_next_to_nothing_is_free(
    store: Store,
    library: Library,
    path: str,
    headers: dict[str, str],
    statuses: list[int],
) -> None:
    """A file that is not there, and the figures, are counted like all else."""
    settings = Settings(requests_per_minute=2, spares_loopback=False)
    client = create_app(store, library, settings).test_client()
    found = []
    for _ in statuses:
        with client.get(path, headers=headers) as reply:
            found.append(reply.status_code)
    assert found == statuses


def test_work_done_elsewhere_is_charged_too(store: Store, library: Library) -> None:
    """Whoever asks for a long query pays for it afterwards."""
    settings = Settings(seconds_per_minute=10, spares_loopback=False)
    app = create_app(store, library, settings, cpu_seconds=lambda: 11.0)
    client = app.test_client()
    assert [client.get(ASK).status_code for _ in range(2)] == [200, 429]


def test_this_machine_has_no_bound_unless_it_is_told(
    store: Store, library: Library
) -> None:
    """A proxy on it passes on the addresses of others."""
    settings = Settings(requests_per_minute=1)
    client = create_app(store, library, settings).test_client()
    assert [client.get(ASK).status_code for _ in range(3)] == [200, 200, 200]
    far = {"REMOTE_ADDR": "2001:db8::1"}
    found = [client.get(ASK, environ_overrides=far).status_code for _ in range(2)]
    assert found == [200, 429]


def test_every_answer_names_its_request(client: FlaskClient) -> None:
    """By the name a proxy gave it, or one of ours."""
    given = client.get(ASK, headers={"X-Request-Id": "from-the-proxy.1"})
    assert given.headers["X-Request-Id"] == "from-the-proxy.1"
    ours = {client.get(ASK).headers["X-Request-Id"] for _ in range(3)}
    assert len(ours) == 3


def test_the_log_says_what_happened_and_not_who_asked_what(
    client: FlaskClient, told: io.StringIO
) -> None:
    """No address, no query, no name of a program."""
    headers = {"User-Agent": "agent-x", "Referer": "http://elsewhere/"}
    reply = client.get(ASK, headers=headers)
    line = json.loads(told.getvalue().splitlines()[-1])
    assert line["id"] == reply.headers["X-Request-Id"]
    assert (line["kind"], line["status"]) == ("sparql", 200)
    for secret in ("secret", "127.0.0.1", "agent-x", "elsewhere", "ASK"):
        assert secret not in told.getvalue()


@pytest.mark.parametrize("name", ["Accept", "Accept-Language", "If-None-Match"])
def test_a_header_that_takes_long_to_read_is_refused(
    client: FlaskClient, name: str
) -> None:
    """Negotiating over thousands of types takes seconds."""
    reply = client.get(ASK, headers={name: "text/turtle;q=0.1, " * 500})
    assert reply.status_code == 431
