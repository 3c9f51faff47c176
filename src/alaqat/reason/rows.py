"""Triples and rules as numbers, and the search for all that makes a rule fire."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rdflib import RDF

from alaqat.reason.numbers import NOWHERE

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence

    from rdflib.term import Node

    from alaqat.reason.numbers import Row, TermDictionary
    from alaqat.reason.rules import Rule

    Bindings = Mapping[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Watch:
    """A rule that waits for one of its atoms.

    Attributes:
        rule: the rule.
        atom: the one it waits for.
        rest: what else must be there; an axiom that is itself derived, too.
        body: all its premises.
        axiom: the triples of its axiom.
        head: what follows.
    """

    rule: int
    atom: Row
    rest: tuple[Row, ...]
    body: tuple[Row, ...]
    axiom: tuple[Row, ...]
    head: Row

    def fire(self, row: Row, rows: Rows) -> Iterator[tuple[Row, tuple[Row, ...]]]:
        """What follows from a row with others, and the premises of each."""
        found = bind(self.atom, row, {})
        for each in rows.join(self.rest, found) if found is not None else ():
            yield fill(self.head, each), tuple([fill(atom, each) for atom in self.body])


class Watches:
    """Which rules to try when a row is settled."""

    def __init__(
        self, rules: Sequence[Rule], coder: TermDictionary, asserted: Container[Row]
    ) -> None:
        self._types = coder.number(RDF.type)
        self._by: dict[tuple[int, int], list[Watch]] = defaultdict(list)
        for number, rule in enumerate(rules):
            names: dict[Node, int] = {}
            body = tuple(coder.atom(atom, names) for atom in rule.body)
            axiom = tuple(map(coder.row, rule.axiom))
            head = coder.atom(rule.head, names) if rule.head else NOWHERE
            atoms = (*body, *(row for row in axiom if row not in asserted))
            for place, atom in enumerate(atoms):
                rest = (*atoms[:place], *atoms[place + 1 :])
                watch = Watch(number, atom, rest, body, axiom, head)
                self._by[self._about(atom)].append(watch)

    def of(self, row: Row) -> list[Watch]:
        """The rules that wait for such a row."""
        found = self._by.get(self._about(row), [])
        if row[1] == self._types:
            return found + self._by.get((self._types, -1), [])
        return found

    def _about(self, atom: Row) -> tuple[int, int]:
        """A property, or a class."""
        return atom[1], max(atom[2], -1) if atom[1] == self._types else -1


class Rows:
    """Rows to be found by subject or by object."""

    def __init__(self) -> None:
        self._all: set[Row] = set()
        self._by_subject: dict[tuple[int, int], list[Row]] = defaultdict(list)
        self._by_object: dict[tuple[int, int], list[Row]] = defaultdict(list)
        self._by_predicate: dict[int, list[Row]] = defaultdict(list)

    def add(self, row: Row) -> bool:
        """Add a row; whether it is new."""
        if row in self._all:
            return False
        subject, predicate, value = row
        self._all.add(row)
        self._by_subject[subject, predicate].append(row)
        self._by_object[predicate, value].append(row)
        self._by_predicate[predicate].append(row)
        return True

    def join(self, atoms: tuple[Row, ...], bindings: Bindings) -> Iterator[Bindings]:
        """Every way to find all the atoms among the rows."""
        if not atoms:
            yield bindings
            return
        filled = [fill(atom, bindings) for atom in atoms]
        atom = min(filled, key=_freedom)  # what is bound is quick to find
        filled.remove(atom)
        for row in self._matching(atom):
            found = bind(atom, row, bindings)
            if found is not None:
                yield from self.join(tuple(filled), found)

    def _matching(self, atom: Row) -> list[Row]:
        """The rows that an atom may be, by what is bound in it."""
        subject, predicate, value = atom
        if subject >= 0:
            if value >= 0:
                return [atom] if atom in self._all else []
            return self._by_subject.get((subject, predicate), [])
        if value >= 0:
            return self._by_object.get((predicate, value), [])
        return self._by_predicate.get(predicate, [])


def bind(atom: Row, row: Row, bindings: Bindings) -> Bindings | None:
    """The bindings, and those that make the atom the row; None if none do."""
    found = dict(bindings)
    for term, value in zip(atom, row, strict=True):
        if term < 0:
            if found.setdefault(term, value) != value:
                return None
        elif term != value:
            return None
    return found


def fill(atom: Row, bindings: Bindings) -> Row:
    """The atom with its variables replaced, as far as the bindings go."""
    one, two, three = atom
    return (
        bindings.get(one, one) if one < 0 else one,
        bindings.get(two, two) if two < 0 else two,
        bindings.get(three, three) if three < 0 else three,
    )


def _freedom(atom: Row) -> int:
    """How many terms of an atom are variables."""
    return (atom[0] < 0) + (atom[1] < 0) + (atom[2] < 0)
