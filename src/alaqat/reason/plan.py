"""Which rules can fire, and which relations they are about.

A property is a relation of two columns, a class one of one column, so that a rule
touches nothing but the relations that it names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rdflib import OWL, RDF, Variable

from alaqat.reason.rules import put

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rdflib.term import Node

    from alaqat.reason.rules import Rule, Triple
# A property and None, or rdf:type and a class.
Relation = tuple["Node", "Node | None"]

SAME: Relation = (OWL.sameAs, None)
TYPES: Relation = (RDF.type, None)


def relation(atom: Triple) -> Relation:
    """The relation that an atom is about."""
    _, predicate, value = atom
    if predicate == RDF.type and not isinstance(value, Variable):
        return predicate, value
    return predicate, None


def terms(atom: Triple) -> tuple[Node, ...]:
    """The atom's terms that are columns of its relation."""
    return (atom[0],) if relation(atom)[1] is not None else (atom[0], atom[2])


def live_rules(rules: Iterable[Rule], known: Iterable[Relation]) -> list[Rule]:
    """The rules whose bodies may hold, given the relations that have facts.

    The rules that replace equals are there for each relation, and only if something
    may be equal to something else.
    """
    given = set(known)
    plain: list[Rule] = []
    general: list[Rule] = []
    for rule in rules:
        is_general = any(isinstance(atom[1], Variable) for atom in rule.body)
        (general if is_general else plain).append(rule)
    live, reachable = _reach(plain, given)
    if SAME not in reachable:
        return live
    while True:
        spread = [r for rule in general for r in _for_each(rule, reachable)]
        live, grown = _reach([*plain, *spread], given)
        if grown == reachable:
            return live
        reachable = grown


def _reach(rules: list[Rule], known: set[Relation]) -> tuple[list[Rule], set[Relation]]:
    """The rules that may fire, and the relations that may have rows then."""
    reachable, waiting = set(known), rules
    live: list[Rule] = []
    while True:
        ready = [r for r in waiting if _is_ready(r, reachable)]
        if not ready:
            return live, reachable
        live += ready
        heads = {relation(rule.head) for rule in ready if rule.head}
        reachable |= heads
        chosen = set(map(id, ready))
        waiting = [rule for rule in waiting if id(rule) not in chosen]


def _is_ready(rule: Rule, reachable: set[Relation]) -> bool:
    return all(
        relation(atom) in reachable
        or (relation(atom) == TYPES and any(p == RDF.type for p, _ in reachable))
        or (relation(atom)[0] == RDF.type and TYPES in reachable)
        for atom in rule.body
    )


def _for_each(rule: Rule, relations: Iterable[Relation]) -> Iterator[Rule]:
    """A rule about any property, for each relation there is."""
    (general,) = (atom for atom in rule.body if isinstance(atom[1], Variable))
    for predicate, kind in relations:
        bindings = {general[1]: predicate}
        if kind is not None:
            if not isinstance(general[2], Variable) or rule.name == "eq-rep-o":
                continue
            bindings[general[2]] = kind
        if (predicate, kind) != SAME:
            body = tuple(put(atom, bindings) for atom in rule.body)
            head = put(rule.head, bindings) if rule.head else None
            yield type(rule)(rule.name, rule.axiom, body, head)
