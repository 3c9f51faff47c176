"""How each derived triple follows most shortly: every rule forward, cheapest first.

What a triple costs is how many rules were applied to get there, counted over the whole
tree of its proof. Asserted triples may have a level, such as how surely they hold: what
follows has the highest level of its premises, and a lower level goes before a shorter
proof. Triples are settled in the order of their cost (Knuth, A
Generalization of Dijkstra's Algorithm, 1977), so the premises of a step always cost
less than what follows from them, and no proof goes in a circle.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

from rdflib import RDF, Variable

from alaqat.reason.plan import live_rules, relation
from alaqat.reason.rules import put, unify

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping

    from rdflib.term import Node

    from alaqat.reason.plan import Relation
    from alaqat.reason.rules import Bindings, Rule, Triple

    _Cost = tuple[int, int]  # the level, then how many rules are applied


@dataclass(frozen=True, slots=True)
class Step:
    """One application of a rule; the premises stand in the order of its body."""

    rule: Rule
    premises: tuple[Triple, ...]

    @property
    def grounds(self) -> tuple[Triple, ...]:
        """Everything the step rests on: its premises, then the axiom."""
        return (*self.premises, *self.rule.axiom)


class Derivations:
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
        above = levels or {}
        self._costs: dict[Triple, _Cost] = {t: (above.get(t, 0), 0) for t in asserted}
        self._steps: dict[Triple, dict[Step, None]] = {}
        known = {relation(triple) for triple in self._costs}
        heads = (rule for rule in rules if rule.head is not None)
        self._watches = _Watches(live_rules(heads, known), self._costs)
        self._settle()

    def cost(self, triple: Triple) -> int | None:
        """How many rules the shortest proof applies; None if there is no proof."""
        found = self._costs.get(triple)
        return None if found is None else found[1]

    def level(self, triple: Triple) -> int | None:
        """The lowest level at which a triple holds; None if there is no proof."""
        found = self._costs.get(triple)
        return None if found is None else found[0]

    def derived(self) -> Iterator[Triple]:
        """The triples that were not asserted."""
        return iter(self._steps)

    def steps(self, triple: Triple) -> tuple[Step, ...]:
        """The last steps of the shortest proofs, in a fixed order; none if asserted."""
        return tuple(sorted(self._steps.get(triple, ()), key=_order))

    def applications(self) -> Iterator[tuple[Triple, Step]]:
        """Every way in which a rule applies, the longer ones too, with what follows."""
        settled = _Settled()
        for triple in self._costs:
            if settled.add(triple):
                yield from self._fire(triple, settled)

    def _settle(self) -> None:
        """Take up the triples in the order of their cost, each once."""
        waiting = [(c, number, t) for number, (t, c) in enumerate(self._costs.items())]
        heapify(waiting)
        settled, number = _Settled(), len(waiting)
        while waiting:
            cost, _, triple = heappop(waiting)
            if cost > self._costs[triple] or not settled.add(triple):
                continue
            for head, step in self._fire(triple, settled):
                if self._improve(head, step):
                    number += 1
                    heappush(waiting, (self._costs[head], number, head))

    def _fire(self, triple: Triple, settled: _Settled) -> Iterator[tuple[Triple, Step]]:
        """Each rule that a triple, with those settled, makes fire."""
        for rule, place, atoms in self._watches.of(triple):
            bindings = unify(atoms[place], triple, {})
            if bindings is None or rule.head is None:
                continue
            rest = (*atoms[:place], *atoms[place + 1 :])
            for found in settled.join(rest, bindings):
                premises = tuple(put(atom, found) for atom in rule.body)
                yield put(rule.head, found), Step(rule, premises)

    def _improve(self, head: Triple, step: Step) -> bool:
        """Keep a step if there is none shorter; whether it is the first so short."""
        levels, sizes = zip(*map(self._costs.__getitem__, step.grounds), strict=True)
        cost = max(levels), 1 + sum(sizes)
        known = self._costs.get(head)
        if known is None or cost < known:
            self._costs[head], self._steps[head] = cost, {step: None}
            return True
        if cost == known and head in self._steps:
            self._steps[head][step] = None
        return False


class _Watches:
    """Which rules to try when a triple of a relation is settled.

    An axiom that is itself derived is a premise like any other.
    """

    def __init__(self, rules: Iterable[Rule], known: Container[Triple]) -> None:
        self._by: dict[Relation, list[tuple[Rule, int, tuple[Triple, ...]]]]
        self._by = defaultdict(list)
        for rule in rules:
            derived = (axiom for axiom in rule.axiom if axiom not in known)
            atoms = (*rule.body, *derived)
            for place, atom in enumerate(atoms):
                self._by[relation(atom)].append((rule, place, atoms))

    def of(self, triple: Triple) -> Iterator[tuple[Rule, int, tuple[Triple, ...]]]:
        """The rules, the place of the atom to match, and all the atoms."""
        about = relation(triple)
        yield from self._by.get(about, ())
        if about[1] is not None:
            yield from self._by.get((RDF.type, None), ())


class _Settled:
    """The triples that are settled, to be found by subject or by object."""

    def __init__(self) -> None:
        self._all: set[Triple] = set()
        self._by_subject: dict[tuple[Node, Node], list[Triple]] = defaultdict(list)
        self._by_object: dict[tuple[Node, Node], list[Triple]] = defaultdict(list)
        self._by_predicate: dict[Node, list[Triple]] = defaultdict(list)

    def add(self, triple: Triple) -> bool:
        """Add a triple; whether it is new."""
        if triple in self._all:
            return False
        subject, predicate, value = triple
        self._all.add(triple)
        self._by_subject[subject, predicate].append(triple)
        self._by_object[predicate, value].append(triple)
        self._by_predicate[predicate].append(triple)
        return True

    def join(self, atoms: tuple[Triple, ...], bindings: Bindings) -> Iterator[Bindings]:
        """Every way to find all the atoms among the triples."""
        if not atoms:
            yield bindings
            return
        atom, *rest = sorted(
            (put(atom, bindings) for atom in atoms), key=_variables
        )  # what is bound is quick to find
        for triple in self._matching(atom):
            found = unify(atom, triple, bindings)
            if found is not None:
                yield from self.join(tuple(rest), found)

    def _matching(self, atom: Triple) -> list[Triple]:
        """The triples that an atom may be, by what is bound in it."""
        subject, predicate, value = atom
        if not isinstance(subject, Variable):
            if not isinstance(value, Variable):
                return [atom] if atom in self._all else []
            return self._by_subject.get((subject, predicate), [])
        if not isinstance(value, Variable):
            return self._by_object.get((predicate, value), [])
        return self._by_predicate.get(predicate, [])


def _variables(atom: Triple) -> int:
    return sum(isinstance(term, Variable) for term in atom)


def _order(step: Step) -> tuple[str, ...]:
    """A fixed order among steps that are equally short."""
    terms = (term.n3() for triple in step.grounds for term in triple)
    return step.rule.name, *terms
