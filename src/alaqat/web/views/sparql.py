"""The query page: a query to write, and its answer.

The endpoint: the protocol for programs, the same query as a page for people.

The graphs as resources, each at its own address or named in the query string.

What the editor completes: prefixes, and terms by their names and labels.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request, url_for
from werkzeug.urls import iri_to_uri

from alaqat.dataset import Dataset
from alaqat.errors import AlaqatError
from alaqat.http.endpoint import Endpoint
from alaqat.http.graph_store import (
    READ_METHODS,
    WRITE_METHODS,
    respond_graph,
)
from alaqat.http.messages import (
    SPARQL_METHODS,
    HttpRequest,
    QueryOperation,
    parse_query,
)
from alaqat.http.representation import (
    JSON_TYPE,
    NO_CACHE,
    Representation,
    content_tag,
    problem_response,
)
from alaqat.http.sparql import respond_sparql
from alaqat.queries.library import (
    Library,
    topic_of,
    topics,
)
from alaqat.rdf.formats import ANSWER_FORMATS
from alaqat.store.interface import Store, with_timeout
from alaqat.terms import PREFIXES, short
from alaqat.timeout import parse_timeout
from alaqat.web.rendering import render, request_language
from alaqat.web.responses import (
    flask_response,
    protocol_request,
    represent,
    wants_page,
    with_error_headers,
)
from alaqat.web.settings import Settings
from alaqat.web.tables import (
    TermRenderer,
    labels_of,
    result_table,
)


class QueryPage:
    """Answers anybody's query with a page.

    Args:
        store: what the queries go to.
        library: the questions beside the field.
        dataset: gives the current version, whose labels are shown.
        settings: how many rows a page shows, and which question comes first.
    """

    def __init__(
        self,
        store: Store,
        library: Library,
        dataset: Callable[[], Dataset],
        settings: Settings,
    ) -> None:
        self._store = store
        self._library = library
        self._dataset = dataset
        self._settings = settings

    def answer(self, asked: HttpRequest) -> Response:
        """The page for a request: its query, a saved question, or one to begin with."""
        query = parse_query(asked) if "query" in request.args else None
        if query is not None:
            return self._page(query)
        name = request.args.get("question") or self._first()
        timeout = parse_timeout(request.args.getlist("timeout"))
        query = QueryOperation(self._library.get(name).sparql, timeout=timeout)
        return self._page(query, chosen=name)

    def _page(self, query: QueryOperation, chosen: str = "") -> Response:
        """The page with a query and its answer, or what is wrong with it."""
        renderer = TermRenderer(
            labels_of(self._dataset(), self._library), request_language()
        )
        try:
            answer = with_timeout(self._store, query.timeout).query(
                query.text,
                default_graphs=query.default_graphs,
                named_graphs=query.named_graphs,
            )
            shown = result_table(answer, renderer, self._settings.shown_rows)
        except AlaqatError as error:
            status = error.category.status
            page = self._rendered(query, status, error=error, chosen=chosen)
            return with_error_headers(error, page)
        return self._rendered(query, 200, shown=shown, chosen=chosen)

    def _rendered(self, query: QueryOperation, status: int, **values: Any) -> Response:
        """The page with what stands on it in any case."""
        digest = hashlib.sha256(query.text.encode()).hexdigest()
        return render(
            *("query.html", status),
            text=query.text.strip(),
            digest=digest[:16],
            topics=topics(self._library),
            topic_of=topic_of,
            settings=self._settings,
            answer_formats=ANSWER_FORMATS,
            **values,
        )

    def _first(self) -> str:
        """The question to begin with, or the figures if none is saved."""
        names = [question.name for question in self._library.of("questions")]
        preferred = self._settings.first_question
        return preferred if preferred in names else [*names, "figures"][0]


_NOT_ACCEPTABLE = ("PUT", "DELETE", "PATCH")  # the protocol says so itself


def sparql_blueprint(
    endpoint: Endpoint, page: QueryPage, author: Callable[[], str | None]
) -> Blueprint:
    """The routes of the endpoint.

    Args:
        endpoint: what is read and, with a writer, changed.
        page: shows answers to people.
        author: tells who makes the current request, if they have shown it.
    """
    blueprint = Blueprint("sparql", __name__)

    @blueprint.route(
        "/sparql",
        methods=[*SPARQL_METHODS, *_NOT_ACCEPTABLE],
        strict_slashes=False,
        provide_automatic_options=False,
    )
    def sparql() -> Response:
        if request.method in ("GET", "HEAD") and wants_page():
            return page.answer(protocol_request())
        return flask_response(respond_sparql(protocol_request(), endpoint, author()))

    return blueprint


_GRAPH_NOT_ACCEPTABLE = ("PATCH",)  # the protocol says so itself


def data_blueprint(
    endpoint: Endpoint, settings: Settings, author: Callable[[], str | None]
) -> Blueprint:
    """The routes of the graph store.

    Args:
        endpoint: what is read and, with a writer, changed.
        settings: how large a graph may be that is sent.
        author: tells who makes the current request, if they have shown it.
    """
    blueprint = Blueprint("data", __name__)

    @blueprint.route(
        *("/data",),
        methods=[*WRITE_METHODS, *_GRAPH_NOT_ACCEPTABLE],
        strict_slashes=False,
        provide_automatic_options=False,
    )
    @blueprint.route(
        *("/data/<path:_>",),
        methods=[*WRITE_METHODS, *_GRAPH_NOT_ACCEPTABLE],
        provide_automatic_options=False,
    )
    def data(_: str = "") -> Response:
        who = author()
        if request.method in WRITE_METHODS and request.method not in READ_METHODS:
            try:
                endpoint.authorized_writer(who)  # before a large body is read
            except AlaqatError as error:
                return flask_response(problem_response(error))
            request.max_content_length = settings.largest_graph
        base_url = iri_to_uri(url_for("data.data", _external=True))
        return flask_response(
            respond_graph(protocol_request(), endpoint, base_url, who)
        )

    return blueprint


# What is a prefixed name without an escape, whatever else is one (SPARQL 1.1 §19.8).
_PREFIXED = re.compile(r"[a-z][\w-]*:[A-Za-z0-9][\w-]*", re.ASCII)


def completions_blueprint(
    library: Library, dataset: Callable[[], Dataset]
) -> Blueprint:
    """The route that tells an editor what it may complete."""
    blueprint = Blueprint("completions", __name__)

    @blueprint.get("/terms.json")
    def terms() -> Response:
        return represent(dataset().cached(_represent, library))

    return blueprint


def _represent(dataset: Dataset, library: Library) -> Representation:
    """The terms with their kinds and labels, as JSON."""
    terms: dict[str, dict[str, object]] = {}
    labels: dict[str, list[str]] = {}
    for kind, term, label in dataset.store.query(library.get("completions").text):
        iri = str(term)
        labels.setdefault(iri, []).append(str(label))
        terms[iri] = {"kind": str(kind), "term": _term(iri), "labels": labels[iri]}
    told = {"prefixes": PREFIXES, "terms": list(terms.values())}
    body = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
    return Representation(
        body, JSON_TYPE, tag=content_tag(body), cache_control=NO_CACHE, vary=()
    )


def _term(iri: str) -> str:
    """An IRI as a query may hold it."""
    name = short(iri)
    return name if _PREFIXED.fullmatch(name) else f"<{iri}>"
