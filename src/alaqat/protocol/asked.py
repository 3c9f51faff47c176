"""The triple that a request asks about, and the other parameters beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from alaqat.errors import InvalidQuery, MethodNotAllowed
from alaqat.protocol.requests import parameters_of
from alaqat.timeline import read_day

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from alaqat.explain import Names
    from alaqat.protocol.values import Request
    from alaqat.reason.rules import Triple

TRIPLE = ("subject", "predicate", "object")
_METHODS = ("GET", "HEAD")


@dataclass(frozen=True)
class Asked:
    """What a request asks, as it was written."""

    values: Mapping[str, str]

    def triple(self, names: Names) -> Triple:
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


def read_asked(request: Request, more: Collection[str]) -> Asked:
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
    parameters = parameters_of(request.query_string)
    found = {name: values for name, values in parameters.items() if any(values)}
    wrong = sorted(name for name, values in found.items() if len(values) > 1)
    wrong += sorted(found.keys() - {*TRIPLE, *more})
    missing = [part for part in TRIPLE if part not in found]
    if wrong or missing:
        raise InvalidQuery(
            f"The parameters do not fit: {', '.join([*missing, *wrong])}.",
            remedy="Give subject, predicate and object once each, nothing unknown.",
        )
    return Asked({name: values[0] for name, values in found.items()})
