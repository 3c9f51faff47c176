"""Nodes in a fixed order, and which of them are terms of our ontology.

Everything that a dataset says of one thing, as a part of the dataset.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, TypeGuard

from rdflib import DCTERMS, OWL, PROV, RDF, RDFS, SKOS, Graph, Literal, URIRef

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

    from rdflib.term import Node

    from alaqat.reason.rules import Triple


def ordered(nodes: Iterable[Node]) -> list[Node]:
    """Nodes by their text; IRIs and literals compare only among themselves."""
    return sorted(nodes, key=str)


def ordered_pairs(pairs: Iterable[tuple[Node, Node]]) -> list[tuple[Node, Node]]:
    """Pairs by the text of their parts."""
    return sorted(pairs, key=lambda pair: tuple(map(str, pair)))


def ordered_triples(triples: Iterable[Triple]) -> list[Triple]:
    """Triples by the text of their parts."""
    return sorted(triples, key=lambda triple: tuple(map(str, triple)))


def is_term(node: Node) -> TypeGuard[URIRef]:
    """Whether a node is a term of our ontology."""
    return isinstance(node, URIRef) and node in AL


MOST = 200
"""How many triples of one property lead to a thing in its description."""

ONTOLOGY = URIRef(f"{BASE}ontology")

_PREFERRED = (SKOS.prefLabel, RDFS.label, DCTERMS.title)
_NAMES = (RDFS.label, SKOS.prefLabel, DCTERMS.title)
_SENTENCE = (RDF.type, RDF.value, AL.line, AL.start, AL.end)
_PREMISE = (RDF.subject, RDF.predicate, RDF.object)


class Descriptions:
    """Describes what a dataset names, which must not change.

    A description is always a part of the dataset: nothing is added to it, so that a
    client may merge as many as it likes.

    Args:
        graphs: all named graphs.
    """

    def __init__(self, graphs: Mapping[URIRef, Graph]) -> None:
        self.graphs = graphs

    @cached_property
    def said(self) -> Graph:
        """All but the proofs as one graph."""
        return union(g for name, g in self.graphs.items() if name != PROOFS_GRAPH)

    @cached_property
    def proofs(self) -> Graph:
        """How derived triples follow."""
        return self.graphs.get(PROOFS_GRAPH, new_graph())

    @cached_property
    def names(self) -> Mapping[Node, Mapping[str, str]]:
        """What each thing is called, by language."""
        names: dict[Node, dict[str, str]] = {}
        for property_ in _PREFERRED:
            for graph in (self.said, self.proofs):
                for node, text in ordered_pairs(graph.subject_objects(property_)):
                    if isinstance(text, Literal):
                        code = text.language or ""
                        names.setdefault(node, {}).setdefault(code, str(text))
        return names

    @cached_property
    def sizes(self) -> Mapping[URIRef, int]:
        """How many triples each graph holds."""
        return {name: len(self.graphs[name]) for name in sorted(self.graphs)}

    @property
    def datatypes(self) -> frozenset[str]:
        """The IRIs that are only used as the type of a literal."""
        return self._unused[0]

    @cached_property
    def _unused(self) -> tuple[frozenset[str], frozenset[str]]:
        """The datatypes, and the addresses that only the IRIs of parts lead to."""
        iris, types = self._iris()
        parts = {iri.partition("#")[0] for iri in iris if "#" in iri}
        return frozenset(types), frozenset(parts - iris)

    def _iris(self) -> tuple[set[str], set[str]]:
        """The IRIs below the base that stand in triples, and all datatypes."""
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

    def _is_used(self, iri: URIRef) -> bool:
        """Whether an IRI stands in a triple."""
        patterns = (iri, None, None), (None, None, iri), (None, iri, None)
        graphs = self.said, self.proofs
        return any(pattern in graph for graph in graphs for pattern in patterns)

    def __contains__(self, iri: str) -> bool:
        """Whether the dataset says anything of what an IRI without fragment names."""
        node = URIRef(iri)
        if not node.startswith(BASE) or "#" in node:
            return False
        if node in self.graphs or self._is_used(node):
            return True
        return any(str(node) in known for known in self._unused)

    def __iter__(self) -> Iterator[URIRef]:
        """Everything that has a description, in order."""
        iris, types = self._iris()
        every = (*iris, *types, *self.graphs)
        ours = {str(iri).partition("#")[0] for iri in every if iri.startswith(BASE)}
        return map(URIRef, sorted(ours))

    def of(self, iri: URIRef) -> Graph:
        """The description of a thing, of a whole graph, or of the ontology.

        Raises:
            UnknownName: the dataset does not know it.
        """
        self.check(iri)
        if iri in self.graphs:
            return self.graphs[iri]
        if f"{iri}/".startswith(f"{ONTOLOGY}/"):
            return self.graphs.get(ONTOLOGY_GRAPH, Graph())
        found = new_graph()
        found += set(self._described(iri))
        found += set(self._names(found))
        return found

    def check(self, iri: URIRef) -> None:
        """Refuse an IRI that the dataset does not know.

        Raises:
            UnknownName: it does not.
        """
        if iri not in self:
            raise UnknownName(
                f"Nothing here has the IRI {iri}.",
                remedy="Search by name, or see the catalogue of what there is.",
            )

    def replacements(self, iri: URIRef) -> tuple[URIRef, ...] | None:
        """What stands in the place of a withdrawn thing; None if it is not withdrawn.

        A thing is withdrawn by data: ``owl:deprecated true``, and what replaces it, if
        anything does, by ``dcterms:isReplacedBy``.
        """
        if (iri, OWL.deprecated, Literal(True)) not in self.said:
            return None
        found = self.said.objects(iri, DCTERMS.isReplacedBy)
        return tuple(sorted(one for one in found if isinstance(one, URIRef)))

    def _described(self, iri: URIRef) -> Iterator[Triple]:
        if self._is_of_a_proof(iri):
            yield from self._proof(iri)
            return
        own = list(self._own(iri, self.said))
        yield from own
        yield from self._leading(iri, self.said)
        if str(iri) in self.datatypes:
            yield from self._typed(iri)
        for claim in self.claims(iri):
            yield from self._claim(claim)
        for note in self._notes((iri, *self.claims(iri))):
            yield from self._own(note, self.said)
        for fact in self._facts(iri, own):
            yield from self.said.triples((fact, None, None))
        if (iri, RDF.type, AL.Claim) in self.said:
            yield from self._context(iri)

    def _is_of_a_proof(self, iri: URIRef) -> bool:
        spaces = (f"{BASE}id/proof/", f"{BASE}id/rule/")
        return str(iri).startswith(spaces)  # rdflib's own takes no tuple

    def _own(self, node: Node, graph: Graph) -> Iterator[Triple]:
        """The triples of a thing and of its parts, which share its IRI up to the #."""
        seen, waiting = {node}, [node]
        while waiting:
            for triple in graph.triples((waiting.pop(), None, None)):
                yield triple
                value = triple[2]
                if value not in seen and str(value).startswith(f"{node}#"):
                    seen.add(value)
                    waiting.append(value)

    def _leading(self, iri: URIRef, graph: Graph) -> Iterator[Triple]:
        """The triples that lead to a thing or its parts, some of each property."""
        rows: defaultdict[Node, list[Node]] = defaultdict(list)
        for subject, predicate in graph.subject_predicates(iri):
            rows[predicate].append(subject)
        for predicate, subjects in rows.items():
            for subject in ordered(subjects)[:MOST]:
                yield subject, predicate, iri

    def _typed(self, datatype: URIRef) -> Iterator[Triple]:
        """Some of the values of a datatype."""
        found = [
            triple
            for triple in self.said
            if isinstance(triple[2], Literal) and triple[2].datatype == datatype
        ]
        yield from ordered_triples(found)[:MOST]

    def claims(self, fact: Node) -> list[Node]:
        """The claims that state a fact, in a fixed order."""
        return ordered(self.said.subjects(OA.hasBody, fact))

    def _claim(self, claim: Node) -> Iterator[Triple]:
        yield from self._own(claim, self.said)
        yield from self._context(claim)

    def _context(self, claim: Node) -> Iterator[Triple]:
        """The sentence that the words of a claim stand in, and the works cited."""
        for sentence in self.said.objects(claim, AL.inSentence):
            for part in _SENTENCE:
                yield from self.said.triples((sentence, part, None))
        for work in self.said.objects(claim, CITO.citesAsEvidence):
            yield from self.said.triples((work, DCTERMS.description, None))

    def _notes(self, nodes: Iterable[Node]) -> list[Node]:
        return ordered(
            {note for one in nodes for note in self.said.subjects(AL.about, one)}
            & set(self.said.subjects(RDF.type, AL.Note))
        )

    def _facts(self, iri: URIRef, own: Iterable[Triple]) -> list[Node]:
        """The facts that a thing is directly in."""
        after = {value for _, _, value in own}
        before = {subject for subject, _, _ in self._leading(iri, self.said)}
        facts = (one for one in after | before if (one, RDF.type, AL.Fact) in self.said)
        return ordered(facts)

    def _proof(self, iri: URIRef) -> Iterator[Triple]:
        yield from self._own(iri, self.proofs)
        yield from self._leading(iri, self.proofs)
        for premise in self.proofs.objects(iri, PROV.wasDerivedFrom):
            for part in _PREMISE:
                yield from self.proofs.triples((premise, part, None))

    def _names(self, found: Graph) -> Iterator[Triple]:
        """The names of everything that a description speaks of."""
        nodes = {term for triple in found for term in triple}
        for node in nodes:
            if isinstance(node, URIRef) and node.startswith(BASE):
                for graph in (self.said, self.proofs):
                    for name in _NAMES:
                        yield from graph.triples((node, name, None))
