"""Dictionaries of terms: an integer for each, quicker to compare and to look up.

What rules may ask of the literals of a graph: which are equal, and of what kind.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import permutations
from typing import TYPE_CHECKING

from rdflib import OWL, RDF, Literal, Variable

from alaqat.reason.compiler import relation
from alaqat.reason.datatypes import (
    DATATYPES,
    IllTyped,
    has,
    is_ill_typed,
    value,
)
from alaqat.reason.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterable, Iterator

    from rdflib.term import Node

    from alaqat.reason.compiler import Relation
    from alaqat.reason.rules import Triple


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


EQUAL_VALUES = Rule("dt-eq", (), (), None)
VALUE_OF = Rule("dt-type2", (), (), None)


def about_values(
    given: Iterable[Triple], rules: Collection[Rule]
) -> Iterator[tuple[Triple, Rule]]:
    """What holds of the literals that the rules pass on, and by which rule.

    RULE dt-eq for those of one value, RULE dt-type2 for the datatypes in a body.
    """
    about, kinds = _passed_on(rules), _datatypes(rules)
    literals = {
        value: None
        for triple in given
        if isinstance(value := triple[2], Literal)
        and (kinds or relation(triple) in about)
        and not is_ill_typed(value)
    }
    for group in _equal(literals):
        for one, other in permutations(group, 2):
            yield (one, OWL.sameAs, other), EQUAL_VALUES
    for literal in literals if kinds else ():
        for kind in kinds:
            if has(kind, literal):
                yield (literal, RDF.type, kind), VALUE_OF


def _equal(literals: Iterable[Literal]) -> Iterator[list[Literal]]:
    """The literals that are several of one value."""
    groups: dict[Hashable, list[Literal]] = defaultdict(list)
    for literal in literals:
        groups[value(literal) or literal].append(literal)
    return (group for group in groups.values() if len(group) > 1)


def _datatypes(rules: Iterable[Rule]) -> set[Node]:
    """The datatypes that a body asks for."""
    kinds = (relation(atom)[1] for rule in rules for atom in rule.body)
    return {kind for kind in kinds if kind is not None and kind in DATATYPES}


def _passed_on(rules: Iterable[Rule]) -> set[Relation]:
    """The relations whose values a rule names, compares or tells on."""
    about: set[Relation] = set()
    for rule in rules:
        atoms = (*rule.body, *((rule.head,) if rule.head else ()))
        count = Counter(term for atom in atoms for term in atom)
        for atom in rule.body:
            if isinstance(atom[2], Literal) or count[atom[2]] > 1:
                about.add(relation(atom))
    return about
