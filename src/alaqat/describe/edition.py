"""Which family of classes a fact is of, such as relation, event or figure.

The notes of curators on a document, in the order of its text.

Making an edition of a document from the graphs of a dataset.
"""

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
    EditionSection,
    Line,
    Remark,
    Run,
    Shelf,
    Statement,
    TextSpan,
)
from alaqat.errors import UnknownName
from alaqat.i18n import by_language
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
from alaqat.text.segments import (
    Marker,
    Sentence,
    Span,
    split_at_spans,
)
from alaqat.text.structure import EMPTY_SECTION, read_layout


class FactFamilies:
    """Sorts facts into the classes just below al:Fact, and below al:DatedRelation.

    Args:
        graphs: all named graphs of a dataset.
    """

    def __init__(self, graphs: Mapping[URIRef, Graph]) -> None:
        ontology = graphs.get(ONTOLOGY_GRAPH, Graph())
        below = {
            family
            for above in (AL.Fact, AL.DatedRelation)
            for family in ontology.subjects(RDFS.subClassOf, above)
        }
        default = default_graph(graphs)
        self._facts = {
            URIRef(family): frozenset(default.subjects(RDF.type, URIRef(family)))
            for family in sorted(map(str, below - {AL.DatedRelation}))
        }

    def of(self, fact: Node) -> URIRef | None:
        """The family of a fact; None for what is no fact."""
        found = (family for family, facts in self._facts.items() if fact in facts)
        return next(found, None)


def remarks(graphs: Mapping[URIRef, Graph], slug: str) -> tuple[Remark, ...]:
    """Every note on a document: first those on words, as these stand in the text.

    Args:
        graphs: all named graphs of a dataset.
        slug: the document's name.
    """
    notes = graphs.get(notes_graph(slug), Graph())
    layout = graphs[document_graph(slug)]
    found = [
        _remark(iri, notes, layout)
        for iri in notes.subjects(RDF.type, AL.Note)
        if isinstance(iri, URIRef)
    ]
    return tuple(sorted(found, key=_order))


def _remark(iri: URIRef, notes: Graph, layout: Graph) -> Remark:
    """One note."""
    position, quote = URIRef(f"{iri}#position"), URIRef(f"{iri}#quote")
    start, end = (notes.value(position, one) for one in (OA.start, OA.end))
    about = tuple(sorted(notes.objects(iri, AL.about), key=str))
    sentence = notes.value(iri, AL.inSentence)
    number = layout.value(sentence, SCHEMA.position) if sentence else None
    return Remark(
        iri=iri,
        kind=_iri(notes.value(iri, AL.kind)),
        texts=by_language(notes.objects(iri, DCTERMS.description)),
        reading=by_language(notes.objects(iri, AL.proposedReading)),
        span=None if start is None else Span(int(str(start)), int(str(end))),
        quote=str(notes.value(quote, OA.exact) or ""),
        sentence=None if number is None else int(str(number)),
        section=_iri(notes.value(iri, AL.inSection)) or _section(about, layout),
        about=about,
    )


def _section(about: Iterable[Node], layout: Graph) -> URIRef | None:
    """The section that a note is about, or that holds what it is about."""
    for node in about:
        if (node, RDF.type, AL.Section) in layout:
            return _iri(node)
        if (node, RDF.type, AL.Reference) in layout:
            item = layout.value(node, DCTERMS.isPartOf)
            return _iri(layout.value(item, DCTERMS.isPartOf))
    return None


def _order(remark: Remark) -> tuple[bool, Span, str]:
    return remark.span is None, remark.span or Span(0, 0), remark.iri


def _iri(node: Node | None) -> URIRef | None:
    return node if isinstance(node, URIRef) else None


def edit(prover: Prover, slug: str) -> Edition:
    """A document with everything that stands on its words.

    Raises:
        UnknownName: the dataset has no such document.
    """
    if document_graph(slug) not in prover.graphs:
        known = ", ".join(document_slugs(prover.graphs))
        raise UnknownName(
            f"There is no document “{slug}”.", remedy=f"Documents are: {known}."
        )
    return _Editor(prover, slug).edition()


@dataclass(frozen=True)
class _Editor:
    """Puts together what the graphs say of one document."""

    prover: Prover
    slug: str

    def edition(self) -> Edition:
        """The whole."""
        iri, layout = DOC[self.slug], self.layout
        return Edition(
            document=self.document,
            iri=iri,
            language=str(layout.value(iri, DCTERMS.language) or ""),
            titles=by_language(layout.objects(iri, DCTERMS.title)),
            sources=by_language(layout.objects(iri, DCTERMS.bibliographicCitation)),
            sections=tuple(self._sections()),
            statements=self.statements,
            remarks=self.remarks,
        )

    @cached_property
    def own(self) -> Mapping[URIRef, Graph]:
        """The document as RDF and the notes on it, which are read many times."""
        names = document_graph(self.slug), notes_graph(self.slug)
        graphs = self.prover.graphs
        return {name: new_graph(graphs[name]) for name in names if name in graphs}

    @property
    def layout(self) -> Graph:
        """The document as RDF."""
        return self.own[document_graph(self.slug)]

    @cached_property
    def document(self) -> Document:
        """The text."""
        return read_layout(DOC[self.slug], self.layout)

    @cached_property
    def remarks(self) -> tuple[Remark, ...]:
        """The notes on it."""
        return remarks(self.own, self.slug)

    @cached_property
    def statements(self) -> tuple[Statement, ...]:
        """The claims that quote it, in the order of the text."""
        facts = self.prover.graphs.get(facts_graph(self.slug), Graph())
        kinds = FactFamilies(self.prover.graphs)
        notes: defaultdict[Node, list[Remark]] = defaultdict(list)
        for remark in self.remarks:
            for node in remark.about:
                notes[node].append(remark)
        found = (
            Statement(
                citation=self.prover.evidence_index.citation(claim),
                fact=URIRef(str(fact)),
                kind=kinds.of(fact),
                remarks=_once(*notes[claim], *notes[fact]),
            )
            for claim, fact in facts.subject_objects(OA.hasBody)
        )
        return tuple(sorted(found, key=lambda one: (one.span, one.citation.iri)))

    @cached_property
    def references(self) -> dict[int, int]:
        """The number of each reference by its line."""
        found = self.layout.subjects(RDF.type, AL.Reference)
        return {
            self._number(node, AL.line): self._number(node, SCHEMA.position)
            for node in found
        }

    def _number(self, node: Node, name: URIRef) -> int:
        return int(str(self.layout.value(node, name)))

    def _sections(self) -> Iterator[EditionSection]:
        """The sections; the first begins with the first line, whatever that is."""
        layout = self.layout
        nodes = (
            (self._number(node, AL.line), URIRef(str(node)))
            for node in layout.subjects(RDF.type, AL.Section)
        )
        rows = sorted(nodes)
        last = len(self.document.lines) + 1
        starts = [1, *(line for line, _ in rows[1:]), last]
        for (_, iri), first, end in zip(rows, starts, starts[1:], strict=False):
            yield EditionSection(
                iri=iri,
                level=self._number(iri, AL.level),
                headings=by_language(layout.objects(iri, RDFS.label)),
                lines=tuple(self._line(number) for number in range(first, end)),
                shelves=tuple(self._shelves(first, end)),
                remarks=self._whole.get(iri, ()),
                is_empty=(iri, AL.kind, EMPTY_SECTION) in layout,
            )

    def _shelves(self, first: int, end: int) -> Iterator[Shelf]:
        """What stands on the sentences of some lines."""
        for sentence in self.document.sentences:
            if first <= sentence.line < end:
                shelf = self._shelf(sentence)
                if shelf.statements or shelf.remarks or shelf.reference:
                    yield shelf

    def _shelf(self, sentence: Sentence) -> Shelf:
        iri = DOC[f"{self.slug}/sentence/{sentence.number}"]
        reference = self.references.get(sentence.line)
        node = DOC[f"{self.slug}/reference/{reference}"]
        markers = enumerate(self.document.markers, 1)
        return Shelf(
            sentence=sentence.number,
            statements=tuple(
                one for one in self.statements if one.citation.sentence == iri
            ),
            remarks=tuple(
                one
                for one in self.remarks
                if one.sentence == sentence.number or one in self._whole.get(node, ())
            ),
            reference=reference,
            cited=tuple(n for n, one in markers if one.number == reference),
        )

    def _line(self, number: int) -> Line:
        """A line, with the line feed after it unless it is the last."""
        span = self.document.lines[number - 1]
        end = min(span.end + 1, len(self.document.text))
        units = self._units.get(number, [])
        kinds = {unit.kind for unit in units}
        kind: Literal["heading", "item", "text"] = (
            "heading" if "heading" in kinds else "item" if "item" in kinds else "text"
        )
        runs = tuple(self._runs(Span(span.start, end), units))
        return Line(kind, number, self.references.get(number), runs)

    @cached_property
    def _units(self) -> Mapping[int, Sequence[Sentence]]:
        """The sentences, items and headings by their line."""
        found: defaultdict[int, list[Sentence]] = defaultdict(list)
        for unit in (*self.document.sentences, *self.document.headings):
            found[unit.line].append(unit)
        return found

    def _runs(self, line: Span, units: Sequence[Sentence]) -> Iterator[Run]:
        """The units of a line and what stands between them."""
        start = line.start
        for unit in units:
            yield from self._run(None, Span(start, unit.span.start))
            number = None if unit.kind == "heading" else unit.number
            yield from self._run(number, unit.span)
            start = unit.span.end
        yield from self._run(None, Span(start, line.end))

    def _run(self, sentence: int | None, span: Span) -> Iterator[Run]:
        if span.start < span.end:
            yield Run(sentence, tuple(self._stretches(span)))

    def _stretches(self, span: Span) -> Iterator[TextSpan]:
        """A span, cut where what stands on it changes."""
        statements, notes, markers = self.statements, self._noted, self._markers
        spans = (
            *(one.span for one in statements),
            *(one for _, one in notes),
            *(marker.span for _, marker in markers),
        )
        first, second = len(statements), len(statements) + len(notes)
        for piece in split_at_spans(span, spans):
            covering = [notes[n - first] for n in piece.covers if first <= n < second]
            quoting = [statements[n] for n in piece.covers if n < first]
            marker = next(
                (markers[n - second] for n in piece.covers if n >= second), None
            )
            yield TextSpan(
                start=piece.span.start,
                text=self.document.slice(piece.span),
                statements=tuple(sorted(quoting, key=_length)),
                remarks=tuple(one for one, _ in covering),
                ends=tuple(one for one, at in covering if at.end == piece.span.end),
                footnote=marker[1].number if marker else None,
                number=marker[0] if marker else None,
            )

    @cached_property
    def _whole(self) -> Mapping[Node, tuple[Remark, ...]]:
        """The notes without words, by the first section or reference they are about."""
        found: defaultdict[Node, tuple[Remark, ...]] = defaultdict(tuple)
        for remark in self.remarks:
            places = [n for n in remark.about if (n, AL.start, None) in self.layout]
            if remark.span is None and places:
                first = min(places, key=lambda node: self._number(node, AL.start))
                found[first] = (*found[first], remark)
        return found

    @cached_property
    def _noted(self) -> Sequence[tuple[Remark, Span]]:
        """The notes that stand on words."""
        return [(one, one.span) for one in self.remarks if one.span]

    @cached_property
    def _markers(self) -> Sequence[tuple[int, Marker]]:
        """The footnotes, numbered in the order of the text."""
        return list(enumerate(self.document.markers, 1))


def _once(*found: Remark) -> tuple[Remark, ...]:
    """Notes without repetition."""
    return tuple({remark.iri: remark for remark in found}.values())


def _length(statement: Statement) -> tuple[int, Span]:
    return statement.span.end - statement.span.start, statement.span
