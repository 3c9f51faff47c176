"""How each derived triple follows most shortly: every rule forward, cheapest first.

What a triple costs is how many rules were applied to get there, counted over the whole
tree of its proof. Asserted triples may have a level, such as how surely they hold: what
follows has the highest level of its premises, and a lower level goes before a shorter
proof. Triples are settled in the order of their cost (Knuth, A
Generalization of Dijkstra's Algorithm, 1977), so the premises of a step always cost
less than what follows from them, and no proof goes in a circle.

No engine is asked, so what is found here is a check of an engine's answer, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

from alaqat.formats.graphs import new_graph
from alaqat.reason.compiler import compile_rules
from alaqat.reason.fast import close
from alaqat.reason.loading import axioms_of, group
from alaqat.reason.numbers import TermDictionary
from alaqat.reason.plan import live_rules, relation
from alaqat.reason.rows import Rows, Watches
from alaqat.reason.values import about_values

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from alaqat.reason.numbers import Row
    from alaqat.reason.rows import Watch
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
    rules = (*compile_rules(schema, lean=False), *close(schema).rules)
    return tuple(dict.fromkeys(rules))


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
        settled, triple_of = Rows(), self._coder.triple
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
        settled, number = Rows(), len(waiting)
        while waiting:
            cost, _, row = heappop(waiting)
            if cost > self._costs[row]:
                continue
            for head, watch, premises in self._fire(row, settled):
                if self._improve(head, watch.rule, premises, watch.axiom):
                    number += 1
                    heappush(waiting, (self._costs[head], number, head))

    def _fire(
        self, row: Row, settled: Rows
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
