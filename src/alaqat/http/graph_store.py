"""Graphs as resources (SPARQL 1.1 Graph Store HTTP Protocol).

``?default`` is read as the default graph of a plain query, which on a built dataset is
the union of several named graphs. It is written as the store's own default graph, which
is one of them. PATCH is not offered (§5.7 leaves it open): updates go to the SPARQL
endpoint.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import IO, cast

from rdflib import URIRef

from alaqat.errors import (
    AlaqatError,
    InvalidQuery,
    MethodNotAllowed,
    TooBusy,
    UnknownGraph,
)
from alaqat.http.endpoint import Endpoint
from alaqat.http.messages import (
    HttpRequest,
    HttpResponse,
    parse_parameters,
)
from alaqat.http.representation import (
    Representation,
    SpooledBody,
    expected_version,
    preflight,
    problem_response,
    serialize,
    written_response,
)
from alaqat.rdf.formats import (
    JSON_LD,
    N_QUADS,
    N_TRIPLES,
    TRIG,
    Format,
    choose_format,
    formats_for,
)
from alaqat.rdf.writing import write_quads
from alaqat.sparql.dataset_clauses import graph_iri
from alaqat.store.interface import (
    Add,
    Drop,
    Mutation,
    Replace,
)
from alaqat.store.pool.parsing import parse_upload
from alaqat.terms import STORE_DEFAULT_GRAPH

READ_METHODS = ("GET", "HEAD", "OPTIONS")
WRITE_METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS")
_DATASET_FORMATS = (N_QUADS, TRIG, JSON_LD)
_LINE_END = b" .\n"
_MAX_ATTEMPTS = 3  # to read the dataset while it changes


@dataclass(frozen=True)
class GraphTarget:
    """The graph, or the whole graph store, that a request is about (§4).

    Attributes:
        graph: its name; None for the default graph.
        read_as: the graphs that it is read from; empty for those of a plain query.
        is_store: whether it is the graph store itself, which holds all graphs.
    """

    graph: str | None = None
    read_as: tuple[str, ...] = ()
    is_store: bool = False


def respond_graph(
    request: HttpRequest, endpoint: Endpoint, base_url: str, author: str | None = None
) -> HttpResponse:
    """Return the response to a request at the graph store or at a graph in it.

    Args:
        request: its address is ``base_url``, or one below it.
        endpoint: what is read and written.
        base_url: the address of the graph store, without a slash at its end.
        author: as for ``Endpoint.authorized_writer``.
    """
    allowed = READ_METHODS if endpoint.writer is None else WRITE_METHODS
    try:
        if request.method == "OPTIONS":
            return preflight(allowed)
        if request.method not in WRITE_METHODS:
            raise MethodNotAllowed(
                f"{request.method} is not allowed for graphs.",
                allowed=allowed,
                remedy="Use GET, PUT, POST or DELETE; send updates to /sparql.",
            )
        target, format_name = _parse_target(request, base_url)
        if request.method in READ_METHODS:
            return _read(request, endpoint, target, format_name)
        return _write(request, endpoint, target, author)
    except AlaqatError as error:
        return problem_response(error)


def iter_nquads(endpoint: Endpoint) -> Iterator[bytes]:
    """Yield the N-Quads of all graphs, the store's own default graph first."""
    yield from _iter_ntriples(endpoint, STORE_DEFAULT_GRAPH)
    for name in endpoint.store.graphs():
        graph = f" <{name}>".encode()
        for line in _iter_ntriples(endpoint, name):
            yield line.removesuffix(_LINE_END) + graph + _LINE_END


def _iter_ntriples(endpoint: Endpoint, graph: str) -> Iterator[bytes]:
    query = endpoint.library.get("everything").text
    body = SpooledBody()
    result = endpoint.store.query(query, default_graphs=[graph])
    result.write(cast("IO[bytes]", body), N_TRIPLES)
    body.flush()
    return body.lines()


def _parse_target(request: HttpRequest, base_url: str) -> tuple[GraphTarget, str]:
    """Return the target of a request, and the name of the format that it asks for.

    Raises:
        InvalidQuery: it names several graphs, or one by something else than an absolute
            IRI.
    """
    parameters = parse_parameters(request.query_string)
    format_name = parameters.get("format", [""])[-1]
    graphs = [str(graph_iri(each)) for each in parameters.get("graph", [])]
    if request.url.removeprefix(base_url).strip("/"):
        graphs.append(str(graph_iri(request.url)))  # §4.1
    if len(graphs) + ("default" in parameters) > 1:
        raise InvalidQuery(
            "The request names several graphs.",
            remedy="Name one graph: ?graph=IRI, ?default, or an address below /data/.",
        )
    if not graphs:
        return GraphTarget(is_store="default" not in parameters), format_name
    graph = None if graphs[0] == str(STORE_DEFAULT_GRAPH) else graphs[0]
    return GraphTarget(graph, tuple(graphs)), format_name


def _read(
    request: HttpRequest, endpoint: Endpoint, target: GraphTarget, format_name: str
) -> HttpResponse:
    """Return a graph, or all of them (§5.2)."""
    offers = _DATASET_FORMATS if target.is_store else formats_for("graph")
    form = choose_format(format_name, request.accept, offers)

    def write(out: IO[bytes]) -> None:
        if target.is_store:
            write_quads(iter_nquads(endpoint), out, form)
        else:
            _write_graph(endpoint, target, out, form)

    def create() -> Representation:
        return _read_consistently(endpoint, lambda: serialize(form, write))

    key = ("store" if target.is_store else "graph", *target.read_as, form.name)
    return endpoint.cached_response(request, key, create)


def _read_consistently(
    endpoint: Endpoint, read: Callable[[], Representation]
) -> Representation:
    """Return what several queries read from one version.

    Raises:
        TooBusy: the version changed during every attempt.
    """
    for _ in range(_MAX_ATTEMPTS):
        version = endpoint.version()
        representation = read()
        if endpoint.version() == version:
            return representation
    raise TooBusy(
        "The dataset changes faster than it can be read.",
        remedy="Try again, or ask for one graph.",
    )


def _write_graph(
    endpoint: Endpoint, target: GraphTarget, out: IO[bytes], form: Format
) -> None:
    """Write the triples of a graph; UnknownGraph if there is none."""
    if not _exists(endpoint, target):
        raise UnknownGraph(
            f"There is no graph {target.graph}.",
            remedy="The service description at /sparql lists the graphs.",
        )
    query = endpoint.library.get("everything").text
    endpoint.store.query(query, default_graphs=target.read_as).write(out, form)


def _exists(endpoint: Endpoint, target: GraphTarget) -> bool:
    """Return whether a graph exists; the default graph always does."""
    return target.graph is None or URIRef(target.graph) in endpoint.store.graphs()


def _write(
    request: HttpRequest, endpoint: Endpoint, target: GraphTarget, author: str | None
) -> HttpResponse:
    """Change a graph (§5.3 to §5.5)."""
    writer, author = endpoint.authorized_writer(author)
    if target.is_store and request.method != "POST":
        raise InvalidQuery(
            "The request names no graph.", remedy="Name it: ?graph=IRI or ?default."
        )
    exists = not target.is_store and _exists(endpoint, target)
    expected = expected_version(request, endpoint.version(), exists=exists)
    if target.is_store:
        target = GraphTarget(_new_graph_name(request, endpoint))
    mutation = _read_mutation(request, target)
    result = writer.commit(mutation, author=author, expected=expected)
    if not result.is_new:
        return written_response(HTTPStatus.NO_CONTENT, result.version)
    location = target.graph or request.url
    return written_response(HTTPStatus.CREATED, result.version, location=location)


def _read_mutation(request: HttpRequest, target: GraphTarget) -> Mutation:
    """Return the change that a request makes to its target."""
    if request.method == "DELETE":
        return Drop(target.graph)
    base = target.graph or request.url
    triples = parse_upload(request.body, request.content_type, base)
    kind = Replace if request.method == "PUT" else Add
    return kind(target.graph, triples)


def _new_graph_name(request: HttpRequest, endpoint: Endpoint) -> str:
    """Return a name for a new graph, at which it can be read too (§5.5).

    The nonce sets it apart from that of an equal request whose graph is not there yet.
    """
    taken = set(endpoint.store.graphs())
    digest = hashlib.sha256(request.nonce.encode() + request.body).hexdigest()[:16]
    names = (
        f"{request.url.rstrip('/')}/{digest}{f'-{number}' if number else ''}"
        for number in itertools.count()
    )
    return next(name for name in names if URIRef(name) not in taken)
