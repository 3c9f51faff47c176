"""The reference engine: the rules of owlrl, without the steps that lead nowhere.

owlrl tries every rule on every triple, and makes each term the same as itself.
Here a triple is tried only if some rule derives from it, terms equal to themselves
are not written down, and what is known is kept in a set; the rules themselves are
owlrl's own. tests/test_reason.py compares the result with owlrl as it comes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from owlrl.OWLRL import OWLRL_Semantics
from rdflib import OWL, RDF, RDFS, Graph, Literal

from alaqat.errors import InvalidData
from alaqat.rdf.graphs import new_graph
from alaqat.reason.datatypes import is_ill_typed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rdflib.term import Node

    from alaqat.reason.engine import Wanted
    from alaqat.reason.rules import Triple


# The predicates from which a rule of OWL 2 Profiles §4.3 derives triples in owlrl.
_PREDICATES = frozenset(
    {
        RDFS.domain,
        RDFS.range,
        RDFS.subClassOf,
        RDFS.subPropertyOf,
        OWL.allValuesFrom,
        OWL.equivalentClass,
        OWL.equivalentProperty,
        OWL.hasValue,
        OWL.intersectionOf,
        OWL.inverseOf,
        OWL.maxCardinality,
        OWL.maxQualifiedCardinality,
        OWL.oneOf,
        OWL.propertyChainAxiom,
        OWL.sameAs,
        OWL.someValuesFrom,
        OWL.unionOf,
    }
)

# The classes from whose members a rule derives triples in owlrl.
_CLASSES = frozenset(
    {
        RDF.Property,
        OWL.Class,
        OWL.DatatypeProperty,
        OWL.FunctionalProperty,
        OWL.InverseFunctionalProperty,
        OWL.ObjectProperty,
        OWL.SymmetricProperty,
        OWL.TransitiveProperty,
    }
)

# What owlrl 7.6.2 does wrongly or not at all.
_WRONG = "owlrl does not compare the last key, and so merges what differs"
_ABSENT = "owlrl draws nothing from it"
REFUSED: dict[Node, str] = {
    OWL.hasKey: _WRONG,
    OWL.ReflexiveProperty: _ABSENT,
    OWL.cardinality: _ABSENT,
    OWL.datatypeComplementOf: _ABSENT,
    OWL.disjointUnionOf: _ABSENT,
    OWL.hasSelf: _ABSENT,
    OWL.minCardinality: _ABSENT,
    OWL.minQualifiedCardinality: _ABSENT,
    OWL.onProperties: _ABSENT,
    OWL.qualifiedCardinality: _ABSENT,
    OWL.withRestrictions: _ABSENT,
}


class _Rules(OWLRL_Semantics):  # type: ignore[misc] # owlrl has no types
    """owlrl's rules, tried where they can lead somewhere."""

    def __init__(self, graph: Graph) -> None:
        super().__init__(graph, axioms=False, daxioms=False)
        self._known = set(graph)

    def rules(self, triple: Triple, cycle: int) -> None:
        """Try the rules that start from this triple."""
        _, predicate, value = triple
        if predicate in _PREDICATES or (predicate == RDF.type and value in _CLASSES):
            super().rules(triple, cycle)

    def store_triple(self, triple: Triple) -> None:
        """Remember a derived triple, unless it is known or says that a thing is itself.

        From `x owl:sameAs x` the rules eq-sym, eq-trans and eq-rep only repeat what
        is known.
        """
        subject, predicate, value = triple
        if triple in self._known or isinstance(predicate, Literal):
            return
        if predicate == OWL.sameAs and subject == value:
            return
        self._known.add(triple)
        self.added_triples.add(triple)

    def add_error(self, message: str) -> None:
        """Nothing: contradictions.py looks for them, whatever the engine."""


@dataclass(frozen=True, slots=True)
class _OwlrlClosure:
    """A graph closed by owlrl, which does not tell contradictions apart."""

    _given: Graph
    _closure: Graph
    broken: None = None

    def news(self, wanted: Wanted) -> Iterator[Triple]:
        """What follows and was not given, of the wanted properties and classes."""
        for triple in self._closure:
            _, predicate, value = triple
            kind = value if predicate == RDF.type else None
            if wanted(predicate, kind) and triple not in self._given:
                yield triple

    def graph(self) -> Graph:
        """The closure itself."""
        return self._closure


def close_with_owlrl(graph: Graph) -> _OwlrlClosure:
    """The OWL 2 RL closure of a graph by owlrl; InvalidData for what it cannot do.

    The closure class is called directly: owlrl's own front door swaps the datatype
    conversions of rdflib for the whole process while it runs.
    """
    _refuse(graph)
    copy, broken = _copies(graph)
    _Rules(copy).closure()
    for triple in broken:
        copy.add(triple)
    return _OwlrlClosure(graph, copy)


def _refuse(graph: Graph) -> None:
    """Raise InvalidData for the first construct that owlrl does not handle."""
    for construct, why in REFUSED.items():
        users = {
            *graph.subjects(construct),
            *graph.subjects(RDF.type, construct),
        }
        if users:
            subject = min(users, key=str)
            raise InvalidData(
                f"the engine owlrl cannot reason with {construct.n3()}"
                f" on {subject.n3()}: {why}",
                remedy="Say it with other axioms, or as a shape.",
            )


def _copies(graph: Graph) -> tuple[Graph, list[Triple]]:
    """The graph without its ill-typed literals, on which owlrl may stumble; those."""
    copy, broken = new_graph(), []
    for triple in graph:
        if is_ill_typed(triple[2]):
            broken.append(triple)
        else:
            copy.add(triple)
    return copy, broken
