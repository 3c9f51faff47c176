"""The triple that a request asks about, and the other parameters beside it.

Why a triple holds, over HTTP but without a web framework.

Whether a triple is so, over HTTP but without a web framework.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from http import HTTPStatus
from typing import TYPE_CHECKING

from alaqat.asof.text import verdict_as_json
from alaqat.asof.verdict import check
from alaqat.errors import InvalidQuery, MethodNotAllowed
from alaqat.http.messages import parse_parameters
from alaqat.http.representation import (
    JSON_TYPE,
    Representation,
    serialize,
    serialize_json,
    to_response,
)
from alaqat.proofs.as_json import why_as_json
from alaqat.proofs.as_rdf import ProofRecorder
from alaqat.proofs.prover import MAX_PROOFS, why
from alaqat.rdf.formats import (
    TURTLE,
    Format,
    choose_format,
)
from alaqat.rdf.writing import write_graph
from alaqat.temporal.edtf import read_day

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from alaqat.dataset import Dataset
    from alaqat.http.messages import HttpRequest, HttpResponse
    from alaqat.proofs.prover import Why
    from alaqat.proofs.resolver import EntityResolver
    from alaqat.reason.rules import Triple


TRIPLE_PARAMETERS = ("subject", "predicate", "object")
_METHODS = ("GET", "HEAD")


@dataclass(frozen=True)
class TripleRequest:
    """What a request asks, as it was written."""

    values: Mapping[str, str]

    def triple(self, names: EntityResolver) -> Triple:
        """The triple that is asked about.

        Raises:
            UnknownName: a name means nothing here; AmbiguousName: or several things.
        """
        return names.triple(*(self.values[part] for part in TRIPLE_PARAMETERS))

    @property
    def every(self) -> bool:
        """Whether all proofs are asked for."""
        return self.values.get("all") == "true"

    @property
    def format(self) -> str:
        """The name of the format that is asked for; empty for none."""
        return self.values.get("format", "")

    @property
    def day(self) -> date | None:
        """The day that is asked about; None for any time.

        Raises:
            InvalidQuery: it is no day.
        """
        text = self.values.get("at", "")
        day = read_day(text)
        if text and day is None:
            raise InvalidQuery(
                f"“{text}” is no day.", remedy="Write it as year-month-day: 2010-06-15."
            )
        return day


def read_triple_request(request: HttpRequest, more: Collection[str]) -> TripleRequest:
    """The parameters of a request about a triple, each once.

    Args:
        request: has them in its query string.
        more: the parameters that may stand beside subject, predicate and object.

    Raises:
        InvalidQuery: a parameter is missing, unknown or given twice.
        MethodNotAllowed: it is neither GET nor HEAD.
    """
    if request.method not in _METHODS:
        raise MethodNotAllowed("Ask by GET.", allowed=_METHODS)
    parameters = parse_parameters(request.query_string)
    found = {name: values for name, values in parameters.items() if any(values)}
    wrong = sorted(name for name, values in found.items() if len(values) > 1)
    wrong += sorted(found.keys() - {*TRIPLE_PARAMETERS, *more})
    missing = [part for part in TRIPLE_PARAMETERS if part not in found]
    if wrong or missing:
        raise InvalidQuery(
            f"The parameters do not fit: {', '.join([*missing, *wrong])}.",
            remedy="Give subject, predicate and object once each, nothing unknown.",
        )
    return TripleRequest({name: values[0] for name, values in found.items()})


JSON_FORMAT = Format("json", "JSON", JSON_TYPE, "json", frozenset(), "")
_WHY_FORMATS = (JSON_FORMAT, TURTLE)
WHY_PARAMETERS = frozenset({"all", "format"})
"""What may stand beside the parts of the triple."""


def why_response(request: HttpRequest, dataset: Dataset) -> HttpResponse:
    """The proof of the triple that a request names, as JSON or Turtle.

    The status is 404 for a triple that is not in the graph; the body then holds what
    the graph says against it.

    Raises:
        InvalidQuery: a parameter is missing, unknown or given twice.
        UnknownName: a name means nothing here; AmbiguousName: or several things.
        NotAcceptable: neither JSON nor Turtle will do.
        MethodNotAllowed: it is neither GET nor HEAD.
    """
    asked = read_triple_request(request, WHY_PARAMETERS)
    form = choose_format(asked.format, request.accept, _WHY_FORMATS, what="A proof")
    triple = asked.triple(dataset.names)
    answer = why(dataset.explainer, triple, MAX_PROOFS if asked.every else 1)
    status = HTTPStatus.OK if answer.proofs else HTTPStatus.NOT_FOUND
    return to_response(replace(_represent_why(answer, form, dataset), status=status))


def _represent_why(answer: Why, form: Format, dataset: Dataset) -> Representation:
    if form is TURTLE:
        proofs = (*answer.proofs, *answer.denials)
        graph = ProofRecorder(dataset.explainer).proofs(proofs)
        return serialize(form, lambda out: write_graph(graph, out, form))
    return serialize_json(why_as_json(answer, dataset.plain_words))


CHECK_PARAMETERS = frozenset({"at", "format"})
"""What may stand beside the parts of the triple."""


def check_response(request: HttpRequest, dataset: Dataset) -> HttpResponse:
    """Whether the triple that a request names is so, on a day or at any time, as JSON.

    Raises:
        InvalidQuery: a parameter is missing, unknown or given twice, or no day.
        UnknownName: a name means nothing here; AmbiguousName: or several things.
        MethodNotAllowed: it is neither GET nor HEAD.
    """
    asked = read_triple_request(request, CHECK_PARAMETERS)
    triple, day = asked.triple(dataset.names), asked.day
    verdict = check(
        dataset.explainer, triple, dataset.intervals.at(day) if day else None
    )
    return to_response(serialize_json(verdict_as_json(verdict, dataset.plain_words)))
