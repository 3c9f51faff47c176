"""Annotated edition of a document: its text with the claims and notes on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from rdflib import DCTERMS, RDF, RDFS, Graph, URIRef
from rdflib.term import Node

from alaqat.describe.edition_model import (
    Edition,
    EditionClaim,
    EditionNote,
    EditionSection,
    Line,
    Run,
    SentenceAnnotations,
    TextSpan,
)
from alaqat.errors import UnknownName
from alaqat.i18n import by_language
from alaqat.lexical import read_integer
from alaqat.proofs.prover import Prover
from alaqat.rdf.graphs import default_graph, new_graph
from alaqat.terms import (
    AL,
    DOC,
    OA,
    ONTOLOGY_GRAPH,
    SCHEMA,
    document_graph,
    document_slugs,
    facts_graph,
    notes_graph,
)
from alaqat.text.document import Document
from alaqat.text.segments import Marker, Sentence, Span, split_at_spans
from alaqat.text.structure import EMPTY_SECTION, read_layout


def build_edition(prover: Prover, slug: str) -> Edition:
    """Return the edition of a document.

    Args:
        prover: of the dataset.
        slug: name of the document.

    Raises:
        UnknownName: the dataset has no such document.
    """
    if document_graph(slug) not in prover.graphs:
        known = ", ".join(document_slugs(prover.graphs))
        raise UnknownName(
            f"There is no document “{slug}”.", remedy=f"Documents are: {known}."
        )
    return _EditionBuilder(prover, slug).edition()


@dataclass(frozen=True)
class _EditionBuilder:
    """Builds the edition of one document."""

    prover: Prover
    slug: str

    def edition(self) -> Edition:
        iri, layout = DOC[self.slug], self.layout
        return Edition(
            document=self.document,
            iri=iri,
            language=str(layout.value(iri, DCTERMS.language) or ""),
            titles=by_language(layout.objects(iri, DCTERMS.title)),
            sources=by_language(layout.objects(iri, DCTERMS.bibliographicCitation)),
            sections=tuple(self._sections()),
            claims=self.claims,
            notes=self.notes,
        )

    @cached_property
    def layout(self) -> Graph:
        """The document as RDF, copied because it is read many times."""
        return new_graph(self.prover.graphs[document_graph(self.slug)])

    @cached_property
    def document(self) -> Document:
        """The text."""
        return read_layout(DOC[self.slug], self.layout)

    @cached_property
    def notes(self) -> tuple[EditionNote, ...]:
        """The notes: those on quotes in the order of the text, then the others."""
        notes = new_graph(self.prover.graphs.get(notes_graph(self.slug), ()))
        found = [
            _read_note(iri, notes, self.layout)
            for iri in notes.subjects(RDF.type, AL.Note)
            if isinstance(iri, URIRef)
        ]
        return tuple(sorted(found, key=_note_order))

    @cached_property
    def claims(self) -> tuple[EditionClaim, ...]:
        """The claims, in the order of the text."""
        facts = self.prover.graphs.get(facts_graph(self.slug), Graph())
        families = _fact_families(self.prover.graphs)
        notes: defaultdict[Node, list[EditionNote]] = defaultdict(list)
        for note in self.notes:
            for node in note.about:
                notes[node].append(note)
        found = (
            EditionClaim(
                citation=self.prover.evidence_index.citation(claim),
                fact=URIRef(str(fact)),
                family=families.get(fact),
                notes=_unique((*notes[claim], *notes[fact])),
            )
            for claim, fact in facts.subject_objects(OA.hasBody)
        )
        return tuple(sorted(found, key=lambda one: (one.span, one.citation.iri)))

    @cached_property
    def references(self) -> dict[int, int]:
        """The number of each bibliographic reference by its line."""
        return {
            self._number(node, AL.line): self._number(node, SCHEMA.position)
            for node in self.layout.subjects(RDF.type, AL.Reference)
        }

    def _number(self, node: Node, property_: URIRef) -> int:
        return read_integer(self.layout.value(node, property_)) or 0

    def _sections(self) -> Iterator[EditionSection]:
        """Yield the sections; the first one begins with the first line in any case."""
        layout, last = self.layout, len(self.document.lines)
        rows = sorted(
            (min(max(self._number(node, AL.line), 1), last), URIRef(str(node)))
            for node in layout.subjects(RDF.type, AL.Section)
        )
        end = last + 1
        starts = [1, *(line for line, _ in rows[1:]), end]
        for (_, iri), first, stop in zip(rows, starts, starts[1:], strict=False):
            yield EditionSection(
                iri=iri,
                level=self._number(iri, AL.level),
                headings=by_language(layout.objects(iri, RDFS.label)),
                lines=tuple(self._line(number) for number in range(first, stop)),
                annotations=tuple(self._annotations(first, stop)),
                notes=self._notes_on_parts.get(iri, ()),
                is_empty=(iri, AL.kind, EMPTY_SECTION) in layout,
            )

    def _annotations(self, first: int, stop: int) -> Iterator[SentenceAnnotations]:
        """Yield the annotations of the sentences in a range of lines, if any."""
        for sentence in self.document.sentences:
            if first <= sentence.line < stop:
                found = self._annotations_of(sentence)
                if found.claims or found.notes or found.reference:
                    yield found

    def _annotations_of(self, sentence: Sentence) -> SentenceAnnotations:
        iri = DOC[f"{self.slug}/sentence/{sentence.number}"]
        reference = self.references.get(sentence.line)
        node = DOC[f"{self.slug}/reference/{reference}"]
        on_reference = self._notes_on_parts.get(node, ())
        return SentenceAnnotations(
            sentence=sentence.number,
            claims=tuple(one for one in self.claims if one.citation.sentence == iri),
            notes=tuple(
                one
                for one in self.notes
                if one.sentence == sentence.number or one in on_reference
            ),
            reference=reference,
            footnotes=tuple(
                number for number, one in self._markers if one.number == reference
            ),
        )

    def _line(self, number: int) -> Line:
        span = self.document.lines[number - 1]
        end = min(span.end + 1, len(self.document.text))  # with the line feed
        units = self._units.get(number, [])
        kinds = {unit.kind for unit in units}
        kind: Literal["heading", "item", "text"] = (
            "heading" if "heading" in kinds else "item" if "item" in kinds else "text"
        )
        runs = tuple(self._runs(Span(span.start, end), units))
        return Line(kind, number, self.references.get(number), runs)

    @cached_property
    def _units(self) -> Mapping[int, Sequence[Sentence]]:
        """The sentences, items and headings by line."""
        found: defaultdict[int, list[Sentence]] = defaultdict(list)
        for unit in (*self.document.sentences, *self.document.headings):
            found[unit.line].append(unit)
        return found

    def _runs(self, line: Span, units: Sequence[Sentence]) -> Iterator[Run]:
        """Yield the units of a line and the text between them."""
        start = line.start
        for unit in units:
            yield from self._run(None, Span(start, unit.span.start))
            number = None if unit.kind == "heading" else unit.number
            yield from self._run(number, unit.span)
            start = unit.span.end
        yield from self._run(None, Span(start, line.end))

    def _run(self, sentence: int | None, span: Span) -> Iterator[Run]:
        if span.start < span.end:
            yield Run(sentence, tuple(self._spans(span)))

    def _spans(self, span: Span) -> Iterator[TextSpan]:
        """Yield a span in parts, cut where the set of annotations on it changes."""
        claims, notes, markers = self.claims, self._notes_on_quotes, self._markers
        spans = (
            *(claim.span for claim in claims),
            *(quote for _, quote in notes),
            *(marker.span for _, marker in markers),
        )
        first_note, first_marker = len(claims), len(claims) + len(notes)
        for piece in split_at_spans(span, spans):
            quoting = [claims[n] for n in piece.covers if n < first_note]
            covering = [
                notes[n - first_note]
                for n in piece.covers
                if first_note <= n < first_marker
            ]
            footnote, marker = next(
                (markers[n - first_marker] for n in piece.covers if n >= first_marker),
                (None, None),
            )
            yield TextSpan(
                start=piece.span.start,
                text=self.document.slice(piece.span),
                claims=tuple(sorted(quoting, key=_length)),
                notes=tuple(note for note, _ in covering),
                ending_notes=tuple(
                    note for note, quote in covering if quote.end == piece.span.end
                ),
                reference=marker.number if marker else None,
                footnote=footnote,
            )

    @cached_property
    def _notes_on_parts(self) -> Mapping[Node, tuple[EditionNote, ...]]:
        """The notes without a quote, by the first section or reference of each."""
        found: defaultdict[Node, tuple[EditionNote, ...]] = defaultdict(tuple)
        for note in self.notes:
            parts = [n for n in note.about if (n, AL.start, None) in self.layout]
            if note.span is None and parts:
                first = min(parts, key=lambda node: self._number(node, AL.start))
                found[first] = (*found[first], note)
        return found

    @cached_property
    def _notes_on_quotes(self) -> Sequence[tuple[EditionNote, Span]]:
        return [(one, one.span) for one in self.notes if one.span]

    @cached_property
    def _markers(self) -> Sequence[tuple[int, Marker]]:
        """The footnote marks, numbered in the order of the text."""
        return list(enumerate(self.document.markers, 1))


def _read_note(iri: URIRef, notes: Graph, layout: Graph) -> EditionNote:
    position, quote = URIRef(f"{iri}#position"), URIRef(f"{iri}#quote")
    start, end = (
        read_integer(notes.value(position, one)) for one in (OA.start, OA.end)
    )
    about = tuple(sorted(notes.objects(iri, AL.about), key=str))
    sentence = notes.value(iri, AL.inSentence)
    number = layout.value(sentence, SCHEMA.position) if sentence else None
    return EditionNote(
        iri=iri,
        kind=_iri(notes.value(iri, AL.kind)),
        texts=by_language(notes.objects(iri, DCTERMS.description)),
        reading=by_language(notes.objects(iri, AL.proposedReading)),
        span=None if start is None or end is None else Span(start, end),
        quote=str(notes.value(quote, OA.exact) or ""),
        sentence=read_integer(number),
        section=_iri(notes.value(iri, AL.inSection)) or _section(about, layout),
        about=about,
    )


def _section(about: Iterable[Node], layout: Graph) -> URIRef | None:
    """Return the section that a note is about, or that contains its reference."""
    for node in about:
        if (node, RDF.type, AL.Section) in layout:
            return _iri(node)
        if (node, RDF.type, AL.Reference) in layout:
            item = layout.value(node, DCTERMS.isPartOf)
            return _iri(layout.value(item, DCTERMS.isPartOf))
    return None


def _fact_families(graphs: Mapping[URIRef, Graph]) -> Mapping[Node, URIRef]:
    """Return the family of every fact: its class just below the general ones.

    The general classes are al:Fact and al:DatedRelation.
    """
    ontology, default = graphs.get(ONTOLOGY_GRAPH, Graph()), default_graph(graphs)
    classes = {
        str(kind)
        for general in (AL.Fact, AL.DatedRelation)
        for kind in ontology.subjects(RDFS.subClassOf, general)
    }
    families: dict[Node, URIRef] = {}
    for family in map(URIRef, sorted(classes - {str(AL.DatedRelation)})):
        for fact in default.subjects(RDF.type, family):
            families.setdefault(fact, family)
    return families


def _note_order(note: EditionNote) -> tuple[bool, Span, str]:
    return note.span is None, note.span or Span(0, 0), note.iri


def _unique(notes: Iterable[EditionNote]) -> tuple[EditionNote, ...]:
    return tuple({note.iri: note for note in notes}.values())


def _length(claim: EditionClaim) -> tuple[int, Span]:
    return claim.span.end - claim.span.start, claim.span


def _iri(node: Node | None) -> URIRef | None:
    return node if isinstance(node, URIRef) else None
