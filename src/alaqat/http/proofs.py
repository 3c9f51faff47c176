"""The triple that a request asks about, and the other parameters beside it.

Why a triple holds, over HTTP but without a web framework.

Whether a triple is so, over HTTP but without a web framework.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from alaqat.asof.text import verdict_as_json
from alaqat.asof.verdict import check
from alaqat.errors import InvalidQuery, NotAcceptable
from alaqat.http.messages import MethodNotAllowed, Reply
from alaqat.proofs.as_json import why_as_json
from alaqat.proofs.as_rdf import ProofRecorder
from alaqat.proofs.prover import MAX_PROOFS, why
from alaqat.rdf.formats import (
    TURTLE,
    Format,
    negotiate,
)
from alaqat.rdf.writing import write_graph
from alaqat.temporal.edtf import read_day

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from alaqat.dataset import Dataset
    from alaqat.http.messages import Request
    from alaqat.proofs.prover import Why
    from alaqat.proofs.resolver import EntityResolver
    from alaqat.reason.rules import Triple


TRIPLE = ("subject", "predicate", "object")


@dataclass(frozen=True)
class TripleRequest:
    """What a request asks, as it was written."""

    values: Mapping[str, str]

    def triple(self, names: EntityResolver) -> Triple:
        """The triple that is asked about.

        Raises:
            UnknownName: a name means nothing here; AmbiguousName: or several things.
        """
        return names.triple(*(self.values[part] for part in TRIPLE))

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


def read_triple_request(request: Request, more: Collection[str]) -> TripleRequest:
    """The parameters of a request about a triple, each once.

    Args:
        request: has them in its query string.
        more: the parameters that may stand beside subject, predicate and object.

    Raises:
        InvalidQuery: a parameter is missing, unknown or given twice.
    """
    try:
        found = parse_qs(
            request.query_string.decode("ascii"), errors="strict", max_num_fields=16
        )
    except ValueError:
        raise InvalidQuery(
            "The parameters are not percent-encoded UTF-8.",
            remedy="Give subject, predicate and object.",
        ) from None
    wrong = sorted(name for name, values in found.items() if len(values) > 1)
    wrong += sorted(found.keys() - {*TRIPLE, *more})
    missing = [part for part in TRIPLE if part not in found]
    if wrong or missing:
        raise InvalidQuery(
            f"The parameters do not fit: {', '.join([*missing, *wrong])}.",
            remedy="Give subject, predicate and object once each, nothing unknown.",
        )
    return TripleRequest({name: values[0] for name, values in found.items()})


JSON = Format("json", "JSON", "application/json", "json", frozenset(), "")
_OFFERS = (JSON, TURTLE)
WHY_PARAMETERS = frozenset({"all", "format"})
"""What may stand beside the parts of the triple."""

_WHY_METHODS = ("GET", "HEAD")


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
    if request.method not in _WHY_METHODS:
        raise MethodNotAllowed("Ask why by GET.")
    asked = read_triple_request(request, WHY_PARAMETERS)
    form = _format(asked.format, request.accept)
    triple = asked.triple(dataset.names)
    answer = why(dataset.explainer, triple, MAX_PROOFS if asked.every else 1)
    return _reply(answer, form, _written(answer, form, dataset))


def _written(answer: Why, form: Format, dataset: Dataset) -> bytes:
    if form is TURTLE:
        out = BytesIO()
        proofs = (*answer.proofs, *answer.denials)
        write_graph(ProofRecorder(dataset.explainer).proofs(proofs), out, TURTLE)
        return out.getvalue()
    told = why_as_json(answer, dataset.plain_words)
    return json.dumps(told, ensure_ascii=False).encode()


def _format(name: str, accept: str) -> Format:
    """The format asked for by name, else the one the client likes best."""
    if not name:
        return negotiate(accept, _OFFERS)
    for form in _OFFERS:
        if form.name == name:
            return form
    raise NotAcceptable(
        f"A proof is not written as {name}.",
        remedy=f"Take {' or '.join(form.name for form in _OFFERS)}.",
    )


def _reply(answer: Why, form: Format, body: bytes) -> Reply:
    headers = {
        "Content-Type": form.content_type,
        "Content-Length": str(len(body)),
        "Vary": "Accept",
        "Access-Control-Allow-Origin": "*",
    }
    status = HTTPStatus.OK if answer.proofs else HTTPStatus.NOT_FOUND
    return Reply(status, headers, [body])


CHECK_PARAMETERS = frozenset({"at", "format"})
"""What may stand beside the parts of the triple."""

_CHECK_METHODS = ("GET", "HEAD")


def check_reply(request: Request, dataset: Dataset) -> Reply:
    """Whether the triple that a request names is so, on a day or at any time, as JSON.

    Raises:
        InvalidQuery: a parameter is missing, unknown or given twice, or no day.
        UnknownName: a name means nothing here; AmbiguousName: or several things.
        MethodNotAllowed: it is neither GET nor HEAD.
    """
    if request.method not in _CHECK_METHODS:
        raise MethodNotAllowed("Check by GET.")
    asked = read_triple_request(request, CHECK_PARAMETERS)
    triple, day = asked.triple(dataset.names), asked.day
    verdict = check(
        dataset.explainer, triple, dataset.stretches.moment(day) if day else None
    )
    told = verdict_as_json(verdict, dataset.plain_words)
    body = json.dumps(told, ensure_ascii=False).encode()
    headers = {
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Vary": "Accept",
        "Access-Control-Allow-Origin": "*",
    }
    return Reply(HTTPStatus.OK, headers, [body])
