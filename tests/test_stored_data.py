"""Whatever a store holds, every route answers, in a well-formed way, without harm."""

from __future__ import annotations

import json
import random
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from rdflib import DCTERMS, OWL, Literal, URIRef
from werkzeug.test import TestResponse

from alaqat.dataset import Dataset
from alaqat.http.linked_data import Link, is_followable, link_header
from alaqat.lexical import read_coordinate, read_day, read_decimal, read_integer
from alaqat.queries.library import Library
from alaqat.store.oxigraph import OxigraphStore
from alaqat.terms import BASE
from alaqat.web.app import create_app
from conftest import Built
from hostile_data import CHANGES, MARKUP, Change, HostileData
from prepared import built_small
from route_examples import requests_of_all_routes

ONTOLOGY = f"{BASE}ontology"
# A failure names its request, and takes minutes to be shrunk.
HOSTILE = {
    "suppress_health_check": list(HealthCheck),
    "database": None,
    "phases": [Phase.explicit, Phase.generate],
}
_LINK_ATTRIBUTES = {
    "href",
    "src",
    "action",
    "xlink:href",
    "formaction",
    "data",
    "srcset",
}
_CLOBBERING = {"location", "submit", "document", "body", "forms", "action", "cookie"}
_UNSAFE_TEXT = re.compile(r"[\r\n\x00]")


class PageReader(HTMLParser):
    """Reads a page, and fails at an element or a link that stored data has made."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
        # A term of the ontology is an element that its IRI names, and no form or image.
        self.names_terms = "/ontology" in path or "/shapes" in path
        self.in_json = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Check an element."""
        values = {name: value or "" for name, value in attrs}
        assert not [name for name in values if name.startswith("on")], self.path
        assert tag not in {"iframe", "object", "embed", "base"}, self.path
        for name in _LINK_ATTRIBUTES & values.keys():
            address = values[name]
            is_own = address == "" or re.match(r"/(?![/\\])|[?#]", address)
            assert is_own or is_followable(address), f"{self.path}: {address}"
        if "id" in values and not self.names_terms:
            assert values["id"] not in _CLOBBERING, self.path
        self.in_json = values.get("type") == "application/ld+json"

    def handle_data(self, data: str) -> None:
        """Check the JSON-LD of a page."""
        if self.in_json and data.strip():
            json.loads(data)
        self.in_json = False


def check(reply: TestResponse, path: str) -> None:
    """Check that a reply is no server error, and that it is well-formed."""
    assert reply.status_code < 500, f"{path}: {reply.status_code} {reply.text[:300]}"
    for name, value in reply.headers.items():
        value.encode("ascii")
        assert not _UNSAFE_TEXT.search(value), f"{path}: {name}"
    kind = reply.mimetype or ""
    if kind.endswith("json"):
        json.loads(reply.data)
    elif kind.endswith("xml"):
        ET.fromstring(reply.data)  # noqa: S314 # our own, to see that it is well-formed
    elif kind == "text/html":
        reader = PageReader(path)
        reader.feed(reply.text)
        reader.close()
        assert MARKUP not in reply.text, path


def client_of(store: ox.Store, library: Library) -> FlaskClient:
    """Return a client of the application over a store."""
    dataset = Dataset(OxigraphStore(store, writable=False), "1")
    return create_app(dataset.store, library, dataset=lambda: dataset).test_client()


def sweep(
    data: HostileData, changes: Sequence[Change], library: Library, part: float = 1
) -> None:
    """Send all requests, or a part of them, over a dataset with some changes."""
    store = data.changed(changes)
    client = client_of(store, library)
    names = {
        quad.subject.value
        for quad in store
        if isinstance(quad.subject, ox.NamedNode)
        and quad.subject.value.startswith(BASE)
    }
    graphs = [URIRef(one.value) for one in store.named_graphs()]  # type: ignore[union-attr] # they are IRIs
    chosen = random.Random(str(changes))  # noqa: S311 # the same for the same changes
    for path, accept in requests_of_all_routes(
        client.application, library, sorted(names), graphs
    ):
        if chosen.random() < part:
            with client.get(path, headers={"Accept": accept}) as reply:
                check(reply, path)


@pytest.fixture(scope="module")
def small_data(root: Path, tmp_path_factory: pytest.TempPathFactory) -> HostileData:
    """Return the quads of the small world."""
    summary = built_small(root, tmp_path_factory.mktemp("small") / "output")
    return HostileData(_quads(summary.folder))


@pytest.fixture(scope="module")
def own_data(built: Built) -> HostileData:
    """Return the quads of the project's own dataset."""
    return HostileData(_quads(built.folder))


def _quads(folder: Path) -> Iterator[ox.Quad]:
    return ox.parse(path=str(folder / "dataset.nq"), format=ox.RdfFormat.N_QUADS)


@settings(max_examples=2, **HOSTILE)
@given(CHANGES)
def test_a_sample_of_the_routes_answers_over_hostile_data(
    small_data: HostileData, library: Library, changes: Sequence[Change]
) -> None:
    """Over the small world; the slow test below sends all requests."""
    sweep(small_data, changes, library, part=0.05)


@pytest.mark.slow
@settings(max_examples=8, **HOSTILE)
@given(CHANGES)
def test_every_route_answers_over_hostile_data(
    small_data: HostileData, library: Library, changes: Sequence[Change]
) -> None:
    """Over the small world, with every page and every file."""
    sweep(small_data, changes, library)


@pytest.mark.slow
@settings(max_examples=3, **HOSTILE)
@given(CHANGES)
def test_every_route_answers_over_our_own_data_made_hostile(
    own_data: HostileData, library: Library, changes: Sequence[Change]
) -> None:
    """Where all kinds of facts are, and all charts have something to draw."""
    sweep(own_data, changes, library, part=0.3)


def client_with(
    data: HostileData,
    library: Library,
    triples: Sequence[tuple[URIRef, URIRef, object]],
) -> FlaskClient:
    """Return a client over a dataset, some of whose values are replaced."""
    store = data.changed(())
    graph = ox.NamedNode(f"{BASE}graph/ontology")
    for subject, predicate, value in triples:
        one, two = ox.NamedNode(subject), ox.NamedNode(predicate)
        for quad in list(store.quads_for_pattern(one, two, None, None)):
            store.remove(quad)
        store.add(ox.Quad(one, two, value, graph))  # type: ignore[arg-type] # a term
    return client_of(store, library)


def test_a_licence_that_is_no_iri_is_in_no_header(
    small_data: HostileData, library: Library
) -> None:
    """Nor do its line breaks end one."""
    licence = ox.Literal("CC BY\r\nX-Injected: 1")
    rows = [(URIRef(ONTOLOGY), DCTERMS.license, licence)]
    client = client_with(small_data, library, rows)
    for form in ("ttl", "html"):
        reply = client.get(f"/ontology.{form}")
        assert reply.status_code == 200
        assert "X-Injected" not in str(reply.headers)


def test_a_day_that_is_none_is_left_out(
    small_data: HostileData, library: Library
) -> None:
    """The page of the ontology shows the day on which it was changed."""
    rows = [(URIRef(ONTOLOGY), DCTERMS.modified, ox.Literal("recently"))]
    client = client_with(small_data, library, rows)
    assert (
        client.get("/en/ontology", headers={"Accept": "text/html"}).status_code == 200
    )


def test_targets_in_headers_are_uris(library: Library, small_data: HostileData) -> None:
    """Letters outside ASCII are encoded as UTF-8 (RFC 3987 §3.1)."""
    licence = ox.NamedNode("http://مثال.ae/ر?a=ب")
    rows = [(URIRef(ONTOLOGY), DCTERMS.license, licence)]
    links = client_with(small_data, library, rows).get("/ontology.ttl").headers["Link"]
    encoded = "http://%D9%85%D8%AB%D8%A7%D9%84.ae/%D8%B1?a=%D8%A8"
    assert f'<{encoded}>; rel="license"' in links


@pytest.mark.parametrize(
    "target",
    [
        *("javascript:alert(1)", "data:text/html,x", "no iri", "", "/path", "//host/"),
        *(
            "http://e/>; rel=x, <http://e/",
            "http://e/\r\nX: 1",
            'http://e/"',
            "urn:x:y",
        ),
        "http://e/" + "x" * 3000,
    ],
)
def test_a_header_has_no_other_targets(target: str) -> None:
    """They are left out; the other links are sent."""
    links = [Link(target, "license"), Link("http://e/", "type")]
    assert link_header(links) == '<http://e/>; rel="type"'


def test_a_header_has_few_links() -> None:
    """Servers and proxies refuse long ones."""
    links = [Link(f"http://e/{number}", "type") for number in range(10_000)]
    assert len(link_header(links)) < 4000


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2010-06-15", "2010-06-15"),
        ("2010-06-15T01:02:03Z", "2010-06-15"),
        ("2010-06-15+06:00", "2010-06-15"),
        *(
            (one, "None")
            for one in ("31-31-31", "2010-02-30", "0000", "", "-4712-01-01")
        ),
        *((one, "None") for one in ("2010-06-15 or so", "20100615", "2010-W24-2", "x")),
        ("٢٠١٠-٠٦-١٥", "None"),
        (None, "None"),
    ],
)
def test_a_day_is_read_or_there_is_none(value: str | None, day: str) -> None:
    """Dates of XML Schema in our era are days."""
    assert str(read_day(value)) == day


@pytest.mark.parametrize(
    "value", ["NaN", "INF", "1e999", "9" * 400, "1e-99999", "x", ""]
)
def test_what_is_no_number_is_none(value: str) -> None:
    """A number of a hundred digits is none either: no page writes it out."""
    assert read_decimal(value) is read_coordinate(value, 90) is None
    assert read_integer(value) is None


def test_numbers_are_read_exactly() -> None:
    """With all their digits."""
    assert str(read_decimal(Literal("1.50"))) == "1.50"
    assert read_integer(" -12 ") == -12
    assert read_coordinate("0", 90) == 0
    assert read_coordinate("90.1", 90) is None


@given(st.text())
def test_values_are_read_whatever_they_are(text: str) -> None:
    """No reader raises an error."""
    read_day(text), read_decimal(text), read_integer(text), read_coordinate(text, 180)
    assert is_followable(text) <= text.isprintable()


def test_the_examples_change_the_data(small_data: HostileData) -> None:
    """The tests above check something."""
    changes = [Change(number, 0, "replace", number) for number in range(20)]
    assert set(small_data.changed(changes)) != set(small_data.changed(()))
    assert OWL.versionInfo in {
        URIRef(quad.predicate.value) for quad in small_data.changed(())
    }


@pytest.mark.parametrize(
    "kind", ["application/sparql-results+xml", "application/rdf+xml"]
)
def test_xml_that_could_not_be_read_is_refused(library: Library, kind: str) -> None:
    """It has no control characters (XML 1.0 §2.2); other formats have."""
    store = ox.Store()
    for value in ("a\x01", "b\ufffe"):
        quad = ox.Quad(
            ox.NamedNode("http://e/s"), ox.NamedNode("http://e/p"), ox.Literal(value)
        )
        store.add(quad)
    client = client_of(store, library)
    form = "SELECT ?o" if "results" in kind else "CONSTRUCT { ?s ?p ?o }"
    query = {"query": f"{form} {{ ?s ?p ?o }}"}
    refused = client.get("/sparql", query_string=query, headers={"Accept": kind})
    assert refused.status_code == 406
    other = client.get("/sparql", query_string=query, headers={"Accept": "*/*"})
    assert other.status_code == 200
