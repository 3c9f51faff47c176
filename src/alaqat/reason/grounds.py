"""On which asserted triples a derived one rests: one way to get there, told back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rdflib import OWL, RDF, RDFS, Graph, URIRef

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rdflib.term import Node

    from alaqat.reason.rules import Triple


_FEW = 10


class Grounds:
    """Walks from derived triples back to the asserted ones.

    It knows subclasses, domains, ranges, allValuesFrom, subproperties, inverses,
    symmetry, chains and functional properties. Where it finds no way it names a few
    asserted triples about the subject, as a place to start looking.
    """

    def __init__(self, closure: Graph, asserted: Graph) -> None:
        self._closure = closure
        self._asserted = asserted
        self._found: dict[Triple, frozenset[Triple] | None] = {}

    def of_all(self, triples: Iterable[Triple]) -> tuple[Triple, ...]:
        """The asserted triples that these triples rest on together, sorted."""
        grounds: set[Triple] = set()
        for triple in triples:
            grounds |= self._of(triple) or self._near(triple)
        return tuple(sorted(grounds, key=_order))

    def _of(self, triple: Triple) -> frozenset[Triple] | None:
        """The asserted triples under one; None while on the way, or without any."""
        if triple in self._asserted:
            return frozenset({triple})
        if triple not in self._found:
            self._found[triple] = None  # a triple never rests on itself
            self._found[triple] = self._search(triple)
        return self._found[triple]

    def _search(self, triple: Triple) -> frozenset[Triple] | None:
        ways = sorted(self._ways(triple), key=self._distance)
        for way in ways:
            parts = [self._of(premise) for premise in way]
            if None not in parts:
                return frozenset().union(*(part for part in parts if part))
        return None

    def _distance(self, way: tuple[Triple, ...]) -> tuple[object, ...]:
        derived = sum(premise not in self._asserted for premise in way)
        return derived, len(way), tuple(map(_order, way))

    def _ways(self, triple: Triple) -> Iterator[tuple[Triple, ...]]:
        """Premises in the closure from which one rule leads to the triple."""
        if triple[1] == RDF.type:
            return self._type_ways(triple[0], triple[2])
        if triple[1] == OWL.sameAs:
            return self._identity_ways(triple[0], triple[2])
        return self._property_ways(*triple)

    def _type_ways(self, node: Node, kind: Node) -> Iterator[tuple[Triple, ...]]:
        graph = self._closure
        for narrower in graph.subjects(RDFS.subClassOf, kind):  # RULE cax-sco
            if narrower != kind and (node, RDF.type, narrower) in graph:
                yield ((node, RDF.type, narrower),)
        for relation in graph.subjects(RDFS.domain, kind):  # RULE prp-dom
            for triple in graph.triples((node, relation, None)):
                yield (triple,)
        for relation in graph.subjects(RDFS.range, kind):  # RULE prp-rng
            for triple in graph.triples((None, relation, node)):
                yield (triple,)
        yield from self._filler_ways(node, kind)

    def _filler_ways(self, node: Node, kind: Node) -> Iterator[tuple[Triple, ...]]:
        graph = self._closure
        for restriction in graph.subjects(OWL.allValuesFrom, kind):  # RULE cls-avf
            for relation in graph.objects(restriction, OWL.onProperty):
                for triple in graph.triples((None, relation, node)):
                    member = (triple[0], RDF.type, restriction)
                    if member in graph:
                        yield (triple, member)

    def _identity_ways(self, one: Node, other: Node) -> Iterator[tuple[Triple, ...]]:
        graph = self._closure
        yield ((other, OWL.sameAs, one),)  # RULE eq-sym
        for relation in graph.subjects(RDF.type, OWL.FunctionalProperty):  # RULE prp-fp
            for subject in graph.subjects(relation, one):
                if (subject, relation, other) in graph:
                    yield (subject, relation, one), (subject, relation, other)

    def _property_ways(
        self, subject: Node, predicate: Node, value: Node
    ) -> Iterator[tuple[Triple, ...]]:
        graph = self._closure
        for narrower in graph.subjects(RDFS.subPropertyOf, predicate):  # RULE prp-spo1
            if narrower != predicate and (subject, narrower, value) in graph:
                yield ((subject, narrower, value),)
        for other in self._mirrors(predicate):  # RULES prp-inv1, prp-inv2, prp-symp
            if (value, other, subject) in graph:
                yield ((value, other, subject),)
        for chain in graph.objects(predicate, OWL.propertyChainAxiom):  # RULE prp-spo2
            yield from self._paths(subject, list(graph.items(chain)), value)

    def _mirrors(self, predicate: Node) -> Iterator[Node]:
        yield from self._closure.subjects(OWL.inverseOf, predicate)
        yield from self._closure.objects(predicate, OWL.inverseOf)
        if (predicate, RDF.type, OWL.SymmetricProperty) in self._closure:
            yield predicate

    def _paths(
        self, start: Node, steps: list[Node], end: Node
    ) -> Iterator[tuple[Triple, ...]]:
        """Every way along the steps of a chain from one node to another."""
        if len(steps) == 1 and (start, steps[0], end) in self._closure:
            yield ((start, steps[0], end),)
        for middle in self._closure.objects(start, steps[0]) if steps[1:] else ():
            for rest in self._paths(middle, steps[1:], end):
                yield ((start, steps[0], middle), *rest)

    def _near(self, triple: Triple) -> frozenset[Triple]:
        """A few asserted triples that relate the triple's subject to other things."""
        subject = triple[0]
        around = (
            *self._asserted.triples((subject, None, None)),
            *self._asserted.triples((None, None, subject)),
        )
        named = (t for t in around if {type(t[0]), type(t[2])} == {URIRef})
        return frozenset(sorted(named, key=_order)[:_FEW])


def _order(triple: Triple) -> tuple[str, ...]:
    return tuple(map(str, triple))
