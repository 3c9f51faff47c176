"""Carrying out a request: run its query, write the answer."""

from __future__ import annotations

import io
from collections.abc import Sequence
from http import HTTPStatus

from alaqat.errors import AlaqatError, NotAcceptable
from alaqat.formats import FORMATS, Format, holding, named, negotiate, write_triples
from alaqat.protocol.description import SD, describe
from alaqat.protocol.problems import told
from alaqat.protocol.requests import format_name, read
from alaqat.protocol.values import METHODS, Query, Reply, Request
from alaqat.store import Store


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


def _describe(request: Request, store: Store) -> Reply:
    """The description, in the format that the client likes best (§2.1.4)."""
    offers, out = holding("graph"), io.BytesIO()
    form = _choose(format_name(request), request.accept, offers)
    triples = sorted(describe(store, request.url))
    write_triples(triples, out, form, {"sd": str(SD)})
    return _written(out, form)


def _choose(name: str, accept: str, offers: Sequence[Format]) -> Format:
    """The format asked for by name, or else the one the client likes best."""
    if not name:
        return negotiate(accept, offers)
    for form in offers:
        if form.answers_to(name):
            return form
    known = [form for form in FORMATS if form.answers_to(name)] or [named(name)]
    names = ", ".join(offer.name for offer in offers)
    raise NotAcceptable(
        f"This answer is not written as {known[0].title}.", remedy=f"Take {names}."
    )


def _written(out: io.BytesIO, form: Format) -> Reply:
    """The reply with what was written."""
    content = out.getvalue()
    headers = {
        "Content-Type": form.content_type,
        "Content-Length": str(len(content)),
        "Vary": "Accept",
    }
    return Reply(HTTPStatus.OK, headers, [content])
