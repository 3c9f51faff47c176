"""A real server that is sent data which is slow or deep: it keeps answering others."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from rdflib import RDF, RDFS, XSD

from alaqat.cli.main import run
from alaqat.terms import BASE, ENTITIES_GRAPH
from prepared import built_small, small_sources
from test_server_writes import TOKEN, Server, ServerResponse, server
from test_slow_data import DEEP, HARD, LIST, XML

pytestmark = pytest.mark.slow

SECONDS = 2.0  # in which the server answers others throughout
LIGHT = f"/sparql?{urlencode({'query': 'ASK { ?s ?p ?o }'})}"
PLACE = f"{BASE}id/place/long"
MEGABYTE = "x" * 1_000_000
TAG = "-".join(["abcd"] * 999)


def literal(datatype: str, text: str) -> bytes:
    """Return a triple of a place with a literal of a datatype."""
    return f'<{PLACE}> <{RDFS.comment}> "{text}"^^<{datatype}> .\n'.encode()


STORED: dict[str, tuple[str, bytes]] = {
    **{name: ("text/turtle", content) for name, content in HARD.items()},
    "chain": (
        "text/turtle",
        b"".join(b"_:n%d <urn:p> _:n%d .\n" % (n, n + 1) for n in range(5000)),
    ),
    "pairs": ("text/turtle", b"[] <urn:p> [ <urn:q> 1 ] .\n" * 5000),
    "html": ("text/turtle", literal(RDF.HTML, "<i>" * 40_000)),
    "xml": ("text/turtle", literal(RDF.XMLLiteral, "<i>" * 40_000)),
    "json": ("text/turtle", literal(RDF.JSON, "[" * 100_000)),
    "integer": ("text/turtle", literal(XSD.integer, "9" * 100_000)),
    "decimal": ("text/turtle", literal(XSD.decimal, "1e999999999")),
    "numbers": ("text/turtle", literal(XSD.double, "NaN") + literal(XSD.float, "-INF")),
    "label": (
        "text/turtle",
        f'<{PLACE}> <{RDFS.label}> "{MEGABYTE}"@en , "x"@ar-x-{TAG} .'.encode(),
    ),
    "iri": ("text/turtle", f"<{PLACE}> <{RDFS.seeAlso}> <urn:{MEGABYTE}> .".encode()),
    "wkt": (
        "text/turtle",
        literal("http://www.opengis.net/ont/geosparql#wktLiteral", "((" * 50_000),
    ),
}
PREFIXES = b"".join(b"@prefix p%d: <urn:p%d:> .\n" % (n, n) for n in range(300_000))


@pytest.fixture(scope="module")
def knowledge(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of sources with one short document, and their release."""
    folder = small_sources(root, tmp_path_factory.mktemp("small"))
    (folder / "queries").symlink_to(root / "queries")
    built_small(root, folder / "built")
    return folder


@pytest.fixture(scope="module")
def running(knowledge: Path) -> Iterator[Server]:
    """Yield a writable server without validation."""
    options = ("--writable", str(knowledge / "working"), "--no-validate")
    with server(knowledge / "built", knowledge, *options) as one:
        yield one


def children(running: Server) -> str:
    """Return the IDs of the processes that the server's first one has started."""
    pid = running.process.pid
    return Path(f"/proc/{pid}/task/{pid}/children").read_text()


def post(running: Server, kind: str, content: bytes, graph: str) -> ServerResponse:
    """Send a document to a graph."""
    path = f"/data?{urlencode({'graph': graph})}"
    kinds = {"Content-Type": kind}
    return running.request("POST", path, content.decode(), kind=kinds, token=TOKEN)


def watch(running: Server, *requests: Callable[[], Any]) -> list[Any]:
    """Return the responses to requests; others are answered quickly meanwhile.

    And for some time after, in which the server prepares its pages.
    """
    before = children(running)
    with ThreadPoolExecutor(1) as pool:
        responses = pool.submit(lambda: [one() for one in requests])
        ends = time.monotonic() + 3
        while not responses.done() or time.monotonic() < ends:
            for probe in ("/health", LIGHT):
                started = time.monotonic()
                assert running.request("GET", probe).status == 200
                assert time.monotonic() - started < SECONDS, probe
            time.sleep(0.1)
    assert children(running) == before
    return responses.result()


def pages(running: Server) -> list[ServerResponse]:
    """Return pages that show what is stored."""
    query = f"SELECT * {{ GRAPH <{ENTITIES_GRAPH}> {{ ?s ?p ?o }} }} LIMIT 400"
    paths = (
        *("/en/catalog", "/ar/catalog", "/catalog.ttl", "/dump/dataset.trig.sha256"),
        *("/en/doc/place/long", "/doc/place/long.ttl", "/graph/entities.ttl"),
        *("/en/search?q=long", f"/en/sparql?{urlencode({'query': query})}"),
    )
    accept = {"Accept": "text/html, */*;q=0.5"}
    return [running.request("GET", path, accept=accept) for path in paths]


@pytest.mark.parametrize("name", STORED)
def test_slow_data_is_stored_and_others_are_answered(
    running: Server, name: str
) -> None:
    """Pages, catalogue and dumps of it, too; a page is never as long as the data."""
    kind, content = STORED[name]
    (found, shown) = watch(
        running,
        lambda: post(running, kind, content, str(ENTITIES_GRAPH)),
        lambda: pages(running),
    )
    assert found.status == 204
    for page in shown:
        assert page.status in (200, 404)
        if page.headers.get_content_type() == "text/html":
            assert len(page.content) < 12_000_000


@pytest.mark.parametrize("name", DEEP)
def test_a_deep_body_is_refused_and_others_are_answered(
    running: Server, name: str
) -> None:
    """As a problem with a remedy."""
    (found,) = watch(running, lambda: post(running, *DEEP[name], "urn:g"))
    problem = json.loads(found.content)
    assert found.status in (400, 413)
    assert found.headers["Content-Type"].startswith("application/problem+json")
    assert problem["remedy"]


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("text/turtle", PREFIXES),
        ("application/rdf+xml", b"<!DOCTYPE r [<!ENTITY a 'aaa'>]>" + XML),
        ("application/trig", b"<urn:g> {" * 60_000),
        ("application/n-quads", DEEP["triple terms"][1]),
    ],
    ids=["prefixes", "entities", "trig", "quads"],
)
def test_a_strange_body_is_no_matter_for_others(
    running: Server, kind: str, content: bytes
) -> None:
    """It is read or refused."""
    (found,) = watch(running, lambda: post(running, kind, content, "urn:g"))
    assert found.status in (201, 204, 400, 413, 415)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { " + "{ " * 60_000 + "}" * 60_001,
        "SELECT * { FILTER(" + "(" * 60_000 + "1" + ")" * 60_000 + ") }",
        "SELECT * { ?s " + "(" * 60_000 + "<a:p>" + ")" * 60_000 + " ?o }",
        "SELECT * { ?s " + "/".join(["<a:p>"] * 60_000) + " ?o }",
        "SELECT * { FILTER(" + "||".join(["true"] * 60_000) + ") }",
        "SELECT * { ?s ?p " + "[ <a:p> " * 60_000 + "]" * 60_000 + " }",
    ],
    ids=["groups", "parentheses", "paths", "steps", "disjunction", "brackets"],
)
def test_a_deep_query_is_no_matter_for_others(running: Server, query: str) -> None:
    """It is refused, or ends a worker, which is replaced."""
    kind = {"Content-Type": "application/sparql-query"}
    (found,) = watch(
        running, lambda: running.request("POST", "/sparql", query, kind=kind)
    )
    assert found.status in (200, 400, 503)


def test_long_values_of_a_query_are_shown_by_their_start(running: Server) -> None:
    """Four of 36 MB take no memory of the process that answers."""
    grow = "REPLACE(STR(?a), 'x', ?a)"
    query = (
        f"SELECT ?b ?c ?d ?e {{ BIND('{'x' * 6_000}' AS ?a) BIND({grow} AS ?b) "
        "BIND(?b AS ?c) BIND(?b AS ?d) BIND(?b AS ?e) }"
    )
    path = f"/en/sparql?{urlencode({'query': query}, quote_via=quote)}"
    (page,) = watch(
        running, lambda: running.request("GET", path, accept={"Accept": "text/html"})
    )
    assert page.status == 200
    assert len(page.content) < 200_000
    assert "36,000,000 characters" in page.content.decode()


def test_after_a_restart_the_list_is_no_matter_either(knowledge: Path) -> None:
    """The catalogue says in both languages that there is no canonical hash."""
    options = ("--writable", str(knowledge / "again"), "--validate")
    graph = str(ENTITIES_GRAPH)
    with server(knowledge / "built", knowledge, *options) as one:
        (found,) = watch(one, lambda: post(one, "text/turtle", LIST, graph))
        assert found.status == 204
    with server(knowledge / "built", knowledge, *options) as one:
        (shown,) = watch(one, lambda: pages(one))
        assert "no canonical hash" in shown[0].content.decode()
        assert "بصمة معيارية" in shown[1].content.decode()
        assert "no canonical hash" in shown[2].content.decode()


def test_an_export_says_that_it_is_not_canonical(
    knowledge: Path, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """And ends soon."""
    options = ("--writable", str(knowledge / "exported"), "--no-validate")
    with server(knowledge / "built", knowledge, *options) as one:
        assert post(one, "text/turtle", LIST, "urn:g").status == 201
    output, file = str(knowledge / "exported"), tmp_path / "all.nq"
    assert run(["export", "--output", output, str(file)]) == 0
    assert "look alike" in capfd.readouterr().err
    assert file.read_bytes().count(b"urn:g") > 2000
