"""Triples and rules as numbers, and the search for all that makes a rule fire.

How each derived triple follows most shortly: every rule forward, cheapest first.

What a triple costs is how many rules were applied to get there, counted over the whole
tree of its proof. Asserted triples may have a level, such as how surely they hold: what
follows has the highest level of its premises, and a lower level goes before a shorter
proof. Triples are settled in the order of their cost (Knuth, A
Generalization of Dijkstra's Algorithm, 1977), so the premises of a step always cost
less than what follows from them, and no proof goes in a circle.

No engine is asked, so what is found here is a check of an engine's answer, too.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

from rdflib import RDF

from alaqat.rdf.graphs import new_graph
from alaqat.reason.compiler import (
    compile_rules,
    live_rules,
    relation,
)
from alaqat.reason.encoding import axioms_of, group
from alaqat.reason.literals import (
    NOWHERE,
    TermDictionary,
    about_values,
)
from alaqat.reason.nemo_engine import close_with_nemo

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence

    from rdflib.term import Node

    from alaqat.reason.literals import Row, TermDictionary
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

    def fire(self, row: Row, rows: FactIndex) -> Iterator[tuple[Row, tuple[Row, ...]]]:
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


class FactIndex:
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


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from alaqat.reason.literals import Row
    from alaqat.reason.rules import Rule, Triple

    _Cost = tuple[int, int]  # the level, then how many rules are applied
    _Fired = tuple[int, tuple[Row, ...]]  # the rule's place in the list


@dataclass(frozen=True, slots=True)
class Step:
    """One application of a rule; the premises stand in the order of its body."""

    rule: Rule
    premises: tuple[Triple, ...]

    @property
    def grounds(self) -> tuple[Triple, ...]:
        """Everything the step rests on: its premises, then the axiom."""
        return (*self.premises, *self.rule.axiom)


def rules_of(triples: Iterable[Triple]) -> tuple[Rule, ...]:
    """The rules by which anything follows from triples, from the axioms among them.

    An axiom that was asserted is read as it stands, so that proofs end in it; those
    that only follow from others are read too.
    """
    axioms = axioms_of(group(triples))
    return _rules_of(frozenset(axioms))


@lru_cache(maxsize=8)
def _rules_of(axioms: frozenset[Triple]) -> tuple[Rule, ...]:
    schema = new_graph(axioms)
    rules = (*compile_rules(schema, lean=False), *close_with_nemo(schema).rules)
    return tuple(dict.fromkeys(rules))


class DerivationIndex:
    """The shortest derivations of all that follows from asserted triples by rules.

    Args:
        asserted: what needs no derivation, axioms among it.
        rules: those that end in `false` are left out.
        levels: of asserted triples; 0 for those not in it.
    """

    def __init__(
        self,
        asserted: Iterable[Triple],
        rules: Iterable[Rule],
        levels: Mapping[Triple, int] | None = None,
    ) -> None:
        above, given = levels or {}, dict.fromkeys(asserted)
        self._coder = TermDictionary()
        self._costs: dict[Row, _Cost] = {
            self._coder.row(t): (above.get(t, 0), 0) for t in given
        }
        self._steps: dict[Row, dict[_Fired, None]] = {}
        heads = [rule for rule in rules if rule.head is not None]
        values = dict(about_values(given, heads))
        known = map(relation, (*given, *values))
        self._rules = live_rules(heads, known)
        self._watches = Watches(self._rules, self._coder, self._costs)
        for triple, rule in values.items():
            self._rules.append(rule)
            self._improve(self._coder.row(triple), len(self._rules) - 1, (), ())
        self._settle()

    def cost(self, triple: Triple) -> int | None:
        """How many rules the shortest proof applies; None if there is no proof."""
        found = self._costs.get(self._coder.known(triple))
        return None if found is None else found[1]

    def level(self, triple: Triple) -> int | None:
        """The lowest level at which a triple holds; None if there is no proof."""
        found = self._costs.get(self._coder.known(triple))
        return None if found is None else found[0]

    def derived(self) -> Iterator[Triple]:
        """The triples that were not asserted."""
        return map(self._coder.triple, self._steps)

    def steps(self, triple: Triple) -> tuple[Step, ...]:
        """The last steps of the shortest proofs, in a fixed order; none if asserted."""
        found = self._steps.get(self._coder.known(triple), {})
        triple_of = self._coder.triple
        steps = (Step(self._rules[n], tuple(map(triple_of, rows))) for n, rows in found)
        return tuple(sorted(steps, key=_order) if len(found) > 1 else steps)

    def applications(self) -> Iterator[tuple[Triple, Step]]:
        """Every way in which a rule applies, the longer ones too, with what follows."""
        settled, triple_of = FactIndex(), self._coder.triple
        for row in self._costs:
            for head, watch, premises in self._fire(row, settled):
                step = Step(self._rules[watch.rule], tuple(map(triple_of, premises)))
                yield triple_of(head), step

    def leaves(self, triple: Triple) -> dict[Triple, bool]:
        """The asserted triples of a shortest proof, and which are of its axioms."""
        found: dict[Triple, bool] = {}
        waiting, seen = [(triple, False)], {triple}
        while waiting:
            one, is_axiom = waiting.pop()
            steps = self.steps(one)
            if not steps:
                found[one] = is_axiom
            for step in steps[:1]:
                below = [(t, is_axiom) for t in step.premises]
                below += [(t, True) for t in step.rule.axiom]
                waiting += [pair for pair in below if pair[0] not in seen]
                seen.update(step.grounds)
        return found

    def _settle(self) -> None:
        """Take up the triples in the order of their cost, each once."""
        waiting = [
            (c, number, row) for number, (row, c) in enumerate(self._costs.items())
        ]
        heapify(waiting)
        settled, number = FactIndex(), len(waiting)
        while waiting:
            cost, _, row = heappop(waiting)
            if cost > self._costs[row]:
                continue
            for head, watch, premises in self._fire(row, settled):
                if self._improve(head, watch.rule, premises, watch.axiom):
                    number += 1
                    heappush(waiting, (self._costs[head], number, head))

    def _fire(
        self, row: Row, settled: FactIndex
    ) -> Iterator[tuple[Row, Watch, tuple[Row, ...]]]:
        """Each rule that a row, if it is new, makes fire with those settled."""
        watching = self._watches.of(row)
        if watching and settled.add(row):
            for watch in watching:
                for head, premises in watch.fire(row, settled):
                    yield head, watch, premises

    def _improve(
        self, head: Row, rule: int, premises: tuple[Row, ...], axiom: tuple[Row, ...]
    ) -> bool:
        """Keep a step if there is none shorter; whether it is the first so short."""
        level, size = 0, 1
        for ground in (*premises, *axiom):
            above, more = self._costs[ground]
            size += more
            if above > level:
                level = above
        cost, known = (level, size), self._costs.get(head)
        if known is None or cost < known:
            self._costs[head], self._steps[head] = cost, {(rule, premises): None}
            return True
        if cost == known and head in self._steps:
            self._steps[head][rule, premises] = None
        return False


def _order(step: Step) -> tuple[str, ...]:
    """A fixed order among steps that are equally short."""
    terms = (term.n3() for triple in step.grounds for term in triple)
    return step.rule.name, *terms
