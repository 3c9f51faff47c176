"""Entity tags, conditional requests, and cached responses."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http import HTTPStatus
from threading import Event
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from rdflib import Literal, Namespace

from alaqat.accounting import add_cpu_seconds, set_client, take_cpu_seconds
from alaqat.dataset import Dataset
from alaqat.errors import InvalidQuery, StoreUnavailable, TimedOut, TooBusy
from alaqat.http.caching import ResponseCache
from alaqat.http.endpoint import Endpoint
from alaqat.http.graph_store import respond_graph
from alaqat.http.messages import (
    FORM_TYPE,
    HttpRequest,
    HttpResponse,
)
from alaqat.http.representation import Representation, entity_tag
from alaqat.http.sparql import respond_sparql
from alaqat.queries.library import Library
from alaqat.store.oxigraph import OxigraphStore
from alaqat.store.oxigraph_writer import OxigraphWriter, amend
from alaqat.waiting import WaitingRoom
from alaqat.web.app import create_app

E = Namespace("http://e/")
DATA = "http://127.0.0.1/data"
SELECT = "SELECT * { GRAPH ?g { ?s ?p ?o } }"
ADDITION = b"INSERT DATA { <http://e/s> <http://e/p> 2 }"


class Counting(OxigraphStore):
    """A store that counts its queries, and can block them."""

    queries = 0
    gate: threading.Event | None = None

    def query(self, *arguments, **options):
        """Run a query once the gate is open."""
        self.queries += 1
        if self.gate:
            assert self.gate.wait(10)
        return super().query(*arguments, **options)


@pytest.fixture
def endpoint(library: Library) -> Endpoint:
    """Return a writable endpoint with a graph of one triple."""
    store = Counting()
    amend(store, E.g, [(E.s, E.p, Literal(1))])
    writer = OxigraphWriter(store)
    return Endpoint(store, library, lambda: writer.version, writer)


def get(
    endpoint: Endpoint, text: str = SELECT, accept: str = "", **headers: str
) -> HttpResponse:
    """Return the response to a query."""
    query = urlencode({"query": text}).encode()
    return respond_sparql(HttpRequest("GET", query, accept=accept, **headers), endpoint)


def update(endpoint: Endpoint, **headers: str) -> HttpResponse:
    """Return the response to an update."""
    kind = "application/sparql-update"
    request = HttpRequest("POST", b"", kind, body=ADDITION, **headers)
    return respond_sparql(request, endpoint, "someone")


def graph(
    endpoint: Endpoint, method: str, name: str = "g", **headers: str
) -> HttpResponse:
    """Return the response to a request for a graph."""
    query, content = f"graph=http://e/{name}".encode(), b"<a:s> <a:p> 1 ."
    content = b"" if method in ("GET", "DELETE") else content
    request = HttpRequest(
        method, query, "text/turtle", body=content, url=DATA, **headers
    )
    return respond_graph(request, endpoint, DATA, "someone")


def test_a_client_that_has_the_response_gets_304(endpoint: Endpoint) -> None:
    """Without a body and without a query."""
    tags = get(endpoint).headers["ETag"]
    queries = endpoint.store.queries
    response = get(endpoint, if_none_match=f'"other", W/{tags}')
    assert (response.status, list(response.body)) == (304, [])
    assert response.headers["ETag"].endswith(tags)
    assert response.headers["Vary"] == "Accept"
    assert endpoint.store.queries == queries


def test_a_tag_depends_on_version_query_and_format(endpoint: Endpoint) -> None:
    """Whatever changes the body changes the tag."""
    tags = [
        get(endpoint).headers["ETag"],
        get(endpoint, SELECT + " LIMIT 1").headers["ETag"],
        get(endpoint, accept="text/csv").headers["ETag"],
        graph(endpoint, "GET").headers["ETag"],
    ]
    assert update(endpoint).status == 204
    tags.append(get(endpoint).headers["ETag"])
    assert len(set(tags)) == len(tags)
    assert entity_tag("1", "a", "b") != entity_tag("1", "ab")
    assert get(endpoint, if_none_match=tags[0]).status == 200


def test_a_read_after_a_change_sees_it(endpoint: Endpoint) -> None:
    """No older response is served from the cache."""
    before = b"".join(graph(endpoint, "GET").body)
    graph(endpoint, "PUT")
    assert b"".join(graph(endpoint, "GET").body) != before
    assert "must-revalidate" in graph(endpoint, "GET").headers["Cache-Control"]


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
def test_a_change_can_require_the_version_that_was_read(
    endpoint: Endpoint, method: str
) -> None:
    """With any tag of it; an older or a weak tag is 412 and changes nothing."""
    seen = graph(endpoint, "GET").headers["ETag"]
    assert graph(endpoint, method, if_match=f"W/{seen}").status == 412
    assert graph(endpoint, method, if_match='"nonsense"').status == 412
    assert graph(endpoint, method, if_match=f'{seen[:-1]}:gzip"').status < 300
    assert graph(endpoint, "PUT", if_match=seen).status == 412
    assert update(endpoint, if_match=seen).status == 412
    assert update(endpoint, if_match=get(endpoint).headers["ETag"]).status == 204


def test_a_change_can_require_that_a_graph_exists_or_not(endpoint: Endpoint) -> None:
    """By a star in either header (RFC 9110 §13.1)."""
    assert graph(endpoint, "PUT", if_none_match="*").status == 412
    assert graph(endpoint, "PUT", "new", if_match="*").status == 412
    assert graph(endpoint, "PUT", "new", if_none_match="*").status == 201
    assert graph(endpoint, "PUT", "new", if_match="*").status == 204


def test_equal_queries_are_evaluated_once(endpoint: Endpoint) -> None:
    """By GET or by POST; the response is the same to the byte."""
    body = urlencode({"query": SELECT}).encode()
    post = HttpRequest("POST", b"", FORM_TYPE, body=body)
    first, second = get(endpoint), respond_sparql(post, endpoint)
    assert list(first.body) == list(second.body)
    assert endpoint.store.queries == 1


@pytest.mark.parametrize(
    "text",
    [
        "SELECT (RAND() AS ?x) {}",
        "SELECT (now() AS ?x) {}",
        "SELECT (struuid() AS ?x) {}",
        "SELECT (BNODE() AS ?x) {}",
    ],
)
def test_a_volatile_result_is_not_cached(endpoint: Endpoint, text: str) -> None:
    """Nor has it a tag."""
    for _ in range(2):
        response = get(endpoint, text)
        assert response.headers["Cache-Control"] == "no-store"
        assert "ETag" not in response.headers
    assert endpoint.store.queries == 2


def test_a_function_name_in_a_literal_is_no_call(endpoint: Endpoint) -> None:
    """Nor in a variable or an IRI: the result is cached."""
    for _ in range(2):
        get(endpoint, 'SELECT ?now ("RAND()" AS ?x) { ?now <http://e/uuid> ?y }')
    assert endpoint.store.queries == 1


def test_an_error_is_not_cached(endpoint: Endpoint) -> None:
    """It may be gone the next time."""
    for _ in range(2):
        response = get(endpoint, "SELECT (<http://e/f>(1) AS ?x) {}")
        assert (response.status, response.headers["Cache-Control"]) == (400, "no-store")
    assert endpoint.store.queries == 2


def test_without_a_version_nothing_is_cached(endpoint: Endpoint) -> None:
    """Nobody could know when it is stale."""
    unversioned = Endpoint(endpoint.store, endpoint.library)
    for _ in range(2):
        response = get(unversioned)
        assert "ETag" not in response.headers
        assert response.headers["Cache-Control"] == "no-cache"
    assert endpoint.store.queries == 2


def test_equal_requests_in_flight_are_coalesced(endpoint: Endpoint) -> None:
    """One queries the store, the others wait for its result."""
    endpoint.store.gate = threading.Event()
    with ThreadPoolExecutor(8) as pool:
        responses = [pool.submit(get, endpoint) for _ in range(8)]
        endpoint.store.gate.set()
        bodies = {b"".join(response.result(10).body) for response in responses}
    assert len(bodies) == 1
    assert endpoint.store.queries == 1


def test_an_error_reaches_all_coalesced_requests() -> None:
    """And the next one starts anew: none waits for ever."""
    cache, started, go = ResponseCache(), threading.Event(), threading.Event()

    def create() -> Representation:
        started.set()
        assert go.wait(10)
        raise InvalidQuery("no")

    def request(create: Callable[[], Representation]) -> Representation:
        return cache.get("key", create, is_current=lambda: True)

    with ThreadPoolExecutor(4) as pool:
        leader = pool.submit(request, create)
        assert started.wait(10)
        others = [pool.submit(request, create) for _ in range(3)]
        go.set()
        for each in (leader, *others):
            assert isinstance(each.exception(10), InvalidQuery)
    assert request(lambda: text(b"yes")).status == 200


@contextmanager
def flight(cache: ResponseCache, seconds: float = 0.0) -> Iterator[None]:
    """Create a representation in another thread, until the context is left.

    Args:
        cache: where.
        seconds: of CPU time that it takes.
    """
    started, go = threading.Event(), threading.Event()

    def create() -> Representation:
        add_cpu_seconds(seconds)
        started.set()
        assert go.wait(10)
        return text(b"late")

    with ThreadPoolExecutor(1) as pool:
        leader = pool.submit(cache.get, "key", create, is_current=lambda: True)
        assert started.wait(10)
        try:
            yield
        finally:
            go.set()
            assert leader.result(10).body == b"late"


def until(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds, at most ten seconds."""
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        Event().wait(0.01)


def follow(cache: ResponseCache, timeout: float | None = None) -> Representation:
    """Request what is being created."""
    return cache.get(
        "key", lambda: text(b"again"), is_current=lambda: True, timeout=timeout
    )


def test_a_follower_waits_no_longer_than_its_timeout() -> None:
    """Nor than that of the server."""
    cache = ResponseCache(timeout=0.3)
    with flight(cache):
        for timeout, limit in ((0.1, 0.3), (None, 1.0), (60, 1.0)):
            begun = time.monotonic()
            with pytest.raises(TimedOut):
                follow(cache, timeout)
            assert time.monotonic() - begun < limit + 2


def test_followers_wait_in_the_room_of_queries() -> None:
    """They never fill it, and one client does not either."""
    room = WaitingRoom(4)
    cache = ResponseCache(room=room, timeout=5)

    def as_client(name: str) -> Representation:
        set_client(name)
        return follow(cache)

    with ThreadPoolExecutor(4) as pool:
        with flight(cache):
            waiting = [pool.submit(as_client, name) for name in ("a", "a", "b")]
            until(lambda: len(room) == 3)
            with pytest.raises(TooBusy):
                follow(cache)
            with room.place("c"):
                assert len(room) == 4
        assert {one.result(10).body for one in waiting} == {b"late"}
    assert len(room) == 0
    assert room.refused == 1


def test_a_follower_is_charged_as_if_it_had_run_alone() -> None:
    """Sharing an answer does not make it free."""
    cache = ResponseCache()

    def charged() -> float:
        set_client("someone")
        follow(cache)
        return take_cpu_seconds()

    with ThreadPoolExecutor(1) as pool:
        with flight(cache, seconds=2.5):
            follower = pool.submit(charged)
            until(lambda: cache.metrics().get("cache_shared_total", 0) == 1)
        assert follower.result(10) == pytest.approx(2.5)


def text(content: bytes) -> Representation:
    """Return a text as a representation."""
    return Representation(content, "text/plain")


def test_the_cache_is_bounded_in_bytes() -> None:
    """The least recently used entry is evicted; too large a one is never cached."""
    cache, created = ResponseCache(max_bytes=9_000, max_entry=1_000), []

    def request(key: str, size: int = 900) -> None:
        def create() -> Representation:
            created.append(key)
            return text(b"x" * size)

        cache.get(key, create, is_current=lambda: True)

    for key in ("a", "b", "c", "a", "d", "a", "b"):
        request(key)
    assert created == ["a", "b", "c", "d", "b"]
    request("large", 1_001)
    request("large", 1_001)
    assert created.count("large") == 2


def test_a_response_of_a_superseded_version_is_not_cached() -> None:
    """It may have been read from the next one."""
    cache, created = ResponseCache(), []

    def create() -> Representation:
        created.append(1)
        return text(b"x")

    for _ in range(2):
        cache.get("key", create, is_current=lambda: False)
    assert len(created) == 2


def test_an_error_of_the_version_check_closes_the_flight() -> None:
    """The error is raised, and a later request is answered."""
    cache = ResponseCache()

    def is_current() -> bool:
        raise StoreUnavailable("No dataset is current here.")

    for _ in range(2):
        with pytest.raises(StoreUnavailable):
            cache.get("key", lambda: text(b"x"), is_current=is_current)
    response = cache.get("key", lambda: text(b"x"), is_current=lambda: True)
    assert response.status == HTTPStatus.OK


def test_requests_with_different_timeouts_are_not_coalesced(endpoint: Endpoint) -> None:
    """A timeout of a second must not depend on one of a minute."""
    endpoint.store.gate = threading.Event()

    def request(timeout: str) -> HttpResponse:
        query = urlencode({"query": SELECT, "timeout": timeout}).encode()
        return respond_sparql(HttpRequest("GET", query), endpoint)

    with ThreadPoolExecutor(2) as pool:
        responses = [pool.submit(request, timeout) for timeout in ("1", "60")]
        endpoint.store.gate.set()
        assert {response.result(10).status for response in responses} == {HTTPStatus.OK}
    assert endpoint.store.queries == 2


@pytest.fixture
def client(library: Library) -> FlaskClient:
    """Return a client of an application with a result that is worth compressing."""
    store = OxigraphStore()
    amend(store, E.g, [(E.s, E.p, Literal(n)) for n in range(200)])
    dataset = Dataset(store, "v1")
    return create_app(store, library, dataset=lambda: dataset).test_client()


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_a_compressed_response_has_its_own_tag(
    client: FlaskClient, coding: str
) -> None:
    """Which revalidates it; a HEAD has the headers of a GET."""
    url, headers = (
        f"/sparql?{urlencode({'query': SELECT})}",
        {"Accept-Encoding": coding},
    )
    plain, packed = client.get(url), client.get(url, headers=headers)
    assert packed.headers["Content-Encoding"] == coding
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data)
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert {"Accept", "Accept-Encoding"} <= set(packed.headers["Vary"].split(", "))
    known = {**headers, "If-None-Match": packed.headers["ETag"]}
    again = client.get(url, headers=known)
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == packed.headers["ETag"]
    assert "Content-Encoding" not in again.headers
    head = client.head(url, headers=headers)
    for name in ("ETag", "Content-Length", "Content-Encoding", "Content-Type"):
        assert head.headers[name] == packed.headers[name]
    assert head.data == b""
