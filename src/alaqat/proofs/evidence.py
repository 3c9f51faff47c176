"""What an asserted triple rests on: the claims that state it, a package, or itself."""

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


# What the build reckons from what was stated; the words state the latter.
_RECKONED: dict[Node, URIRef] = {
    AL.startEarliest: AL.edtf,
    AL.startLatest: AL.edtf,
    AL.endEarliest: AL.edtf,
    AL.endLatest: AL.edtf,
    AL.attestedOn: AL.inPresentTense,
}

# What the curator writes to make a fact readable; no words of the source say it.
_CURATED = frozenset({RDFS.label, RDFS.comment})

# Where a package verified a match, the match is in the package's space of names.
_MATCHES = frozenset({SKOS.exactMatch, SKOS.closeMatch})

_MOST = 4096  # answers of each kind that are remembered

_KINDS: dict[str, EvidenceKind] = {
    document_graph(""): "text",
    notes_graph(""): "note",
    str(ONTOLOGY_GRAPH): "axiom",
}


class EvidenceIndex:
    """Finds the evidence of asserted triples in a dataset.

    Args:
        graphs: all named graphs of the dataset, by name.
    """

    def __init__(self, graphs: Mapping[URIRef, Graph]) -> None:
        self._graphs = graphs
        self._facts = _joined(graphs, facts_graph(""))
        self._text = _joined(graphs, document_graph(""))
        self._notes = _joined(graphs, notes_graph(""))
        self.citation = lru_cache(_MOST)(self._citation)
        self._claims = lru_cache(_MOST)(self._sorted_claims)
        self.doubts = lru_cache(_MOST)(self._notes_about)

    def evidence(self, triple: Triple, graph: URIRef) -> Evidence:
        """What a triple rests on that stands in a graph."""
        if graph == ENTITIES_GRAPH:
            packages = tuple(self._packages(triple))
            return Evidence("package" if packages else "curator", graph, (), packages)
        kind = next((k for start, k in _KINDS.items() if graph.startswith(start)), None)
        if kind is None:
            return self._stated(triple, graph)
        return Evidence(kind, graph, place=self._span(triple[0], graph))

    def _span(self, part: Node, graph: URIRef) -> Place | None:
        """Where the part of a document stands that a triple describes."""
        start, end, line = (
            _number(self._graphs[graph].value(part, one))
            for one in (AL.start, AL.end, AL.line)
        )
        slug = graph.removeprefix(document_graph(""))
        return (
            None if start is None or end is None else Place(DOC[slug], start, end, line)
        )

    def _stated(self, triple: Triple, graph: URIRef) -> Evidence:
        """The claims that state a triple about a fact, or that the triple is about."""
        subject, predicate, value = triple
        if self._is_claim(subject):
            return Evidence("words", graph, (self.citation(_owner(subject)),))
        if predicate in _CURATED:
            return Evidence("curator", graph)
        fact = next((n for n in (subject, value) if self._claims(n)), subject)
        claims = [c for c in self._claims(fact) if self._states(c, predicate)]
        citations = tuple(self.citation(claim) for claim in claims)
        told = {doubt.iri for one in citations for doubt in one.doubts}
        doubts = tuple(d for d in self.doubts(fact) if d.iri not in told)
        kind: EvidenceKind = "words" if citations else "curator"
        return Evidence(kind, graph, citations, doubts=doubts)

    def _is_claim(self, node: Node) -> bool:
        """Whether a node is a claim, or a part of one."""
        return (_owner(node), RDF.type, AL.Claim) in self._facts

    def _sorted_claims(self, fact: Node) -> list[Node]:
        """The claims about a fact in a fixed order: as they stand in the text."""
        return sorted(self._facts.subjects(OA.hasBody, fact), key=self._place)

    def _place(self, claim: Node) -> tuple[int, int, str]:
        position = URIRef(f"{claim}#position")
        start, end = (self._facts.value(position, one) for one in (OA.start, OA.end))
        return _number(start) or 0, _number(end) or 0, str(claim)

    def _states(self, claim: Node, predicate: Node) -> bool:
        """Whether the words of a claim state a property of its fact."""
        stated = set(self._facts.objects(claim, AL.states))
        return not stated or bool({predicate, _RECKONED.get(predicate)} & stated)

    def _citation(self, claim: Node) -> Citation:
        facts, text = self._facts, self._text
        sentence, section = (
            _iri(facts.value(claim, part)) for part in (AL.inSentence, AL.inSection)
        )
        document = _iri(facts.value(claim, PROV.wasQuotedFrom))
        start, end, _ = self._place(claim)
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
                iri, _number(text.value(iri, SCHEMA.position)), self._words(iri)
            )
            for iri in _iris(self._facts.objects(claim, CITO.citesAsEvidence))
        )
        return tuple(sorted(found, key=lambda one: (one.number or 0, one.iri)))

    def _words(self, reference: URIRef) -> str:
        """A work's title, else what is left of its description."""
        for part in (DCTERMS.title, DCTERMS.description):
            words = sorted(map(str, self._text.objects(reference, part)))
            if words:
                return words[0]
        return ""

    def _notes_about(self, node: Node) -> tuple[Doubt, ...]:
        """The curator's notes about a claim or a fact."""
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
        """The packages that verified a triple about an entity."""
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


def _joined(graphs: Mapping[URIRef, Graph], start: str) -> Graph:
    """All graphs of one kind, such as the facts of every document, as one."""
    found = [graph for name, graph in graphs.items() if name.startswith(start)]
    return found[0] if len(found) == 1 else union(found)


def _owner(node: Node) -> URIRef:
    """The claim that a selector is part of."""
    return URIRef(str(node).partition("#")[0])


def _iri(node: Node | None) -> URIRef | None:
    return node if isinstance(node, URIRef) else None


def _iris(nodes: Iterable[Node]) -> tuple[URIRef, ...]:
    return tuple(sorted(node for node in nodes if isinstance(node, URIRef)))


def _number(node: Node | None) -> int | None:
    return None if node is None else int(str(node))
