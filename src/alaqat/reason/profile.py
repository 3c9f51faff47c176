"""A profile check: axioms that the rules of OWL 2 RL do not support in full."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rdflib import OWL, RDF, RDFS, Graph, Literal

from alaqat.reason.compiler import read_list

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rdflib.term import Node

    from alaqat.reason.rules import Triple


# No rule reads these, neither as a property nor as a class.
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

# Rules derive membership of such a class, but nothing from membership ...
_SUBCLASS_ONLY = (OWL.someValuesFrom, OWL.unionOf, OWL.oneOf)
# ... or the other way round.
_SUPERCLASS_ONLY = (OWL.allValuesFrom, OWL.complementOf, *_MAXIMA)

_EQUIVALENT = (OWL.equivalentClass,)
_SUPERCLASS_PLACES = (
    RDFS.subClassOf,
    RDFS.domain,
    RDFS.range,
    OWL.allValuesFrom,
    *_EQUIVALENT,
)


@dataclass(frozen=True, slots=True)
class UnsupportedAxiom:
    """An axiom that is not supported in full, and why."""

    axiom: Triple
    reason: str

    def __str__(self) -> str:
        """Return axiom and reason in one line."""
        return f"{' '.join(term.n3() for term in self.axiom)}: {self.reason}"


def unsupported_axioms(graph: Graph) -> tuple[UnsupportedAxiom, ...]:
    """Return the axioms of a graph that the rules do not support in full, sorted."""
    found = {
        *_unread_constructs(graph),
        *_excessive_maxima(graph),
        *_misplaced_expressions(graph),
    }
    return tuple(sorted(found, key=str))


def _unread_constructs(graph: Graph) -> Iterator[UnsupportedAxiom]:
    for construct in _UNREAD:
        reason = "OWL 2 RL has no rule for it"
        for subject, value in graph.subject_objects(construct):
            if not _is_zero(construct, value):
                yield UnsupportedAxiom((subject, construct, value), reason)
        for subject in graph.subjects(RDF.type, construct):
            yield UnsupportedAxiom((subject, RDF.type, construct), reason)


def _is_zero(construct: Node, value: Node) -> bool:
    """Check for a minimum of zero, which states nothing."""
    is_minimum = construct in (OWL.minCardinality, OWL.minQualifiedCardinality)
    return is_minimum and isinstance(value, Literal) and value.value == 0


def _excessive_maxima(graph: Graph) -> Iterator[UnsupportedAxiom]:
    for maximum in _MAXIMA:
        for subject, value in graph.subject_objects(maximum):
            if not (isinstance(value, Literal) and value.value in (0, 1)):
                reason = "OWL 2 RL has rules for maxima of 0 and 1 only"
                yield UnsupportedAxiom((subject, maximum, value), reason)


def _misplaced_expressions(graph: Graph) -> Iterator[UnsupportedAxiom]:
    """Yield the class expressions on a side of an axiom where no rule reads them."""
    sides = (
        (
            _SUBCLASS_ONLY,
            _superclass_positions(graph),
            "OWL 2 RL does not read it as a superclass",
        ),
        (
            _SUPERCLASS_ONLY,
            _subclass_positions(graph),
            "OWL 2 RL does not read it as a subclass",
        ),
    )
    for constructs, classes, reason in sides:
        for construct in constructs:
            for subject, value in graph.subject_objects(construct):
                if subject in classes:
                    yield UnsupportedAxiom((subject, construct, value), reason)


def _superclass_positions(graph: Graph) -> set[Node]:
    """Return the class expressions whose members an axiom states, with operands."""
    found = {
        kind for place in _SUPERCLASS_PLACES for kind in graph.objects(None, place)
    }
    found |= {one for one, _ in graph.subject_objects(OWL.equivalentClass)}
    return _with_operands(graph, found, OWL.intersectionOf)


def _subclass_positions(graph: Graph) -> set[Node]:
    """Return the class expressions from whose members an axiom derives something."""
    found = {one for one, _ in graph.subject_objects(RDFS.subClassOf)}
    for one, other in graph.subject_objects(OWL.equivalentClass):
        found |= {one, other}
    found |= set(graph.objects(None, OWL.someValuesFrom))
    return _with_operands(graph, found, OWL.intersectionOf, OWL.unionOf)


def _with_operands(graph: Graph, classes: set[Node], *lists: Node) -> set[Node]:
    """Return the classes and, recursively, the members of their lists."""
    waiting, found = list(classes), set(classes)
    while waiting:
        node = waiting.pop()
        for construct in lists:
            for head in graph.objects(node, construct):
                parts = set(read_list(graph, head)[1]) - found
                found |= parts
                waiting += parts
    return found
