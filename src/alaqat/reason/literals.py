"""Dictionaries that map terms to integers, and rules on the values of literals."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import permutations
from typing import TYPE_CHECKING

from rdflib import OWL, RDF, Literal, Variable

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

    Row = tuple[int, int, int]  # in atoms of rules, variables are negative

NO_ROW = (-1, -1, -1)


class TermDictionary:
    """A bijection between terms and integers, assigned in order of appearance."""

    def __init__(self) -> None:
        self._ids: dict[Hashable, int] = {}
        self._terms: list[Node] = []

    def encode(self, term: Node) -> int:
        """Return the integer of a term, assigning one if the term is new."""
        number = self._ids.get(term)
        if number is None:
            number = self._add(term)
        return number

    def decode(self, number: int) -> Node:
        """Return the term of an integer; of equal literals, the first that came."""
        return self._terms[number]

    def encode_triple(self, triple: Triple) -> Row:
        """Return the row of a triple."""
        subject, predicate, value = triple
        return self.encode(subject), self.encode(predicate), self.encode(value)

    def find_triple(self, triple: Triple) -> Row:
        """Return the row of a triple; NO_ROW if a term is unknown."""
        one, two, three = map(self._ids.get, triple)
        if one is None or two is None or three is None:
            return NO_ROW
        return one, two, three

    def decode_triple(self, row: Row) -> Triple:
        """Return the triple of a row."""
        one, two, three = row
        return self._terms[one], self._terms[two], self._terms[three]

    def encode_atom(self, atom: Triple, variables: dict[Node, int]) -> Row:
        """Encode an atom of a rule; variables get negative integers."""
        one, two, three = (
            variables.setdefault(term, -len(variables) - 1)
            if isinstance(term, Variable)
            else self.encode(term)
            for term in atom
        )
        return one, two, three

    def _add(self, term: Node) -> int:
        """Assign an integer to a new term."""
        number = self._ids[term] = len(self._terms)
        self._terms.append(term)
        return number


class ValueDictionary(TermDictionary):
    """A dictionary in which literals of one value share an integer (RULE dt-eq)."""

    def __init__(self) -> None:
        super().__init__()
        self.variants: dict[int, list[Node]] = {}
        self.literals: set[int] = set()

    def _add(self, term: Node) -> int:
        """Assign an integer to a new term, that of an equal literal if there is one."""
        if not isinstance(term, Literal):
            return super()._add(term)
        key = _key(term)
        number = self._ids.get(key)
        if number is None:
            number = self._ids[key] = super()._add(term)
        else:
            self._ids[term] = number
            self.variants.setdefault(number, []).append(term)
        self.literals.add(number)
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
