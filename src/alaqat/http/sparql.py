"""The SPARQL endpoint: queries, updates and the service description.

Implements SPARQL 1.1 Protocol and SPARQL 1.1 Service Description.
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
    expected_version,
    preflight,
    problem_response,
    serialize,
    to_response,
    written_response,
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

_RESULT_KINDS: dict[str, Kind] = {"SELECT": "bindings", "ASK": "boolean"}
_PREFIXES = {
    "sd": str(SD),
    "void": str(VOID),
    "dcterms": str(DCTERMS),
    "rdfs": str(RDFS),
}

# Characters of a query that is analysed in this process, so that its response can be
# cached; analysing a longer one would block all other requests.
_MAX_ANALYSED_LENGTH = 20_000


def respond_sparql(
    request: HttpRequest, endpoint: Endpoint, author: str | None = None
) -> HttpResponse:
    """Return the response to a request at the SPARQL endpoint; errors become problems.

    Args:
        request: the request.
        endpoint: what is queried and updated.
        author: as for ``Endpoint.authorized_writer``.
    """
    try:
        if request.method == "OPTIONS":
            return preflight(SPARQL_METHODS)
        operation = parse_operation(request)
        if operation is None:
            return _respond_description(request, endpoint)
        if isinstance(operation, Update):
            return _respond_update(request, operation, endpoint, author)
        return _respond_query(request, operation, endpoint)
    except AlaqatError as error:
        return problem_response(error)


def _respond_query(
    request: HttpRequest, query: QueryOperation, endpoint: Endpoint
) -> HttpResponse:
    """Return the result of a query in the negotiated format (§2.1)."""

    def create(text: str | QueryAnalysis) -> Representation:
        result = with_timeout(endpoint.store, query.timeout).query(
            text,
            default_graphs=query.default_graphs,
            named_graphs=query.named_graphs,
        )
        form = choose_format(query.format, request.accept, formats_for(result.kind))
        return serialize(form, lambda out: result.write(out, form))

    if len(query.text) > _MAX_ANALYSED_LENGTH:
        return to_response(replace(create(query.text), cache_control=NO_STORE))
    analysis = analyse_query(query.text, endpoint.services)
    kind = _RESULT_KINDS.get(analysis.form, "graph")
    form = choose_format(query.format, request.accept, formats_for(kind))
    if not analysis.is_deterministic:
        return to_response(replace(create(analysis), cache_control=NO_STORE))
    key = ("query", query.text, *_dataset_key(query), form.name)
    return endpoint.cached_response(
        request, key, lambda: create(analysis), coalesce_key=query.timeout
    )


def _dataset_key(query: QueryOperation) -> Sequence[str]:
    """Return the graphs of a query, counted so that the two lists are not mixed up."""
    default, named = query.default_graphs, query.named_graphs
    return (str(len(default)), *default, str(len(named)), *named)


def _respond_update(
    request: HttpRequest, update: Update, endpoint: Endpoint, author: str | None
) -> HttpResponse:
    """Carry out an update (§2.2)."""
    writer, author = endpoint.authorized_writer(author)
    expected = expected_version(request, endpoint.version(), exists=True)
    result = writer.commit(update, author=author, expected=expected)
    return written_response(HTTPStatus.NO_CONTENT, result.version)


def _respond_description(request: HttpRequest, endpoint: Endpoint) -> HttpResponse:
    """Return the service description in the negotiated format (§2.1.4)."""
    form = choose_format(
        requested_format(request), request.accept, formats_for("graph")
    )

    def write(out: IO[bytes]) -> None:
        triples = sorted(service_description(endpoint, request.url))
        write_triples(triples, out, form, _PREFIXES)

    key = ("description", request.url, form.name)
    return endpoint.cached_response(request, key, lambda: serialize(form, write))


def service_description(endpoint: Endpoint, url: str) -> Graph:
    """Return the description of the endpoint at an address."""
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
    if endpoint.services:
        graph.add((service, SD.feature, SD.BasicFederatedQuery))
    if endpoint.writer is not None:
        _describe_updates(graph, service)
    graph.add((service, SD.defaultDataset, dataset))
    _describe_dataset(graph, dataset, endpoint, url)
    return graph


def _describe_updates(graph: Graph, service: URIRef) -> None:
    """Add what can be updated, and in which formats."""
    graph.add((service, SD.supportedLanguage, SD.SPARQL11Update))
    graph.add((service, SD.feature, SD.EmptyGraphs))
    for form in formats_for("graph"):
        graph.add((service, SD.inputFormat, URIRef(form.iri)))


def _describe_dataset(
    graph: Graph, dataset: URIRef, endpoint: Endpoint, url: str
) -> None:
    """Add the graphs with their sizes."""
    default, sizes = URIRef(f"{url}#default"), _graph_sizes(endpoint)
    graph.add((dataset, RDF.type, SD.Dataset))
    graph.add((dataset, SD.defaultGraph, default))
    graph.add((default, RDF.type, SD.Graph))
    graph.add((default, VOID.triples, _default_graph_size(endpoint)))
    graph.add((default, DCTERMS.hasPart, STORE_DEFAULT_GRAPH))
    for language, text in read_texts("service")["default_graph"].items():
        graph.add((default, RDFS.comment, Literal(text, lang=language)))
    for number, name in enumerate(endpoint.store.graphs(), 1):
        node = URIRef(f"{url}#graph-{number}")
        content = URIRef(f"{node}-content")
        graph.add((dataset, SD.namedGraph, node))
        graph.add((node, RDF.type, SD.NamedGraph))
        graph.add((node, SD.name, name))
        graph.add((node, SD.graph, content))
        graph.add((content, RDF.type, SD.Graph))
        graph.add((content, VOID.triples, sizes.get(name, Literal(0))))
        if is_default_graph(name):
            graph.add((default, DCTERMS.hasPart, name))


def _graph_sizes(endpoint: Endpoint) -> dict[URIRef, Literal]:
    """Return the number of triples of each named graph that is not empty."""
    rows = endpoint.store.query(endpoint.library.get("graph-sizes").text)
    return {URIRef(str(name)): Literal(int(str(size))) for name, size in rows}


def _default_graph_size(endpoint: Endpoint) -> Literal:
    """Return the number of triples of the default graph."""
    ((size,),) = endpoint.store.query(endpoint.library.get("size").text)
    return Literal(int(str(size)))
