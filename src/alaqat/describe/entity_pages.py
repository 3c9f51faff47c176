"""Pages of things as values: what the text says, what follows, what is not said."""

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

from alaqat.describe.grammar import PatternPart, slots_of
from alaqat.describe.view_models import (
    DerivedFacts,
    EntityView,
    Fact,
    FactGroup,
    FactRow,
    gaps,
)
from alaqat.i18n import read_texts, texts
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


MOST = 30
"""How many values of a property a page lists; the rest are in the data."""

_FACTS = 1024  # that are remembered as they are told

# What other parts of a page tell.
_ELSEWHERE = frozenset(
    {
        *(RDF.type, RDFS.label, RDFS.comment, SKOS.prefLabel, DCTERMS.title),
        *(SKOS.altLabel, SKOS.hiddenLabel, SKOS.notation, SKOS.definition),
        *(SKOS.exactMatch, SKOS.closeMatch, GEO.lat, GEO.long),
        *(AL.startEarliest, AL.startLatest, AL.endEarliest, AL.endLatest),
        *(AL.edtf, AL.attestedOn, AL.inPresentTense),
    }
)
# What makes up the amount of a figure.
_AMOUNT = {AL.value, AL.lowerValue, AL.upperValue, AL.approximate, QUDT.hasUnit}
_TRIPLE = (RDF.subject, RDF.predicate, RDF.object)
# The ways from a claim to what a page may be about.
_OF_CLAIMS = (AL.inSection, AL.inSentence, CITO.citesAsEvidence)


class EntityPages:
    """Makes the page of anything in a dataset, in one language.

    What is told of a fact is remembered, because many pages tell it.

    Args:
        descriptions: of the dataset.
        prover: of the same dataset, for the evidence.
        speaker: of the language.
    """

    def __init__(
        self, descriptions: Descriptions, prover: Prover, speaker: Verbalizer
    ) -> None:
        self.speaker = speaker
        self._descriptions = descriptions
        self._said = descriptions.said
        self._evidence = prover.evidence_index
        self._following = DerivedFacts(descriptions, speaker)
        self._inferred = descriptions.graphs.get(INFERRED_GRAPH, Graph())
        self.fact = lru_cache(_FACTS)(self._fact)

    def thing(self, iri: URIRef) -> EntityView:
        """The page of a thing."""
        said, name = self._said, self.speaker.name
        facts = sorted(self._about(iri), key=self._order)
        groups = tuple(self._groups(facts))
        derived = tuple(self._following.about(iri))
        return EntityView(
            iri=iri,
            name=name(iri),
            names=tuple(self._names(iri)),
            classes=tuple(self._classes(iri)),
            definition=self._text(iri, SKOS.definition),
            codes=tuple(self._codes(iri)),
            matches=tuple(sorted(map(str, said.objects(iri, SKOS.exactMatch)))),
            place=self._place(iri),
            groups=tuple(
                g for g in groups if g.name.node not in self._following.denying_classes
            ),
            denied=tuple(
                g for g in groups if g.name.node in self._following.denying_classes
            ),
            derived=tuple(
                d for d in derived if d.triple[1] not in self._following.denying
            ),
            denials=tuple(d for d in derived if d.triple[1] in self._following.denying),
            silences=tuple(gaps(self.speaker, iri, facts)),
            notes=self._evidence.doubts(iri),
            fact=self.fact(iri) if self._is_fact(iri) else None,
            rows=self._rows(iri, self._hidden(iri)),
            referring=self._referring(iri, facts),
        )

    def graph(self, name: URIRef) -> Graph:
        """A named graph; an empty one if there is none of that name."""
        return self._descriptions.graphs.get(name, Graph())

    def examples(self, facts: Iterable[Node], most: int) -> Sequence[Fact]:
        """Some facts in the order of the text."""
        return [self.fact(one) for one in sorted(facts, key=self._order)[:most]]

    def _fact(self, fact: Node) -> Fact:
        """A fact as pages tell it."""
        said, speaker = self._said, self.speaker
        form = speaker.form(fact)
        citations = [
            self._evidence.citation(one) for one in said.subjects(OA.hasBody, fact)
        ]
        told = {doubt.iri for one in citations for doubt in one.doubts}
        slots = slots_of(texts("facts", speaker.language)[form])
        used = {AL[slot] for slot in slots} | (_AMOUNT if "amount" in slots else set())
        return Fact(
            iri=URIRef(str(fact)),
            sentence=speaker.fact(fact),
            short=speaker.fact(fact, timed=False),
            form=form,
            time=speaker.time(fact),
            attested=speaker.day(fact, AL.attestedOn),
            details=tuple(self._rows(fact, used)),
            citations=tuple(sorted(citations, key=lambda one: (one.start, one.end))),
            doubts=tuple(
                doubt for doubt in self._evidence.doubts(fact) if doubt.iri not in told
            ),
        )

    def _is_fact(self, node: Node) -> bool:
        return (node, RDF.type, AL.Fact) in self._said

    def _about(self, iri: URIRef) -> set[Node]:
        """The facts that a thing is in, by a property or by words that state them."""
        said = self._said
        near = {*said.subjects(None, iri), *said.objects(iri)}
        claims = {c for one in _OF_CLAIMS for c in said.subjects(one, iri)}
        near |= {fact for claim in claims for fact in said.objects(claim, OA.hasBody)}
        return {node for node in near if self._is_fact(node)} - {iri}

    def _order(self, fact: Node) -> tuple[int, str]:
        """Facts stand in the order of their words in the text."""
        citations = self.fact(fact).citations
        return (citations[0].start if citations else 0, str(fact))

    def _groups(self, facts: Iterable[Node]) -> Iterator[FactGroup]:
        """Facts by the class that tells them, in the order of the grammar."""
        rows: defaultdict[str, list[Fact]] = defaultdict(list)
        for fact in facts:
            told = self.fact(fact)
            rows[told.form].append(told)
        for form in read_texts("facts"):
            if form in rows:
                yield FactGroup(self.speaker.name(AL[form]), tuple(rows[form]))

    def _names(self, iri: URIRef) -> Iterator[PatternPart]:
        """The names of a thing other than the one on the page's head."""
        shown = (self.speaker.name(iri).text, self.speaker.language)
        found = {
            (text.language or "", str(text))
            for property_ in (
                RDFS.label,
                SKOS.prefLabel,
                SKOS.altLabel,
                SKOS.hiddenLabel,
            )
            for text in self._said.objects(iri, property_)
            if isinstance(text, Literal)
        }
        for code, text in sorted(found):
            if (text, code) != shown:
                yield PatternPart(text, language=code)

    def _classes(self, iri: URIRef) -> Iterator[tuple[PatternPart, bool]]:
        """What a thing is, the nearest class first, and whether it is derived."""
        said = self._said
        kinds = {
            kind for kind in said.objects(iri, RDF.type) if isinstance(kind, URIRef)
        }
        derived = {kind for kind in kinds if (iri, RDF.type, kind) in self._inferred}
        for kind in sorted(kinds, key=lambda one: (-self.speaker.depth(one), one)):
            if self.speaker.has_name(kind):
                yield self.speaker.name(kind), kind in derived

    def _text(self, iri: Node, property_: URIRef) -> str:
        texts = {
            t.language: str(t)
            for t in self._said.objects(iri, property_)
            if isinstance(t, Literal)
        }
        return texts.get(self.speaker.language, "")

    def _codes(self, iri: URIRef) -> Iterator[tuple[PatternPart, str]]:
        codes = self._said.objects(iri, SKOS.notation)
        for code in sorted(one for one in codes if isinstance(one, Literal)):
            system = code.datatype
            yield self.speaker.name(system) if system else PatternPart(""), str(code)

    def _place(self, iri: URIRef) -> tuple[str, str] | None:
        found = (self._said.value(iri, GEO.lat), self._said.value(iri, GEO.long))
        return (str(found[0]), str(found[1])) if found[0] and found[1] else None

    def _hidden(self, iri: URIRef) -> set[Node]:
        """The properties of a thing that lead to facts, which are told as such."""
        pairs = self._said.predicate_objects(iri)
        return {p for p, o in pairs if self._is_fact(o) and not self._is_fact(iri)}

    def _rows(self, node: Node, hidden: Iterable[Node]) -> Sequence[FactRow]:
        """The properties of a thing that have a name, with their values."""
        skipped = {*_ELSEWHERE, *hidden}
        values: defaultdict[Node, list[Node]] = defaultdict(list)
        for property_, value in self._said.predicate_objects(node):
            inferred = (node, property_, value) in self._inferred
            if property_ not in skipped and not inferred:
                values[property_].append(value)
        return self._listed(values)

    def _referring(self, iri: URIRef, facts: Iterable[Node]) -> Sequence[FactRow]:
        """What leads to a thing and is told nowhere else on its page."""
        told = {*facts, iri}
        values: defaultdict[Node, list[Node]] = defaultdict(list)
        for subject, property_ in self._said.subject_predicates(iri):
            inferred = (subject, property_, iri) in self._inferred
            if not inferred and subject not in told and property_ not in _OF_CLAIMS:
                values[property_].append(subject)
        return self._listed(values)

    def _listed(self, values: Mapping[Node, Sequence[Node]]) -> Sequence[FactRow]:
        speaker, rows = self.speaker, []
        for property_, nodes in values.items():
            ours = [n for n in nodes if self._is_readable(n, nodes)]
            parts = sorted(
                {speaker.name(node) for node in ours}, key=lambda one: one.text
            )
            if parts:
                rows.append(
                    FactRow(speaker.name(property_), tuple(parts[:MOST]), len(parts))
                )
        return sorted(rows, key=lambda row: row.name.text)

    def _is_readable(self, node: Node, others: Sequence[Node]) -> bool:
        """Whether a value is no text in another language that ours stands beside."""
        if not isinstance(node, Literal) or not node.language:
            return True
        languages = {one.language for one in others if isinstance(one, Literal)}
        ours = self.speaker.language
        return node.language == ours or ours not in languages
