"""Links that pages and headers have: harmless ones, and of a host that is trusted."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from alaqat.cli.main import run
from alaqat.dataset import Dataset
from alaqat.http.linked_data import encode_iri, is_followable
from alaqat.queries.library import Library
from alaqat.terms import BASE
from alaqat.web.app import create_app
from alaqat.web.middleware.public_address import is_public_url
from alaqat.web.settings import Settings
from alaqat.web.urls import href, page_url

TEMPLATES = Path(__file__).parents[1] / "src" / "alaqat" / "web" / "templates"
PAGE = {"Accept": "text/html"}

# What templates link without ``href``: addresses that views and functions build of
# paths of this site. A stored value goes through ``href``, which may refuse it.
ADDRESSES = re.compile(
    r"(url_for|at|asset|why_address|quote_address|question_address|data_address|file)\("
    r"|origin ~ |(address|text|csv|svg|query|query_address|action|file\.address"
    r"|files\.(json|csv)) \}\}"
)


def test_templates_link_stored_values_only_by_href() -> None:
    """No attribute with an address begins with another expression."""
    form = re.compile(
        r"""(?<![\w-])(?:href|src|action|formaction|poster|data|srcset|style|on\w+)\s*=\s*"""
        r"""["']?\s*\{\{-?\s*([^}]*\}\})"""
    )
    places = [
        (path.name, match[1])
        for path in TEMPLATES.rglob("*.*")
        for match in form.finditer(path.read_text(encoding="utf-8"))
    ]
    assert len(places) > 50
    assert not [place for place in places if not ADDRESSES.match(place[1])]


def test_templates_trust_no_markup() -> None:
    """Only the sections of a document, which are rendered before, are marked as safe.

    No script or style is filled with values.
    """
    for path in TEMPLATES.rglob("*.*"):
        text = path.read_text(encoding="utf-8")
        is_safe = re.findall(r"\w+\s*\|\s*safe\b", text)
        assert is_safe == (["section | safe"] if path.name == "document.html" else [])
        assert not re.search(r"autoescape|<style|url\(|http-equiv", text)
        for script in re.findall(r"<script(?![^>]*ld\+json)[^>]*>(.*?)</script>", text):
            assert not script.strip(), path.name


@pytest.mark.parametrize(
    "iri",
    [
        *(
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "data:text/html,x",
            "vbscript:x",
        ),
        *("file:///etc/passwd", "blob:http://e/1", "urn:x:y", "about:blank", "x", "N1"),
        *(
            "//host/",
            "/\\host/",
            "\\\\host",
            "http:",
            "http:///x",
            "https:x",
            "http://",
        ),
        *(
            " javascript:x",
            "\x01javascript:x",
            "java\nscript:x",
            "http://e/\u202eb",
            "",
        ),
        *("http://e/ b", 'http://e/"onclick', "http://e/<b>", "view-source:http://e/"),
        *("filesystem:http://e/", "intent://e/#Intent;end", "ms-word:http://e/"),
    ],
)
def test_an_iri_that_harms_is_no_link(app: Flask, iri: str) -> None:
    """Its element ``a`` has no address, and is text."""
    with app.test_request_context("/"):
        assert page_url(iri) == href(iri) == href(page_url(iri), "external") == ""


def test_an_iri_below_the_base_does_not_lead_to_another_host(app: Flask) -> None:
    """Its page would begin with //host."""
    with app.test_request_context("/"):
        assert not page_url(f"{BASE}/evil.example/").startswith("//")
        assert page_url(f'{BASE}id/a\\b"<>').startswith("/doc/a%5Cb%22%3C%3E")


def test_harmless_iris_are_links(app: Flask) -> None:
    """With their letters, and escaped."""
    with app.test_request_context("/"):
        assert href("http://e/?a=1&b='", "external") == (
            ' href="http://e/?a=1&amp;b=&#39;" rel="external"'
        )
        assert href("mailto:a@b") == ' href="mailto:a@b"'
        assert href("/en/doc/x") == ' href="/en/doc/x"'
        assert href("https://مثال.ae/ب") == ' href="https://مثال.ae/ب"'
    assert is_followable("HTTP://e")
    assert encode_iri("http://e/ب%20?x=[1]#a") == "http://e/%D8%A8%20?x=[1]#a"


def client_for(dataset: Dataset, library: Library, settings: Settings) -> FlaskClient:
    """Return a client of the application over the project's own dataset."""
    app = create_app(dataset.store, library, settings, dataset=lambda: dataset)
    return app.test_client()


ADDRESSED = [
    *(("/", "text/html"), ("/doc/state/KAZ", "text/html"), ("/ontology", "text/html")),
    *(("/doc/state/KAZ", "text/turtle"), ("/openapi.json", "*/*")),
    *(("/sparql?format=turtle", "*/*"), ("/sparql?query=ASK%7B%7D", "text/html")),
    *(("/queries/lookup/embassies-by-city", "text/html"), ("/dump", "*/*")),
    *(
        ("/id/state/KAZ", "text/html"),
        ("/data?default", "*/*"),
        ("/search", "text/html"),
    ),
    *(("/.well-known/void", "*/*"), ("/map.svg", "*/*"), ("/nothing", "text/html")),
]


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:80",
        'e"><script>',
        "e\u00e9",
        "localhost.evil",
        "::1",
    ],
)
def test_a_claimed_host_is_in_no_reply(
    dataset: Dataset, library: Library, host: str
) -> None:
    """Not in pages, data, headers or redirects, nor when the page is cached."""
    client = client_for(dataset, library, Settings(own_address="http://10.0.0.1:8000"))
    for path, accept in ADDRESSED:
        headers = {"Accept": accept, "X-Forwarded-Host": "evil.example"}
        environ = {"HTTP_HOST": host}
        for _ in range(2):
            reply = client.get(path, headers=headers, environ_overrides=environ)
            assert reply.status_code < 500
            assert "evil" not in reply.text + str(reply.headers), path
            assert "script>" not in str(reply.headers), path
    page = client.get("/doc/state/KAZ", headers=PAGE, environ_overrides=environ)
    assert 'rel="canonical" href="http://10.0.0.1:8000/en/doc/state/KAZ"' in page.text
    assert "<http://10.0.0.1:8000/doc/state/KAZ>" in page.headers["Link"]


def test_a_public_address_is_in_all_replies(dataset: Dataset, library: Library) -> None:
    """Whatever proxies and clients claim; a path of it is the mount point."""
    settings = Settings(public_url="https://graphs.example/kg/", proxies=1)
    client = client_for(dataset, library, settings)
    forwarded = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"}
    page = client.get("/en/doc/state/KAZ", headers={**PAGE, **forwarded})
    assert 'href="https://graphs.example/kg/en/doc/state/KAZ"' in page.text
    assert "<https://graphs.example/kg/doc/state/KAZ.ttl>" in page.headers["Link"]
    assert "evil" not in page.text + str(page.headers)
    moved = client.get("/id/state/KAZ", headers={"Accept": "text/turtle"})
    assert moved.headers["Location"] == "/kg/doc/state/KAZ.ttl"


def test_a_proxy_is_trusted_with_the_host(dataset: Dataset, library: Library) -> None:
    """If it sets one that is a host."""
    client = client_for(dataset, library, Settings(proxies=1))
    for host, expected in (("graphs.example", "graphs.example"), ("a b", "localhost")):
        headers = {**PAGE, "X-Forwarded-Host": host}
        page = client.get("/en/doc/state/KAZ", headers=headers)
        assert f'href="http://{expected}/en/doc/state/KAZ"' in page.text


@pytest.mark.parametrize(
    ("url", "is_valid"),
    [
        *((one, True) for one in ("https://example.org", "http://[::1]:8000/a/b")),
        *(
            (one, False)
            for one in ("example.org", "ftp://e", "https://", "https://a@b")
        ),
        *((one, False) for one in ("https://e/?q", "https://e/#f", "http://a b", "[")),
    ],
)
def test_a_public_address_is_checked(url: str, is_valid: bool) -> None:
    """The command refuses another with a usage error."""
    assert is_public_url(url) is is_valid
    if not is_valid:
        assert run(["serve", "--public-url", url]) == 2
