"""Descriptions of resources: the part of a dataset that is about one IRI."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, TypeGuard, TypeVar

from rdflib import DCTERMS, OWL, PROV, RDF, RDFS, SKOS, Graph, Literal, URIRef
from rdflib.term import Node

from alaqat.errors import UnknownName
from alaqat.rdf.graphs import new_graph, union
from alaqat.terms import (
    AL,
    BASE,
    CITO,
    OA,
    ONTOLOGY_GRAPH,
    PROOFS_GRAPH,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from alaqat.reason.rules import Triple


_Tuple = TypeVar("_Tuple", bound=tuple[Node, ...])


def sort_nodes(nodes: Iterable[Node]) -> list[Node]:
    """Return nodes sorted by their text, since rdflib orders nodes of one kind only."""
    return sorted(nodes, key=str)


def sort_tuples(rows: Iterable[_Tuple]) -> list[_Tuple]:
    """Return pairs or triples of nodes sorted by the text of their nodes."""
    return sorted(rows, key=lambda row: tuple(map(str, row)))


def is_term(node: Node) -> TypeGuard[URIRef]:
    """Return whether a node is a term of the Alaqat ontology."""
    return isinstance(node, URIRef) and node in AL


MAX_PER_PROPERTY = 200
"""How many incoming triples of one property a description holds."""

ONTOLOGY = URIRef(f"{BASE}ontology")

_LABELS = (SKOS.prefLabel, RDFS.label, DCTERMS.title)  # in order of preference
_SENTENCE = (RDF.type, RDF.value, AL.line, AL.start, AL.end)
_TRIPLE_PARTS = (RDF.subject, RDF.predicate, RDF.object)
_PROOF_SPACES = (f"{BASE}id/proof/", f"{BASE}id/rule/")


class Descriptions:
    """Describes the resources of a dataset that does not change.

    A description is a subset of the dataset, so clients can merge any number of them.

    Args:
        graphs: all named graphs.
    """

    def __init__(self, graphs: Mapping[URIRef, Graph]) -> None:
        self.graphs = graphs

    @cached_property
    def union_graph(self) -> Graph:
        """The union of all graphs but the proofs."""
        return union(g for name, g in self.graphs.items() if name != PROOFS_GRAPH)

    @cached_property
    def proofs(self) -> Graph:
        """The graph of the proofs of derived triples."""
        return self.graphs.get(PROOFS_GRAPH, new_graph())

    @cached_property
    def labels(self) -> Mapping[Node, Mapping[str, str]]:
        """The preferred label of every resource, by language."""
        labels: dict[Node, dict[str, str]] = {}
        for property_ in _LABELS:
            for graph in (self.union_graph, self.proofs):
                for node, text in sort_tuples(graph.subject_objects(property_)):
                    if isinstance(text, Literal):
                        code = text.language or ""
                        labels.setdefault(node, {}).setdefault(code, str(text))
        return labels

    @cached_property
    def graph_sizes(self) -> Mapping[URIRef, int]:
        """The number of triples of each graph."""
        return {name: len(self.graphs[name]) for name in sorted(self.graphs)}

    @property
    def datatypes(self) -> frozenset[str]:
        """The IRIs of the datatypes of literals."""
        return self._implicit[0]

    @cached_property
    def _implicit(self) -> tuple[frozenset[str], frozenset[str]]:
        """The datatypes, and the IRIs that occur only with a fragment, without it."""
        iris, types = self._collect_iris()
        parts = {iri.partition("#")[0] for iri in iris if "#" in iri}
        return frozenset(types), frozenset(parts - iris)

    def _collect_iris(self) -> tuple[set[str], set[str]]:
        """Return the IRIs below the base that occur in triples, and all datatypes."""
        iris: set[str] = set()
        types: set[str] = set()
        for name, graph in self.graphs.items():
            for triple in graph:
                for term in triple:
                    if isinstance(term, Literal):
                        if term.datatype and name != PROOFS_GRAPH:
                            types.add(str(term.datatype))
                    elif term.startswith(BASE):  # type: ignore[attr-defined] # a str
                        iris.add(str(term))
        return iris, types

    def _occurs(self, iri: URIRef) -> bool:
        """Return whether a node occurs in a triple."""
        patterns = (iri, None, None), (None, None, iri), (None, iri, None)
        graphs = self.union_graph, self.proofs
        return any(pattern in graph for graph in graphs for pattern in patterns)

    def __contains__(self, iri: str) -> bool:
        """Return whether the dataset describes an IRI without a fragment."""
        node = URIRef(iri)
        if not node.startswith(BASE) or "#" in node:
            return False
        if node in self.graphs or self._occurs(node):
            return True
        return any(str(node) in iris for iris in self._implicit)

    def __iter__(self) -> Iterator[URIRef]:
        """Iterate over the IRIs that have a description, sorted."""
        iris, types = self._collect_iris()
        candidates = (*iris, *types, *self.graphs)
        own = {str(one).partition("#")[0] for one in candidates if one.startswith(BASE)}
        return map(URIRef, sorted(own))

    def describe(self, iri: URIRef) -> Graph:
        """Return the description of a resource, a named graph or the ontology.

        Raises:
            UnknownName: the IRI does not occur in the dataset.
        """
        self.check(iri)
        if iri in self.graphs:
            return self.graphs[iri]
        if f"{iri}/".startswith(f"{ONTOLOGY}/"):
            return self.graphs.get(ONTOLOGY_GRAPH, Graph())
        found = new_graph()
        found += set(self._about(iri))
        found += set(self._label_triples(found))
        return found

    def check(self, iri: URIRef) -> None:
        """Check that the dataset describes an IRI.

        Raises:
            UnknownName: the IRI does not occur in the dataset.
        """
        if iri not in self:
            raise UnknownName(
                f"Nothing here has the IRI {iri}.",
                remedy="Search by name, or see the catalogue of what there is.",
            )

    def replacements(self, iri: URIRef) -> tuple[URIRef, ...] | None:
        """Return what replaces a deprecated resource; None if it is not deprecated.

        Deprecation is data: ``owl:deprecated true``, with ``dcterms:isReplacedBy`` for
        each replacement.
        """
        if (iri, OWL.deprecated, Literal(True)) not in self.union_graph:
            return None
        found = self.union_graph.objects(iri, DCTERMS.isReplacedBy)
        return tuple(sorted(one for one in found if isinstance(one, URIRef)))

    def _about(self, iri: URIRef) -> Iterator[Triple]:
        """Yield the triples of a resource, its claims, its notes and its facts."""
        graph = self.union_graph
        if str(iri).startswith(_PROOF_SPACES):  # rdflib's own takes no tuple
            yield from self._proof(iri)
            return
        own = list(self._outgoing(iri, graph))
        incoming = list(self._incoming(iri, graph))
        yield from (*own, *incoming)
        if str(iri) in self.datatypes:
            yield from self._literals_of(iri)
        claims = self.claims(iri)
        for claim in claims:
            yield from self._outgoing(claim, graph)
            yield from self._context(claim)
        for note in self._notes((iri, *claims)):
            yield from self._outgoing(note, graph)
        neighbours = {triple[2] for triple in own} | {triple[0] for triple in incoming}
        for node in neighbours:
            if (node, RDF.type, AL.Fact) in graph:
                yield from graph.triples((node, None, None))
        if (iri, RDF.type, AL.Claim) in graph:
            yield from self._context(iri)

    def _outgoing(self, node: Node, graph: Graph) -> Iterator[Triple]:
        """Yield the triples of a resource and of its hash IRIs."""
        seen, queue = {node}, [node]
        while queue:
            for triple in graph.triples((queue.pop(), None, None)):
                yield triple
                value = triple[2]
                if value not in seen and str(value).startswith(f"{node}#"):
                    seen.add(value)
                    queue.append(value)

    def _incoming(self, iri: URIRef, graph: Graph) -> Iterator[Triple]:
        """Yield triples with a resource as object, a limited number by property."""
        subjects: defaultdict[Node, list[Node]] = defaultdict(list)
        for subject, predicate in graph.subject_predicates(iri):
            subjects[predicate].append(subject)
        for predicate, nodes in subjects.items():
            for subject in sort_nodes(nodes)[:MAX_PER_PROPERTY]:
                yield subject, predicate, iri

    def _literals_of(self, datatype: URIRef) -> Iterator[Triple]:
        """Yield a limited number of triples with literals of a datatype."""
        found = [
            triple
            for triple in self.union_graph
            if isinstance(triple[2], Literal) and triple[2].datatype == datatype
        ]
        yield from sort_tuples(found)[:MAX_PER_PROPERTY]

    def claims(self, fact: Node) -> list[Node]:
        """Return the claims that state a fact, sorted."""
        return sort_nodes(self.union_graph.subjects(OA.hasBody, fact))

    def _context(self, claim: Node) -> Iterator[Triple]:
        """Yield the sentence that a claim quotes, and the works cited for it."""
        graph = self.union_graph
        for sentence in graph.objects(claim, AL.inSentence):
            for property_ in _SENTENCE:
                yield from graph.triples((sentence, property_, None))
        for work in graph.objects(claim, CITO.citesAsEvidence):
            yield from graph.triples((work, DCTERMS.description, None))

    def _notes(self, nodes: Iterable[Node]) -> set[Node]:
        graph = self.union_graph
        about = {note for node in nodes for note in graph.subjects(AL.about, node)}
        return {note for note in about if (note, RDF.type, AL.Note) in graph}

    def _proof(self, iri: URIRef) -> Iterator[Triple]:
        """Yield the triples of a proof or a rule, with the premises of a proof."""
        yield from self._outgoing(iri, self.proofs)
        yield from self._incoming(iri, self.proofs)
        for premise in self.proofs.objects(iri, PROV.wasDerivedFrom):
            for part in _TRIPLE_PARTS:
                yield from self.proofs.triples((premise, part, None))

    def _label_triples(self, description: Graph) -> Iterator[Triple]:
        """Yield the labels of all resources that occur in a description."""
        for node in {term for triple in description for term in triple}:
            if isinstance(node, URIRef) and node.startswith(BASE):
                for graph in (self.union_graph, self.proofs):
                    for property_ in _LABELS:
                        yield from graph.triples((node, property_, None))
