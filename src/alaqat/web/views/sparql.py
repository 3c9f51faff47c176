"""SPARQL endpoint, query page, Graph Store and the terms that the editor completes."""

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

# Routed only to be refused with a problem and an Allow header, as programs expect.
_REJECTED_METHODS = ("PUT", "DELETE", "PATCH")
_REJECTED_GRAPH_METHODS = ("PATCH",)
# Prefixed names that need no escape, a subset of SPARQL 1.1 §19.8.
_PREFIXED_NAME = re.compile(r"[a-z][\w-]*:[A-Za-z0-9][\w-]*", re.ASCII)


class QueryPage:
    """The page to write a query on, with its result.

    Args:
        store: that is queried.
        library: of the questions beside the editor.
        dataset: returns the current version, for the labels of terms.
        settings: with the number of rows on a page, and the first question.
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

    def respond(self, message: HttpRequest) -> Response:
        """Render the page for a request: its query, a saved question or a default."""
        if "query" in request.args and (query := parse_query(message)):
            return self._page(query)
        name = request.args.get("question") or self._default_question()
        timeout = parse_timeout(request.args.getlist("timeout"))
        query = QueryOperation(self._library.get(name).sparql, timeout=timeout)
        return self._page(query, question=name)

    def _page(self, query: QueryOperation, question: str = "") -> Response:
        """Render a query with its result, or with the error."""
        labels = labels_of(self._dataset(), self._library)
        renderer = TermRenderer(labels, request_language())
        try:
            result = with_timeout(self._store, query.timeout).query(
                query.text,
                default_graphs=query.default_graphs,
                named_graphs=query.named_graphs,
            )
            table = result_table(result, renderer, self._settings.shown_rows)
        except AlaqatError as error:
            status = error.category.status
            page = self._render(query, status, error=error, selected=question)
            return with_error_headers(error, page)
        return self._render(query, 200, result=table, selected=question)

    def _render(self, query: QueryOperation, status: int, **context: Any) -> Response:
        digest = hashlib.sha256(query.text.encode()).hexdigest()
        return render(
            *("query.html", status),
            text=query.text.strip(),
            digest=digest[:16],
            topics=topics(self._library),
            topic_of=topic_of,
            settings=self._settings,
            answer_formats=ANSWER_FORMATS,
            **context,
        )

    def _default_question(self) -> str:
        """Return the preferred question, else the first, else the view of figures."""
        names = [question.name for question in self._library.of("questions")]
        preferred = self._settings.first_question
        return preferred if preferred in names else [*names, "figures"][0]


def sparql_blueprint(
    endpoint: Endpoint, page: QueryPage, author: Callable[[], str | None]
) -> Blueprint:
    """Return the route of the SPARQL endpoint and of its page.

    Args:
        endpoint: the store and, if it is writable, the writer.
        page: for browsers.
        author: returns the authenticated author of the current request, or None.
    """
    blueprint = Blueprint("sparql", __name__)

    @blueprint.route(
        "/sparql",
        methods=[*SPARQL_METHODS, *_REJECTED_METHODS],
        strict_slashes=False,
        provide_automatic_options=False,
    )
    def sparql() -> Response:
        if request.method in ("GET", "HEAD") and wants_page():
            return page.respond(protocol_request())
        return flask_response(respond_sparql(protocol_request(), endpoint, author()))

    return blueprint


def graph_store_blueprint(
    endpoint: Endpoint, settings: Settings, author: Callable[[], str | None]
) -> Blueprint:
    """Return the routes of the Graph Store, for direct and indirect identification.

    Args:
        endpoint: the store and, if it is writable, the writer.
        settings: with the size limit of a graph.
        author: returns the authenticated author of the current request, or None.
    """
    blueprint = Blueprint("graph_store", __name__)

    @blueprint.route(
        *("/data",),
        methods=[*WRITE_METHODS, *_REJECTED_GRAPH_METHODS],
        strict_slashes=False,
        provide_automatic_options=False,
    )
    @blueprint.route(
        *("/data/<path:_>",),
        methods=[*WRITE_METHODS, *_REJECTED_GRAPH_METHODS],
        provide_automatic_options=False,
    )
    def data(_: str = "") -> Response:
        name = author()
        if request.method in WRITE_METHODS and request.method not in READ_METHODS:
            try:
                endpoint.authorized_writer(
                    name
                )  # no large body is read before authorization
            except AlaqatError as error:
                return flask_response(problem_response(error))
            request.max_content_length = settings.largest_graph
        address = iri_to_uri(url_for("graph_store.data", _external=True))
        return flask_response(
            respond_graph(protocol_request(), endpoint, address, name)
        )

    return blueprint


def completions_blueprint(
    library: Library, dataset: Callable[[], Dataset]
) -> Blueprint:
    """Return the route of the terms and prefixes that the editor completes."""
    blueprint = Blueprint("completions", __name__)

    @blueprint.get("/terms.json")
    def terms() -> Response:
        return represent(dataset().cached(_completions, library))

    return blueprint


def _completions(dataset: Dataset, library: Library) -> Representation:
    """Return the prefixes, and the terms with their kinds and labels, as JSON."""
    terms: dict[str, dict[str, object]] = {}
    labels: dict[str, list[str]] = {}
    for kind, term, label in dataset.store.query(library.get("completions").text):
        iri = str(term)
        texts = labels.setdefault(iri, [])
        texts.append(str(label))
        terms[iri] = {"kind": str(kind), "term": _as_query_term(iri), "labels": texts}
    completions = {"prefixes": PREFIXES, "terms": list(terms.values())}
    body = json.dumps(completions, ensure_ascii=False, separators=(",", ":")).encode()
    return Representation(
        body, JSON_TYPE, tag=content_tag(body), cache_control=NO_CACHE, vary=()
    )


def _as_query_term(iri: str) -> str:
    """Return a prefixed name if it needs no escape, else the IRI in brackets."""
    name = short(iri)
    return name if _PREFIXED_NAME.fullmatch(name) else f"<{iri}>"
