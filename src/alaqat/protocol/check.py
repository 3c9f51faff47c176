"""Whether a triple is so, over HTTP but without a web framework."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING

from alaqat.asof import check, verdict_as_json
from alaqat.protocol.asked import read_asked
from alaqat.protocol.values import MethodNotAllowed, Reply

if TYPE_CHECKING:
    from alaqat.dataset import Dataset
    from alaqat.protocol.values import Request

MORE = frozenset({"at", "format"})
"""What may stand beside the parts of the triple."""

_METHODS = ("GET", "HEAD")


def check_reply(request: Request, dataset: Dataset) -> Reply:
    """Whether the triple that a request names is so, on a day or at any time, as JSON.

    Raises:
        InvalidQuery: a parameter is missing, unknown or given twice, or no day.
        UnknownName: a name means nothing here; AmbiguousName: or several things.
        MethodNotAllowed: it is neither GET nor HEAD.
    """
    if request.method not in _METHODS:
        raise MethodNotAllowed("Check by GET.")
    asked = read_asked(request, MORE)
    triple, day = asked.triple(dataset.names), asked.day
    verdict = check(
        dataset.explainer, triple, dataset.intervals.at(day) if day else None
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
