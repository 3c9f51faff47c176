"""The page cache, and the warm-up of new versions."""

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
    """A store that counts its queries, and signals when it is read."""

    def __init__(self) -> None:
        super().__init__()
        self.queries = 0
        self.was_read = Event()

    def query(self, *arguments, **options):
        """Run a query."""
        self.queries += 1
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
            self.store, read_library(root / "queries"), dataset=lambda: self.dataset
        )
        self.client: FlaskClient = self.app.test_client()

    def version(self, name: str) -> None:
        """Make another version current."""
        self.dataset = Dataset(self.store, name)


@pytest.fixture
def site(root: Path) -> Site:
    """Return an application over one triple."""
    return Site(root)


def test_a_page_is_rendered_once_per_version(site: Site) -> None:
    """Later requests get the same bytes, without a query."""
    first = site.client.get("/en/", headers=HTML)
    queries = site.store.queries
    again = site.client.get("/en/", headers=HTML)
    assert queries > 0
    assert site.store.queries == queries
    assert (again.data, again.headers["ETag"]) == (first.data, first.headers["ETag"])
    site.version("2")
    site.client.get("/en/", headers=HTML)
    assert site.store.queries > queries


def test_a_client_that_has_the_page_gets_304(site: Site) -> None:
    """By its tag, compressed or not; another language has another tag."""
    response = site.client.get("/en/queries", headers=HTML)
    tag = response.headers["ETag"]
    assert response.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    for known in (tag, f"W/{tag}", f'{tag[:-1]}:zstd"', f'"other", {tag}'):
        again = site.client.get("/en/queries", headers={**HTML, "If-None-Match": known})
        assert (again.status_code, again.data) == (304, b"")
        assert "Accept-Language" in again.headers["Vary"]
    other = site.client.get("/ar/queries", headers={**HTML, "If-None-Match": tag})
    assert other.status_code == 200
    assert other.headers["ETag"] != tag


def test_errors_have_no_tag(site: Site) -> None:
    """What is missing may exist soon."""
    response = site.client.get("/en/nothing-here", headers=HTML)
    assert response.status_code == 404
    assert "ETag" not in response.headers


def test_the_query_page_is_not_cached(site: Site) -> None:
    """Its result may differ each time."""
    path = "/en/sparql?query=SELECT%20(RAND()%20AS%20%3Fn)%20%7B%7D"
    one, two = (site.client.get(path, headers=HTML).data for _ in range(2))
    assert one != two


def test_the_page_cache_is_bounded_in_bytes() -> None:
    """The least recently used page is evicted; too large a one is never cached."""
    pages = page_cache(10_000)
    for key in "abc":
        pages.set(key, HttpResponse(HTTPStatus.OK, {}, [b"x" * 2000]))
        pages.get("a")
    assert [key for key in "abc" if pages.get(key)] == ["a", "c"]
    pages.set("d", HttpResponse(HTTPStatus.OK, {}, [b"x" * 10_001]))
    assert not pages.get("d")


@pytest.fixture
def stopped() -> Iterator[Event]:
    """Yield an event that stops background threads with the test."""
    event = Event()
    yield event
    event.set()


def test_a_new_version_is_warmed_up(site: Site, stopped: Event) -> None:
    """The first and each later one, without any request."""
    start_warmup(site.app, lambda: site.dataset, stopped)
    assert site.store.was_read.wait(20)
    site.version("2")
    site.store.was_read.clear()
    assert site.store.was_read.wait(20)


def test_no_page_copies_a_graph(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages query the store for what they show."""

    def read(_: OxigraphStore, graph: str) -> Graph:
        """Copy a graph."""
        pytest.fail(f"{graph} is copied")

    monkeypatch.setattr(OxigraphStore, "read", read)
    warm_pages(site.app, site.dataset)
    assert site.store.was_read.is_set()


def test_a_cached_value_is_created_once_per_version(site: Site) -> None:
    """However many threads ask; another value does not wait for it."""
    began, go = Event(), Event()

    def slow(_: Dataset) -> Graph:
        """Return a graph once it may."""
        began.set()
        assert go.wait(20)
        return Graph()

    with ThreadPoolExecutor(2) as pool:
        several = [pool.submit(site.dataset.cached, slow) for _ in range(2)]
        assert began.wait(20)
        assert site.dataset.graphs
        go.set()
        assert several[0].result(20) is several[1].result(20)


def _small() -> OxigraphStore:
    """Return a store with one place."""
    store = OxigraphStore()
    amend(store, ENTITIES_GRAPH, [(URIRef(f"{BASE}id/place/x"), RDF.type, AL.Place)])
    return store


def test_a_superseded_version_is_freed(root: Path) -> None:
    """With all that was cached for it, whatever was requested."""
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
    client.get("/health")  # the context of the last request is freed with the next
    gc.collect()
    assert [one() for one in gone] == [None, None]
