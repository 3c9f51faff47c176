"""Tags, requests that depend on them, and replies that are kept."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from rdflib import Literal, Namespace

from alaqat.dataset import Dataset
from alaqat.errors import InvalidQuery, StoreUnavailable
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
from alaqat.web.app import create_app

E = Namespace("http://e/")
DATA = "http://127.0.0.1/data"
SELECT = "SELECT * { GRAPH ?g { ?s ?p ?o } }"
ADDITION = b"INSERT DATA { <http://e/s> <http://e/p> 2 }"


class Counting(OxigraphStore):
    """A store that counts its queries, and can make them wait."""

    asked = 0
    gate: threading.Event | None = None

    def query(self, *arguments, **options):
        """Run a query when the gate is open."""
        self.asked += 1
        if self.gate:
            assert self.gate.wait(10)
        return super().query(*arguments, **options)


@pytest.fixture
def served(library: Library) -> Endpoint:
    """A store that may be changed, with a graph of one triple."""
    store = Counting()
    amend(store, E.g, [(E.s, E.p, Literal(1))])
    editor = OxigraphWriter(store)
    return Endpoint(store, library, lambda: editor.version, editor)


def get(
    served: Endpoint, text: str = SELECT, accept: str = "", **headers: str
) -> HttpResponse:
    """The reply to a query."""
    asked = urlencode({"query": text}).encode()
    return respond_sparql(HttpRequest("GET", asked, accept=accept, **headers), served)


def update(served: Endpoint, **headers: str) -> HttpResponse:
    """The reply to an update."""
    kind = "application/sparql-update"
    request = HttpRequest("POST", b"", kind, body=ADDITION, **headers)
    return respond_sparql(request, served, "someone")


def graph(
    served: Endpoint, method: str, name: str = "g", **headers: str
) -> HttpResponse:
    """The reply to a request for a graph."""
    asked, content = f"graph=http://e/{name}".encode(), b"<a:s> <a:p> 1 ."
    content = b"" if method in ("GET", "DELETE") else content
    request = HttpRequest(
        method, asked, "text/turtle", body=content, url=DATA, **headers
    )
    return respond_graph(request, served, DATA, "someone")


def test_a_client_that_has_an_answer_is_told_so(served: Endpoint) -> None:
    """304, without a body and without asking the store."""
    tags = get(served).headers["ETag"]
    asked = served.store.asked
    reply = get(served, if_none_match=f'"other", W/{tags}')
    assert (reply.status, list(reply.body)) == (304, [])
    assert reply.headers["ETag"].endswith(tags)
    assert reply.headers["Vary"] == "Accept"
    assert served.store.asked == asked


def test_a_tag_is_of_one_version_question_and_format(served: Endpoint) -> None:
    """Whatever changes what is sent changes the tag."""
    tags = [
        get(served).headers["ETag"],
        get(served, SELECT + " LIMIT 1").headers["ETag"],
        get(served, accept="text/csv").headers["ETag"],
        graph(served, "GET").headers["ETag"],
    ]
    assert update(served).status == 204
    tags.append(get(served).headers["ETag"])
    assert len(set(tags)) == len(tags)
    assert entity_tag("1", "a", "b") != entity_tag("1", "ab")
    assert get(served, if_none_match=tags[0]).status == 200


def test_a_read_after_a_change_sees_it(served: Endpoint) -> None:
    """Nothing older is kept for it."""
    before = b"".join(graph(served, "GET").body)
    graph(served, "PUT")
    assert b"".join(graph(served, "GET").body) != before
    assert "must-revalidate" in graph(served, "GET").headers["Cache-Control"]


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
def test_a_change_can_ask_for_the_version_that_was_seen(
    served: Endpoint, method: str
) -> None:
    """Any tag of it will do; an older or a weak one is 412 and changes nothing."""
    seen = graph(served, "GET").headers["ETag"]
    assert graph(served, method, if_match=f"W/{seen}").status == 412
    assert graph(served, method, if_match='"nonsense"').status == 412
    assert graph(served, method, if_match=f'{seen[:-1]}:gzip"').status < 300
    assert graph(served, "PUT", if_match=seen).status == 412
    assert update(served, if_match=seen).status == 412
    assert update(served, if_match=get(served).headers["ETag"]).status == 204


def test_a_change_can_ask_that_nothing_or_something_is_there(served: Endpoint) -> None:
    """As the star does in both headers (RFC 9110 §13.1)."""
    assert graph(served, "PUT", if_none_match="*").status == 412
    assert graph(served, "PUT", "new", if_match="*").status == 412
    assert graph(served, "PUT", "new", if_none_match="*").status == 201
    assert graph(served, "PUT", "new", if_match="*").status == 204


def test_the_same_question_is_asked_once(served: Endpoint) -> None:
    """By GET or by POST; the reply is the same to the byte."""
    body = urlencode({"query": SELECT}).encode()
    post = HttpRequest("POST", b"", FORM_TYPE, body=body)
    first, second = get(served), respond_sparql(post, served)
    assert list(first.body) == list(second.body)
    assert served.store.asked == 1


@pytest.mark.parametrize(
    "text",
    [
        "SELECT (RAND() AS ?x) {}",
        "SELECT (now() AS ?x) {}",
        "SELECT (struuid() AS ?x) {}",
        "SELECT (BNODE() AS ?x) {}",
    ],
)
def test_what_is_new_each_time_is_not_kept(served: Endpoint, text: str) -> None:
    """Nor tagged."""
    for _ in range(2):
        reply = get(served, text)
        assert reply.headers["Cache-Control"] == "no-store"
        assert "ETag" not in reply.headers
    assert served.store.asked == 2


def test_a_word_in_a_text_is_no_function(served: Endpoint) -> None:
    """In a literal or a name it does not keep an answer from being kept."""
    for _ in range(2):
        get(served, 'SELECT ?now ("RAND()" AS ?x) { ?now <http://e/uuid> ?y }')
    assert served.store.asked == 1


def test_an_error_is_not_kept(served: Endpoint) -> None:
    """It may be gone the next time."""
    for _ in range(2):
        reply = get(served, "SELECT (<http://e/f>(1) AS ?x) {}")
        assert (reply.status, reply.headers["Cache-Control"]) == (400, "no-store")
    assert served.store.asked == 2


def test_without_a_version_nothing_is_kept(served: Endpoint) -> None:
    """Nobody could tell when it is no longer right."""
    unknown = Endpoint(served.store, served.library)
    for _ in range(2):
        reply = get(unknown)
        assert "ETag" not in reply.headers
        assert reply.headers["Cache-Control"] == "no-cache"
    assert served.store.asked == 2


def test_of_many_that_ask_the_same_one_asks_the_store(served: Endpoint) -> None:
    """The others wait for its answer."""
    served.store.gate = threading.Event()
    with ThreadPoolExecutor(8) as pool:
        replies = [pool.submit(get, served) for _ in range(8)]
        served.store.gate.set()
        bodies = {b"".join(reply.result(10).body) for reply in replies}
    assert len(bodies) == 1
    assert served.store.asked == 1


def test_its_error_reaches_all() -> None:
    """And the next one asks anew: nobody waits for ever."""
    cache, started, go = ResponseCache(), threading.Event(), threading.Event()

    def make() -> Representation:
        started.set()
        assert go.wait(10)
        raise InvalidQuery("no")

    def ask(made: Callable[[], Representation]) -> Representation:
        return cache.get("key", made, is_current=lambda: True)

    with ThreadPoolExecutor(4) as pool:
        leader = pool.submit(ask, make)
        assert started.wait(10)
        others = [pool.submit(ask, make) for _ in range(3)]
        go.set()
        for each in (leader, *others):
            assert isinstance(each.exception(10), InvalidQuery)
    assert ask(lambda: text(b"yes")).status == 200


def text(content: bytes) -> Representation:
    """A text as a representation."""
    return Representation(content, "text/plain")


def test_the_cache_keeps_to_its_budget() -> None:
    """What was used last stays; what is too large is not kept at all."""
    cache, made = ResponseCache(max_bytes=9_000, max_entry=1_000), []

    def ask(key: str, size: int = 900) -> None:
        def make() -> Representation:
            made.append(key)
            return text(b"x" * size)

        cache.get(key, make, is_current=lambda: True)

    for key in ("a", "b", "c", "a", "d", "a", "b"):
        ask(key)
    assert made == ["a", "b", "c", "d", "b"]
    ask("large", 1_001)
    ask("large", 1_001)
    assert made.count("large") == 2


def test_an_answer_of_a_version_that_is_gone_is_not_kept() -> None:
    """It may have been made from the next one."""
    cache, made = ResponseCache(), []

    def make() -> Representation:
        made.append(1)
        return text(b"x")

    for _ in range(2):
        cache.get("key", make, is_current=lambda: False)
    assert len(made) == 2


def test_nobody_waits_for_a_reply_whose_version_cannot_be_told() -> None:
    """Whoever asks is told why, and who asks again is answered."""
    cache = ResponseCache()

    def is_current() -> bool:
        raise StoreUnavailable("No dataset is current here.")

    for _ in range(2):
        with pytest.raises(StoreUnavailable):
            cache.get("key", lambda: text(b"x"), is_current=is_current)
    reply = cache.get("key", lambda: text(b"x"), is_current=lambda: True)
    assert reply.status == HTTPStatus.OK


def test_different_patience_is_asked_apart(served: Endpoint) -> None:
    """Who waits for a second must not wait for who waits for a minute."""
    served.store.gate = threading.Event()

    def ask(timeout: str) -> HttpResponse:
        asked = urlencode({"query": SELECT, "timeout": timeout}).encode()
        return respond_sparql(HttpRequest("GET", asked), served)

    with ThreadPoolExecutor(2) as pool:
        replies = [pool.submit(ask, timeout) for timeout in ("1", "60")]
        served.store.gate.set()
        assert {reply.result(10).status for reply in replies} == {HTTPStatus.OK}
    assert served.store.asked == 2


@pytest.fixture
def client(library: Library) -> FlaskClient:
    """A client of an application with an answer that is worth compressing."""
    store = OxigraphStore()
    amend(store, E.g, [(E.s, E.p, Literal(n)) for n in range(200)])
    dataset = Dataset(store, "v1")
    return create_app(store, library, dataset=lambda: dataset).test_client()


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_a_compressed_answer_has_a_tag_of_its_own(
    client: FlaskClient, coding: str
) -> None:
    """And is known again by it; a HEAD tells what a GET would."""
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
