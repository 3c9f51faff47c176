"""What follows by reasoning about a thing, and what rests on a fact."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from rdflib import OWL, PROV, RDF, RDFS, Graph, URIRef

from alaqat.describe.nodes import ordered_triples
from alaqat.describe.told import Derived
from alaqat.i18n import read_texts
from alaqat.reason.compiler import read_list
from alaqat.terms import AL, INFERRED_GRAPH, local

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rdflib.term import Node

    from alaqat.describe.resource import Descriptions
    from alaqat.describe.sentences import Speaker
    from alaqat.reason.rules import Triple

_TRIPLE = (RDF.subject, RDF.predicate, RDF.object)


class Following:
    """Finds derived triples, and tells which of them deny something.

    Args:
        descriptions: of the dataset.
        speaker: of the language they are told in.
    """

    def __init__(self, descriptions: Descriptions, speaker: Speaker) -> None:
        self._said, self._speaker = descriptions.said, speaker
        self._inferred = descriptions.graphs.get(INFERRED_GRAPH, Graph())

    @cached_property
    def denying(self) -> frozenset[Node]:
        """The properties that deny others."""
        return frozenset(self._said.objects(None, AL.deniedBy))

    @cached_property
    def denying_classes(self) -> frozenset[Node]:
        """The classes of facts from which denials follow by a chain."""
        said = self._said
        found: set[Node] = set()
        for chain in self.denying:
            for head in said.objects(chain, OWL.propertyChainAxiom):
                first = read_list(said, head)[1][0]
                found.update(said.objects(first, RDFS.range))
        return frozenset(found)

    def about(self, iri: URIRef) -> Iterator[Derived]:
        """The derived triples about a thing that are no mere classes."""
        inferred = self._inferred
        rows: list[Triple] = [(iri, p, o) for p, o in inferred.predicate_objects(iri)]
        rows += [
            (s, p, iri)
            for s, p in inferred.subject_predicates(iri)
            if self._is_oneway(p)
        ]
        forms = read_texts("relations")
        told = {row for row in rows if self._speaker.can_tell(row[1])}
        sentences = [Derived(row, self._speaker.triple(*row)) for row in told]
        order = list(forms)
        yield from sorted(
            sentences,
            key=lambda one: (
                order.index(local(str(one.triple[1]))),
                [part.text for part in one.sentence],
            ),
        )

    def _is_oneway(self, property_: Node) -> bool:
        """Whether the other end of a property does not tell the same."""
        said = self._said
        both = (property_, RDF.type, OWL.SymmetricProperty) in said
        inverse = (property_, OWL.inverseOf, None), (None, OWL.inverseOf, property_)
        return not both and not any(row in said for row in inverse)


def resting(
    descriptions: Descriptions, claims: Iterable[Node], fact: Node
) -> list[Triple]:
    """The derived triples whose proofs end in the words that state a fact.

    Those about the fact's own node, and classes, are left out: they say what it is.
    """
    proofs = descriptions.proofs
    found: set[Triple] = set()
    for claim in claims:
        for proof in proofs.subjects(AL.restsOn, claim):
            if (proof, PROV.wasDerivedFrom, None) in proofs:
                subject, predicate, value = (
                    proofs.value(proof, one) or RDF.nil for one in _TRIPLE
                )
                triple = (subject, predicate, value)
                if fact not in triple and triple[1] != RDF.type:
                    found.add(triple)
    return ordered_triples(found)
