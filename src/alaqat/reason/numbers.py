"""Dictionaries of terms: an integer for each, quicker to compare and to look up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rdflib import Literal, Variable

from alaqat.reason.datatypes import value
from alaqat.reason.lexical import IllTyped

if TYPE_CHECKING:
    from collections.abc import Hashable

    from rdflib.term import Node

    from alaqat.reason.rules import Triple

    Row = tuple[int, int, int]  # in a rule's atoms, a variable is below zero

NOWHERE = (-1, -1, -1)


class TermDictionary:
    """Numbers terms in the order in which they come, each with a number of its own."""

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}
        self._terms: list[Node] = []

    def number(self, term: Node) -> int:
        """Return the term's number, a new one if the term is new."""
        number = self._numbers.get(term)
        if number is None:
            number = self._add(term)
        return number

    def term(self, number: int) -> Node:
        """Return the term that has a number; the first that came, if several have."""
        return self._terms[number]

    def row(self, triple: Triple) -> Row:
        """Return a triple as numbers."""
        subject, predicate, value = triple
        return self.number(subject), self.number(predicate), self.number(value)

    def known(self, triple: Triple) -> Row:
        """Return a triple as numbers; no row that there is if a term is new."""
        one, two, three = map(self._numbers.get, triple)
        if one is None or two is None or three is None:
            return NOWHERE
        return one, two, three

    def triple(self, row: Row) -> Triple:
        """Return the triple of a row."""
        one, two, three = row
        return self._terms[one], self._terms[two], self._terms[three]

    def atom(self, atom: Triple, variables: dict[Node, int]) -> Row:
        """Number an atom of a rule, a variable below zero when it first comes."""
        one, two, three = (
            variables.setdefault(term, -len(variables) - 1)
            if isinstance(term, Variable)
            else self.number(term)
            for term in atom
        )
        return one, two, three

    def _add(self, term: Node) -> int:
        """Number a new term."""
        number = self._numbers[term] = len(self._terms)
        self._terms.append(term)
        return number


class ValueDictionary(TermDictionary):
    """Numbers literals by their value, so that rules join on values (RULE dt-eq)."""

    def __init__(self) -> None:
        super().__init__()
        self.variants: dict[int, list[Node]] = {}
        self.literals: set[int] = set()

    def _add(self, term: Node) -> int:
        """Number a new term, a literal as an equal one that came before."""
        if not isinstance(term, Literal):
            return super()._add(term)
        key = _key(term)
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = super()._add(term)
        else:
            self._numbers[term] = number
            self.variants.setdefault(number, []).append(term)
        self.literals.add(number)
        return number


def _key(literal: Literal) -> Hashable:
    """The literal's value where it is known, else the literal."""
    try:
        return value(literal) or literal
    except IllTyped:
        return literal
