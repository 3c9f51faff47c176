"""All graphs of a store as N-Quads, one after the other.

Graphs as resources (SPARQL 1.1 Graph Store HTTP Protocol).

``?default`` is read as what a plain query reads: on a built dataset that is the set of
several named graphs. It is written as the store's own default graph, which is one of
them. PATCH is not offered (§5.7 leaves it open): updates go to the endpoint.
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
    NO_STORE,
    Representation,
    SpooledBody,
    empty_response,
    expected_version,
    preflight,
    problem_response,
    serialize,
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
from alaqat.rdf.reading import read_upload
from alaqat.rdf.writing import write_quads
from alaqat.sparql.dataset_clauses import graph_iri
from alaqat.store.interface import (
    Add,
    Drop,
    Mutation,
    Replace,
)
from alaqat.terms import STORE_DEFAULT_GRAPH

_LINE_END = b" .\n"


def iter_nquads(served: Endpoint) -> Iterator[bytes]:
    """The quads: first the triples of the store's own default graph, then the rest."""
    yield from _iter_ntriples(served, STORE_DEFAULT_GRAPH)
    for name in served.store.graphs():
        graph = f" <{name}>".encode()
        for line in _iter_ntriples(served, name):
            yield line.removesuffix(_LINE_END) + graph + _LINE_END


def _iter_ntriples(served: Endpoint, graph: str) -> Iterator[bytes]:
    """The triples of one graph as lines."""
    text = served.library.get("everything").text
    spool = SpooledBody()
    answer = served.store.query(text, default_graphs=[graph])
    answer.write(cast("IO[bytes]", spool), N_TRIPLES)
    return spool.lines()


READ_METHODS = ("GET", "HEAD", "OPTIONS")
WRITE_METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS")
_DATASET_FORMATS = (N_QUADS, TRIG, JSON_LD)
_TRIES = 3  # readings of the dataset while it changes


@dataclass(frozen=True)
class GraphTarget:
    """What a request is about (§4).

    Attributes:
        graph: its name; None for the default graph.
        read_as: the graphs that it is read from; none for those of a plain query.
        is_store: whether it is the graph store itself, which holds all graphs.
    """

    graph: str | None = None
    read_as: tuple[str, ...] = ()
    is_store: bool = False


def respond_graph(
    request: HttpRequest, served: Endpoint, endpoint: str, author: str | None = None
) -> HttpResponse:
    """The reply to a request at the graph store or at a graph in it.

    Args:
        request: as it came; its address is the endpoint's, or one below it.
        served: what it is answered from.
        endpoint: the address of the graph store, without a slash at its end.
        author: who asks, if they have shown it; changes are made for nobody else.
    """
    allowed = READ_METHODS if served.editor is None else WRITE_METHODS
    try:
        if request.method == "OPTIONS":
            return preflight(allowed)
        if request.method not in WRITE_METHODS:
            raise MethodNotAllowed(
                f"{request.method} is not for graphs.",
                allowed=allowed,
                remedy="Take GET, PUT, POST or DELETE; send updates to /sparql.",
            )
        target, name = _parse_target(request, endpoint)
        if request.method in READ_METHODS:
            return _read(request, served, target, name)
        return _change(request, served, target, author)
    except AlaqatError as error:
        return problem_response(error)


def _parse_target(request: HttpRequest, endpoint: str) -> tuple[GraphTarget, str]:
    """What a request is about, and the format that it names.

    Raises:
        InvalidQuery: it names several graphs, or one by no absolute IRI.
    """
    parameters = parse_parameters(request.query_string)
    name = parameters.get("format", [""])[-1]
    graphs = [str(graph_iri(each)) for each in parameters.get("graph", [])]
    if request.url.removeprefix(endpoint).strip("/"):
        graphs.append(str(graph_iri(request.url)))  # §4.1
    if len(graphs) + ("default" in parameters) > 1:
        raise InvalidQuery(
            "The request is about several graphs.",
            remedy="Name one graph: ?graph=IRI, ?default, or an address below /data/.",
        )
    if not graphs:
        return GraphTarget(is_store="default" not in parameters), name
    graph = None if graphs[0] == str(STORE_DEFAULT_GRAPH) else graphs[0]
    return GraphTarget(graph, tuple(graphs)), name


def _read(
    request: HttpRequest, served: Endpoint, target: GraphTarget, name: str
) -> HttpResponse:
    """A graph, or all of them (§5.2)."""
    offers = _DATASET_FORMATS if target.is_store else formats_for("graph")
    form = choose_format(name, request.accept, offers)

    def write(out: IO[bytes]) -> None:
        if target.is_store:
            write_quads(iter_nquads(served), out, form)
        else:
            _write_graph(served, target, out, form)

    def make() -> Representation:
        return _of_one_version(served, lambda: serialize(form, write))

    asked = ("store" if target.is_store else "graph", *target.read_as, form.name)
    return served.cached_reply(request, asked, make)


def _of_one_version(
    served: Endpoint, make: Callable[[], Representation]
) -> Representation:
    """A representation made while the dataset did not change.

    Raises:
        TooBusy: it changes all the time.
    """
    for _ in range(_TRIES):
        version = served.version()
        made = make()
        if served.version() == version:
            return made
    raise TooBusy(
        "The dataset changes faster than it can be read.",
        remedy="Ask again, or for one graph.",
    )


def _write_graph(
    served: Endpoint, target: GraphTarget, out: IO[bytes], form: Format
) -> None:
    """Write the triples of a graph."""
    if target.graph is not None and not _exists(served, target):
        raise UnknownGraph(
            f"There is no graph {target.graph}.",
            remedy="The service description at /sparql lists the graphs.",
        )
    text = served.library.get("everything").text
    answer = served.store.query(text, default_graphs=target.read_as)
    answer.write(out, form)


def _exists(served: Endpoint, target: GraphTarget) -> bool:
    """Whether a graph is there; the default graph always is."""
    return target.graph is None or URIRef(target.graph) in served.store.graphs()


def _change(
    request: HttpRequest, served: Endpoint, target: GraphTarget, author: str | None
) -> HttpResponse:
    """Make a change to a graph (§5.3 to §5.5)."""
    editor, author = served.writer(author)
    if target.is_store and request.method != "POST":
        raise InvalidQuery(
            "The request names no graph.", remedy="Name it: ?graph=IRI or ?default."
        )
    is_there = not target.is_store and _exists(served, target)
    expected = expected_version(request, served.version(), exists=is_there)
    if target.is_store:
        target = GraphTarget(_new_graph_name(request, served))
    edited = editor.commit(
        _read_mutation(request, target), author=author, expected=expected
    )
    if not edited.is_new:
        return empty_response(HTTPStatus.NO_CONTENT, cache_control=NO_STORE)
    where = target.graph or request.url
    return empty_response(HTTPStatus.CREATED, location=where, cache_control=NO_STORE)


def _read_mutation(request: HttpRequest, target: GraphTarget) -> Mutation:
    """The change that a request asks for, its body read to the end."""
    if request.method == "DELETE":
        return Drop(target.graph)
    base = target.graph or request.url
    triples = read_upload(request.body, request.content_type, base)
    kind = Replace if request.method == "PUT" else Add
    return kind(target.graph, triples)


def _new_graph_name(request: HttpRequest, served: Endpoint) -> str:
    """A name for a new graph, at which it can be read too (§5.5).

    An equal request may be under way and not be seen yet; chance keeps the two apart.
    """
    known = set(served.store.graphs())
    told = request.chance.encode() + request.body
    digest = hashlib.sha256(told).hexdigest()[:16]
    names = (
        f"{request.url.rstrip('/')}/{digest}{f'-{number}' if number else ''}"
        for number in itertools.count()
    )
    return next(name for name in names if URIRef(name) not in known)
