"""Graphs as resources: a table of requests and what they get, and what they leave."""

from __future__ import annotations

import itertools
import json
import socket
import sys
import threading
from contextlib import suppress

import pyoxigraph as ox
import pytest
from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.compare import isomorphic

from alaqat.errors import (
    InvalidData,
    Nonconforming,
    UnsupportedFormat,
)
from alaqat.http.endpoint import Endpoint
from alaqat.http.graph_store import respond_graph
from alaqat.http.messages import HttpRequest, HttpResponse
from alaqat.queries.library import Library
from alaqat.rdf.reading import read_upload
from alaqat.store.interface import CommitResult
from alaqat.store.oxigraph import OxigraphStore
from alaqat.store.oxigraph_writer import OxigraphWriter, amend
from alaqat.terms import STORE_DEFAULT_GRAPH, facts_graph

E = Namespace("http://e/")
DATA = "http://127.0.0.1/data"
TURTLE = "text/turtle"
G, NEW = b"graph=http://e/g", b"graph=http://e/new"
ONE = b"<http://e/s> <http://e/p> 1 ."


@pytest.fixture
def endpoint(library: Library) -> Endpoint:
    """Return a writable endpoint with a graph of one triple."""
    store = OxigraphStore()
    amend(store, E.g, [(E.s, E.p, Literal("سلام", lang="ar"))])
    editor = OxigraphWriter(store)
    return Endpoint(store, library, lambda: editor.version, editor)


def send(
    endpoint: Endpoint,
    method: str,
    query_string: bytes = b"",
    body: bytes = b"",
    content_type: str = TURTLE,
    *,
    url: str = DATA,
    author: str | None = "someone",
    **headers: str,
) -> HttpResponse:
    """Return the response to a request at the graph store."""
    type_ = content_type if body else ""
    request = HttpRequest(method, query_string, type_, body=body, url=url, **headers)
    return respond_graph(request, endpoint, DATA, author)


def body(response: HttpResponse) -> bytes:
    """Return the body of a response."""
    return b"".join(response.body)


def triples(endpoint: Endpoint, query_string: bytes = G) -> Graph:
    """Return the triples of a graph as they are served."""
    response = send(endpoint, "GET", query_string)
    assert response.status == 200
    return Graph().parse(data=body(response), format="turtle")


@pytest.mark.parametrize(
    ("method", "query_string", "content", "content_type", "status"),
    [
        ("GET", G, b"", "", 200),
        ("HEAD", G, b"", "", 200),
        ("GET", b"default", b"", "", 200),
        ("GET", b"", b"", "", 200),
        ("GET", NEW, b"", "", 404),
        ("HEAD", NEW, b"", "", 404),
        ("GET", b"graph=g", b"", "", 400),
        ("GET", b"graph=http://e/g&graph=http://e/h", b"", "", 400),
        ("GET", b"graph=http://e/g&default", b"", "", 400),
        ("GET", b"graph=http://e/%FF", b"", "", 400),
        ("PUT", NEW, ONE, TURTLE, 201),
        ("PUT", G, ONE, TURTLE, 204),
        ("PUT", b"default", ONE, TURTLE, 204),
        ("PUT", NEW, b"", "", 201),
        ("PUT", b"", ONE, TURTLE, 400),
        ("PUT", G, b"<http://e/s> <http://e/p>", TURTLE, 400),
        ("PUT", G, b'<http://e/s> <http://e/p> "\xff" .', TURTLE, 400),
        ("PUT", G, ONE, "text/turtle; charset=utf-16", 415),
        ("PUT", G, ONE, "application/msword", 415),
        ("PUT", G, ONE, "application/n-quads", 415),
        ("POST", G, ONE, TURTLE, 204),
        ("POST", NEW, ONE, TURTLE, 201),
        ("POST", G, b"", "", 204),
        ("POST", b"default", ONE, TURTLE, 204),
        ("POST", b"", ONE, TURTLE, 201),
        ("DELETE", G, b"", "", 204),
        ("DELETE", b"default", b"", "", 204),
        ("DELETE", NEW, b"", "", 404),
        ("DELETE", b"", b"", "", 400),
        ("PATCH", G, ONE, "application/sparql-update", 405),
        ("OPTIONS", G, b"", "", 204),
    ],
)
def test_a_request_gets_its_status(
    endpoint: Endpoint,
    method: str,
    query_string: bytes,
    content: bytes,
    content_type: str,
    status: int,
) -> None:
    """As SPARQL 1.1 Graph Store HTTP Protocol §5 requires; an error is a problem."""
    response = send(endpoint, method, query_string, content, content_type)
    assert response.status == status
    if status >= 400:
        assert json.loads(body(response))["detail"]
        assert response.headers["Cache-Control"] == "no-store"


def test_a_graph_is_replaced_and_a_post_adds(endpoint: Endpoint) -> None:
    """PUT preserves no former triple; POST preserves all."""
    send(endpoint, "PUT", G, b"<s> <p> <#o> .")
    assert set(triples(endpoint)) == {(E.s, E.p, URIRef("http://e/g#o"))}
    send(endpoint, "POST", G, ONE)
    assert len(triples(endpoint)) == 2


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_a_broken_body_leaves_the_graph_alone(endpoint: Endpoint, method: str) -> None:
    """It is parsed whole before any change; the problem has the line."""
    before = triples(endpoint)
    response = send(endpoint, method, G, ONE + b"\n<http://e/s> nonsense")
    assert json.loads(body(response))["line"] == 2
    assert set(triples(endpoint)) == set(before)


def test_blank_nodes_of_two_bodies_are_distinct(endpoint: Endpoint) -> None:
    """Their labels are local to each body."""
    for _ in range(2):
        send(endpoint, "POST", NEW, b"_:b <http://e/p> 1 .")
    assert len(triples(endpoint, NEW)) == 2


def test_a_graph_has_its_own_address(endpoint: Endpoint) -> None:
    """Below that of the store (§4.1)."""
    url = f"{DATA}/person/%C3%A9"
    assert send(endpoint, "PUT", b"", b"<> <p> 1 .", url=url).status == 201
    graph = Graph().parse(data=body(send(endpoint, "GET", url=url)), format="turtle")
    assert set(graph.subjects()) == {URIRef(url)}
    assert (
        send(endpoint, "GET", b"graph=" + url.replace("%", "%25").encode()).status
        == 200
    )
    assert send(endpoint, "GET", b"default", url=url).status == 400


def test_a_new_graph_gets_a_location(endpoint: Endpoint) -> None:
    """POST to the store creates one (§5.5), and another one for the same content."""
    places = [send(endpoint, "POST", b"", ONE).headers["Location"] for _ in range(2)]
    assert len(set(places)) == 2
    for place in places:
        assert place.startswith(f"{DATA}/")
        assert send(endpoint, "GET", url=place).status == 200


def test_the_default_graph_is_that_of_queries(endpoint: Endpoint) -> None:
    """It is written as the store's own, which has a name for being read alone."""
    send(endpoint, "PUT", b"graph=" + facts_graph("x").encode(), b"<http://e/f> a 1 .")
    send(endpoint, "PUT", b"default", ONE)
    assert len(triples(endpoint, b"default")) == 2
    own = b"graph=" + STORE_DEFAULT_GRAPH.encode()
    assert set(triples(endpoint, own).subjects()) == {E.s}
    send(endpoint, "DELETE", own)
    assert set(triples(endpoint, b"default").subjects()) == {E.f}


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("", ox.RdfFormat.N_QUADS),
        ("application/n-quads", ox.RdfFormat.N_QUADS),
        ("application/trig", ox.RdfFormat.TRIG),
        ("application/ld+json", ox.RdfFormat.JSON_LD),
    ],
)
def test_the_store_is_read_as_a_whole(
    endpoint: Endpoint, accept: str, form: ox.RdfFormat
) -> None:
    """In the formats that hold a dataset, the default graph with it."""
    send(endpoint, "PUT", b"default", ONE)
    response = send(endpoint, "GET", accept=accept)
    quads = list(ox.parse(body(response), form))
    assert {str(quad.graph_name) for quad in quads} == {"DEFAULT", "<http://e/g>"}
    assert send(endpoint, "GET", accept="text/turtle").status == 406


def test_a_dataset_is_read_from_one_version(endpoint: Endpoint) -> None:
    """It is read again if it changed meanwhile, a limited number of times."""
    versions = iter("abbbbbb")
    once = Endpoint(endpoint.store, endpoint.library, lambda: next(versions, "b"))
    assert send(once, "GET").status == 200
    numbers = itertools.count()
    never = Endpoint(endpoint.store, endpoint.library, lambda: str(next(numbers)))
    response = send(never, "GET")
    assert (response.status, response.headers["Retry-After"]) == (503, "1")


def test_a_change_without_a_token_is_refused(endpoint: Endpoint) -> None:
    """Before any body is read."""
    for method in ("PUT", "POST", "DELETE"):
        response = send(endpoint, method, G, b"nonsense", author=None)
        assert response.status == 401
        assert response.headers["WWW-Authenticate"] == "Bearer"
    assert send(endpoint, "GET", G, author=None).status == 200


def test_a_read_only_dataset_refuses_changes(endpoint: Endpoint) -> None:
    """And does not list them as allowed."""
    read_only = Endpoint(endpoint.store, endpoint.library)
    for method in ("PUT", "POST", "DELETE"):
        response = send(read_only, method, G, ONE)
        assert response.status == 403
        assert "--writable" in body(response).decode()
    allowed = send(read_only, "OPTIONS").headers["Allow"]
    assert allowed == "GET, HEAD, OPTIONS"
    assert send(read_only, "PATCH").headers["Allow"] == allowed
    assert "PUT" in send(endpoint, "OPTIONS").headers["Allow"]


def test_a_change_that_violates_the_shapes_is_422(endpoint: Endpoint) -> None:
    """With the validation results."""

    class Strict:
        def commit(self, *_: object, **__: object) -> CommitResult:
            raise Nonconforming("An embassy has no city.", remedy="Add it.")

    strict = Endpoint(endpoint.store, endpoint.library, writer=Strict())
    response = send(strict, "PUT", G, ONE)
    assert response.status == 422
    assert "no city" in body(response).decode()


def test_files_of_a_form_are_read_together(endpoint: Endpoint) -> None:
    """Each by its type, or by its name; an invalid one prevents any change."""
    form = (
        b"--x\r\nContent-Disposition: form-data; name=a; filename=a.ttl\r\n\r\n"
        b"<http://e/a> <http://e/p> _:b .\r\n--x\r\n"
        b"Content-Disposition: form-data; name=b; filename=b\r\n"
        b"Content-Type: application/n-triples\r\n\r\n"
        b"<http://e/b> <http://e/p> _:b .\n\r\n--x--\r\n"
    )
    kind = "multipart/form-data; boundary=x"
    assert send(endpoint, "POST", NEW, form, kind).status == 201
    assert len(set(triples(endpoint, NEW).objects())) == 2
    broken = form.replace(b"<http://e/b>", b"nonsense")
    response = send(endpoint, "PUT", NEW, broken, kind)
    assert response.status == 400
    assert json.loads(body(response))["detail"].startswith("b: ")
    assert len(triples(endpoint, NEW)) == 2
    assert send(endpoint, "PUT", NEW, b"--x--\r\n", kind).status == 400
    assert send(endpoint, "PUT", NEW, b"x", "multipart/form-data").status == 400


@pytest.mark.parametrize(
    ("content", "content_type", "message"),
    [
        (
            b'<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/passwd">]><r/>',
            "application/rdf+xml",
            "document type",
        ),
        (
            b'{"@context": "http://127.0.0.1:PORT/c", "@id": "http://e/s", "p": 1}',
            "application/ld+json",
            "remote contexts are not loaded",
        ),
        (
            b'{"@context": {"@import": "http://127.0.0.1:PORT/c"}, "@id": "a:b"}',
            "application/ld+json",
            "remote contexts are not loaded",
        ),
        (
            b'{"@context": "file:///etc/passwd", "@id": "http://e/s", "p": 1}',
            "application/ld+json",
            "remote contexts are not loaded",
        ),
    ],
)
def test_an_upload_opens_no_file_and_no_connection(
    content: bytes, content_type: str, message: str
) -> None:
    """As a listening socket and Python's audit events show."""
    opened: list[str] = []
    listening = True

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if listening and event in ("open", "socket.connect", "socket.getaddrinfo"):
            opened.append(f"{event} {arguments[0]}")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.1)
        port = str(listener.getsockname()[1]).encode()
        sys.addaudithook(watch)
        with pytest.raises(InvalidData, match=message):
            read_upload(content.replace(b"PORT", port), content_type, "http://e/g")
        listening = False
        with pytest.raises(TimeoutError):
            listener.accept()
    assert not opened


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b"[" * 100_000, "application/ld+json"),
        (b"<a:b> <a:c> " + b"(" * 10_000, TURTLE),
        (
            b"<a:b> <a:c> "
            + b"<<( <a:b> <a:c> " * 50_000
            + b"<a:d>"
            + b" )>>" * 50_000,
            "application/n-triples",
        ),
        (
            b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
            + b"<rdf:Description><rdf:value>" * 50_000,
            "application/rdf+xml",
        ),
    ],
    ids=["json", "lists", "triple terms", "elements"],
)
def test_a_deeply_nested_upload_is_refused(content: bytes, content_type: str) -> None:
    """No parser overflows its stack, which would end the process."""
    with pytest.raises(InvalidData):
        read_upload(content, content_type, "http://e/g")


def test_brackets_in_literals_are_no_nesting() -> None:
    """Nor in comments and attributes."""
    content = (
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        b'xmlns:e="http://e/"><!--'
        + b"<a>" * 2000
        + b"-->"
        + b'<rdf:Description e:p="a>b"/>' * 2000
        + b"</rdf:RDF>"
    )
    read = read_upload(content, "application/rdf+xml", "http://e/g")
    assert len(read.splitlines()) == 2000
    content = b'<a:b> <a:c> "' + b"<<" * 500 + b'" .'
    assert read_upload(content, TURTLE, "http://e/g").count(b"<<") == 500


def test_the_same_triples_in_every_format(endpoint: Endpoint) -> None:
    """A graph can be sent back in every format that it is served in."""
    send(
        endpoint,
        "POST",
        G,
        b'<http://e/s> <http://e/q> [ <http://e/p> "a\\r\\nb" ], 1.0 .',
    )
    before = triples(endpoint)
    for form in ("text/turtle", "application/n-triples", "application/rdf+xml"):
        content = body(send(endpoint, "GET", G, accept=form))
        assert send(endpoint, "PUT", G, content, form).status == 204
        assert isomorphic(triples(endpoint), before)
    content = body(send(endpoint, "GET", G, accept="application/ld+json"))
    send(endpoint, "PUT", G, content, "application/ld+json")
    assert isomorphic(triples(endpoint), before)


def test_an_unknown_type_in_a_form_is_refused() -> None:
    """Also one that is not an RDF format."""
    form = (
        b"--x\r\nContent-Disposition: form-data; name=a; filename=a.nq\r\n\r\n"
        b"\r\n--x--\r\n"
    )
    with pytest.raises(UnsupportedFormat):
        read_upload(form, "multipart/form-data; boundary=x", "http://e/g")


def test_readers_never_see_a_partial_change(endpoint: Endpoint) -> None:
    """While a graph is replaced over and over, it always has its ten triples.

    Or the response is that it changes faster than it can be read.
    """
    bodies = [
        b"".join(b"<http://e/s> <http://e/p> %d%d ." % (n, m) for n in range(10))
        for m in range(2)
    ]
    send(endpoint, "PUT", G, bodies[0])
    ended = threading.Event()

    def write() -> None:
        with suppress(AssertionError):
            for number in range(60):
                assert send(endpoint, "PUT", G, bodies[number % 2]).status == 204
        ended.set()

    writer = threading.Thread(target=write)
    writer.start()
    seen = set()
    while not ended.is_set():
        response = send(endpoint, "GET", G)
        if response.status != 503:
            assert response.status == 200
            seen.add(len(Graph().parse(data=body(response), format="turtle")))
    writer.join()
    seen.add(len(triples(endpoint)))
    assert seen == {10}
