"""From axioms to rules: each row of the specification, for each axiom it reads.

Which rules can fire, and which relations they are about.

A property is a relation of two columns, a class one of one column, so that a rule
touches nothing but the relations that it names.
"""

from __future__ import annotations

from functools import cache
from itertools import combinations
from typing import TYPE_CHECKING

from rdflib import OWL, RDF, RDFS, Graph, Literal, Variable

from alaqat.reason.rules import (
    AXIOMS,
    EQUALITY,
    Rule,
    put,
    unify,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rdflib.term import Node

    from alaqat.reason.rules import Rule, Triple


if TYPE_CHECKING:
    from collections.abc import Iterator

    from rdflib.term import Node

    from alaqat.reason.rules import (
        Bindings,
        Phrase,
        SpecificationRow,
        Triple,
    )

    _Match = tuple[Bindings, tuple[Triple, ...]]  # and the axiom's triples

_X, _Y = Variable("x"), Variable("y")


@cache
def general_rules(rows: tuple[SpecificationRow, ...]) -> tuple[Rule, ...]:
    """The rules of rows that read no axiom: about the schema itself, or equality."""
    return tuple(rule for row in rows for rule in _rules(row, Graph()))


def ground_rules(schema: Graph) -> tuple[Rule, ...]:
    """The rules by which something follows from axioms alone (scm-int, cls-oo)."""
    rows = (row for row in AXIOMS if not row.body)
    return tuple(rule for row in rows for rule in _rules(row, schema))


def ending_rules(schema: Graph) -> tuple[Rule, ...]:
    """The rules that end in `false`, for every axiom in a graph."""
    rows = (row for row in (*AXIOMS, *EQUALITY) if row.head is None)
    return tuple(dict.fromkeys(rule for row in rows for rule in _rules(row, schema)))


def compile_rules(schema: Graph, *, lean: bool = True) -> tuple[Rule, ...]:
    """The rules of every axiom in a graph, each once, in the order of the table.

    The graph should be closed under the rules about schemas. Axioms that only repeat
    what others say together (a superclass of a superclass) give no rule of their own,
    unless `lean` is false.
    """
    keeps = _Lean(schema).keeps if lean else lambda _: True
    rules = (rule for row in AXIOMS for rule in _rules(row, schema))
    return tuple(dict.fromkeys(rule for rule in rules if keeps(rule)))


def _rules(row: SpecificationRow, schema: Graph) -> Iterator[Rule]:
    """The rules that a row gives for each axiom it matches; idle ones left out."""
    for bindings, axiom in sorted(_matches(row.schema, schema, {}), key=_words):
        body: list[Triple] = []
        for phrase in row.body:
            body += _atoms(phrase, bindings, schema)
        head = _triple(row.head, bindings) if row.head else None
        if head not in body:
            yield Rule(row.name, tuple(dict.fromkeys(axiom)), tuple(body), head)


def _words(match: _Match) -> list[str]:
    """What matches are sorted by."""
    bindings, axiom = match
    return [*map(str, bindings.values()), *(str(t) for part in axiom for t in part)]


def _triple(phrase: Phrase, bindings: Bindings) -> Triple:
    return put(phrase, bindings)  # type: ignore[arg-type] # three nodes


def _matches(
    phrases: tuple[Phrase, ...], schema: Graph, bindings: Bindings
) -> Iterator[_Match]:
    """Every way to find the phrases in the schema, with the triples found."""
    if not phrases:
        yield bindings, ()
        return
    for found, triples in _ways(phrases[0], schema, bindings):
        for rest, more in _matches(phrases[1:], schema, found):
            yield rest, (*triples, *more)


def _ways(phrase: Phrase, schema: Graph, bindings: Bindings) -> Iterator[_Match]:
    if phrase[-2] == "in":
        yield from _members(phrase, schema, bindings)
        return
    pattern = _triple(phrase, bindings)
    number = isinstance(pattern[2], Literal)
    wanted = (None if isinstance(t, Variable) else t for t in pattern)
    one, two, three = wanted
    for triple in schema.triples((one, two, None if number else three)):
        if number and _number(triple[2]) == _number(pattern[2]):
            found = unify(pattern[:2] + triple[2:], triple, bindings)
        else:
            found = unify(pattern, triple, bindings)
        if found is not None:
            yield found, (triple,)


def _number(node: Node) -> object:
    """The value of a cardinality."""
    return node.toPython() if isinstance(node, Literal) else None


def _members(phrase: Phrase, schema: Graph, bindings: Bindings) -> Iterator[_Match]:
    """`?c in ?l` and `?a before ?b in ?l`."""
    cells, members = read_list(schema, bindings[phrase[-1]])  # type: ignore[index]
    names = phrase[:-2:2]
    for choice in combinations(members, len(names)):
        yield {**bindings, **dict(zip(names, choice, strict=True))}, cells  # type: ignore[arg-type]


def read_list(graph: Graph, head: Node) -> tuple[tuple[Triple, ...], list[Node]]:
    """The triples of an RDF list and its members, up to where it breaks."""
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


def _atoms(phrase: Phrase, bindings: Bindings, schema: Graph) -> list[Triple]:
    """The body's triples that a phrase stands for."""
    if phrase[0] not in _LISTS:
        return [_triple(phrase, bindings)]
    _, members = read_list(schema, bindings[phrase[1]])  # type: ignore[index]
    return _LISTS[phrase[0]](members)


def _along(steps: list[Node]) -> list[Triple]:
    stops = [_X, *(Variable(f"u{n}") for n in range(1, len(steps))), _Y]
    return [(stops[n], step, stops[n + 1]) for n, step in enumerate(steps)]


def _agree(keys: list[Node]) -> list[Triple]:
    values = [Variable(f"z{n}") for n in range(len(keys))]
    pairs = zip(keys, values, strict=True)
    return [(node, key, value) for key, value in pairs for node in (_X, _Y)]


def _each(classes: list[Node]) -> list[Triple]:
    return [(_X, RDF.type, one) for one in classes]


_LISTS = {"along": _along, "agree": _agree, "each": _each}


class _Lean:
    """Which axioms say something that others do not say together already."""

    def __init__(self, schema: Graph) -> None:
        self._up: dict[Node, _Order] = {
            relation: _Order(schema, relation)
            for relation in (RDFS.subClassOf, RDFS.subPropertyOf)
        }
        self._schema = schema

    def keeps(self, rule: Rule) -> bool:
        """Whether a rule is needed beside the others."""
        (subject, predicate, value) = rule.axiom[0] if rule.axiom else (OWL.Thing,) * 3
        if rule.name in ("cax-sco", "prp-spo1"):
            return self._up[predicate].is_direct(subject, value)
        if rule.name in ("prp-dom", "prp-rng"):
            return not self._repeats(subject, predicate, value)
        return True

    def _repeats(self, relation: Node, predicate: Node, kind: Node) -> bool:
        """Whether a narrower domain, or that of a wider property, says it too."""
        classes, properties = self._up[RDFS.subClassOf], self._up[RDFS.subPropertyOf]
        narrower = self._schema.objects(relation, predicate)
        wider = properties.above(relation)
        return any(kind in classes.above(other) for other in narrower) or any(
            (other, predicate, kind) in self._schema for other in wider
        )


class _Order:
    """A transitive relation of the schema, thinned to the pairs that carry the rest."""

    def __init__(self, schema: Graph, relation: Node) -> None:
        self._all: dict[Node, set[Node]] = {}
        for one, other in schema.subject_objects(relation):
            if one != other:
                self._all.setdefault(one, set()).add(other)
        self._least: dict[Node, Node] = {}

    def above(self, node: Node) -> set[Node]:
        """What lies above a node and not below it, too."""
        above = self._all.get(node, set())
        return {other for other in above if node not in self._all.get(other, ())}

    def _speaker(self, node: Node) -> Node:
        """The one of the node's equals that stands for them all."""
        if node not in self._least:
            equals = self._all.get(node, set()) - self.above(node)
            self._least[node] = min({node, *equals}, key=str)
        return self._least[node]

    def is_direct(self, one: Node, other: Node) -> bool:
        """Whether nothing lies between, and equals do not say the same."""
        if self._speaker(one) == self._speaker(other):
            return self._speaker(one) in (one, other)
        if self._speaker(one) != one or self._speaker(other) != other:
            return False
        above = self.above(one)
        return not any(other in self.above(middle) for middle in above)


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


def rule_terms(atom: Triple) -> tuple[Node, ...]:
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
