"""Provenance of asserted triples: claims with quotes, packages, or the curator."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from rdflib import DCTERMS, PROV, RDF, RDFS, SKOS, VOID, Graph, URIRef

from alaqat.i18n import by_language
from alaqat.proofs.model import (
    Citation,
    CitedReference,
    Doubt,
    Evidence,
    Package,
    Place,
)
from alaqat.rdf.graphs import union
from alaqat.terms import (
    AL,
    CITO,
    DOC,
    ENTITIES_GRAPH,
    OA,
    ONTOLOGY_GRAPH,
    SCHEMA,
    document_graph,
    facts_graph,
    notes_graph,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rdflib import Graph
    from rdflib.term import Node

    from alaqat.proofs.model import EvidenceKind
    from alaqat.reason.rules import Triple


# Properties that the build computes from others, which are what the quotes state.
_COMPUTED_FROM: dict[Node, URIRef] = {
    AL.startEarliest: AL.edtf,
    AL.startLatest: AL.edtf,
    AL.endEarliest: AL.edtf,
    AL.endLatest: AL.edtf,
    AL.presumedUntil: AL.edtf,
    AL.attestedOn: AL.inPresentTense,
}

# Written by the curator to make a fact readable; no quote states it.
_CURATED = frozenset({RDFS.label, RDFS.comment})

# A package only verifies matches within its own URI space.
_MATCHES = frozenset({SKOS.exactMatch, SKOS.closeMatch})

_CACHE_SIZE = 4096

_KINDS: dict[str, EvidenceKind] = {
    document_graph(""): "text",
    notes_graph(""): "note",
    str(ONTOLOGY_GRAPH): "axiom",
}


class EvidenceIndex:
    """Finds the evidence for asserted triples in the named graphs of a dataset."""

    def __init__(self, graphs: Mapping[URIRef, Graph]) -> None:
        self._graphs = graphs
        self._facts = _union_graph(graphs, facts_graph(""))
        self._text = _union_graph(graphs, document_graph(""))
        self._notes = _union_graph(graphs, notes_graph(""))
        self.citation = lru_cache(_CACHE_SIZE)(self._citation)
        self._claims = lru_cache(_CACHE_SIZE)(self._sorted_claims)
        self.doubts = lru_cache(_CACHE_SIZE)(self._notes_about)

    def evidence(self, triple: Triple, graph: URIRef) -> Evidence:
        """Return the evidence for a triple that a graph asserts."""
        if graph == ENTITIES_GRAPH:
            packages = tuple(self._packages(triple))
            return Evidence("package" if packages else "curator", graph, (), packages)
        kind = next((k for start, k in _KINDS.items() if graph.startswith(start)), None)
        if kind is None:
            return self._fact_evidence(triple, graph)
        return Evidence(kind, graph, place=self._place(triple[0], graph))

    def _place(self, part: Node, graph: URIRef) -> Place | None:
        """Return the place of a part of a document; None if it has no offsets."""
        start, end, line = (
            _number(self._graphs[graph].value(part, one))
            for one in (AL.start, AL.end, AL.line)
        )
        slug = graph.removeprefix(document_graph(""))
        return (
            None if start is None or end is None else Place(DOC[slug], start, end, line)
        )

    def _fact_evidence(self, triple: Triple, graph: URIRef) -> Evidence:
        """Return the claims that state a fact's triple, or the claim it describes."""
        subject, predicate, value = triple
        if self._is_claim(subject):
            return Evidence("words", graph, (self.citation(_claim_of(subject)),))
        if predicate in _CURATED:
            return Evidence("curator", graph)
        fact = next((n for n in (subject, value) if self._claims(n)), subject)
        claims = [c for c in self._claims(fact) if self._states(c, predicate)]
        citations = tuple(self.citation(claim) for claim in claims)
        cited = {doubt.iri for one in citations for doubt in one.doubts}
        doubts = tuple(d for d in self.doubts(fact) if d.iri not in cited)
        kind: EvidenceKind = "words" if citations else "curator"
        return Evidence(kind, graph, citations, doubts=doubts)

    def _is_claim(self, node: Node) -> bool:
        """Return whether a node is a claim or a part of one."""
        return (_claim_of(node), RDF.type, AL.Claim) in self._facts

    def _sorted_claims(self, fact: Node) -> list[Node]:
        """Return the claims about a fact in the order of the text."""
        return sorted(self._facts.subjects(OA.hasBody, fact), key=self._position)

    def _position(self, claim: Node) -> tuple[int, int, str]:
        position = URIRef(f"{claim}#position")
        start, end = (self._facts.value(position, one) for one in (OA.start, OA.end))
        return _number(start) or 0, _number(end) or 0, str(claim)

    def _states(self, claim: Node, predicate: Node) -> bool:
        """Return whether the quote of a claim states a property of its fact."""
        stated = set(self._facts.objects(claim, AL.states))
        return not stated or bool({predicate, _COMPUTED_FROM.get(predicate)} & stated)

    def _citation(self, claim: Node) -> Citation:
        facts, text = self._facts, self._text
        sentence, section = (
            _iri(facts.value(claim, part)) for part in (AL.inSentence, AL.inSection)
        )
        document = _iri(facts.value(claim, PROV.wasQuotedFrom))
        start, end, _ = self._position(claim)
        return Citation(
            iri=URIRef(str(claim)),
            quote=str(facts.value(URIRef(f"{claim}#quote"), OA.exact) or ""),
            language=str(text.value(document, DCTERMS.language) or ""),
            document=document,
            start=start,
            end=end,
            line=_number(text.value(sentence, AL.line)),
            sentence=sentence,
            sentence_text=str(text.value(sentence, RDF.value) or ""),
            section=section,
            headings=by_language(text.objects(section, RDFS.label)),
            edtf=str(facts.value(claim, AL.edtf) or ""),
            said_by=_iris(facts.objects(claim, AL.saidBy)),
            references=self._references(claim),
            doubts=self.doubts(claim),
        )

    def _references(self, claim: Node) -> tuple[CitedReference, ...]:
        text = self._text
        found = (
            CitedReference(
                iri, _number(text.value(iri, SCHEMA.position)), self._title(iri)
            )
            for iri in _iris(self._facts.objects(claim, CITO.citesAsEvidence))
        )
        return tuple(sorted(found, key=lambda one: (one.number or 0, one.iri)))

    def _title(self, reference: URIRef) -> str:
        """Return the title of a work, else its description, else nothing."""
        for part in (DCTERMS.title, DCTERMS.description):
            if found := sorted(map(str, self._text.objects(reference, part))):
                return found[0]
        return ""

    def _notes_about(self, node: Node) -> tuple[Doubt, ...]:
        """Return the curator's notes about a claim or a fact."""
        notes = self._notes
        return tuple(
            Doubt(
                iri,
                _iri(notes.value(iri, AL.kind)),
                by_language(notes.objects(iri, DCTERMS.description)),
                by_language(notes.objects(iri, AL.proposedReading)),
            )
            for iri in _iris(notes.subjects(AL.about, node))
        )

    def _packages(self, triple: Triple) -> Iterable[Package]:
        """Yield the packages that verified a triple about an entity."""
        subject, predicate, value = triple
        entities = self._graphs[ENTITIES_GRAPH]
        for table in _iris(entities.objects(subject, DCTERMS.source)):
            spaces = tuple(map(str, entities.objects(table, VOID.uriSpace)))
            fits = predicate not in _MATCHES or str(value).startswith(spaces)
            if (table, AL.states, predicate) in entities and fits:
                name, version, licence = (
                    str(entities.value(table, part) or "")
                    for part in (SCHEMA.name, SCHEMA.softwareVersion, DCTERMS.license)
                )
                yield Package(table, name, version, licence)


def _union_graph(graphs: Mapping[URIRef, Graph], prefix: str) -> Graph:
    """Return the graphs of one kind, such as the facts of every document, as one."""
    found = [graph for name, graph in graphs.items() if name.startswith(prefix)]
    return found[0] if len(found) == 1 else union(found)


def _claim_of(node: Node) -> URIRef:
    """Return the claim that a node is, or that a selector is part of."""
    return URIRef(str(node).partition("#")[0])


def _iri(node: Node | None) -> URIRef | None:
    return node if isinstance(node, URIRef) else None


def _iris(nodes: Iterable[Node]) -> tuple[URIRef, ...]:
    return tuple(sorted(node for node in nodes if isinstance(node, URIRef)))


def _number(node: Node | None) -> int | None:
    return None if node is None else int(str(node))
