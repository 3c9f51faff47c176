"""The rows of an answer by the names of its columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rdflib.term import Node

if TYPE_CHECKING:
    from alaqat.store import Answer

Record = Mapping[str, Node]


def records(answer: Answer) -> list[Record]:
    """The rows of an answer, each without the columns that have no value."""
    names = tuple(answer.variables)
    return [
        {n: term for n, term in zip(names, row, strict=True) if term is not None}
        for row in answer
    ]
