"""Why a triple holds, over HTTP but without a web framework."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from alaqat.explain import EVERY, Recorder, why, why_as_json
from alaqat.formats import TURTLE, Format, choose_format
from alaqat.formats.dataset import write_graph
from alaqat.protocol.asked import read_asked
from alaqat.protocol.representation import (
    JSON_TYPE,
    Representation,
    reply_with,
    represent,
    represent_json,
)

if TYPE_CHECKING:
    from alaqat.dataset import Dataset
    from alaqat.explain import Why
    from alaqat.protocol.values import Reply, Request

JSON = Format("json", "JSON", JSON_TYPE, "json", frozenset(), "")
_OFFERS = (JSON, TURTLE)
MORE = frozenset({"all", "format"})
"""What may stand beside the parts of the triple."""


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
    asked = read_asked(request, MORE)
    form = choose_format(asked.format, request.accept, _OFFERS, what="A proof")
    triple = asked.triple(dataset.names)
    answer = why(dataset.explainer, triple, EVERY if asked.every else 1)
    status = HTTPStatus.OK if answer.proofs else HTTPStatus.NOT_FOUND
    return reply_with(replace(_represent(answer, form, dataset), status=status))


def _represent(answer: Why, form: Format, dataset: Dataset) -> Representation:
    if form is TURTLE:
        proofs = (*answer.proofs, *answer.denials)
        graph = Recorder(dataset.explainer).proofs(proofs)
        return represent(form, lambda out: write_graph(graph, out, form))
    return represent_json(why_as_json(answer, dataset.plain_words))
