"""Stored markup in a real browser: it is text on every page that shows values."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page
from rdflib import DCTERMS, RDF, RDFS, SKOS, Literal, URIRef

from alaqat.store.releases import publish_release
from alaqat.terms import BASE, OA
from browser import in_a_browser, served
from conftest import Built, published_graphs
from page_paths import PAGES

pytestmark = in_a_browser

MARKUP = (
    '"><img src=x onerror=alert(1)><svg/onload=alert(2)></script><script>alert(3)'
    "</script>'{{7*7}}${alert(4)}<a href=javascript:alert(5)>\u202e\u2066"
)
SCRIPTED = URIRef("javascript:alert(document.domain)")
TEXTS = (RDFS.label, SKOS.prefLabel, SKOS.altLabel, DCTERMS.description, OA.exact)
EVERYTHING = "SELECT * { ?s ?p ?o FILTER(isLiteral(?o)) } LIMIT 100"
PATHS = [
    *(path for name, path in PAGES.items() if name not in {"not found", "wrong query"}),
    f"/sparql?query={quote(EVERYTHING)}",
    "/sparql?query=" + quote('SELECT (IRI("javascript:alert(1)") AS ?a) {}'),
    "/search?q=img",
    "/doc/place/almaty",
]


@pytest.fixture(scope="module")
def hostile_site(
    built: Built, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Yield the address of a server over a dataset with markup in its texts."""
    graphs = published_graphs(built.folder)
    for graph in graphs.values():
        for subject, predicate, value in list(graph):
            if predicate in TEXTS and isinstance(value, Literal):
                text = Literal(f"{value} {MARKUP}", lang=value.language)
                graph.set((subject, predicate, text)) if value.language is None else (
                    graph.remove((subject, predicate, value)),
                    graph.add((subject, predicate, text)),
                )
            elif predicate in {SKOS.exactMatch, DCTERMS.license, DCTERMS.source}:
                graph.add((subject, predicate, SCRIPTED))
    graphs[URIRef(f"{BASE}graph/entities")].add(
        (URIRef(f"{BASE}id/place/almaty"), RDFS.seeAlso, SCRIPTED)
    )
    output: Path = tmp_path_factory.mktemp("hostile")
    publish_release(graphs, output, {})
    assert (None, RDF.type, None) in graphs[URIRef(f"{BASE}graph/entities")]
    with served(output) as address:
        yield address


@pytest.fixture
def watched(browser: Browser) -> Iterator[tuple[Page, list[str]]]:
    """Yield a page, and what a script of stored data would cause."""
    context = browser.new_context()
    context.set_default_timeout(30_000)
    page, found = context.new_page(), list[str]()
    page.on("dialog", lambda dialog: (found.append(dialog.message), dialog.dismiss()))
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on(
        "console",
        lambda message: (
            found.append(message.text)
            if "Refused" in message.text or "Content Security" in message.text
            else None
        ),
    )
    yield page, found
    context.close()


@pytest.mark.parametrize("path", PATHS)
def test_stored_markup_is_text(
    hostile_site: str, watched: tuple[Page, list[str]], path: str
) -> None:
    """It makes no element, runs no script and leads nowhere."""
    page, found = watched
    page.goto(f"{hostile_site}/en{path}", wait_until="load")
    for button in page.locator("[data-view]:visible, summary:visible").all()[:12]:
        button.click()
    assert not page.locator("img[src=x], [onload], [onerror]").count()
    schemes = page.eval_on_selector_all(
        "a, area, form, iframe",
        "all => all.map(one => one.href?.baseVal ?? one.href ?? one.action)"
        ".map(address => new URL(address, location.href).protocol)",
    )
    assert set(schemes) <= {"http:", "https:", "mailto:"}
    assert "49" not in page.title()
    assert not found
