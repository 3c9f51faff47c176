"""Where a closure contradicts itself: the rules of OWL 2 RL that end in `false`.

They are looked for here and not read from an engine's messages, so that every
engine is held to the same rules, and so that the answer has terms, not texts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from rdflib import OWL, RDF, BNode, Graph, Literal

from alaqat.errors import Contradiction
from alaqat.reason.datatypes import DATATYPES, differ, is_ill_typed, is_outside
from alaqat.reason.grounds import Grounds
from alaqat.terms import BASE, PREFIXES

if TYPE_CHECKING:
    from rdflib.namespace import NamespaceManager
    from rdflib.term import Node

    from alaqat.reason.rules import Rule, Triple


# A fact, note or claim of some document: its prefix differs from one to the next.
_PART = re.compile(re.escape(BASE) + "id/(fact|note|claim)/[^/]+/(.+)")


@dataclass(frozen=True)
class _Clash:
    """What a rule found: the terms of its axiom, the things, and why."""

    terms: tuple[Node, ...]
    nodes: tuple[Node, ...]
    premises: tuple[Triple, ...]


_Search = Callable[[Graph], Iterator[_Clash]]


def find(closure: Graph, asserted: Graph) -> tuple[Contradiction, ...]:
    """Every contradiction in a closure, with the asserted triples it rests on."""
    names = _names()
    grounds = Grounds(closure, asserted)
    found = {
        _contradiction(rule, words, clash, names, grounds)
        for rule, (words, search) in _RULES.items()
        for clash in search(closure)
    }
    return tuple(sorted(found, key=lambda one: (one.rule, one.message)))


def told(rules: Iterable[Rule]) -> tuple[Contradiction, ...]:
    """What is left to say where an engine alone saw a contradiction: the axioms."""
    return tuple(
        Contradiction(rule.name, (), (), rule.axiom, f"contradiction by {rule}")
        for rule in sorted(rules, key=str)
    )


def _contradiction(
    rule: str, words: str, clash: _Clash, names: NamespaceManager, grounds: Grounds
) -> Contradiction:
    """The clash with its asserted triples, told in words."""
    triples = grounds.of_all(clash.premises)
    texts = [_name(node, names) for node in (*clash.terms, *clash.nodes)]
    lines = [words.format(*texts) + f" (rule {rule})"]
    lines += ["  " + " ".join(_name(term, names) for term in t) for t in triples]
    return Contradiction(rule, clash.terms, clash.nodes, triples, "\n".join(lines))


def _names() -> NamespaceManager:
    """The project's prefixes, to write terms with."""
    graph = Graph(bind_namespaces="none")
    for prefix, namespace in PREFIXES.items():
        graph.bind(prefix, namespace)
    return graph.namespace_manager


def _sorted(*nodes: Node) -> tuple[Node, ...]:
    return tuple(sorted(nodes, key=str))


def _name(node: Node, names: NamespaceManager) -> str:
    """The node as Turtle has it, ill-typed literals too; the same in every run."""
    if isinstance(node, BNode):
        return "[]"
    if isinstance(node, Literal) and node.datatype:
        return f'"{node}"^^{node.datatype.n3(names)}'
    part = _PART.fullmatch(str(node))
    return ":".join(part.groups()) if part else node.n3(names)


def _disjoint(graph: Graph, pairs: Iterator[tuple[Node, Node]]) -> Iterator[_Clash]:
    """Individuals that are in two classes said to have none in common."""
    outcasts = set(graph.subjects(RDF.type, OWL.Nothing))  # in all; _nothing tells
    for one, other in pairs:
        members = set(graph.subjects(RDF.type, one)) - outcasts
        for node in members.intersection(graph.subjects(RDF.type, other)):
            premises = (node, RDF.type, one), (node, RDF.type, other)
            yield _Clash(_sorted(one, other), (node,), premises)


def _disjoint_pairs(graph: Graph) -> Iterator[_Clash]:  # RULE cax-dw
    return _disjoint(graph, graph.subject_objects(OWL.disjointWith))


def _disjoint_lists(graph: Graph) -> Iterator[_Clash]:  # RULE cax-adc
    return _disjoint(graph, _pairs(graph, OWL.AllDisjointClasses))


def _complements(graph: Graph) -> Iterator[_Clash]:  # RULE cls-com
    return _disjoint(graph, graph.subject_objects(OWL.complementOf))


def _pairs(graph: Graph, kind: Node) -> Iterator[tuple[Node, Node]]:
    """Every two members of every list that an axiom of this kind holds."""
    for axiom in graph.subjects(RDF.type, kind):
        for predicate in (OWL.members, OWL.distinctMembers):
            for head in graph.objects(axiom, predicate):
                yield from combinations(graph.items(head), 2)


def _excluded(graph: Graph, pairs: Iterator[tuple[Node, Node]]) -> Iterator[_Clash]:
    """Two things related by two properties that never relate the same two."""
    for one, other in pairs:
        for subject, value in graph.subject_objects(one):
            if (subject, other, value) in graph:
                yield _Clash(
                    _sorted(one, other),
                    (subject, value),
                    ((subject, one, value), (subject, other, value)),
                )


def _both_pairs(graph: Graph) -> Iterator[_Clash]:  # RULE prp-pdw
    return _excluded(graph, graph.subject_objects(OWL.propertyDisjointWith))


def _both_lists(graph: Graph) -> Iterator[_Clash]:  # RULE prp-adp
    return _excluded(graph, _pairs(graph, OWL.AllDisjointProperties))


def _irreflexive(graph: Graph) -> Iterator[_Clash]:  # RULE prp-irp
    for predicate in graph.subjects(RDF.type, OWL.IrreflexiveProperty):
        for subject, value in graph.subject_objects(predicate):
            if subject == value:
                yield _Clash((predicate,), (subject,), ((subject, predicate, value),))


def _asymmetric(graph: Graph) -> Iterator[_Clash]:  # RULE prp-asyp
    for predicate in graph.subjects(RDF.type, OWL.AsymmetricProperty):
        for subject, value in graph.subject_objects(predicate):
            if (value, predicate, subject) in graph and str(subject) <= str(value):
                both = (subject, predicate, value), (value, predicate, subject)
                yield _Clash((predicate,), (subject, value), both)


def _denied(graph: Graph, target: Node) -> Iterator[_Clash]:
    """Triples that a negative property assertion says do not hold."""
    for axiom, subject in graph.subject_objects(OWL.sourceIndividual):
        for predicate in graph.objects(axiom, OWL.assertionProperty):
            for value in graph.objects(axiom, target):
                if (subject, predicate, value) in graph:
                    denied = (subject, predicate, value)
                    yield _Clash((predicate,), (subject, value), (denied,))


def _denied_individuals(graph: Graph) -> Iterator[_Clash]:  # RULE prp-npa1
    return _denied(graph, OWL.targetIndividual)


def _denied_values(graph: Graph) -> Iterator[_Clash]:  # RULE prp-npa2
    return _denied(graph, OWL.targetValue)


def _identical(graph: Graph, pairs: Iterator[tuple[Node, Node]]) -> Iterator[_Clash]:
    """Two things that are said to differ, and are the same."""
    for one, other in pairs:
        said = tuple(graph.triples((one, OWL.differentFrom, other)))
        if (one, OWL.sameAs, other) in graph:
            yield _Clash((), _sorted(one, other), (*said, (one, OWL.sameAs, other)))
        elif one == other and (one, OWL.sameAs, None) not in graph:
            yield _Clash((), (one, other), said)


def _different(graph: Graph) -> Iterator[_Clash]:  # RULE eq-diff1
    return _identical(graph, graph.subject_objects(OWL.differentFrom))


def _all_different(graph: Graph) -> Iterator[_Clash]:  # RULES eq-diff2, eq-diff3
    return _identical(graph, _pairs(graph, OWL.AllDifferent))


def _unequal_values(graph: Graph) -> Iterator[_Clash]:  # RULE dt-diff
    for one, other in graph.subject_objects(OWL.sameAs):
        if differ(one, other):
            yield _Clash((), _sorted(one, other), ((one, OWL.sameAs, other),))


def _nothing(graph: Graph) -> Iterator[_Clash]:  # RULE cls-nothing2
    for individual in graph.subjects(RDF.type, OWL.Nothing):
        member = (individual, RDF.type, OWL.Nothing)
        yield _Clash((OWL.Nothing,), (individual,), (member,))


def _forbidden(graph: Graph, cardinality: Node) -> Iterator[tuple[Node, Node, Triple]]:
    """Restriction, property and triple where a maximum of zero is passed."""
    for restriction, limit in graph.subject_objects(cardinality):
        if not isinstance(limit, Literal) or limit.value != 0:
            continue
        for predicate in graph.objects(restriction, OWL.onProperty):
            for subject in graph.subjects(RDF.type, restriction):
                for value in graph.objects(subject, predicate):
                    yield restriction, predicate, (subject, predicate, value)


def _too_many(graph: Graph) -> Iterator[_Clash]:  # RULE cls-maxc1
    for restriction, predicate, triple in _forbidden(graph, OWL.maxCardinality):
        member = (triple[0], RDF.type, restriction)
        yield _Clash((predicate,), (triple[0], triple[2]), (triple, member))


def _too_many_in_class(graph: Graph) -> Iterator[_Clash]:  # RULES cls-maxqc1, maxqc2
    rows = _forbidden(graph, OWL.maxQualifiedCardinality)
    for restriction, predicate, triple in rows:
        for filler in graph.objects(restriction, OWL.onClass):
            member = (triple[2], RDF.type, filler)
            if filler == OWL.Thing or member in graph:
                extra = () if filler == OWL.Thing else (member,)
                premises = (triple, (triple[0], RDF.type, restriction), *extra)
                nodes = (triple[0], triple[2])
                yield _Clash((predicate, filler), nodes, premises)


def _ill_typed(graph: Graph) -> Iterator[_Clash]:  # RULE dt-not-type
    for subject, predicate, value in graph:
        if is_ill_typed(value):
            yield _Clash((predicate,), (subject, value), ((subject, predicate, value),))


def _outsiders(graph: Graph) -> Iterator[_Clash]:  # RULE dt-not-type
    for datatype in DATATYPES:
        for node in graph.subjects(RDF.type, datatype):
            if is_outside(datatype, node):
                yield _Clash((datatype,), (node,), ((node, RDF.type, datatype),))


# rule: the axiom in words, with the terms, then the things, in the braces; search
_RULES: dict[str, tuple[str, _Search]] = {
    "cax-dw": ("{0} and {1} are disjoint, but {2} is both", _disjoint_pairs),
    "cax-adc": ("{0} and {1} are disjoint, but {2} is both", _disjoint_lists),
    "cls-com": ("{0} and {1} are complements, but {2} is both", _complements),
    "cls-nothing2": ("{0} has no members, but {1} is one", _nothing),
    "cls-maxc1": ("{1} may have no {0}, but has {2}", _too_many),
    "cls-maxqc": ("{2} may have no {0} that is {1}, but has {3}", _too_many_in_class),
    "prp-irp": ("{0} relates nothing to itself, but does so to {1}", _irreflexive),
    "prp-asyp": ("{0} never goes both ways, but does between {1} and {2}", _asymmetric),
    "prp-pdw": (
        "{0} and {1} are disjoint, but both relate {2} to {3}",
        _both_pairs,
    ),
    "prp-adp": (
        "{0} and {1} are disjoint, but both relate {2} to {3}",
        _both_lists,
    ),
    "prp-npa1": ("{1} {0} {2} is said not to hold, but it holds", _denied_individuals),
    "prp-npa2": ("{1} {0} {2} is said not to hold, but it holds", _denied_values),
    "eq-diff1": ("{0} and {1} are said to differ, but are the same", _different),
    "eq-diff2": ("{0} and {1} are said to differ, but are the same", _all_different),
    "dt-diff": ("the values {0} and {1} differ, but must be the same", _unequal_values),
    "dt-type2": ("the value {1} must be one of {0}, but is none", _outsiders),
    "dt-not-type": ("in {1} {0} {2} the datatype does not allow the text", _ill_typed),
}
