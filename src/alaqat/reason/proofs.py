"""By which rules, from which triples, a triple follows: one step back at a time.

    steps = Steps(closure.rules, closure.graph())
    for step in steps.to(triple): ...

A step is an instance of a rule. Nothing here is asked of the engine, so a step found
is a check of its answer, too.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from rdflib import OWL, RDF, Literal, Variable

from alaqat.reason.datatypes import is_equal, is_inside
from alaqat.reason.rules import Rule, put, unify

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rdflib import Graph
    from rdflib.term import Node

    from alaqat.reason.rules import Bindings, Triple

    _Key = tuple[Node | None, Node | None]

_EQUAL_VALUES = Rule("dt-eq", (), (), None)
_VALUE_OF = Rule("dt-type2", (), (), None)


@dataclass(frozen=True)
class Step:
    """A rule with its variables bound: from these premises the conclusion follows.

    `premises` are the body's triples first, then those of the axiom.
    """

    rule: Rule
    bindings: tuple[tuple[Node, Node], ...]
    premises: tuple[Triple, ...]
    conclusion: Triple | None


class Steps:
    """Finds the steps that lead to a triple, over a closure and the rules it has."""

    def __init__(self, rules: Iterable[Rule], closure: Graph) -> None:
        self._closure = closure
        self._ends: list[Rule] = []
        self._rules: dict[_Key, list[Rule]] = defaultdict(list)
        for rule in rules:
            if rule.head is None:
                self._ends.append(rule)
            else:
                self._rules[_key(rule.head)].append(rule)

    def to(self, triple: Triple) -> Iterator[Step]:
        """Every step whose conclusion is the triple, none that rests on it directly."""
        _, predicate, value = triple
        keys: tuple[_Key, ...] = ((predicate, value), (predicate, None), (None, None))
        for rule in chain.from_iterable(self._rules.get(key, ()) for key in keys):
            for step in match(rule, triple, self._closure):
                if triple not in step.premises:
                    yield step
        if predicate == OWL.sameAs and is_equal(triple[0], value):
            yield Step(_EQUAL_VALUES, (), (), triple)
        if predicate == RDF.type and is_inside(value, triple[0]):
            yield Step(_VALUE_OF, (), (), triple)

    def to_contradictions(self) -> Iterator[Step]:
        """Every step that ends in `false`."""
        for rule in self._ends:
            yield from _complete(rule, {}, None, self._closure)


def match(rule: Rule, triple: Triple, closure: Graph) -> Iterator[Step]:
    """Every way in which a rule leads to a triple, over a closure."""
    bindings = unify(rule.head, triple, {}) if rule.head else None
    if bindings is not None:
        yield from _complete(rule, bindings, triple, closure)


def holds(step: Step) -> bool:
    """Whether the step is the rule's: premises and conclusion with its variables bound.

    Of what is said of values, whether it is so.
    """
    if step.rule == _EQUAL_VALUES:
        return step.conclusion is not None and is_equal(*step.conclusion[::2])
    if step.rule == _VALUE_OF:
        return step.conclusion is not None and is_inside(*step.conclusion[::-2])
    bindings = dict(step.bindings)
    premises = (*(put(atom, bindings) for atom in step.rule.body), *step.rule.axiom)
    head = put(step.rule.head, bindings) if step.rule.head else None
    return (premises, head) == (step.premises, step.conclusion)


def _key(head: Triple) -> _Key:
    """Under which property, and class if it is one, a rule is filed."""
    _, predicate, value = head
    if isinstance(predicate, Variable):
        return None, None
    is_class = predicate == RDF.type and not isinstance(value, Variable)
    return predicate, value if is_class else None


def _complete(
    rule: Rule, bindings: Bindings, conclusion: Triple | None, closure: Graph
) -> Iterator[Step]:
    for found in _joins(rule.body, bindings, closure):
        premises = (*(put(atom, found) for atom in rule.body), *rule.axiom)
        yield Step(rule, tuple(sorted(found.items())), premises, conclusion)


def _joins(
    atoms: tuple[Triple, ...], bindings: Bindings, closure: Graph
) -> Iterator[Bindings]:
    """Every way to find all atoms in the closure; the most bound atom goes first."""
    if not atoms:
        yield bindings
        return
    patterns = [put(atom, bindings) for atom in atoms]
    first = min(range(len(atoms)), key=lambda n: _freedom(patterns[n]))
    rest = atoms[:first] + atoms[first + 1 :]
    one, two, three = (
        None if isinstance(term, Variable) else term for term in patterns[first]
    )
    for triple in closure.triples((one, two, three)):
        found = unify(patterns[first], triple, bindings)
        if found is not None:
            yield from _joins(rest, found, closure)


def _freedom(pattern: Triple) -> tuple[int, bool]:
    """How many terms are free; a class alone binds less than a thing does."""
    free = [isinstance(term, Variable) for term in pattern]
    return sum(free), free[0] or isinstance(pattern[0], Literal)
