"""The reference engine: the rules of owlrl, without the steps that derive nothing.

owlrl tries every rule on every triple and states that each term is the same as itself.
Here a triple is tried only if some rule derives from it, such statements are left out,
and known triples are held in a set; the rules are owlrl's own. tests/test_reason.py
compares the result with that of owlrl unmodified.
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

    from alaqat.reason.engine import OutputFilter
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

# What owlrl 7.6.2 gets wrong or does not implement.
_WRONG = "owlrl ignores the last key property, and so merges different individuals"
_ABSENT = "owlrl derives nothing from it"
UNSUPPORTED: dict[Node, str] = {
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


class _SelectiveSemantics(OWLRL_Semantics):  # type: ignore[misc] # owlrl has no types
    """owlrl's rules, tried only where they can derive something."""

    def __init__(self, graph: Graph) -> None:
        super().__init__(graph, axioms=False, daxioms=False)
        self._known = set(graph)

    def rules(self, triple: Triple, cycle: int) -> None:
        """Try the rules that start from a triple."""
        _, predicate, value = triple
        if predicate in _PREDICATES or (predicate == RDF.type and value in _CLASSES):
            super().rules(triple, cycle)

    def store_triple(self, triple: Triple) -> None:
        """Add a derived triple, unless it is known or of the form `x owl:sameAs x`.

        From the latter, eq-sym, eq-trans and eq-rep only repeat what is known.
        """
        subject, predicate, value = triple
        if triple in self._known or isinstance(predicate, Literal):
            return
        if predicate == OWL.sameAs and subject == value:
            return
        self._known.add(triple)
        self.added_triples.add(triple)

    def add_error(self, message: str) -> None:
        """Ignore owlrl's complaints: consistency.py checks every closure."""


@dataclass(frozen=True, slots=True)
class _OwlrlClosure:
    """A graph closed by owlrl, whose contradictions are found in the closure."""

    _given: Graph
    _closure: Graph
    violated_rules: None = None

    def new_triples(self, output_filter: OutputFilter) -> Iterator[Triple]:
        """Yield what follows and was not given, as far as it passes the filter."""
        for triple in self._closure:
            _, predicate, value = triple
            kind = value if predicate == RDF.type else None
            if output_filter(predicate, kind) and triple not in self._given:
                yield triple

    def graph(self) -> Graph:
        """Return the closure itself."""
        return self._closure


def close_with_owlrl(graph: Graph) -> _OwlrlClosure:
    """Return the OWL 2 RL closure of a graph by owlrl.

    The closure class is called directly, because owlrl's public entry point replaces
    the datatype conversions of rdflib in the whole process while it runs.

    Raises:
        InvalidData: owlrl does not support an axiom.
    """
    _refuse_unsupported(graph)
    copy, ill_typed = _split_ill_typed(graph)
    _SelectiveSemantics(copy).closure()
    for triple in ill_typed:
        copy.add(triple)
    return _OwlrlClosure(graph, copy)


def _refuse_unsupported(graph: Graph) -> None:
    """Raise InvalidData for the first construct that owlrl does not handle."""
    for construct, why in UNSUPPORTED.items():
        users = {
            *graph.subjects(construct),
            *graph.subjects(RDF.type, construct),
        }
        if users:
            subject = min(users, key=str)
            raise InvalidData(
                f"the engine owlrl cannot reason with {construct.n3()}"
                f" on {subject.n3()}: {why}",
                remedy="Use other axioms, or a SHACL shape.",
            )


def _split_ill_typed(graph: Graph) -> tuple[Graph, list[Triple]]:
    """Separate the triples with ill-typed literals, on which owlrl may fail."""
    copy, ill_typed = new_graph(), []
    for triple in graph:
        if is_ill_typed(triple[2]):
            ill_typed.append(triple)
        else:
            copy.add(triple)
    return copy, ill_typed
