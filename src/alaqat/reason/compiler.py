"""A compiler from OWL axioms to rules, one rule for each axiom that a row matches.

Rules read and write relations: a property is a relation of two columns, a class one of
one column. `live_rules` leaves out the rules that can never fire.
"""

from __future__ import annotations

from functools import cache
from itertools import combinations
from typing import TYPE_CHECKING

from rdflib import OWL, RDF, RDFS, Graph, Literal, Variable

from alaqat.reason.rules import (
    AXIOM_RULES,
    EQUALITY_RULES,
    Rule,
    substitute,
    unify,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rdflib.term import Node

    from alaqat.reason.rules import Bindings, Phrase, SpecificationRow, Triple

    _Match = tuple[Bindings, tuple[Triple, ...]]  # and the axiom's triples

# A property and None, or rdf:type and a class.
Relation = tuple["Node", "Node | None"]

SAME_AS: Relation = (OWL.sameAs, None)
TYPES: Relation = (RDF.type, None)

_X, _Y = Variable("x"), Variable("y")


@cache
def general_rules(rows: tuple[SpecificationRow, ...]) -> tuple[Rule, ...]:
    """Return the rules of rows that read no axiom: on schemas, or on equality."""
    return tuple(rule for row in rows for rule in _rules_of_row(row, Graph()))


def ground_rules(schema: Graph) -> tuple[Rule, ...]:
    """Return the rules with an empty body, whose heads hold (scm-int, cls-oo)."""
    rows = (row for row in AXIOM_RULES if not row.body)
    return tuple(rule for row in rows for rule in _rules_of_row(row, schema))


def constraint_rules(schema: Graph) -> tuple[Rule, ...]:
    """Return the rules with the head `false` for every axiom in a graph."""
    rows = (row for row in (*AXIOM_RULES, *EQUALITY_RULES) if row.head is None)
    return tuple(
        dict.fromkeys(rule for row in rows for rule in _rules_of_row(row, schema))
    )


def compile_rules(schema: Graph, *, prune: bool = True) -> tuple[Rule, ...]:
    """Return the rules of every axiom in a graph, without duplicates, in table order.

    The graph should be closed under the rules on schemas. With `prune`, axioms that
    other axioms imply, such as a superclass of a superclass, give no rule.
    """
    is_needed = _RedundancyFilter(schema).is_needed if prune else lambda _: True
    rules = (rule for row in AXIOM_RULES for rule in _rules_of_row(row, schema))
    return tuple(dict.fromkeys(rule for rule in rules if is_needed(rule)))


def _rules_of_row(row: SpecificationRow, schema: Graph) -> Iterator[Rule]:
    """Yield a rule for each axiom that a row matches, except tautologies."""
    for bindings, axiom in sorted(
        _match_phrases(row.schema, schema, {}), key=_sort_key
    ):
        body: list[Triple] = []
        for phrase in row.body:
            body += _body_atoms(phrase, bindings, schema)
        head = _instantiate(row.head, bindings) if row.head else None
        if head not in body:
            yield Rule(row.name, tuple(dict.fromkeys(axiom)), tuple(body), head)


def _sort_key(match: _Match) -> list[str]:
    bindings, axiom = match
    return [*map(str, bindings.values()), *(str(t) for part in axiom for t in part)]


def _instantiate(phrase: Phrase, bindings: Bindings) -> Triple:
    return substitute(phrase, bindings)  # type: ignore[arg-type] # three nodes


def _match_phrases(
    phrases: tuple[Phrase, ...], schema: Graph, bindings: Bindings
) -> Iterator[_Match]:
    """Yield every match of all phrases in the schema."""
    if not phrases:
        yield bindings, ()
        return
    for found, triples in _match_phrase(phrases[0], schema, bindings):
        for rest, more in _match_phrases(phrases[1:], schema, found):
            yield rest, (*triples, *more)


def _match_phrase(
    phrase: Phrase, schema: Graph, bindings: Bindings
) -> Iterator[_Match]:
    if phrase[-2] == "in":
        yield from _match_list_members(phrase, schema, bindings)
        return
    pattern = _instantiate(phrase, bindings)
    number = isinstance(pattern[2], Literal)
    wanted = (None if isinstance(t, Variable) else t for t in pattern)
    one, two, three = wanted
    for triple in schema.triples((one, two, None if number else three)):
        if number and _cardinality(triple[2]) == _cardinality(pattern[2]):
            found = unify(pattern[:2] + triple[2:], triple, bindings)
        else:
            found = unify(pattern, triple, bindings)
        if found is not None:
            yield found, (triple,)


def _cardinality(node: Node) -> object:
    return node.toPython() if isinstance(node, Literal) else None


def _match_list_members(
    phrase: Phrase, schema: Graph, bindings: Bindings
) -> Iterator[_Match]:
    """Match `?c in ?l` or `?a before ?b in ?l`."""
    cells, members = read_list(schema, bindings[phrase[-1]])  # type: ignore[index]
    names = phrase[:-2:2]
    for choice in combinations(members, len(names)):
        yield {**bindings, **dict(zip(names, choice, strict=True))}, cells  # type: ignore[arg-type]


def read_list(graph: Graph, head: Node) -> tuple[tuple[Triple, ...], list[Node]]:
    """Return the triples and the members of an RDF list, up to where it breaks off."""
    cells: dict[Triple, None] = {}
    members = []
    while head != RDF.nil and (rest := graph.value(head, RDF.rest)) is not None:
        cell = (head, RDF.rest, rest)
        first = graph.value(head, RDF.first)
        if cell in cells or first is None:
            break
        cells[(head, RDF.first, first)] = cells[cell] = None
        members.append(first)
        head = rest
    return tuple(cells), members


def _body_atoms(phrase: Phrase, bindings: Bindings, schema: Graph) -> list[Triple]:
    """Return the atoms that a phrase of a body expands to."""
    if phrase[0] not in _LIST_PHRASES:
        return [_instantiate(phrase, bindings)]
    _, members = read_list(schema, bindings[phrase[1]])  # type: ignore[index]
    return _LIST_PHRASES[phrase[0]](members)


def _chain_atoms(properties: list[Node]) -> list[Triple]:
    nodes = [_X, *(Variable(f"u{n}") for n in range(1, len(properties))), _Y]
    return [(nodes[n], each, nodes[n + 1]) for n, each in enumerate(properties)]


def _shared_value_atoms(keys: list[Node]) -> list[Triple]:
    values = [Variable(f"z{n}") for n in range(len(keys))]
    pairs = zip(keys, values, strict=True)
    return [(node, key, value) for key, value in pairs for node in (_X, _Y)]


def _membership_atoms(classes: list[Node]) -> list[Triple]:
    return [(_X, RDF.type, one) for one in classes]


_LIST_PHRASES = {
    "along": _chain_atoms,
    "agree": _shared_value_atoms,
    "each": _membership_atoms,
}


class _RedundancyFilter:
    """Finds the axioms of a schema that others imply."""

    def __init__(self, schema: Graph) -> None:
        self._hierarchies: dict[Node, _Hierarchy] = {
            relation: _Hierarchy(schema, relation)
            for relation in (RDFS.subClassOf, RDFS.subPropertyOf)
        }
        self._schema = schema

    def is_needed(self, rule: Rule) -> bool:
        """Check whether a rule derives anything that the others do not."""
        (subject, predicate, value) = rule.axiom[0] if rule.axiom else (OWL.Thing,) * 3
        if rule.name in ("cax-sco", "prp-spo1"):
            return self._hierarchies[predicate].is_direct(subject, value)
        if rule.name in ("prp-dom", "prp-rng"):
            return not self._is_implied(subject, predicate, value)
        return True

    def _is_implied(self, property_: Node, predicate: Node, kind: Node) -> bool:
        """Check whether a narrower domain, or that of a superproperty, implies this."""
        classes = self._hierarchies[RDFS.subClassOf]
        narrower = self._schema.objects(property_, predicate)
        wider = self._hierarchies[RDFS.subPropertyOf].above(property_)
        return any(kind in classes.above(other) for other in narrower) or any(
            (other, predicate, kind) in self._schema for other in wider
        )


class _Hierarchy:
    """The transitive reduction of a subclass or subproperty relation."""

    def __init__(self, schema: Graph, relation: Node) -> None:
        self._all: dict[Node, set[Node]] = {}
        for one, other in schema.subject_objects(relation):
            if one != other:
                self._all.setdefault(one, set()).add(other)
        self._representatives: dict[Node, Node] = {}

    def above(self, node: Node) -> set[Node]:
        """Return the nodes strictly above a node."""
        above = self._all.get(node, set())
        return {other for other in above if node not in self._all.get(other, ())}

    def _representative(self, node: Node) -> Node:
        """Return the representative of the nodes equivalent to this one."""
        if node not in self._representatives:
            equivalent = self._all.get(node, set()) - self.above(node)
            self._representatives[node] = min({node, *equivalent}, key=str)
        return self._representatives[node]

    def is_direct(self, one: Node, other: Node) -> bool:
        """Check that a pair belongs to the reduction: nothing lies between the two.

        Only the representatives of equivalent nodes are linked to others.
        """
        first, second = self._representative(one), self._representative(other)
        if first == second:
            return first in (one, other)
        if (first, second) != (one, other):
            return False
        above = self.above(one)
        return not any(other in self.above(middle) for middle in above)


def relation_of(atom: Triple) -> Relation:
    """Return the relation that an atom reads or writes."""
    _, predicate, value = atom
    if predicate == RDF.type and not isinstance(value, Variable):
        return predicate, value
    return predicate, None


def atom_columns(atom: Triple) -> tuple[Node, ...]:
    """Return the terms of an atom that are columns of its relation."""
    return (atom[0],) if relation_of(atom)[1] is not None else (atom[0], atom[2])


def live_rules(rules: Iterable[Rule], populated: Iterable[Relation]) -> list[Rule]:
    """Return the rules that may fire, given the relations that have facts.

    The rules that replace equals are expanded, one for each relation, and left out
    unless owl:sameAs may have facts.
    """
    given = set(populated)
    plain: list[Rule] = []
    general: list[Rule] = []
    for rule in rules:
        is_general = any(isinstance(atom[1], Variable) for atom in rule.body)
        (general if is_general else plain).append(rule)
    live, reachable = _reachable_rules(plain, given)
    if SAME_AS not in reachable:
        return live
    while True:
        expanded = [r for rule in general for r in _for_each_relation(rule, reachable)]
        live, grown = _reachable_rules([*plain, *expanded], given)
        if grown == reachable:
            return live
        reachable = grown


def _reachable_rules(
    rules: list[Rule], known: set[Relation]
) -> tuple[list[Rule], set[Relation]]:
    """Return the rules that may fire, and the relations that may then have rows."""
    reachable, waiting = set(known), rules
    live: list[Rule] = []
    while True:
        ready = [r for r in waiting if _may_fire(r, reachable)]
        if not ready:
            return live, reachable
        live += ready
        heads = {relation_of(rule.head) for rule in ready if rule.head}
        reachable |= heads
        chosen = set(map(id, ready))
        waiting = [rule for rule in waiting if id(rule) not in chosen]


def _may_fire(rule: Rule, reachable: set[Relation]) -> bool:
    return all(
        relation_of(atom) in reachable
        or (relation_of(atom) == TYPES and any(p == RDF.type for p, _ in reachable))
        or (relation_of(atom)[0] == RDF.type and TYPES in reachable)
        for atom in rule.body
    )


def _for_each_relation(rule: Rule, relations: Iterable[Relation]) -> Iterator[Rule]:
    """Expand a rule about any property into one for each relation."""
    (general,) = (atom for atom in rule.body if isinstance(atom[1], Variable))
    for predicate, kind in relations:
        bindings = {general[1]: predicate}
        if kind is not None:
            if not isinstance(general[2], Variable) or rule.name == "eq-rep-o":
                continue
            bindings[general[2]] = kind
        if (predicate, kind) != SAME_AS:
            body = tuple(substitute(atom, bindings) for atom in rule.body)
            head = substitute(rule.head, bindings) if rule.head else None
            yield type(rule)(rule.name, rule.axiom, body, head)
