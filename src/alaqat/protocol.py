"""The SPARQL 1.1 Protocol without a web framework: request values in, a reply out."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import parse_qsl

from rdflib import RDF, Graph, Namespace, URIRef

from alaqat.errors import (
    AlaqatError,
    InvalidData,
    InvalidQuery,
    NotAcceptable,
    ReadOnly,
    StoreUnavailable,
    TimedOut,
    UnknownGraph,
    UnknownQuery,
    UnsupportedFormat,
)
from alaqat.formats import (
    FORMATS,
    Format,
    holding,
    named,
    negotiate,
    parse_content_type,
    write_triples,
)
from alaqat.store import Store

SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
FORM = "application/x-www-form-urlencoded"
QUERY, UPDATE = "application/sparql-query", "application/sparql-update"
PROBLEM = "application/problem+json"
MOST_PARAMETERS = 1000
METHODS = ("GET", "HEAD", "POST", "OPTIONS")

#: The one mapping from what went wrong to a status; the first class that fits.
STATUS: dict[type[AlaqatError], HTTPStatus] = {
    InvalidQuery: HTTPStatus.BAD_REQUEST,
    InvalidData: HTTPStatus.BAD_REQUEST,
    UnknownGraph: HTTPStatus.NOT_FOUND,
    UnknownQuery: HTTPStatus.NOT_FOUND,
    UnsupportedFormat: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    NotAcceptable: HTTPStatus.NOT_ACCEPTABLE,
    ReadOnly: HTTPStatus.FORBIDDEN,
    TimedOut: HTTPStatus.SERVICE_UNAVAILABLE,
    StoreUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}


_Parameters = dict[str, list[str]]


@dataclass(frozen=True)
class Request:
    """What of an HTTP request the protocol looks at, as it came.

    Attributes:
        method: in capitals.
        query_string: still percent-encoded; it is decoded here, and once.
        content_type: of the body; empty if there is none.
        accept: which formats the client likes.
        body: as it came.
        url: the endpoint's address without the query string.
    """

    method: str
    query_string: bytes = b""
    content_type: str = ""
    accept: str = ""
    body: bytes = b""
    url: str = ""


@dataclass(frozen=True)
class Reply:
    """What is answered."""

    status: HTTPStatus
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Iterable[bytes] = ()


@dataclass(frozen=True)
class Query:
    """A query that a request asks for.

    Attributes:
        text: in SPARQL.
        default_graphs: the graphs that make up the default graph.
        named_graphs: the graphs that GRAPH reaches.
        format: asked for by name, before any Accept header; empty if not.
    """

    text: str
    default_graphs: Sequence[str] = ()
    named_graphs: Sequence[str] = ()
    format: str = ""


class MethodNotAllowed(AlaqatError):
    """The endpoint does not know the HTTP method."""


STATUS[MethodNotAllowed] = HTTPStatus.METHOD_NOT_ALLOWED


def respond(request: Request, store: Store) -> Reply:
    """The reply to a request at the endpoint; what goes wrong is told, not raised."""
    try:
        if request.method == "OPTIONS":
            return Reply(HTTPStatus.NO_CONTENT, {"Allow": ", ".join(METHODS)})
        query = read(request)
        if query is None:
            reply = _describe(request, store)
        else:
            reply = run(query, request.accept, store)
    except AlaqatError as error:
        reply = told(error)
    return Reply(reply.status, reply.headers) if request.method == "HEAD" else reply


def read(request: Request) -> Query | None:
    """The query that a request asks for; None if it asks for the description.

    Raises:
        InvalidQuery: a parameter is missing, given twice or not UTF-8.
        ReadOnly: it asks for an update.
        UnsupportedFormat: a body is of no type that the protocol knows.
        MethodNotAllowed: the method is not GET, HEAD or POST.
    """
    if request.method in ("GET", "HEAD"):
        return _read_get(_parameters(request.query_string))
    if request.method == "POST":
        return _read_post(request)
    raise MethodNotAllowed(
        f"{request.method} is not for queries.", remedy="Take GET or POST."
    )


def run(query: Query, accept: str, store: Store) -> Reply:
    """Run a query and write its answer in the format that the client likes best."""
    answer = store.query(
        query.text,
        default_graphs=query.default_graphs,
        named_graphs=query.named_graphs,
    )
    form = _choose(query.format, accept, holding(answer.kind))
    out = io.BytesIO()
    answer.write(out, form)
    return _written(out, form)


def told(error: AlaqatError) -> Reply:
    """What went wrong, as a problem with the place and the remedy."""
    more = {
        "remedy": error.remedy,
        "line": error.line,
        "column": getattr(error, "column", None),
    }
    reply = problem(status_of(error), error.message, **more)
    if isinstance(error, MethodNotAllowed):
        allow = {"Allow": ", ".join(METHODS)}  # RFC 9110 §15.5.6
        return Reply(reply.status, {**reply.headers, **allow}, reply.body)
    return reply


def problem(status: int, detail: str, **more: str | int | None) -> Reply:
    """A problem for programs (RFC 9457); what is None is left out."""
    code = HTTPStatus(status)
    members = {
        "type": "about:blank",
        "title": code.phrase,
        "status": int(code),
        "detail": detail,
        **{name: value for name, value in more.items() if value is not None},
    }
    content = json.dumps(members, ensure_ascii=False).encode()
    headers = {"Content-Type": PROBLEM, "Content-Length": str(len(content))}
    return Reply(code, {**headers, "Vary": "Accept"}, [content])


def status_of(error: AlaqatError) -> HTTPStatus:
    """The status of an error."""
    fitting = (code for kind, code in STATUS.items() if isinstance(error, kind))
    return next(fitting, HTTPStatus.INTERNAL_SERVER_ERROR)


def describe(store: Store, url: str) -> Graph:
    """What the endpoint is and does (SPARQL 1.1 Service Description)."""
    service, dataset, default = (
        URIRef(f"{url}#{part}") for part in ("service", "dataset", "default")
    )
    graph = Graph()
    graph.add((service, RDF.type, SD.Service))
    graph.add((service, SD.endpoint, URIRef(url)))
    graph.add((service, SD.supportedLanguage, SD.SPARQL11Query))
    for form in FORMATS:
        if form.kinds - {"dataset"}:
            graph.add((service, SD.resultFormat, URIRef(form.iri)))
    graph.add((service, SD.defaultDataset, dataset))
    graph.add((dataset, RDF.type, SD.Dataset))
    graph.add((dataset, SD.defaultGraph, default))
    graph.add((default, RDF.type, SD.Graph))
    for number, name in enumerate(store.graphs(), 1):
        node = URIRef(f"{url}#graph-{number}")
        graph.add((dataset, SD.namedGraph, node))
        graph.add((node, RDF.type, SD.NamedGraph))
        graph.add((node, SD.name, name))
    return graph


def _describe(request: Request, store: Store) -> Reply:
    """The description, in the format that the client likes best (§2.1.4)."""
    form, out = negotiate(request.accept, holding("graph")), io.BytesIO()
    triples = sorted(describe(store, request.url))
    write_triples(triples, out, form, {"sd": str(SD)})
    return _written(out, form)


def _read_get(parameters: _Parameters) -> Query | None:
    """The query of a GET (§2.1.1)."""
    if "update" in parameters:
        raise InvalidQuery("GET changes nothing.", remedy="Send updates by POST.")
    return _query(parameters) if parameters else None


def _read_post(request: Request) -> Query:
    """The query of a POST, in a form (§2.1.2) or as the body (§2.1.3)."""
    media_type, options = parse_content_type(request.content_type)
    if options.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
        raise UnsupportedFormat("The body is not UTF-8.", remedy="Send UTF-8.")
    parameters = _parameters(request.query_string)
    if media_type == FORM:
        for name, values in _parameters(request.body).items():
            parameters.setdefault(name, []).extend(values)
    elif media_type in (QUERY, UPDATE):
        name = "query" if media_type == QUERY else "update"
        parameters.setdefault(name, []).append(_decoded(request.body))
    else:
        raise UnsupportedFormat(
            f"A body of type {media_type or 'none'} is not read here.",
            remedy=f"Send {FORM} or {QUERY}.",
        )
    return _query(parameters)


def _query(parameters: _Parameters) -> Query:
    """The query that parameters ask for (§2.1.4)."""
    queries, updates = parameters.get("query", []), parameters.get("update", [])
    if len(queries) + len(updates) != 1:
        raise InvalidQuery(
            f"There are {len(queries)} queries and {len(updates)} updates.",
            remedy="Send one query at a time, in the parameter query.",
        )
    if updates:
        raise ReadOnly("This endpoint is only read.", remedy="Send queries.")
    return Query(
        queries[0],
        default_graphs=parameters.get("default-graph-uri", []),
        named_graphs=parameters.get("named-graph-uri", []),
        format=parameters.get("format", [""])[-1],
    )


def _parameters(encoded: bytes) -> _Parameters:
    """Parameters by their names, each decoded once."""
    try:
        pairs = parse_qsl(
            _decoded(encoded),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MOST_PARAMETERS,
        )
    except ValueError:
        raise InvalidQuery(
            "The parameters are too many, or not UTF-8.",
            remedy="Encode them as application/x-www-form-urlencoded in UTF-8.",
        ) from None
    parameters: _Parameters = {}
    for name, value in pairs:
        parameters.setdefault(name, []).append(value)
    return parameters


def _decoded(content: bytes) -> str:
    """The text of UTF-8."""
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise InvalidQuery(
            f"Byte {error.start} is not UTF-8.", remedy="Send UTF-8."
        ) from None


def _choose(name: str, accept: str, offers: Sequence[Format]) -> Format:
    """The format asked for by name, or else the one the client likes best."""
    if not name:
        return negotiate(accept, offers)
    form = named(name)
    if form not in offers:
        names = ", ".join(offer.name for offer in offers)
        raise NotAcceptable(
            f"This answer is not written as {form.title}.", remedy=f"Take {names}."
        )
    return form


def _written(out: io.BytesIO, form: Format) -> Reply:
    """The reply with what was written."""
    content = out.getvalue()
    headers = {
        "Content-Type": form.content_type,
        "Content-Length": str(len(content)),
        "Vary": "Accept",
    }
    return Reply(HTTPStatus.OK, headers, [content])
