"""Hostile requests: they cost little, and their headers are not trusted."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from rdflib import Literal, Namespace

from alaqat.lru import LruCache
from alaqat.queries.library import Library
from alaqat.store.interface import Store
from alaqat.store.oxigraph import OxigraphStore
from alaqat.store.oxigraph_writer import OxigraphWriter, amend
from alaqat.terms import facts_graph
from alaqat.web.app import create_app
from alaqat.web.settings import Settings

E = Namespace("http://e/")
HTML = {"Accept": "text/html"}


class Unread(io.RawIOBase):
    """A body that must not be read."""

    def readable(self) -> bool:
        """Return true: it could be read."""
        return True

    def readinto(self, _: object) -> int:
        """Fail the test."""
        raise AssertionError("the body was read")


@pytest.fixture(scope="module")
def store() -> Store:
    """Return a store with one triple."""
    store = OxigraphStore()
    amend(store, facts_graph("x"), [(E.s, E.p, Literal("o"))])
    return store


@pytest.fixture
def client(store: Store, library: Library) -> FlaskClient:
    """Return a client of a read-only server."""
    return create_app(store, library).test_client()


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
@pytest.mark.parametrize(("is_writable", "status"), [(False, 403), (True, 401)])
def test_a_body_without_a_valid_token_is_not_read(
    library: Library, method: str, is_writable: bool, status: int
) -> None:
    """However large it is, it takes no memory."""
    store = OxigraphStore()
    writer = OxigraphWriter(store) if is_writable else None
    client = create_app(store, library, writer=writer).test_client()
    body = {"CONTENT_LENGTH": "50000000", "wsgi.input": Unread()}
    response = client.open("/data?default", method=method, environ_overrides=body)
    assert response.status_code == status
    assert response.mimetype == "application/problem+json"


def test_a_writer_may_send_a_large_graph(library: Library) -> None:
    """Larger than other bodies, and only to be written."""
    store, settings = OxigraphStore(), Settings(largest_body=100, largest_graph=1000)
    client = create_app(
        *(store, library, settings),
        writer=OxigraphWriter(store),
        author=lambda: "someone",
    ).test_client()
    lines = b"<http://e/s> <http://e/p> 1 .\n" * 10
    for method, status in (("PUT", 204), ("GET", 413), ("PATCH", 413)):
        response = client.open(
            *("/data?default",),
            method=method,
            data=lines,
            content_type="text/turtle",
        )
        assert response.status_code == status
    assert client.put("/data?default", data=lines * 5).status_code == 413


def test_a_page_does_not_read_the_body_of_its_request(client: FlaskClient) -> None:
    """No page depends on it, so it may be of any length."""
    body = {"CONTENT_LENGTH": "2000000", "wsgi.input": Unread()}
    response = client.get("/", headers=HTML, environ_overrides=body)
    assert response.status_code == 200
    known = {**HTML, "If-None-Match": response.headers["ETag"]}
    again = client.get("/", headers=known, environ_overrides=body)
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("prefix", "mount"),
    [
        ("/kg", "/kg"),
        ("/kg/of-a.site/", "/kg/of-a.site"),
        ("", ""),
        ("/", ""),
        ("//evil.example", ""),
        ("/kg//evil.example", ""),
        ("/\\evil.example", ""),
        ("https://evil.example", ""),
        ("evil.example", ""),
        ('/"><i>', ""),
        ("/kg?a", ""),
    ],
)
def test_a_mount_point_is_a_plain_path(
    store: Store, library: Library, prefix: str, mount: str
) -> None:
    """Or links would lead to whatever site a client names."""
    client = create_app(store, library, Settings(proxies=1)).test_client()
    page = client.get("/", headers={**HTML, "X-Forwarded-Prefix": prefix}).text
    sheets = re.findall(r'<link [^>]*href="([^"]*)/static/', page)
    assert sheets
    assert set(sheets) == {mount}
    assert "evil" not in page


def test_the_proxy_in_the_manual_sets_every_trusted_header(root: Path) -> None:
    """So no client can choose its address."""
    manual = (root / "docs" / "operations.md").read_text(encoding="utf-8")
    sample = manual.partition("```nginx")[2].partition("```")[0]
    forwarded = {f"X-Forwarded-{one}" for one in ("For", "Proto", "Host", "Prefix")}
    assert {"Host", *forwarded} <= set(re.findall(r"proxy_set_header (\S+) ", sample))


def test_the_lru_cache_is_bounded() -> None:
    """The least recently used value is evicted, and created again when it is needed."""
    cache, created = LruCache[str](2), list[str]()

    def get(key: str) -> str:
        def create() -> str:
            created.append(key)
            return key

        return cache.get_or_create(key, create)

    for key in "abacab":
        assert get(key) == key
    assert created == ["a", "b", "c", "b"]
    assert len(cache) == 2
