"""Whether a triple is so, over HTTP but without a web framework."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alaqat.asof import check, verdict_as_json
from alaqat.protocol.asked import read_asked
from alaqat.protocol.representation import reply_with, represent_json

if TYPE_CHECKING:
    from alaqat.dataset import Dataset
    from alaqat.protocol.values import Reply, Request

MORE = frozenset({"at", "format"})
"""What may stand beside the parts of the triple."""


def check_reply(request: Request, dataset: Dataset) -> Reply:
    """Whether the triple that a request names is so, on a day or at any time, as JSON.

    Raises:
        InvalidQuery: a parameter is missing, unknown or given twice, or no day.
        UnknownName: a name means nothing here; AmbiguousName: or several things.
        MethodNotAllowed: it is neither GET nor HEAD.
    """
    asked = read_asked(request, MORE)
    triple, day = asked.triple(dataset.names), asked.day
    verdict = check(
        dataset.explainer, triple, dataset.intervals.at(day) if day else None
    )
    return reply_with(represent_json(verdict_as_json(verdict, dataset.plain_words)))
