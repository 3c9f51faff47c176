"""Why a triple holds, over HTTP but without a web framework."""

from __future__ import annotations

import json
from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING

from alaqat.errors import MethodNotAllowed
from alaqat.explain import EVERY, Recorder, why, why_as_json
from alaqat.formats import TURTLE, Format, choose_format
from alaqat.formats.dataset import write_graph
from alaqat.protocol.asked import read_asked
from alaqat.protocol.values import Reply

if TYPE_CHECKING:
    from alaqat.dataset import Dataset
    from alaqat.explain import Why
    from alaqat.protocol.values import Request

JSON = Format("json", "JSON", "application/json", "json", frozenset(), "")
_OFFERS = (JSON, TURTLE)
MORE = frozenset({"all", "format"})
"""What may stand beside the parts of the triple."""

_METHODS = ("GET", "HEAD")


def why_reply(request: Request, dataset: Dataset) -> Reply:
    """The proof of the triple that a request names, as JSON or Turtle.

    The status is 404 for a triple that is not in the graph; the body then holds what
    the graph says against it.

    Raises:
        InvalidQuery: a parameter is missing, unknown or given twice.
        UnknownName: a name means nothing here; AmbiguousName: or several things.
        NotAcceptable: neither JSON nor Turtle will do.
        MethodNotAllowed: it is neither GET nor HEAD.
    """
    if request.method not in _METHODS:
        raise MethodNotAllowed("Ask why by GET.", allowed=_METHODS)
    asked = read_asked(request, MORE)
    form = choose_format(asked.format, request.accept, _OFFERS, what="A proof")
    triple = asked.triple(dataset.names)
    answer = why(dataset.explainer, triple, EVERY if asked.every else 1)
    return _reply(answer, form, _written(answer, form, dataset))


def _written(answer: Why, form: Format, dataset: Dataset) -> bytes:
    if form is TURTLE:
        out = BytesIO()
        proofs = (*answer.proofs, *answer.denials)
        write_graph(Recorder(dataset.explainer).proofs(proofs), out, TURTLE)
        return out.getvalue()
    told = why_as_json(answer, dataset.plain_words)
    return json.dumps(told, ensure_ascii=False).encode()


def _reply(answer: Why, form: Format, body: bytes) -> Reply:
    headers = {
        "Content-Type": form.content_type,
        "Content-Length": str(len(body)),
        "Vary": "Accept",
        "Access-Control-Allow-Origin": "*",
    }
    status = HTTPStatus.OK if answer.proofs else HTTPStatus.NOT_FOUND
    return Reply(status, headers, [body])
