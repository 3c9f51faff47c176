"""A consistency check: matches of the OWL 2 RL rules whose head is `false`.

The closure is searched here instead of reading the engines' messages, so that every
engine is held to the same rules and a contradiction consists of terms, not of text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from rdflib import OWL, RDF, BNode, Graph, Literal

from alaqat.errors import Contradiction
from alaqat.rdf.graphs import new_graph
from alaqat.reason.compiler import constraint_rules
from alaqat.reason.datatypes import (
    DATATYPES,
    certainly_excludes,
    is_ill_typed,
    values_differ,
)
from alaqat.reason.derivations import DerivationIndex, derivation_rules
from alaqat.reason.rules import match_atoms, substitute
from alaqat.terms import BASE, PREFIXES

if TYPE_CHECKING:
    from rdflib.namespace import NamespaceManager
    from rdflib.term import Node

    from alaqat.reason.rules import Rule, Triple

    _Parts = tuple[tuple[Node, ...], tuple[Node, ...]]

# A fact, note or claim; its prefix stands for another namespace in each document.
_DOCUMENT_NODE = re.compile(re.escape(BASE) + "id/(fact|note|claim)/[^/]+/(.+)")


@dataclass(frozen=True)
class _Violation:
    """A match of a rule: the terms of its axiom, the individuals, and the premises."""

    rule: str
    terms: tuple[Node, ...]
    nodes: tuple[Node, ...]
    premises: tuple[Triple, ...]
    axiom: tuple[Triple, ...] = ()
    message: str = ""


def find_contradictions(closure: Graph, asserted: Graph) -> tuple[Contradiction, ...]:
    """Return every contradiction in a closure, traced back to asserted triples."""
    violations = [
        *_rule_violations(closure),
        *_ill_typed_violations(closure),
        *_value_violations(closure),
    ]
    if not violations:
        return ()
    derivations = DerivationIndex(asserted, derivation_rules(asserted))
    found: dict[str, Contradiction] = {}
    for violation in violations:
        one = _contradiction(violation, derivations)
        found.setdefault(one.message, one)
    return tuple(sorted(found.values(), key=lambda one: (one.rule, one.message)))


def contradictions_of_rules(rules: Iterable[Rule]) -> tuple[Contradiction, ...]:
    """Return contradictions that name nothing but the axioms of the violated rules."""
    return tuple(
        Contradiction(rule.name, (), (), (), rule.axiom, f"contradiction by {rule}")
        for rule in sorted(rules, key=str)
    )


def _contradiction(
    violation: _Violation, derivations: DerivationIndex
) -> Contradiction:
    """Trace a violation back to asserted triples and describe it."""
    leaves = dict.fromkeys(violation.axiom, True)
    for premise in violation.premises:
        leaves |= derivations.leaves(premise)
    facts = sorted((t for t in leaves if not leaves[t]), key=_sort_key)
    axioms = sorted((t for t in leaves if leaves[t]), key=_sort_key)
    texts = [_format_term(node) for node in (*violation.terms, *violation.nodes)]
    message = violation.message or _MESSAGES[violation.rule]
    lines = [message.format(*texts) + f" (rule {violation.rule})"]
    lines += [f"  {format_triple(triple)}" for triple in facts]
    return Contradiction(
        *(violation.rule, violation.terms, violation.nodes),
        *(tuple(facts), tuple(axioms), "\n".join(lines)),
    )


def format_triple(triple: Triple) -> str:
    """Return a triple in one line of Turtle, the same in every run."""
    return " ".join(map(_format_term, triple))


@cache
def _namespaces() -> NamespaceManager:
    """Return a namespace manager with the project's prefixes."""
    graph = new_graph()
    for prefix, namespace in PREFIXES.items():
        graph.bind(prefix, namespace)
    return graph.namespace_manager


def _sort_key(triple: Triple) -> tuple[str, ...]:
    return tuple(map(str, triple))


def _sorted(nodes: Iterable[Node]) -> tuple[Node, ...]:
    return tuple(sorted(nodes, key=str))


def _format_term(node: Node) -> str:
    """Return a node in Turtle, ill-typed literals included; the same in every run."""
    namespaces = _namespaces()
    if isinstance(node, BNode):
        return "[]"
    if isinstance(node, Literal) and node.datatype:
        return f'"{node}"^^{node.datatype.n3(namespaces)}'
    found = _DOCUMENT_NODE.fullmatch(str(node))
    return ":".join(found.groups()) if found else node.n3(namespaces)


def _rule_violations(closure: Graph) -> Iterator[_Violation]:
    """Yield the matches of the rules compiled from the closure's own axioms."""
    for rule in constraint_rules(closure):
        extract = _EXTRACTORS[rule.name]
        for bindings in match_atoms(rule.body, {}, closure):
            premises = tuple(substitute(atom, bindings) for atom in rule.body)
            if not any(_is_redundant(triple, rule, closure) for triple in premises):
                terms, nodes = extract(premises)
                yield _Violation(rule.name, terms, nodes, premises, rule.axiom)


def _is_redundant(triple: Triple, rule: Rule, closure: Graph) -> bool:
    """Check whether another rule reports the same contradiction more plainly."""
    subject, predicate, value = triple
    if predicate == OWL.differentFrom and subject == value:
        return (subject, OWL.sameAs, None) in closure
    if predicate == OWL.sameAs:
        return subject == value
    if predicate != RDF.type or rule.name == "cls-nothing2":
        return False
    return value == OWL.Thing or (subject, predicate, OWL.Nothing) in closure


def _of_classes(premises: tuple[Triple, ...]) -> _Parts:
    """Return the classes, and their common member."""
    return _sorted(kind for _, _, kind in premises), (premises[0][0],)


def _of_property(premises: tuple[Triple, ...]) -> _Parts:
    """Return the property, and the pair it relates, in a fixed direction."""
    subject, predicate, value = min(premises, key=_sort_key)
    return (predicate,), (subject, value)


def _of_properties(premises: tuple[Triple, ...]) -> _Parts:
    """Return the properties, perhaps one and the same, and the pair they relate."""
    subject, _, value = premises[0]
    return _sorted(predicate for _, predicate, _ in premises), (subject, value)


def _of_itself(premises: tuple[Triple, ...]) -> _Parts:
    """Return the property, and the node it relates to itself."""
    ((subject, predicate, _),) = premises
    return (predicate,), (subject,)


def _of_individuals(premises: tuple[Triple, ...]) -> _Parts:
    """Return the two individuals that are the same."""
    return (), _sorted((premises[0][0], premises[0][2]))


def _of_maxima(premises: tuple[Triple, ...]) -> _Parts:
    """Return the property and the class of its values, if any; subject and value."""
    _, (subject, predicate, value), *member = premises
    return (predicate, *(kind for _, _, kind in member)), (subject, value)


def _ill_typed_violations(closure: Graph) -> Iterator[_Violation]:  # RULE dt-not-type
    for triple in closure:
        subject, predicate, value = triple
        if is_ill_typed(value):
            yield _Violation("dt-not-type", (predicate,), (subject, value), (triple,))


def _value_violations(
    closure: Graph,
) -> Iterator[_Violation]:  # RULES dt-diff, dt-not-type
    for triple in closure.triples((None, OWL.sameAs, None)):
        if values_differ(triple[0], triple[2]):
            yield _Violation("dt-diff", (), _sorted((triple[0], triple[2])), (triple,))
    for datatype in DATATYPES:
        for triple in closure.triples((None, RDF.type, datatype)):
            if certainly_excludes(datatype, triple[0]):
                terms, nodes = (datatype,), (triple[0],)
                yield _Violation(
                    "dt-not-type", terms, nodes, (triple,), message=_OUTSIDE_DATATYPE
                )


# How to read the terms of the axiom and the individuals from a rule's premises.
_EXTRACTORS: dict[str, Callable[[tuple[Triple, ...]], _Parts]] = {
    **dict.fromkeys(("cax-dw", "cax-adc", "cls-com", "cls-nothing2"), _of_classes),
    **dict.fromkeys(("prp-asyp", "prp-npa1", "prp-npa2"), _of_property),
    **dict.fromkeys(("prp-pdw", "prp-adp"), _of_properties),
    "prp-irp": _of_itself,
    **dict.fromkeys(("eq-diff1", "eq-diff2", "eq-diff3"), _of_individuals),
    **dict.fromkeys(("cls-maxc1", "cls-maxqc1", "cls-maxqc2"), _of_maxima),
}

_DISJOINT_CLASSES = "{0} and {1} are disjoint, but {2} is both"
_DISJOINT_PROPERTIES = "{0} and {1} are disjoint, but both relate {2} to {3}"
_NEGATIVE_ASSERTION = "{1} {0} {2} is asserted not to hold, but holds"
_MAXIMUM_ZERO = "{1} may have no {0}, but has {2}"
_OUTSIDE_DATATYPE = "the value {1} does not belong to the datatype {0}"
_DIFFERENT_BUT_SAME = "{0} and {1} are asserted to differ, but are the same"

# Braces hold the terms of the axiom, then the individuals.
_MESSAGES = {
    "cax-dw": _DISJOINT_CLASSES,
    "cax-adc": _DISJOINT_CLASSES,
    "cls-com": "{0} and {1} are complements, but {2} is both",
    "cls-nothing2": "{0} has no members, but {1} is one",
    "cls-maxc1": _MAXIMUM_ZERO,
    "cls-maxqc1": "{2} may have no {0} that is {1}, but has {3}",
    "cls-maxqc2": _MAXIMUM_ZERO,
    "prp-irp": "{0} is irreflexive, but relates {1} to itself",
    "prp-asyp": "{0} is asymmetric, but holds both ways between {1} and {2}",
    "prp-pdw": _DISJOINT_PROPERTIES,
    "prp-adp": _DISJOINT_PROPERTIES,
    "prp-npa1": _NEGATIVE_ASSERTION,
    "prp-npa2": _NEGATIVE_ASSERTION,
    "eq-diff1": _DIFFERENT_BUT_SAME,
    "eq-diff2": _DIFFERENT_BUT_SAME,
    "eq-diff3": _DIFFERENT_BUT_SAME,
    "dt-diff": "the values {0} and {1} differ, but must be the same",
    "dt-not-type": "in {1} {0} {2} the text is not valid for the datatype",
}
