"""Where a closure contradicts itself: the rules of OWL 2 RL that end in `false`.

They are looked for here and not read from an engine's messages, so that every
engine is held to the same rules, and so that the answer has terms, not texts.
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
from alaqat.reason.compiler import ending_rules
from alaqat.reason.datatypes import (
    DATATYPES,
    differ,
    is_ill_typed,
    is_outside,
)
from alaqat.reason.incremental import DerivationIndex, rules_of
from alaqat.reason.rules import joins, put
from alaqat.terms import BASE, PREFIXES

if TYPE_CHECKING:
    from rdflib.namespace import NamespaceManager
    from rdflib.term import Node

    from alaqat.reason.rules import Rule, Triple

    _Parts = tuple[tuple[Node, ...], tuple[Node, ...]]

# A fact, note or claim of some document: its prefix differs from one to the next.
_PART = re.compile(re.escape(BASE) + "id/(fact|note|claim)/[^/]+/(.+)")


@dataclass(frozen=True)
class _Clash:
    """What a rule found: the terms of its axiom, the things, and why."""

    rule: str
    terms: tuple[Node, ...]
    nodes: tuple[Node, ...]
    premises: tuple[Triple, ...]
    axiom: tuple[Triple, ...] = ()
    words: str = ""


def find(closure: Graph, asserted: Graph) -> tuple[Contradiction, ...]:
    """Every contradiction in a closure, with the asserted triples it rests on."""
    clashes = [*_by_rules(closure), *_ill_typed(closure), *_by_values(closure)]
    if not clashes:
        return ()
    derivations = DerivationIndex(asserted, rules_of(asserted))
    found: dict[str, Contradiction] = {}
    for clash in clashes:
        one = _contradiction(clash, derivations)
        found.setdefault(one.message, one)
    return tuple(sorted(found.values(), key=lambda one: (one.rule, one.message)))


def told(rules: Iterable[Rule]) -> tuple[Contradiction, ...]:
    """What is left to say where an engine alone saw a contradiction: the axioms."""
    return tuple(
        Contradiction(rule.name, (), (), (), rule.axiom, f"contradiction by {rule}")
        for rule in sorted(rules, key=str)
    )


def _contradiction(clash: _Clash, derivations: DerivationIndex) -> Contradiction:
    """The clash with its asserted triples, told in words."""
    leaves = dict.fromkeys(clash.axiom, True)
    for premise in clash.premises:
        leaves |= derivations.leaves(premise)
    facts = sorted((t for t in leaves if not leaves[t]), key=_order)
    axioms = sorted((t for t in leaves if leaves[t]), key=_order)
    texts = [_name(node) for node in (*clash.terms, *clash.nodes)]
    words = clash.words or _WORDS[clash.rule]
    lines = [words.format(*texts) + f" (rule {clash.rule})"]
    lines += [f"  {written(triple)}" for triple in facts]
    return Contradiction(
        *(clash.rule, clash.terms, clash.nodes),
        *(tuple(facts), tuple(axioms), "\n".join(lines)),
    )


def written(triple: Triple) -> str:
    """A triple in one line, as Turtle has it; the same in every run."""
    return " ".join(map(_name, triple))


@cache
def _names() -> NamespaceManager:
    """The project's prefixes, to write terms with."""
    graph = new_graph()
    for prefix, namespace in PREFIXES.items():
        graph.bind(prefix, namespace)
    return graph.namespace_manager


def _order(triple: Triple) -> tuple[str, ...]:
    return tuple(map(str, triple))


def _sorted(nodes: Iterable[Node]) -> tuple[Node, ...]:
    return tuple(sorted(nodes, key=str))


def _name(node: Node) -> str:
    """The node as Turtle has it, ill-typed literals too; the same in every run."""
    names = _names()
    if isinstance(node, BNode):
        return "[]"
    if isinstance(node, Literal) and node.datatype:
        return f'"{node}"^^{node.datatype.n3(names)}'
    part = _PART.fullmatch(str(node))
    return ":".join(part.groups()) if part else node.n3(names)


def _by_rules(closure: Graph) -> Iterator[_Clash]:
    """What the rules compiled from the closure's own axioms find in it."""
    for rule in ending_rules(closure):
        read = _READ[rule.name]
        for bindings in joins(rule.body, {}, closure):
            premises = tuple(put(atom, bindings) for atom in rule.body)
            if not any(_is_idle(triple, rule, closure) for triple in premises):
                terms, nodes = read(premises)
                yield _Clash(rule.name, terms, nodes, premises, rule.axiom)


def _is_idle(triple: Triple, rule: Rule, closure: Graph) -> bool:
    """Whether another rule tells it better: of nothing, of likeness, of anything."""
    subject, predicate, value = triple
    if predicate == OWL.differentFrom and subject == value:
        return (subject, OWL.sameAs, None) in closure
    if predicate == OWL.sameAs:
        return subject == value
    if predicate != RDF.type or rule.name == "cls-nothing2":
        return False
    return value == OWL.Thing or (subject, predicate, OWL.Nothing) in closure


def _of_classes(premises: tuple[Triple, ...]) -> _Parts:
    """The classes, and what is in all of them."""
    return _sorted(kind for _, _, kind in premises), (premises[0][0],)


def _of_property(premises: tuple[Triple, ...]) -> _Parts:
    """The property, and what it relates; what goes both ways in a fixed order."""
    subject, predicate, value = min(premises, key=_order)
    return (predicate,), (subject, value)


def _of_properties(premises: tuple[Triple, ...]) -> _Parts:
    """The two properties, which may be one, and what they relate."""
    subject, _, value = premises[0]
    return _sorted(predicate for _, predicate, _ in premises), (subject, value)


def _of_itself(premises: tuple[Triple, ...]) -> _Parts:
    """The property, and what it relates to itself."""
    ((subject, predicate, _),) = premises
    return (predicate,), (subject,)


def _of_things(premises: tuple[Triple, ...]) -> _Parts:
    """The things that are the same."""
    return (), _sorted((premises[0][0], premises[0][2]))


def _of_maxima(premises: tuple[Triple, ...]) -> _Parts:
    """The property, the class of its values if there is one; thing and value."""
    _, (subject, predicate, value), *member = premises
    return (predicate, *(kind for _, _, kind in member)), (subject, value)


def _ill_typed(closure: Graph) -> Iterator[_Clash]:  # RULE dt-not-type
    for triple in closure:
        subject, predicate, value = triple
        if is_ill_typed(value):
            yield _Clash("dt-not-type", (predicate,), (subject, value), (triple,))


def _by_values(closure: Graph) -> Iterator[_Clash]:  # RULES dt-diff, dt-not-type
    for triple in closure.triples((None, OWL.sameAs, None)):
        if differ(triple[0], triple[2]):
            yield _Clash("dt-diff", (), _sorted((triple[0], triple[2])), (triple,))
    for datatype in DATATYPES:
        for triple in closure.triples((None, RDF.type, datatype)):
            if is_outside(datatype, triple[0]):
                terms, nodes = (datatype,), (triple[0],)
                yield _Clash("dt-not-type", terms, nodes, (triple,), words=_OUTSIDE)


# How the premises of a rule are read: its terms, and the things.
_READ: dict[str, Callable[[tuple[Triple, ...]], _Parts]] = {
    **dict.fromkeys(("cax-dw", "cax-adc", "cls-com", "cls-nothing2"), _of_classes),
    **dict.fromkeys(("prp-asyp", "prp-npa1", "prp-npa2"), _of_property),
    **dict.fromkeys(("prp-pdw", "prp-adp"), _of_properties),
    "prp-irp": _of_itself,
    **dict.fromkeys(("eq-diff1", "eq-diff2", "eq-diff3"), _of_things),
    **dict.fromkeys(("cls-maxc1", "cls-maxqc1", "cls-maxqc2"), _of_maxima),
}

_DISJOINT = "{0} and {1} are disjoint, but {2} is both"
_APART = "{0} and {1} are disjoint, but both relate {2} to {3}"
_DENIED = "{1} {0} {2} is said not to hold, but it holds"
_NONE = "{1} may have no {0}, but has {2}"
_OUTSIDE = "the value {1} must be one of {0}, but is none"
_DIFFER = "{0} and {1} are said to differ, but are the same"

# The axiom in words, with the terms, then the things, in the braces.
_WORDS = {
    "cax-dw": _DISJOINT,
    "cax-adc": _DISJOINT,
    "cls-com": "{0} and {1} are complements, but {2} is both",
    "cls-nothing2": "{0} has no members, but {1} is one",
    "cls-maxc1": _NONE,
    "cls-maxqc1": "{2} may have no {0} that is {1}, but has {3}",
    "cls-maxqc2": _NONE,
    "prp-irp": "{0} relates nothing to itself, but does so to {1}",
    "prp-asyp": "{0} never goes both ways, but does between {1} and {2}",
    "prp-pdw": _APART,
    "prp-adp": _APART,
    "prp-npa1": _DENIED,
    "prp-npa2": _DENIED,
    "eq-diff1": _DIFFER,
    "eq-diff2": _DIFFER,
    "eq-diff3": _DIFFER,
    "dt-diff": "the values {0} and {1} differ, but must be the same",
    "dt-not-type": "in {1} {0} {2} the datatype does not allow the text",
}
