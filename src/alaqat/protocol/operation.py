"""Carrying out a request at the endpoint: run its query, or make its change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import IO

from alaqat.errors import AlaqatError
from alaqat.formats import Kind, choose_format, holding, write_triples
from alaqat.protocol.description import describe
from alaqat.protocol.problems import told
from alaqat.protocol.representation import (
    NO_STORE,
    Representation,
    empty_reply,
    expected_version,
    preflight,
    reply_with,
    represent,
)
from alaqat.protocol.requests import format_name, read_operation
from alaqat.protocol.served import Served
from alaqat.protocol.values import METHODS, Query, Reply, Request
from alaqat.store.interface import Update, with_timeout
from alaqat.store.outline import Outline, outline_query

_KINDS: dict[str, Kind] = {"SELECT": "bindings", "ASK": "boolean"}
_PREFIXES = {
    "sd": "http://www.w3.org/ns/sparql-service-description#",
    "void": "http://rdfs.org/ns/void#",
    "dcterms": "http://purl.org/dc/terms/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
}


# Characters of a query that is read before it is evaluated, so that its answer can be
# kept; reading a long one would keep all other requests waiting.
_READ_HERE = 20_000


def respond(request: Request, served: Served, author: str | None = None) -> Reply:
    """The reply to a request at the endpoint; what goes wrong is told, not raised.

    Args:
        request: as it came.
        served: what it is answered from.
        author: who asks, if they have shown it; changes are made for nobody else.
    """
    try:
        if request.method == "OPTIONS":
            return preflight(METHODS)
        operation = read_operation(request)
        if operation is None:
            return _describe(request, served)
        if isinstance(operation, Update):
            return _change(request, operation, served, author)
        return _run(request, operation, served)
    except AlaqatError as error:
        return told(error)


def _run(request: Request, query: Query, served: Served) -> Reply:
    """The answer to a query in the format that the client likes best (§2.1)."""

    def make(text: str | Outline) -> Representation:
        answer = with_timeout(served.store, query.timeout).query(
            text,
            default_graphs=query.default_graphs,
            named_graphs=query.named_graphs,
        )
        form = choose_format(query.format, request.accept, holding(answer.kind))
        return represent(form, lambda out: answer.write(out, form))

    if len(query.text) > _READ_HERE:
        return reply_with(replace(make(query.text), cache_control=NO_STORE))
    outline = outline_query(query.text, served.services)
    kind = _KINDS.get(outline.form, "graph")
    form = choose_format(query.format, request.accept, holding(kind))
    if not outline.is_steady:
        return reply_with(replace(make(outline), cache_control=NO_STORE))
    asked = ("query", query.text, *_graphs(query), form.name)
    return served.cached_reply(
        request, asked, lambda: make(outline), apart=query.timeout
    )


def _graphs(query: Query) -> Sequence[str]:
    """The graphs that a request chose, so that the two lists are not mixed up."""
    plain, named = query.default_graphs, query.named_graphs
    return (str(len(plain)), *plain, str(len(named)), *named)


def _describe(request: Request, served: Served) -> Reply:
    """The description, in the format that the client likes best (§2.1.4)."""
    form = choose_format(format_name(request), request.accept, holding("graph"))

    def write(out: IO[bytes]) -> None:
        write_triples(sorted(describe(served, request.url)), out, form, _PREFIXES)

    asked = ("description", request.url, form.name)
    return served.cached_reply(request, asked, lambda: represent(form, write))


def _change(
    request: Request, update: Update, served: Served, author: str | None
) -> Reply:
    """Make a change (§2.2)."""
    editor, author = served.writer(author)
    expected = expected_version(request, served.version(), exists=True)
    editor.commit(update, author=author, expected=expected)
    return empty_reply(HTTPStatus.NO_CONTENT, cache_control=NO_STORE)
