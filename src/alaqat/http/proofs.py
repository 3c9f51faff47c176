"""Provenance over HTTP: why a triple holds, and whether it holds on a day."""

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
from alaqat.proofs.as_rdf import ProofGraphBuilder
from alaqat.proofs.prover import MAX_PROOFS, why
from alaqat.rdf.formats import (
    TURTLE,
    Format,
    choose_format,
)
from alaqat.rdf.writing import write_graph
from alaqat.temporal.edtf import parse_day

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from alaqat.dataset import Dataset
    from alaqat.http.messages import HttpRequest, HttpResponse
    from alaqat.proofs.prover import Why
    from alaqat.proofs.resolver import EntityResolver
    from alaqat.reason.rules import Triple


TRIPLE_PARAMETERS = ("subject", "predicate", "object")
#: The other parameters of a why and of a check.
WHY_PARAMETERS = frozenset({"all", "format"})
CHECK_PARAMETERS = frozenset({"at", "format"})

JSON_FORMAT = Format("json", "JSON", JSON_TYPE, "json", frozenset(), "")
_WHY_FORMATS = (JSON_FORMAT, TURTLE)
_METHODS = ("GET", "HEAD")


@dataclass(frozen=True)
class TripleRequest:
    """The parameters of a request about a triple, as they were written."""

    values: Mapping[str, str]

    def triple(self, names: EntityResolver) -> Triple:
        """Return the triple that the request is about.

        Raises:
            UnknownName: a name is unknown; AmbiguousName: or names several entities.
        """
        return names.triple(*(self.values[part] for part in TRIPLE_PARAMETERS))

    @property
    def all_proofs(self) -> bool:
        """Whether all proofs are requested."""
        return self.values.get("all") == "true"

    @property
    def format(self) -> str:
        """The name of the requested format; empty for none."""
        return self.values.get("format", "")

    @property
    def day(self) -> date | None:
        """The day that the request is about; None for any time.

        Raises:
            InvalidQuery: it is not a valid date.
        """
        text = self.values.get("at", "")
        day = parse_day(text)
        if text and day is None:
            raise InvalidQuery(
                f"Not a valid date: “{text}”.",
                remedy="Write it as year-month-day: 2010-06-15.",
            )
        return day


def read_triple_request(request: HttpRequest, extra: Collection[str]) -> TripleRequest:
    """Return the parameters of a request about a triple.

    Args:
        request: has them in its query string.
        extra: the parameters that may accompany subject, predicate and object.

    Raises:
        InvalidQuery: a parameter is missing, unknown or repeated.
        MethodNotAllowed: the method is neither GET nor HEAD.
    """
    if request.method not in _METHODS:
        raise MethodNotAllowed("Only GET is allowed here.", allowed=_METHODS)
    parameters = parse_parameters(request.query_string)
    given = {name: values for name, values in parameters.items() if any(values)}
    wrong = sorted(name for name, values in given.items() if len(values) > 1)
    wrong += sorted(given.keys() - {*TRIPLE_PARAMETERS, *extra})
    missing = [part for part in TRIPLE_PARAMETERS if part not in given]
    if wrong or missing:
        raise InvalidQuery(
            "Missing, unknown or repeated parameters: "
            f"{', '.join([*missing, *wrong])}.",
            remedy="Give subject, predicate and object once each, nothing unknown.",
        )
    return TripleRequest({name: values[0] for name, values in given.items()})


def why_response(request: HttpRequest, dataset: Dataset) -> HttpResponse:
    """Return the proof of the triple in a request, as JSON or Turtle.

    The status is 404 for a triple that is not in the graph; the body then holds what in
    the graph contradicts it.

    Raises:
        InvalidQuery: a parameter is missing, unknown or repeated.
        UnknownName: a name is unknown; AmbiguousName: or names several entities.
        NotAcceptable: the client accepts neither JSON nor Turtle.
        MethodNotAllowed: the method is neither GET nor HEAD.
    """
    wanted = read_triple_request(request, WHY_PARAMETERS)
    form = choose_format(wanted.format, request.accept, _WHY_FORMATS, what="A proof")
    triple = wanted.triple(dataset.resolver)
    answer = why(dataset.prover, triple, MAX_PROOFS if wanted.all_proofs else 1)
    status = HTTPStatus.OK if answer.proofs else HTTPStatus.NOT_FOUND
    return to_response(replace(_represent_why(answer, form, dataset), status=status))


def _represent_why(answer: Why, form: Format, dataset: Dataset) -> Representation:
    if form is TURTLE:
        proofs = (*answer.proofs, *answer.denials)
        graph = ProofGraphBuilder(dataset.prover).graph_of(proofs)
        return serialize(form, lambda out: write_graph(graph, out, form))
    return serialize_json(why_as_json(answer, dataset.plain_wordings))


def check_response(request: HttpRequest, dataset: Dataset) -> HttpResponse:
    """Return whether the triple in a request holds, on a day or at any time, as JSON.

    Raises:
        InvalidQuery: a parameter is missing, unknown, repeated or not a valid date.
        UnknownName: a name is unknown; AmbiguousName: or names several entities.
        MethodNotAllowed: the method is neither GET nor HEAD.
    """
    wanted = read_triple_request(request, CHECK_PARAMETERS)
    triple, day = wanted.triple(dataset.resolver), wanted.day
    verdict = check(dataset.prover, triple, dataset.intervals.at(day) if day else None)
    return to_response(serialize_json(verdict_as_json(verdict, dataset.plain_wordings)))
