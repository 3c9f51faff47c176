"""Literals under the rules: a dictionary by value, equal literals, and datatypes."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import permutations
from typing import TYPE_CHECKING

from rdflib import OWL, RDF, Literal

from alaqat.reason.compiler import relation_of
from alaqat.reason.datatypes import (
    DATATYPES,
    IllTyped,
    datatype_contains,
    is_ill_typed,
    literal_value,
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
        """Return the term's number, a new one if the term is new."""
        number = self._numbers.get(term)
        if number is None:
            number = self._add(term)
        return number

    def term(self, number: int) -> Node:
        """Return the term that has a number; of equal literals, the first that came."""
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
    """Return the literal's value if it is known, else the literal."""
    try:
        return literal_value(literal) or literal
    except IllTyped:
        return literal


DT_EQ = Rule("dt-eq", (), (), None)
DT_TYPE2 = Rule("dt-type2", (), (), None)


def literal_facts(
    given: Iterable[Triple], rules: Collection[Rule]
) -> Iterator[tuple[Triple, Rule]]:
    """Yield the triples that hold of literals the rules use, with their rules.

    RULE dt-eq for those of one value, RULE dt-type2 for the datatypes in a body.
    """
    relations, kinds = _joined_relations(rules), _datatypes(rules)
    literals = {
        value: None
        for triple in given
        if isinstance(value := triple[2], Literal)
        and (kinds or relation_of(triple) in relations)
        and not is_ill_typed(value)
    }
    for group in _equal_groups(literals):
        for one, other in permutations(group, 2):
            yield (one, OWL.sameAs, other), DT_EQ
    for literal in literals if kinds else ():
        for kind in kinds:
            if datatype_contains(kind, literal):
                yield (literal, RDF.type, kind), DT_TYPE2


def _equal_groups(literals: Iterable[Literal]) -> Iterator[list[Literal]]:
    """Yield the groups of literals that share a value."""
    groups: dict[Hashable, list[Literal]] = defaultdict(list)
    for literal in literals:
        groups[literal_value(literal) or literal].append(literal)
    return (group for group in groups.values() if len(group) > 1)


def _datatypes(rules: Iterable[Rule]) -> set[Node]:
    """Return the datatypes that occur as classes in a body."""
    kinds = (relation_of(atom)[1] for rule in rules for atom in rule.body)
    return {kind for kind in kinds if kind is not None and kind in DATATYPES}


def _joined_relations(rules: Iterable[Rule]) -> set[Relation]:
    """Return the relations whose values a rule names, joins on or passes on."""
    relations: set[Relation] = set()
    for rule in rules:
        atoms = (*rule.body, *((rule.head,) if rule.head else ()))
        count = Counter(term for atom in atoms for term in atom)
        for atom in rule.body:
            if isinstance(atom[2], Literal) or count[atom[2]] > 1:
                relations.add(relation_of(atom))
    return relations
