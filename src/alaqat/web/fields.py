"""The parameters of a saved question as a form has them."""

from __future__ import annotations

from dataclasses import dataclass

from rdflib import XSD
from rdflib.term import Node

from alaqat.library import KINDS
from alaqat.parameters import written
from alaqat.web.cells import Cells

_MOST = 500  # choices in a form; a longer list is a field to type in


@dataclass(frozen=True)
class Choice:
    """A value that a parameter may take."""

    value: str
    text: str
    language: str
    is_chosen: bool


@dataclass(frozen=True)
class Field:
    """A parameter as a form has it.

    Attributes:
        name: of the parameter.
        kind: choice, date or text.
        value: what was given; empty means all.
        choices: what it may be, if that is known.
    """

    name: str
    kind: str
    value: str
    choices: list[Choice]


def field_of(
    name: str, choices: tuple[Node, ...], chosen: Node | None, cells: Cells
) -> Field:
    """One parameter: what it may be, and what was chosen if something was."""
    value = "" if chosen is None else written(chosen)
    if not choices:
        kind = KINDS.get(name)
        is_date = kind is not None and kind.datatype == XSD.date
        return Field(name, "date" if is_date else "text", value, [])
    if len(choices) > _MOST:
        return Field(name, "text", value, [])
    known = choices if chosen is None or chosen in choices else (*choices, chosen)
    offered = []
    for term in known:
        cell = cells.of(term)
        is_chosen = term == chosen
        offered.append(Choice(written(term), cell.text, cell.language, is_chosen))
    return Field(name, "choice", value, sorted(offered, key=lambda one: one.text))
