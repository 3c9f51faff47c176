"""Terms as numbers: one for each thing, and one for each value, however written.

What rules may ask of the literals of a graph: which are equal, and of what kind.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import permutations
from typing import TYPE_CHECKING

from rdflib import OWL, RDF, Literal

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


class ValueDictionary:
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
