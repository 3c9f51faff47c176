"""Shortest derivations: forward chaining over integers, cheapest triples first.

The cost of a triple is the number of rule applications in the whole tree of its proof.
Asserted triples may have a level, such as how certain they are: a derived triple has
the highest level of its premises, and a lower level takes precedence over a shorter
proof. Triples are settled in the order of their cost (Knuth, A Generalization of
Dijkstra's Algorithm, 1977), so the premises of a step always cost less than its
conclusion, and no proof is circular.

No reasoning engine takes part, so this also checks the closure that an engine derives.
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
    relation_of,
)
from alaqat.reason.encoding import extract_axioms, group_by_predicate
from alaqat.reason.literals import (
    NO_ROW,
    TermDictionary,
    literal_facts,
)
from alaqat.reason.nemo_engine import close_with_nemo

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

    from rdflib.term import Node

    from alaqat.reason.literals import Row
    from alaqat.reason.rules import Rule, Triple

    Bindings = Mapping[int, int]
    _Cost = tuple[int, int]  # the level, then the number of rule applications
    _Application = tuple[int, tuple[Row, ...]]  # a rule's number, and its premises


@dataclass(frozen=True, slots=True, eq=False)
class RuleTrigger:
    """A rule that is tried when a row matches one of its atoms.

    Attributes:
        rule: its number.
        atom: the atom that the new row must match.
        rest: the other atoms to join; derived triples of the axiom included.
        body: all its premises.
        axiom: the triples of its axiom.
        head: its conclusion.
    """

    rule: int
    atom: Row
    rest: tuple[Row, ...]
    body: tuple[Row, ...]
    axiom: tuple[Row, ...]
    head: Row

    def fire(self, row: Row, rows: FactIndex) -> Iterator[tuple[Row, tuple[Row, ...]]]:
        """Yield what follows from a row joined with others, with the premises."""
        found = bind(self.atom, row, {})
        for each in rows.join(self.rest, found) if found is not None else ():
            yield fill(self.head, each), tuple([fill(atom, each) for atom in self.body])


class TriggerIndex:
    """An index of the rules to try when a row is settled."""

    def __init__(
        self, rules: Sequence[Rule], terms: TermDictionary, asserted: Container[Row]
    ) -> None:
        self._types = terms.encode(RDF.type)
        self._by: dict[tuple[int, int], list[RuleTrigger]] = defaultdict(list)
        for number, rule in enumerate(rules):
            names: dict[Node, int] = {}
            body = tuple(terms.encode_atom(atom, names) for atom in rule.body)
            axiom = tuple(map(terms.encode_triple, rule.axiom))
            head = terms.encode_atom(rule.head, names) if rule.head else NO_ROW
            atoms = (*body, *(row for row in axiom if row not in asserted))
            for place, atom in enumerate(atoms):
                rest = (*atoms[:place], *atoms[place + 1 :])
                trigger = RuleTrigger(number, atom, rest, body, axiom, head)
                self._by[self._key(atom)].append(trigger)

    def of(self, row: Row) -> list[RuleTrigger]:
        """Return the rules that such a row may trigger."""
        found = self._by.get(self._key(row), [])
        if row[1] == self._types:
            return found + self._by.get((self._types, -1), [])
        return found

    def _key(self, atom: Row) -> tuple[int, int]:
        """Return the property of an atom, and its class for rdf:type."""
        return atom[1], max(atom[2], -1) if atom[1] == self._types else -1


class FactIndex:
    """Rows indexed by subject, object and predicate."""

    def __init__(self) -> None:
        self._all: set[Row] = set()
        self._by_subject: dict[tuple[int, int], list[Row]] = defaultdict(list)
        self._by_object: dict[tuple[int, int], list[Row]] = defaultdict(list)
        self._by_predicate: dict[int, list[Row]] = defaultdict(list)

    def add(self, row: Row) -> bool:
        """Add a row; return whether it is new."""
        if row in self._all:
            return False
        subject, predicate, value = row
        self._all.add(row)
        self._by_subject[subject, predicate].append(row)
        self._by_object[predicate, value].append(row)
        self._by_predicate[predicate].append(row)
        return True

    def join(self, atoms: tuple[Row, ...], bindings: Bindings) -> Iterator[Bindings]:
        """Yield every way to match all the atoms with rows."""
        if not atoms:
            yield bindings
            return
        filled = [fill(atom, bindings) for atom in atoms]
        atom = min(filled, key=_free_terms)  # the most selective first
        filled.remove(atom)
        for row in self._matching(atom):
            found = bind(atom, row, bindings)
            if found is not None:
                yield from self.join(tuple(filled), found)

    def _matching(self, atom: Row) -> list[Row]:
        """Return the rows that an atom may match, by what is bound in it."""
        subject, predicate, value = atom
        if subject >= 0:
            if value >= 0:
                return [atom] if atom in self._all else []
            return self._by_subject.get((subject, predicate), [])
        if value >= 0:
            return self._by_object.get((predicate, value), [])
        return self._by_predicate.get(predicate, [])


def bind(atom: Row, row: Row, bindings: Bindings) -> Bindings | None:
    """Extend the bindings so that the atom equals the row; None if it cannot."""
    found = dict(bindings)
    for term, value in zip(atom, row, strict=True):
        if term < 0:
            if found.setdefault(term, value) != value:
                return None
        elif term != value:
            return None
    return found


def fill(atom: Row, bindings: Bindings) -> Row:
    """Replace the variables of an atom that are bound."""
    one, two, three = atom
    return (
        bindings.get(one, one) if one < 0 else one,
        bindings.get(two, two) if two < 0 else two,
        bindings.get(three, three) if three < 0 else three,
    )


def _free_terms(atom: Row) -> int:
    """Count the variables of an atom."""
    return (atom[0] < 0) + (atom[1] < 0) + (atom[2] < 0)


@dataclass(frozen=True, slots=True)
class Step:
    """One application of a rule, its premises in the order of the body."""

    rule: Rule
    premises: tuple[Triple, ...]

    @property
    def grounds(self) -> tuple[Triple, ...]:
        """Everything the step depends on: its premises, then the axiom."""
        return (*self.premises, *self.rule.axiom)


def derivation_rules(triples: Iterable[Triple]) -> tuple[Rule, ...]:
    """Return the rules that the axioms among some triples give.

    Asserted axioms are compiled as they are, so that proofs end in them; axioms that
    only follow from others are compiled too.
    """
    axioms = extract_axioms(group_by_predicate(triples))
    return _rules_from_axioms(frozenset(axioms))


@lru_cache(maxsize=8)
def _rules_from_axioms(axioms: frozenset[Triple]) -> tuple[Rule, ...]:
    schema = new_graph(axioms)
    rules = (*compile_rules(schema, prune=False), *close_with_nemo(schema).rules)
    return tuple(dict.fromkeys(rules))


class DerivationIndex:
    """The shortest derivations of everything that follows from asserted triples.

    Args:
        asserted: triples that need no derivation, axioms included.
        rules: those with the head `false` are ignored.
        levels: of asserted triples; 0 for the others.
    """

    def __init__(
        self,
        asserted: Iterable[Triple],
        rules: Iterable[Rule],
        levels: Mapping[Triple, int] | None = None,
    ) -> None:
        above, given = levels or {}, dict.fromkeys(asserted)
        self._terms = TermDictionary()
        self._costs: dict[Row, _Cost] = {
            self._terms.encode_triple(t): (above.get(t, 0), 0) for t in given
        }
        self._steps: dict[Row, dict[_Application, None]] = {}
        heads = [rule for rule in rules if rule.head is not None]
        values = dict(literal_facts(given, heads))
        populated = map(relation_of, (*given, *values))
        self._rules = live_rules(heads, populated)
        self._triggers = TriggerIndex(self._rules, self._terms, self._costs)
        for triple, rule in values.items():
            self._rules.append(rule)
            self._improve(
                self._terms.encode_triple(triple), len(self._rules) - 1, (), ()
            )
        self._settle()

    def cost(self, triple: Triple) -> int | None:
        """Return the cost of the shortest proof; None if there is no proof."""
        found = self._costs.get(self._terms.find_triple(triple))
        return None if found is None else found[1]

    def level(self, triple: Triple) -> int | None:
        """Return the lowest level at which a triple holds; None without a proof."""
        found = self._costs.get(self._terms.find_triple(triple))
        return None if found is None else found[0]

    def derived(self) -> Iterator[Triple]:
        """Yield the triples that were not asserted."""
        return map(self._terms.decode_triple, self._steps)

    def steps(self, triple: Triple) -> tuple[Step, ...]:
        """Return the last steps of the shortest proofs, sorted; none if asserted."""
        found = self._steps.get(self._terms.find_triple(triple), {})
        triple_of = self._terms.decode_triple
        steps = (Step(self._rules[n], tuple(map(triple_of, rows))) for n, rows in found)
        return tuple(sorted(steps, key=_sort_key) if len(found) > 1 else steps)

    def applications(self) -> Iterator[tuple[Triple, Step]]:
        """Yield every application of a rule with its conclusion, shortest or not."""
        settled, triple_of = FactIndex(), self._terms.decode_triple
        for row in self._costs:
            for head, trigger, premises in self._fire(row, settled):
                step = Step(self._rules[trigger.rule], tuple(map(triple_of, premises)))
                yield triple_of(head), step

    def leaves(self, triple: Triple) -> dict[Triple, bool]:
        """Return the asserted triples of a shortest proof; True marks axioms."""
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
        """Settle the triples in the order of their cost."""
        waiting = [
            (c, number, row) for number, (row, c) in enumerate(self._costs.items())
        ]
        heapify(waiting)
        settled, number = FactIndex(), len(waiting)
        while waiting:
            cost, _, row = heappop(waiting)
            if cost > self._costs[row]:
                continue
            for head, trigger, premises in self._fire(row, settled):
                if self._improve(head, trigger.rule, premises, trigger.axiom):
                    number += 1
                    heappush(waiting, (self._costs[head], number, head))

    def _fire(
        self, row: Row, settled: FactIndex
    ) -> Iterator[tuple[Row, RuleTrigger, tuple[Row, ...]]]:
        """Yield what follows from a row, if it is new, joined with the settled rows."""
        triggers = self._triggers.of(row)
        if triggers and settled.add(row):
            for trigger in triggers:
                for head, premises in trigger.fire(row, settled):
                    yield head, trigger, premises

    def _improve(
        self, head: Row, rule: int, premises: tuple[Row, ...], axiom: tuple[Row, ...]
    ) -> bool:
        """Record a step unless a shorter one exists; return whether it is the first."""
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


def _sort_key(step: Step) -> tuple[str, ...]:
    """Return the sort key of steps that are equally short."""
    terms = (term.n3() for triple in step.grounds for term in triple)
    return step.rule.name, *terms
