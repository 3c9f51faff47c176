"""The SPARQL Protocol without a server: a table of requests and what they get."""

from __future__ import annotations

import json
from http import HTTPStatus
from urllib.parse import quote, urlencode
from xml.etree import ElementTree as ET

import pytest
from rdflib import DCTERMS, OWL, RDF, VOID, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

from alaqat.errors import (
    AlaqatError,
    Contradiction,
    Inconsistent,
    ReadOnly,
    TooBusy,
)
from alaqat.http.endpoint import Endpoint
from alaqat.http.messages import (
    FORM_TYPE,
    PROBLEM_TYPE,
    HttpRequest,
    HttpResponse,
    parse_query,
)
from alaqat.http.representation import problem_details, problem_response
from alaqat.http.sparql import SD, respond_sparql
from alaqat.queries.library import Library
from alaqat.rdf.formats import ANSWER_FORMATS
from alaqat.store.interface import QueryResult
from alaqat.store.oxigraph import OxigraphStore
from alaqat.store.oxigraph_writer import OxigraphWriter, amend
from alaqat.terms import STORE_DEFAULT_GRAPH, facts_graph

E = Namespace("http://e/")
URL = "http://127.0.0.1/sparql"
QUERY, UPDATE = "application/sparql-query", "application/sparql-update"
ASK, SELECT = "ASK { ?s ?p ?o }", "SELECT * { ?s ?p ?o }"


@pytest.fixture(scope="module")
def store(library: Library) -> Endpoint:
    """Return an endpoint with a triple in the default graph and one in another."""
    store = OxigraphStore()
    amend(store, facts_graph("x"), [(E["é%20+"], E.p, E.o)])
    amend(store, E.other, [(E.x, E.p, E.o)])
    return Endpoint(store, library)


def get(store: Endpoint, accept: str = "", **parameters: str) -> HttpResponse:
    """Return the response to a GET."""
    request = HttpRequest("GET", urlencode(parameters).encode(), accept=accept, url=URL)
    return respond_sparql(request, store)


def body(response: HttpResponse) -> str:
    """Return the body as text."""
    return b"".join(response.body).decode()


@pytest.mark.parametrize(
    ("method", "query_string", "content_type", "content", "status"),
    [
        ("GET", {"query": ASK}, "", "", 200),
        ("HEAD", {"query": ASK}, "", "", 200),
        ("GET", {}, "", "", 200),
        ("OPTIONS", {}, "", "", 204),
        ("POST", {}, FORM_TYPE, urlencode({"query": ASK}), 200),
        ("POST", {}, f"{FORM_TYPE}; charset=UTF-8", urlencode({"query": ASK}), 200),
        ("POST", {}, QUERY, ASK, 200),
        ("POST", {}, f"{QUERY};charset=utf-8", ASK, 200),
        ("POST", {"default-graph-uri": "http://e/other"}, QUERY, ASK, 200),
        ("GET", {"query": ""}, "", "", 400),
        ("GET", {"query": "ASK {"}, "", "", 400),
        ("GET", {"query": [ASK, ASK]}, "", "", 400),
        ("GET", {"default-graph-uri": "http://e/other"}, "", "", 400),
        ("GET", {"query": ASK, "default-graph-uri": "no iri"}, "", "", 400),
        ("GET", {"update": "CLEAR ALL"}, "", "", 400),
        ("POST", {}, FORM_TYPE, "", 400),
        ("POST", {}, FORM_TYPE, urlencode({"query": ASK, "update": "CLEAR ALL"}), 400),
        (
            "POST",
            {},
            FORM_TYPE,
            urlencode({"update": ["CLEAR ALL"] * 2}, doseq=True),
            400,
        ),
        ("POST", {"query": ASK}, QUERY, ASK, 400),
        ("POST", {}, QUERY, b"ASK { ?s ?p '\xff' }", 400),
        ("POST", {}, FORM_TYPE, "query=%FF", 400),
        ("POST", {}, FORM_TYPE, "&".join(["query=ASK{}"] * 1001), 400),
        ("POST", {}, FORM_TYPE, urlencode({"update": "CLEAR ALL"}), 403),
        ("POST", {}, UPDATE, "CLEAR ALL", 403),
        ("GET", {"query": ASK, "using-graph-uri": "http://e/other"}, "", "", 400),
        ("GET", {"query": ASK, "timeout": "2.5"}, "", "", 200),
        ("GET", {"query": ASK, "timeout": "0"}, "", "", 400),
        ("GET", {"query": ASK, "timeout": "-1"}, "", "", 400),
        ("GET", {"query": ASK, "timeout": "soon"}, "", "", 400),
        ("GET", {"query": ASK, "timeout": "nan"}, "", "", 400),
        ("GET", {"query": ASK, "timeout": "inf"}, "", "", 400),
        ("PUT", {"query": ASK}, "", "", 405),
        ("DELETE", {}, "", "", 405),
        ("POST", {}, "", ASK, 415),
        ("POST", {}, "text/plain", ASK, 415),
        ("POST", {}, f"{QUERY}; charset=UTF-16", ASK.encode("utf-16"), 415),
    ],
)
def test_a_request_gets_its_status(
    store: Endpoint,
    method: str,
    query_string: dict[str, str | list[str]],
    content_type: str,
    content: str | bytes,
    status: int,
) -> None:
    """As SPARQL 1.1 Protocol §2.1 and §2.2 require."""
    request = HttpRequest(
        method,
        urlencode(query_string, doseq=True).encode(),
        content_type,
        body=content.encode() if isinstance(content, str) else content,
        url=URL,
    )
    response = respond_sparql(request, store)
    assert response.status == status
    if status >= 400:
        assert response.headers["Content-Type"] == PROBLEM_TYPE
        problem = json.loads(body(response))
        assert problem["status"] == status
        assert problem["detail"]
        assert problem["title"] == response.status.phrase


def test_a_syntax_error_has_its_position(store: Endpoint) -> None:
    """Line, column and remedy are members of the problem (RFC 9457)."""
    problem = json.loads(body(get(store, query="SELECT *\n{ ?s al:p ?o }")))
    assert (problem["line"], problem["column"]) == (2, 6)
    assert "PREFIX al:" in problem["remedy"]


def test_a_wrong_method_gets_the_allowed_ones(store: Endpoint) -> None:
    """The Allow header lists them, as that of OPTIONS does (RFC 9110 §15.5.6)."""
    for method in ("PUT", "OPTIONS"):
        response = respond_sparql(HttpRequest(method), store)
        assert response.headers["Allow"] == "GET, HEAD, POST, OPTIONS"


@pytest.mark.parametrize(
    ("query", "accept", "media_type"),
    [
        (ASK, "", "application/sparql-results+json"),
        (SELECT, "application/sparql-results+xml", "application/sparql-results+xml"),
        (SELECT, "text/csv", "text/csv; charset=utf-8"),
        (
            SELECT,
            "text/tab-separated-values",
            "text/tab-separated-values; charset=utf-8",
        ),
        ("DESCRIBE <http://e/x>", "", "text/turtle; charset=utf-8"),
        ("CONSTRUCT WHERE {}", "application/rdf+xml", "application/rdf+xml"),
        ("CONSTRUCT WHERE {}", "application/ld+json", "application/ld+json"),
        ("CONSTRUCT WHERE {}", "application/n-triples", "application/n-triples"),
    ],
)
def test_the_format_of_a_result_is_negotiated(
    store: Endpoint, query: str, accept: str, media_type: str
) -> None:
    """The headers have the type, the length and what it depends on."""
    response = get(store, accept, query=query)
    assert response.headers["Content-Type"] == media_type
    assert int(response.headers["Content-Length"]) == len(body(response).encode())
    assert response.headers["Vary"] == "Accept"


@pytest.mark.parametrize(
    ("query", "accept"),
    [(SELECT, "text/turtle"), ("DESCRIBE <http://e/x>", "text/csv"), (ASK, "a/b")],
)
def test_an_unavailable_format_is_not_acceptable(
    store: Endpoint, query: str, accept: str
) -> None:
    """The problem lists the available ones."""
    response = get(store, accept, query=query)
    assert response.status == 406
    assert "Formats are" in body(response)


@pytest.mark.parametrize(
    ("query", "name", "media_type"),
    [
        ("SELECT", "text/tab-separated-values", "text/tab-separated-values"),
        ("SELECT", "xml", "application/sparql-results+xml"),
        ("DESCRIBE", "xml", "application/rdf+xml"),
        ("DESCRIBE", "rdf+xml", "application/rdf+xml"),
        ("DESCRIBE", "json-ld", "application/ld+json"),
        ("DESCRIBE", "json", "application/ld+json"),
        ("DESCRIBE", "n3", "text/turtle"),
        ("DESCRIBE", "ttl", "text/turtle"),
    ],
)
def test_a_format_has_the_names_that_clients_use(
    store: Endpoint, query: str, name: str, media_type: str
) -> None:
    """Whatever Accept header client libraries send with them."""
    text = {"SELECT": SELECT, "DESCRIBE": "DESCRIBE <http://example.org/x>"}[query]
    response = get(store, "*/*", query=text, format=name)
    assert response.status == 200
    assert response.headers["Content-Type"].split(";")[0] == media_type


def test_a_format_can_be_requested_by_name(store: Endpoint) -> None:
    """For links, which cannot set a header; an unknown or unfit one is an error."""
    response = get(store, "text/html", query=SELECT, format="csv")
    assert body(response).splitlines()[0] == "o,p,s"
    assert get(store, query=SELECT, format="turtle").status == 406
    assert get(store, query=SELECT, format="word").status == 406


def test_what_rdf_xml_cannot_express_is_not_acceptable(store: Endpoint) -> None:
    """Another format can express it."""
    text = "CONSTRUCT { <http://e/s> <http://e/1> 1 } {}"
    assert get(store, "application/rdf+xml", query=text).status == 406
    assert get(store, query=text).status == 200


def test_a_head_has_the_headers_of_the_get(store: Endpoint) -> None:
    """Whoever sends it omits the body."""
    request = HttpRequest("HEAD", urlencode({"query": SELECT}).encode())
    response = respond_sparql(request, store)
    assert response.headers == get(store, query=SELECT).headers


def test_parameters_are_decoded_once(store: Endpoint) -> None:
    """A percent sign or a plus in an IRI is preserved."""
    query = "ASK { <http://e/é%20+> ?p ?o }"
    form = urlencode({"query": query}).encode()
    for request in (
        HttpRequest("GET", form),
        HttpRequest("GET", f"query={quote(query)}".encode()),
        HttpRequest("POST", content_type=FORM_TYPE, body=form),
        HttpRequest("POST", content_type=QUERY, body=query.encode()),
    ):
        assert json.loads(body(respond_sparql(request, store)))["boolean"] is True


def test_the_request_chooses_the_graphs(store: Endpoint) -> None:
    """In the query string, also with a body (§2.1.4)."""
    names = {"default-graph-uri": "http://e/other"}
    form = urlencode({"query": "SELECT ?s { ?s ?p ?o }"}).encode()
    query_string = urlencode(names).encode()
    for request in (
        HttpRequest("GET", query_string + b"&" + form),
        HttpRequest("POST", query_string, FORM_TYPE, body=form),
        HttpRequest("POST", b"", FORM_TYPE, body=query_string + b"&" + form),
    ):
        (row,) = json.loads(body(respond_sparql(request, store)))["results"]["bindings"]
        assert row["s"]["value"] == "http://e/x"


def test_the_service_description(store: Endpoint) -> None:
    """A GET without a query returns it as RDF."""
    graph = Graph().parse(data=body(get(store)), format="turtle")
    service = graph.value(predicate=RDF.type, object=SD.Service)
    assert graph.value(service, SD.endpoint) == URIRef(URL)
    assert set(graph.objects(service, SD.resultFormat)) == {
        URIRef(form.iri) for form in ANSWER_FORMATS if form.iri
    }
    names = set(graph.objects(None, SD.name))
    assert names == {URIRef(E.other), facts_graph("x")}
    assert body(get(store)) == body(get(store))
    assert get(store, "text/csv").status == 406
    ntriples = get(store, "text/html", format="ntriples", lang="ar")
    assert ntriples.headers["Content-Type"] == "application/n-triples"


@pytest.fixture
def writable(library: Library) -> Endpoint:
    """Return a writable endpoint with a triple in each of two graphs."""
    store = OxigraphStore()
    amend(store, E.g, [(E.s, E.p, Literal("g"))])
    amend(store, E.h, [(E.s, E.p, Literal("h"))])
    editor = OxigraphWriter(store)
    return Endpoint(store, library, lambda: editor.version, editor)


def change(
    endpoint: Endpoint, text: str, author: str | None = "someone", **graphs: object
) -> HttpResponse:
    """Return the response to an update, with the graphs in the query string."""
    named = {name.replace("_", "-") + "-uri": value for name, value in graphs.items()}
    query = urlencode(named, doseq=True).encode()
    return respond_sparql(
        HttpRequest("POST", query, UPDATE, body=text.encode()), endpoint, author
    )


def values(endpoint: Endpoint, graph: Node) -> set[str]:
    """Return the values in a graph."""
    return set(map(str, endpoint.store.read(str(graph)).objects()))


COPY = "INSERT { GRAPH <http://e/new> { ?s ?p ?o } } WHERE { ?s ?p ?o }"
COPY_NAMED = (
    "INSERT { GRAPH <http://e/new> { ?s ?p ?o } } WHERE { GRAPH ?g { ?s ?p ?o } }"
)


@pytest.mark.parametrize(
    ("text", "graphs", "found"),
    [
        (COPY, {"using_graph": "http://e/g"}, {"g"}),
        (COPY, {"using_graph": ["http://e/g", "http://e/h"]}, {"g", "h"}),
        (COPY_NAMED, {"using_named_graph": "http://e/h"}, {"h"}),
        (COPY_NAMED, {"using_graph": "http://e/g"}, set()),
        (COPY_NAMED, {}, {"g", "h"}),
        (f"PREFIX where: <http://e/> {COPY}", {"using_graph": "http://e/g"}, {"g"}),
        (f"{COPY} ; {COPY_NAMED}", {"using_named_graph": "http://e/h"}, {"h"}),
        (
            "INSERT DATA { GRAPH <http://e/new> { <a:WHERE> <a:b> 'WHERE {' } }",
            {"using_graph": "http://e/g"},
            {"WHERE {"},
        ),
    ],
)
def test_an_update_reads_the_graphs_that_the_request_chooses(
    writable: Endpoint, text: str, graphs: dict[str, object], found: set[str]
) -> None:
    """As by USING (SPARQL 1.1 Protocol §2.2.3), in every operation."""
    assert change(writable, "CREATE GRAPH <http://e/new>").status == 204
    assert change(writable, text, **graphs).status == 204
    assert values(writable, E.new) == found


def test_delete_where_reads_the_graphs_that_the_request_chooses(
    writable: Endpoint,
) -> None:
    """It has no USING of its own, and stands for DELETE and WHERE."""
    text = "DELETE WHERE { ?s ?p ?o }"
    change(writable, "INSERT DATA { <http://e/s> <http://e/p> 'g', 'x' }")
    assert change(writable, text, using_graph="http://e/g").status == 204
    (row,) = writable.store.query("SELECT ?o { ?s ?p ?o }")
    assert str(row[0]) == "x"


@pytest.mark.parametrize(
    ("text", "graphs"),
    [
        (f"WITH <http://e/g> {COPY}", {"using_graph": "http://e/g"}),
        (COPY.replace("WHERE", "USING <http://e/g> WHERE"), {"using_graph": "a:b"}),
        (
            COPY.replace("WHERE", "using <http://e/g> WHERE"),
            {"using_named_graph": "a:b"},
        ),
        (COPY.replace(" WHERE", "WHERE"), {"using_graph": "no iri"}),
        (COPY.replace("} WHERE", "}\\u0057HERE"), {"using_graph": "http://e/g"}),
        (COPY, {"using_graph": "http://e/g> WHERE {} ; DROP ALL #"}),
        (COPY, {"default_graph": "http://e/g"}),
        ("INSERT DATA {", {}),
        (ASK, {}),
        ("LOAD <http://127.0.0.1/>", {}),
        ("DROP GRAPH <http://e/none>", {}),
        ("INSERT DATA { <a:a> <a:b> 1 } ; DROP GRAPH <http://e/none>", {}),
    ],
)
def test_an_invalid_update_changes_nothing(
    writable: Endpoint, text: str, graphs: dict[str, object]
) -> None:
    """Not even by its first operation; the response is 400."""
    response = change(writable, text, **graphs)
    assert response.status == 400
    assert json.loads(body(response))["detail"]
    assert values(writable, E.g) == {"g"}
    assert len(list(writable.store.query(SELECT))) == 0


def test_an_update_in_a_form(writable: Endpoint) -> None:
    """With the graphs in the form too (§2.2.1)."""
    form = {"update": COPY, "using-graph-uri": "http://e/g"}
    request = HttpRequest("POST", b"", FORM_TYPE, body=urlencode(form).encode())
    assert respond_sparql(request, writable, "someone").status == 204
    assert values(writable, E.new) == {"g"}


def test_an_update_needs_a_token(writable: Endpoint) -> None:
    """401 names the scheme."""
    response = change(writable, "DROP ALL", author=None)
    assert response.status == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert values(writable, E.g) == {"g"}


def test_the_service_description_of_a_writable_dataset(
    store: Endpoint, writable: Endpoint
) -> None:
    """Has updates only if they are possible, and the sizes of the graphs."""
    for endpoint in (store, writable):
        graph = Graph().parse(data=body(get(endpoint)), format="turtle")
        can = (None, SD.supportedLanguage, SD.SPARQL11Update) in graph
        assert can is (endpoint.writer is not None)
        assert can is ((None, SD.inputFormat, None) in graph)
        assert (None, SD.feature, SD.UnionDefaultGraph) not in graph
        for node, name in graph.subject_objects(SD.name):
            size = graph.value(graph.value(node, SD.graph), VOID.triples)
            assert size == Literal(len(endpoint.store.read(str(name))))
        (default,) = graph.objects(None, SD.defaultGraph)
        size = 1 if endpoint is store else 0
        assert graph.value(default, VOID.triples) == Literal(size)
        parts = set(graph.objects(default, DCTERMS.hasPart)) - {STORE_DEFAULT_GRAPH}
        assert parts == ({facts_graph("x")} if endpoint is store else set())


def test_an_unexpected_error_is_internal(store: Endpoint) -> None:
    """It is a fault of the server, never of the request."""

    class Broken(OxigraphStore):
        def graphs(self) -> list[URIRef]:
            raise AlaqatError("Something else.")

    endpoint = Endpoint(Broken(), store.library)
    assert respond_sparql(HttpRequest("GET", b"query=ASK{}"), endpoint).status == 500
    assert problem_details(500, "x").status == 500


def test_a_busy_server_sends_retry_after(store: Endpoint) -> None:
    """In seconds (RFC 9110 §10.2.3)."""

    class Busy(OxigraphStore):
        def query(self, *_: object, **__: object) -> QueryResult:
            raise TooBusy("Too many queries wait.", retry_after=3)

    response = respond_sparql(
        HttpRequest("GET", b"query=ASK{}"), Endpoint(Busy(), store.library)
    )
    assert (response.status, response.headers["Retry-After"]) == (503, "3")


def test_a_very_long_query_is_evaluated_unanalysed(store: Endpoint) -> None:
    """Its result is not cached."""
    response = post_query(store, f"{ASK} #{'x' * 30_000}")
    assert json.loads(body(response))["boolean"] is True
    assert response.headers["Cache-Control"] == "no-store"


def post_query(store: Endpoint, text: str) -> HttpResponse:
    """Return the response to a query in the body of a POST."""
    request = HttpRequest("POST", content_type=QUERY, body=text.encode(), url=URL)
    return respond_sparql(request, store)


def test_a_server_that_asks_others_describes_federation(store: Endpoint) -> None:
    """As a feature of the service (SPARQL 1.1 Service Description §3.2.7)."""
    federation = (None, SD.feature, SD.BasicFederatedQuery)
    for services in ((), ("http://e/sparql",)):
        endpoint = Endpoint(store.store, store.library, services=frozenset(services))
        graph = Graph().parse(data=body(get(endpoint)), format="turtle")
        assert (federation in graph) is bool(services)


def test_contradictions_are_members_of_the_problem() -> None:
    """Each with its rule, its facts in N-Triples, and words."""
    fact, axiom = (E.s, E.p, E.s), (E.p, RDF.type, OWL.IrreflexiveProperty)
    one = Contradiction("prp-irp", (E.p,), (E.s,), (fact,), (axiom,), "No.")
    response = problem_response(Inconsistent((one,)))
    (found,) = json.loads(body(response))["contradictions"]
    assert found["rule"] == "prp-irp"
    assert found["facts"] == ["<http://e/s> <http://e/p> <http://e/s> ."]
    assert found["message"] == "No."


def test_only_queries_are_parsed_as_queries() -> None:
    """An update is refused, with where to send it."""
    request = HttpRequest("POST", content_type=UPDATE, body=b"CLEAR ALL")
    with pytest.raises(ReadOnly, match="not accepted here") as caught:
        parse_query(request)
    assert "/sparql" in caught.value.remedy


def test_empty_parameters_are_as_if_they_were_not_given(store: Endpoint) -> None:
    """Forms send them."""
    empty = {"timeout": "", "default-graph-uri": "", "named-graph-uri": ""}
    plain = get(store, query="ASK { ?s ?p ?o }")
    assert b"".join(get(store, query="ASK { ?s ?p ?o }", **empty).body) == b"".join(
        plain.body
    )


def test_a_byte_order_mark_is_no_part_of_a_query(store: Endpoint) -> None:
    """It begins files of some editors."""
    assert get(store, query="\ufeffASK { ?s ?p ?o }").status == HTTPStatus.OK


def test_a_carriage_return_survives_xml(store: Endpoint) -> None:
    """A parser would make it a line feed."""
    query = 'SELECT ("a\\r\\nb" AS ?x) {}'
    response = get(store, "application/sparql-results+xml", query=query)
    root = ET.fromstring(b"".join(response.body))  # noqa: S314 # our own answer
    assert [one.text for one in root.iter() if one.tag.endswith("literal")] == [
        "a\r\nb"
    ]
