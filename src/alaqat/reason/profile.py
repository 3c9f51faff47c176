"""Axioms from which the rules of OWL 2 RL draw less than they mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rdflib import OWL, RDF, RDFS, Graph, Literal

from alaqat.reason.compiler import read_list

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rdflib.term import Node

    from alaqat.reason.rules import Triple


# No rule reads these, as a property or as a class.
_UNREAD: tuple[Node, ...] = (
    OWL.ReflexiveProperty,
    OWL.cardinality,
    OWL.datatypeComplementOf,
    OWL.disjointUnionOf,
    OWL.hasSelf,
    OWL.minCardinality,
    OWL.minQualifiedCardinality,
    OWL.onProperties,
    OWL.qualifiedCardinality,
    OWL.withRestrictions,
)
_MAXIMA = (OWL.maxCardinality, OWL.maxQualifiedCardinality)

# The rules say who belongs to such a class, not what belonging to it means ...
_ONLY_BELOW = (OWL.someValuesFrom, OWL.unionOf, OWL.oneOf)
# ... or the other way round.
_ONLY_ABOVE = (OWL.allValuesFrom, OWL.complementOf, *_MAXIMA)

_EQUIVALENT = (OWL.equivalentClass,)
_ABOVE = (RDFS.subClassOf, RDFS.domain, RDFS.range, OWL.allValuesFrom, *_EQUIVALENT)


@dataclass(frozen=True, slots=True)
class UnsupportedAxiom:
    """An axiom that is not read in full, and why."""

    axiom: Triple
    reason: str

    def __str__(self) -> str:
        """The miss in one line."""
        return f"{' '.join(term.n3() for term in self.axiom)}: {self.reason}"


def unsupported_axioms(graph: Graph) -> tuple[UnsupportedAxiom, ...]:
    """Every axiom of a graph that the rules do not read, or not in full; sorted."""
    found = {*_unread(graph), *_too_high(graph), *_misplaced(graph)}
    return tuple(sorted(found, key=str))


def _unread(graph: Graph) -> Iterator[UnsupportedAxiom]:
    for construct in _UNREAD:
        reason = "OWL 2 RL has no rule for it"
        for subject, value in graph.subject_objects(construct):
            if not _is_zero(construct, value):
                yield UnsupportedAxiom((subject, construct, value), reason)
        for subject in graph.subjects(RDF.type, construct):
            yield UnsupportedAxiom((subject, RDF.type, construct), reason)


def _is_zero(construct: Node, value: Node) -> bool:
    """Whether it says nothing, as a minimum of none does."""
    is_minimum = construct in (OWL.minCardinality, OWL.minQualifiedCardinality)
    return is_minimum and isinstance(value, Literal) and value.value == 0


def _too_high(graph: Graph) -> Iterator[UnsupportedAxiom]:
    for maximum in _MAXIMA:
        for subject, value in graph.subject_objects(maximum):
            if not (isinstance(value, Literal) and value.value in (0, 1)):
                reason = "OWL 2 RL has rules for maxima of 0 and 1 alone"
                yield UnsupportedAxiom((subject, maximum, value), reason)


def _misplaced(graph: Graph) -> Iterator[UnsupportedAxiom]:
    """Class expressions on the side of an axiom where no rule reads them."""
    sides = (
        (_ONLY_BELOW, _above(graph), "OWL 2 RL does not read it as a superclass"),
        (_ONLY_ABOVE, _below(graph), "OWL 2 RL does not read it as a subclass"),
    )
    for constructs, places, reason in sides:
        for construct in constructs:
            for subject, value in graph.subject_objects(construct):
                if subject in places:
                    yield UnsupportedAxiom((subject, construct, value), reason)


def _above(graph: Graph) -> set[Node]:
    """The classes of which an axiom says what is in them, parts of those included."""
    found = {kind for place in _ABOVE for kind in graph.objects(None, place)}
    found |= {one for one, _ in graph.subject_objects(OWL.equivalentClass)}
    return _with_parts(graph, found, OWL.intersectionOf)


def _below(graph: Graph) -> set[Node]:
    """The classes of which an axiom says where their members belong."""
    found = {one for one, _ in graph.subject_objects(RDFS.subClassOf)}
    for one, other in graph.subject_objects(OWL.equivalentClass):
        found |= {one, other}
    found |= set(graph.objects(None, OWL.someValuesFrom))
    return _with_parts(graph, found, OWL.intersectionOf, OWL.unionOf)


def _with_parts(graph: Graph, classes: set[Node], *lists: Node) -> set[Node]:
    """Classes and the members of their lists, and so on."""
    waiting, found = list(classes), set(classes)
    while waiting:
        node = waiting.pop()
        for construct in lists:
            for head in graph.objects(node, construct):
                parts = set(read_list(graph, head)[1]) - found
                found |= parts
                waiting += parts
    return found
