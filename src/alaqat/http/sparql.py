"""What the endpoint tells of itself (SPARQL 1.1 Service Description).

Carrying out a request at the endpoint: run its query, or make its change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import IO

from rdflib import DCTERMS, RDF, RDFS, VOID, Graph, Literal, Namespace, URIRef

from alaqat.errors import AlaqatError
from alaqat.http.endpoint import Endpoint
from alaqat.http.messages import (
    SPARQL_METHODS,
    HttpRequest,
    HttpResponse,
    QueryOperation,
    parse_operation,
    requested_format,
)
from alaqat.http.representation import (
    NO_STORE,
    Representation,
    empty_response,
    expected_version,
    preflight,
    problem_response,
    serialize,
    to_response,
)
from alaqat.i18n import read_texts
from alaqat.rdf.formats import (
    ANSWER_FORMATS,
    Kind,
    choose_format,
    formats_for,
)
from alaqat.rdf.writing import write_triples
from alaqat.sparql.analysis import QueryAnalysis, analyse_query
from alaqat.store.interface import Update, with_timeout
from alaqat.terms import STORE_DEFAULT_GRAPH, is_default_graph

SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
ENTAILMENT = Namespace("http://www.w3.org/ns/entailment/")


def service_description(served: Endpoint, url: str) -> Graph:
    """What the endpoint at an address is and does."""
    graph = Graph()
    service, dataset = URIRef(f"{url}#service"), URIRef(f"{url}#dataset")
    graph.add((service, RDF.type, SD.Service))
    graph.add((service, SD.endpoint, URIRef(url)))
    graph.add((service, SD.defaultEntailmentRegime, ENTAILMENT.Simple))
    graph.add((service, SD.supportedLanguage, SD.SPARQL10Query))
    graph.add((service, SD.supportedLanguage, SD.SPARQL11Query))
    for form in ANSWER_FORMATS:
        if form.iri:
            graph.add((service, SD.resultFormat, URIRef(form.iri)))
    if served.services:
        graph.add((service, SD.feature, SD.BasicFederatedQuery))
    if served.editor is not None:
        _describe_updates(graph, service)
    graph.add((service, SD.defaultDataset, dataset))
    _describe_dataset(graph, dataset, served, url)
    return graph


def _describe_updates(graph: Graph, service: URIRef) -> None:
    """Add what can be changed, and how."""
    graph.add((service, SD.supportedLanguage, SD.SPARQL11Update))
    graph.add((service, SD.feature, SD.EmptyGraphs))
    for form in formats_for("graph"):
        graph.add((service, SD.inputFormat, URIRef(form.iri)))


def _describe_dataset(
    graph: Graph, dataset: URIRef, served: Endpoint, url: str
) -> None:
    """Add the graphs with their sizes."""
    default, sizes = URIRef(f"{url}#default"), _graph_sizes(served)
    graph.add((dataset, RDF.type, SD.Dataset))
    graph.add((dataset, SD.defaultGraph, default))
    graph.add((default, RDF.type, SD.Graph))
    graph.add((default, VOID.triples, _default_graph_size(served)))
    graph.add((default, DCTERMS.hasPart, STORE_DEFAULT_GRAPH))
    for language, words in read_texts("service")["default_graph"].items():
        graph.add((default, RDFS.comment, Literal(words, lang=language)))
    for number, name in enumerate(served.store.graphs(), 1):
        node = URIRef(f"{url}#graph-{number}")
        graph.add((dataset, SD.namedGraph, node))
        graph.add((node, RDF.type, SD.NamedGraph))
        graph.add((node, SD.name, name))
        graph.add((node, SD.graph, URIRef(f"{node}-content")))
        graph.add((URIRef(f"{node}-content"), RDF.type, SD.Graph))
        count = sizes.get(name, Literal(0))
        graph.add((URIRef(f"{node}-content"), VOID.triples, count))
        if is_default_graph(name):
            graph.add((default, DCTERMS.hasPart, name))


def _graph_sizes(served: Endpoint) -> dict[URIRef, Literal]:
    """How many triples each named graph has that is not empty."""
    rows = served.store.query(served.library.get("graph-sizes").text)
    return {URIRef(str(name)): Literal(int(str(size))) for name, size in rows}


def _default_graph_size(served: Endpoint) -> Literal:
    """How many triples the default graph has."""
    ((size,),) = served.store.query(served.library.get("size").text)
    return Literal(int(str(size)))


_RESULT_KINDS: dict[str, Kind] = {"SELECT": "bindings", "ASK": "boolean"}
_PREFIXES = {
    "sd": "http://www.w3.org/ns/sparql-service-description#",
    "void": "http://rdfs.org/ns/void#",
    "dcterms": "http://purl.org/dc/terms/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
}


# Characters of a query that is read before it is evaluated, so that its answer can be
# kept; reading a long one would keep all other requests waiting.
_MAX_ANALYSED_LENGTH = 20_000


def respond_sparql(
    request: HttpRequest, served: Endpoint, author: str | None = None
) -> HttpResponse:
    """The reply to a request at the endpoint; what goes wrong is told, not raised.

    Args:
        request: as it came.
        served: what it is answered from.
        author: who asks, if they have shown it; changes are made for nobody else.
    """
    try:
        if request.method == "OPTIONS":
            return preflight(SPARQL_METHODS)
        operation = parse_operation(request)
        if operation is None:
            return _respond_description(request, served)
        if isinstance(operation, Update):
            return _respond_update(request, operation, served, author)
        return _respond_query(request, operation, served)
    except AlaqatError as error:
        return problem_response(error)


def _respond_query(
    request: HttpRequest, query: QueryOperation, served: Endpoint
) -> HttpResponse:
    """The answer to a query in the format that the client likes best (§2.1)."""

    def make(text: str | QueryAnalysis) -> Representation:
        answer = with_timeout(served.store, query.timeout).query(
            text,
            default_graphs=query.default_graphs,
            named_graphs=query.named_graphs,
        )
        form = choose_format(query.format, request.accept, formats_for(answer.kind))
        return serialize(form, lambda out: answer.write(out, form))

    if len(query.text) > _MAX_ANALYSED_LENGTH:
        return to_response(replace(make(query.text), cache_control=NO_STORE))
    outline = analyse_query(query.text, served.services)
    kind = _RESULT_KINDS.get(outline.form, "graph")
    form = choose_format(query.format, request.accept, formats_for(kind))
    if not outline.is_steady:
        return to_response(replace(make(outline), cache_control=NO_STORE))
    asked = ("query", query.text, *_dataset_key(query), form.name)
    return served.cached_reply(
        request, asked, lambda: make(outline), apart=query.timeout
    )


def _dataset_key(query: QueryOperation) -> Sequence[str]:
    """The graphs that a request chose, so that the two lists are not mixed up."""
    plain, named = query.default_graphs, query.named_graphs
    return (str(len(plain)), *plain, str(len(named)), *named)


def _respond_description(request: HttpRequest, served: Endpoint) -> HttpResponse:
    """The description, in the format that the client likes best (§2.1.4)."""
    form = choose_format(
        requested_format(request), request.accept, formats_for("graph")
    )

    def write(out: IO[bytes]) -> None:
        write_triples(
            sorted(service_description(served, request.url)), out, form, _PREFIXES
        )

    asked = ("description", request.url, form.name)
    return served.cached_reply(request, asked, lambda: serialize(form, write))


def _respond_update(
    request: HttpRequest, update: Update, served: Endpoint, author: str | None
) -> HttpResponse:
    """Make a change (§2.2)."""
    editor, author = served.writer(author)
    expected = expected_version(request, served.version(), exists=True)
    editor.commit(update, author=author, expected=expected)
    return empty_response(HTTPStatus.NO_CONTENT, cache_control=NO_STORE)
