"""Terms as numbers: one for each thing, and one for each value, however written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rdflib import Literal

from alaqat.reason.datatypes import value
from alaqat.reason.lexical import IllTyped

if TYPE_CHECKING:
    from collections.abc import Hashable

    from rdflib.term import Node


class Numbers:
    """Numbers terms in the order in which they come.

    Literals of one value share a number (RULE dt-eq), so that rules join on values.
    """

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}
        self._terms: list[Node] = []
        self.variants: dict[int, list[Node]] = {}
        self.literals: set[int] = set()

    def number(self, term: Node) -> int:
        """The term's number, a new one if the term is."""
        number = self._numbers.get(term)
        if number is None:
            number = self._add(term)
        return number

    def term(self, number: int) -> Node:
        """The term that has a number; of equal literals the first that came."""
        return self._terms[number]

    def _add(self, term: Node) -> int:
        new = len(self._terms)
        if isinstance(term, Literal):
            number = self._numbers.setdefault(_key(term), new)
            self.literals.add(number)
        else:
            number = new
        self._numbers[term] = number
        if number == new:
            self._terms.append(term)
        else:
            self.variants.setdefault(number, []).append(term)
        return number


def _key(literal: Literal) -> Hashable:
    """The literal's value where it is known, else the literal."""
    try:
        return value(literal) or literal
    except IllTyped:
        return literal
