"""Pages that are kept with their tags, and versions that are prepared beforehand."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from pathlib import Path
from threading import Event
from weakref import ref

import pytest
from flask import Flask
from flask.testing import FlaskClient
from rdflib import RDF, Graph, Literal, Namespace, URIRef

from alaqat.dataset import Dataset
from alaqat.http.messages import HttpResponse
from alaqat.queries.library import read_library
from alaqat.store.oxigraph import OxigraphStore
from alaqat.store.oxigraph_writer import amend
from alaqat.terms import (
    AL,
    BASE,
    ENTITIES_GRAPH,
    facts_graph,
)
from alaqat.web.app import create_app
from alaqat.web.middleware.page_cache import page_cache
from alaqat.web.middleware.warmup import start_warmup, warm_pages
from alaqat.web.views.resources import descriptions

E = Namespace("http://e/")
HTML = {"Accept": "text/html"}


class Counting(OxigraphStore):
    """A store that counts its queries, and says when one was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0
        self.was_read = Event()

    def query(self, *arguments, **options):
        """Run a query."""
        self.asked += 1
        return super().query(*arguments, **options)

    def triples(self, *given):
        """Read triples."""
        self.was_read.set()
        return super().triples(*given)


class Site:
    """An application whose dataset can be replaced."""

    def __init__(self, root: Path) -> None:
        self.store = Counting()
        amend(self.store, facts_graph("x"), [(E.s, E.p, Literal(1))])
        self.version("1")
        self.app: Flask = create_app(
            self.store, read_library(root / "queries"), dataset=lambda: self.now
        )
        self.client: FlaskClient = self.app.test_client()

    def version(self, name: str) -> None:
        """Let another version be current."""
        self.now = Dataset(self.store, name)


@pytest.fixture
def site(root: Path) -> Site:
    """An application over one triple."""
    return Site(root)


def test_a_page_is_rendered_once_for_a_version(site: Site) -> None:
    """Who asks again gets the same bytes, and the store is asked nothing."""
    first = site.client.get("/en/", headers=HTML)
    asked = site.store.asked
    again = site.client.get("/en/", headers=HTML)
    assert asked > 0
    assert site.store.asked == asked
    assert (again.data, again.headers["ETag"]) == (first.data, first.headers["ETag"])
    site.version("2")
    site.client.get("/en/", headers=HTML)
    assert site.store.asked > asked


def test_a_page_that_a_client_has_is_not_sent(site: Site) -> None:
    """304 for its tag, compressed or not; another language has another tag."""
    reply = site.client.get("/en/queries", headers=HTML)
    tag = reply.headers["ETag"]
    assert reply.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    for known in (tag, f"W/{tag}", f'{tag[:-1]}:zstd"', f'"other", {tag}'):
        again = site.client.get("/en/queries", headers={**HTML, "If-None-Match": known})
        assert (again.status_code, again.data) == (304, b"")
        assert "Accept-Language" in again.headers["Vary"]
    other = site.client.get("/ar/queries", headers={**HTML, "If-None-Match": tag})
    assert other.status_code == 200
    assert other.headers["ETag"] != tag


def test_faults_have_no_tag(site: Site) -> None:
    """What is not there may be there soon."""
    reply = site.client.get("/en/nothing-here", headers=HTML)
    assert reply.status_code == 404
    assert "ETag" not in reply.headers


def test_an_answer_to_anybodys_query_is_asked_each_time(site: Site) -> None:
    """It may be new each time."""
    path = "/en/sparql?query=SELECT%20(RAND()%20AS%20%3Fn)%20%7B%7D"
    one, two = (site.client.get(path, headers=HTML).data for _ in range(2))
    assert one != two


def test_pages_are_kept_within_a_budget() -> None:
    """The one asked for longest ago goes first; one that is too large never comes."""
    kept = page_cache(10_000)
    for key in "abc":
        kept.put(key, HttpResponse(HTTPStatus.OK, {}, [b"x" * 2000]))
        kept.get("a")
    assert [key for key in "abc" if kept.get(key)] == ["a", "c"]
    kept.put("d", HttpResponse(HTTPStatus.OK, {}, [b"x" * 10_001]))
    assert not kept.get("d")


@pytest.fixture
def ended() -> Iterator[Event]:
    """Ends what runs in the background with the test."""
    event = Event()
    yield event
    event.set()


def test_a_version_is_prepared_before_anybody_asks(site: Site, ended: Event) -> None:
    """The first and each that follows; what pages need is made then."""
    start_warmup(site.app, lambda: site.now, ended)
    assert site.store.was_read.wait(20)
    site.version("2")
    site.store.was_read.clear()
    assert site.store.was_read.wait(20)


def test_no_page_copies_a_graph(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages ask the store for what they show."""

    def read(_: OxigraphStore, graph: str) -> Graph:
        """Copy a graph."""
        pytest.fail(f"{graph} is copied")

    monkeypatch.setattr(OxigraphStore, "read", read)
    warm_pages(site.app, site.now)
    assert site.store.was_read.is_set()


def test_a_version_is_made_once_however_many_ask(site: Site) -> None:
    """And who asks for something else does not wait for it."""
    began, go = Event(), Event()

    def slow(_: Dataset) -> Graph:
        """Make something when it may."""
        began.set()
        assert go.wait(20)
        return Graph()

    with ThreadPoolExecutor(2) as pool:
        several = [pool.submit(site.now.cached, slow) for _ in range(2)]
        assert began.wait(20)
        assert site.now.graphs
        go.set()
        assert several[0].result(20) is several[1].result(20)


def _small() -> OxigraphStore:
    """A store with one place."""
    store = OxigraphStore()
    amend(store, ENTITIES_GRAPH, [(URIRef(f"{BASE}id/place/x"), RDF.type, AL.Place)])
    return store


def test_a_version_that_is_gone_is_forgotten(root: Path) -> None:
    """With all that was made of it, whatever was asked for; the next one may not be."""
    versions = [Dataset(_small(), name) for name in "ab"]
    app = create_app(
        *(_small(), read_library(root / "queries")), dataset=lambda: versions[0]
    )
    client = app.test_client()
    paths = ("/", "/doc/place/x", "/catalog", "/dump/dataset.nq.sha256", "/shapes")
    for path in (*paths, "/ontology", "/search?q=x", "/map", "/network", "/void"):
        for accept in ("text/html", "text/turtle"):
            client.get(path, headers={"Accept": accept})
    known = descriptions(versions[0])
    assert client.get("/doc/place/x.ttl").status_code == 200
    assert client.get("/void.ttl").status_code == 200
    gone = [ref(versions.pop(0)), ref(known)]
    del known
    client.get("/health")  # the context of the last request is let go with the next
    gc.collect()
    assert [one() for one in gone] == [None, None]
