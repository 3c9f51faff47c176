"""Builder of the view models of entities and facts."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING

from rdflib import (
    DCTERMS,
    RDF,
    RDFS,
    SKOS,
    Graph,
    Literal,
    URIRef,
)

from alaqat.describe.grammar import TextPart, slot_names
from alaqat.describe.view_models import (
    DerivedFacts,
    EntityView,
    Fact,
    FactGroup,
    PropertyRow,
    gaps,
)
from alaqat.i18n import by_language, read_texts, texts
from alaqat.terms import (
    AL,
    CITO,
    GEO,
    INFERRED_GRAPH,
    OA,
    QUDT,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from rdflib.term import Node

    from alaqat.describe.resource import Descriptions
    from alaqat.describe.sentences import Verbalizer
    from alaqat.proofs.prover import Prover


MAX_VALUES = 30
"""How many values of a property a page lists; the rest are in the data."""

_MAX_FACTS = 1024  # that are cached
_LABELS = (RDFS.label, SKOS.prefLabel, SKOS.altLabel, SKOS.hiddenLabel)
# Properties that pages show elsewhere than in the list of properties.
_SHOWN_ELSEWHERE = frozenset(
    {
        *(*_LABELS, RDF.type, RDFS.comment, DCTERMS.title),
        *(SKOS.notation, SKOS.definition, SKOS.exactMatch, SKOS.closeMatch),
        *(GEO.lat, GEO.long, AL.edtf, AL.attestedOn, AL.inPresentTense),
        AL.presumedUntil,
        *(AL.startEarliest, AL.startLatest, AL.endEarliest, AL.endLatest),
    }
)
_AMOUNT = {AL.value, AL.lowerValue, AL.upperValue, AL.approximate, QUDT.hasUnit}
# From a claim to other resources that it belongs on the page of.
_CLAIM_PROPERTIES = (AL.inSection, AL.inSentence, CITO.citesAsEvidence)


class EntityViewBuilder:
    """Builds the view models of the entities of a dataset, in one language.

    Facts are cached, because many pages show the same ones.

    Args:
        descriptions: of the dataset.
        prover: of the dataset, for the evidence.
        verbalizer: of the language.
    """

    def __init__(
        self, descriptions: Descriptions, prover: Prover, verbalizer: Verbalizer
    ) -> None:
        self.verbalizer = verbalizer
        self._descriptions = descriptions
        self._graph = descriptions.union_graph
        self._evidence = prover.evidence_index
        self._derived = DerivedFacts(descriptions, verbalizer)
        self._inferred = descriptions.graphs.get(INFERRED_GRAPH, Graph())
        self.fact = lru_cache(_MAX_FACTS)(self._fact)

    def entity(self, iri: URIRef) -> EntityView:
        """Return the view model of an entity."""
        graph = self._graph
        denial_classes = self._derived.denial_classes
        denial_properties = self._derived.denial_properties
        facts = sorted(self._facts_about(iri), key=self._text_order)
        groups = tuple(self._groups(facts))
        derived = self._derived.about(iri)
        return EntityView(
            iri=iri,
            name=self.verbalizer.name(iri),
            other_names=tuple(self._other_names(iri)),
            classes=tuple(self._classes(iri)),
            definition=by_language(graph.objects(iri, SKOS.definition)).get(
                self.verbalizer.language, ""
            ),
            codes=tuple(self._codes(iri)),
            matches=tuple(sorted(map(str, graph.objects(iri, SKOS.exactMatch)))),
            coordinates=self._coordinates(iri),
            groups=tuple(g for g in groups if g.name.node not in denial_classes),
            denied=tuple(g for g in groups if g.name.node in denial_classes),
            derived=tuple(d for d in derived if d.triple[1] not in denial_properties),
            derived_denials=tuple(
                d for d in derived if d.triple[1] in denial_properties
            ),
            gaps=tuple(gaps(self.verbalizer, iri, facts)),
            notes=self._evidence.doubts(iri),
            fact=self.fact(iri) if self._is_fact(iri) else None,
            properties=self._properties(iri, self._properties_with_facts(iri)),
            incoming=self._incoming(iri, facts),
        )

    def graph(self, name: URIRef) -> Graph:
        """Return a named graph; an empty one if there is none with the name."""
        return self._descriptions.graphs.get(name, Graph())

    def examples(self, facts: Iterable[Node], limit: int) -> Sequence[Fact]:
        """Return the first facts in the order of the text."""
        return [self.fact(one) for one in sorted(facts, key=self._text_order)[:limit]]

    def _fact(self, fact: Node) -> Fact:
        verbalizer = self.verbalizer
        kind = verbalizer.kind(fact)
        citations = [
            self._evidence.citation(claim)
            for claim in self._graph.subjects(OA.hasBody, fact)
        ]
        on_citations = {doubt.iri for one in citations for doubt in one.doubts}
        slots = slot_names(texts("facts", verbalizer.language)[kind])
        in_sentence = {AL[slot] for slot in slots}
        if "amount" in slots:
            in_sentence |= _AMOUNT
        return Fact(
            iri=URIRef(str(fact)),
            sentence=verbalizer.fact(fact),
            short=verbalizer.fact(fact, with_time=False),
            kind=kind,
            time=verbalizer.time(fact),
            attested=verbalizer.day(fact, AL.attestedOn),
            details=tuple(self._properties(fact, in_sentence)),
            citations=tuple(sorted(citations, key=lambda one: (one.start, one.end))),
            doubts=tuple(
                doubt
                for doubt in self._evidence.doubts(fact)
                if doubt.iri not in on_citations
            ),
        )

    def _is_fact(self, node: Node) -> bool:
        return (node, RDF.type, AL.Fact) in self._graph

    def _facts_about(self, iri: URIRef) -> set[Node]:
        """Return the facts linked to an entity, directly or by the claims for them."""
        graph = self._graph
        linked = {*graph.subjects(None, iri), *graph.objects(iri)}
        claims = {c for one in _CLAIM_PROPERTIES for c in graph.subjects(one, iri)}
        linked |= {
            fact for claim in claims for fact in graph.objects(claim, OA.hasBody)
        }
        return {node for node in linked if self._is_fact(node)} - {iri}

    def _text_order(self, fact: Node) -> tuple[int, str]:
        """Return a sort key: the position of the first quote that states a fact."""
        citations = self.fact(fact).citations
        return (citations[0].start if citations else 0, str(fact))

    def _groups(self, facts: Iterable[Node]) -> Iterator[FactGroup]:
        """Yield the facts by kind, in the order of the grammar."""
        by_kind: defaultdict[str, list[Fact]] = defaultdict(list)
        for one in map(self.fact, facts):
            by_kind[one.kind].append(one)
        for kind in read_texts("facts"):
            if kind in by_kind:
                name = self.verbalizer.name(AL[kind])
                yield FactGroup(name, tuple(by_kind[kind]))

    def _other_names(self, iri: URIRef) -> Iterator[TextPart]:
        """Yield the labels of an entity but the one in the page's heading."""
        heading = (self.verbalizer.language, self.verbalizer.name(iri).text)
        labels = {
            (text.language or "", str(text))
            for property_ in _LABELS
            for text in self._graph.objects(iri, property_)
            if isinstance(text, Literal)
        }
        for code, text in sorted(labels - {heading}):
            yield TextPart(text, language=code)

    def _classes(self, iri: URIRef) -> Iterator[tuple[TextPart, bool]]:
        """Yield the classes, most specific first, each with whether it is derived."""
        kinds = {
            kind
            for kind in self._graph.objects(iri, RDF.type)
            if isinstance(kind, URIRef) and self.verbalizer.has_name(kind)
        }
        for kind in sorted(kinds, key=lambda one: (-self.verbalizer.depth(one), one)):
            yield self.verbalizer.name(kind), (iri, RDF.type, kind) in self._inferred

    def _codes(self, iri: URIRef) -> Iterator[tuple[TextPart, str]]:
        codes = self._graph.objects(iri, SKOS.notation)
        for code in sorted(one for one in codes if isinstance(one, Literal)):
            system = code.datatype
            name = self.verbalizer.name(system) if system else TextPart("")
            yield name, str(code)

    def _coordinates(self, iri: URIRef) -> tuple[str, str] | None:
        latitude, longitude = (
            self._graph.value(iri, property_) for property_ in (GEO.lat, GEO.long)
        )
        return (str(latitude), str(longitude)) if latitude and longitude else None

    def _properties_with_facts(self, iri: URIRef) -> set[Node]:
        """Return the properties with facts as values, which are shown as facts."""
        if self._is_fact(iri):
            return set()
        pairs = self._graph.predicate_objects(iri)
        return {property_ for property_, value in pairs if self._is_fact(value)}

    def _properties(self, node: Node, hidden: Iterable[Node]) -> Sequence[PropertyRow]:
        """Return the asserted properties of a node that are not shown elsewhere."""
        skipped = {*_SHOWN_ELSEWHERE, *hidden}
        values: defaultdict[Node, list[Node]] = defaultdict(list)
        for property_, value in self._graph.predicate_objects(node):
            is_inferred = (node, property_, value) in self._inferred
            if property_ not in skipped and not is_inferred:
                values[property_].append(value)
        return self._rows(values)

    def _incoming(self, iri: URIRef, facts: Iterable[Node]) -> Sequence[PropertyRow]:
        """Return the asserted properties with an entity as value, but for facts."""
        skipped = {*facts, iri}
        subjects: defaultdict[Node, list[Node]] = defaultdict(list)
        for subject, property_ in self._graph.subject_predicates(iri):
            is_inferred = (subject, property_, iri) in self._inferred
            is_shown = subject in skipped or property_ in _CLAIM_PROPERTIES
            if not is_inferred and not is_shown:
                subjects[property_].append(subject)
        return self._rows(subjects)

    def _rows(self, values: Mapping[Node, Sequence[Node]]) -> Sequence[PropertyRow]:
        rows = []
        for property_, nodes in values.items():
            names = {self.verbalizer.name(node) for node in self._translated(nodes)}
            parts = sorted(names, key=lambda part: part.text)
            name = self.verbalizer.name(property_)
            rows.append(PropertyRow(name, tuple(parts[:MAX_VALUES]), len(parts)))
        return sorted(rows, key=lambda row: row.name.text)

    def _translated(self, nodes: Sequence[Node]) -> Sequence[Node]:
        """Return values without texts in other languages if one is in the page's."""
        languages = {node: getattr(node, "language", None) for node in nodes}
        language = self.verbalizer.language
        if language not in languages.values():
            return nodes
        return [node for node, code in languages.items() if code in (None, language)]
