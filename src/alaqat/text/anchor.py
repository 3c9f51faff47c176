"""Annotations: the quotes of facts and notes, anchored in the text as claims.

Claims are Web Annotations (https://www.w3.org/TR/annotation-model/ §4.2): their body is
the fact, their target the document with a position selector and a quote selector.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from rdflib import PROV, RDF, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from alaqat.errors import InvalidData, SourceLocator
from alaqat.rdf.graphs import new_graph
from alaqat.terms import (
    AL,
    BASE,
    CITO,
    DOC,
    OA,
)
from alaqat.text.document import Document
from alaqat.text.segments import Span

Triple = tuple[Node, Node, Node]

CONTEXT_LENGTH = 32
"""Code points of the document stored on either side of a quote."""


@dataclass(frozen=True)
class Quote:
    """Words that a curator quotes as the evidence of a fact or a note."""

    subject: URIRef
    node: Node
    exact: str
    prefix: str = ""
    suffix: str = ""


class QuoteAnchor:
    """Anchors the quotes of one document's facts and notes in its text.

    Args:
        document: the text.
        layout: the document as RDF, with the offsets of its sections.
        where: gives the file and line of a fact, for messages.
    """

    def __init__(self, document: Document, layout: Graph, where: SourceLocator) -> None:
        self.document = document
        self.where = where
        self._iri = DOC[document.slug]
        self._sections = sorted(_section_spans(layout), key=lambda found: found[0])

    def anchor_facts(self, facts: Graph) -> Graph:
        """Return the facts with a claim in the place of each quote.

        Raises:
            InvalidData: quotes are missing from the text, ambiguous, given twice, or
                longer than a sentence; the message lists all of them.
        """
        anchored = _without_quotes(facts)
        for quote, span in self._locate_all(facts):
            claim = self._claim_iri(quote, span)
            anchored.add((claim, RDF.type, AL.Claim))
            anchored.add((claim, OA.hasBody, quote.subject))
            anchored.add((claim, PROV.wasQuotedFrom, self._iri))
            for triple in (
                *self._target(claim, span),
                *self._references(claim, span),
                *_claim_statements(facts, quote, claim),
            ):
                anchored.add(triple)
        return anchored

    def anchor_notes(self, notes: Graph, facts: Graph) -> Graph:
        """Return the notes, linked to their words and to the claims they doubt.

        Args:
            notes: the notes as written.
            facts: the anchored facts.
        """
        anchored = _without_quotes(notes)
        spans: dict[URIRef, Span] = {}
        for quote, span in self._locate_all(notes):
            spans[quote.subject] = span
            for triple in self._target(quote.subject, span):
                anchored.add(triple)
        for note, body in notes.subject_objects(AL.about):
            for claim in facts.subjects(OA.hasBody, body):
                claimed = _claim_span(facts, claim)
                noted = spans.get(note, claimed)  # type: ignore[call-overload] # keys are IRIs
                if noted.start < claimed.end and claimed.start < noted.end:
                    anchored.add((note, AL.about, claim))
        return anchored

    def _locate_all(self, graph: Graph) -> Iterator[tuple[Quote, Span]]:
        """Yield every quote with its span, or raise one error for all failures."""
        found: list[tuple[Quote, Span]] = []
        errors: list[InvalidData] = []
        for quote in sorted(
            _read_quotes(graph), key=lambda quote: (quote.subject, quote.exact)
        ):
            try:
                found.append((quote, self._locate(quote)))
            except InvalidData as error:
                error.path, error.line = self.where(quote.subject, quote.exact) or (
                    None,
                    None,
                )
                errors.append(error)
        errors += self._duplicate_errors(found)
        if len(errors) == 1:
            raise errors[0]
        if errors:
            raise InvalidData("\n".join(str(error) for error in errors))
        yield from found

    def _locate(self, quote: Quote) -> Span:
        """Return the span of a quote, which lies within one sentence."""
        span = self.document.find(quote.exact, quote.prefix, quote.suffix)
        first = self.document.sentence_at(span.start)
        last = self.document.sentence_at(span.end - 1)
        if first != last:
            raise InvalidData(
                f"The quote “{quote.exact}” is longer than a sentence.",
                remedy="Quote the words of each sentence separately.",
            )
        return span

    def _duplicate_errors(
        self, found: list[tuple[Quote, Span]]
    ) -> Iterator[InvalidData]:
        """Yield an error for each quote that its subject already has."""
        seen: set[tuple[URIRef, Span]] = set()
        for quote, span in found:
            if (quote.subject, span) in seen:
                path, line = self.where(quote.subject, quote.exact) or (None, None)
                message = f"The quote “{quote.exact}” is given twice for one subject."
                yield InvalidData(message, path=path, line=line, remedy="Remove one.")
            seen.add((quote.subject, span))

    def _claim_iri(self, quote: Quote, span: Span) -> URIRef:
        """Return the IRI of a claim, derived from its subject and span."""
        key = f"{quote.subject} {span.start} {span.end}"
        name = hashlib.sha256(key.encode()).hexdigest()[:16]
        return URIRef(f"{BASE}id/claim/{self.document.slug}/{name}")

    def _target(self, node: URIRef, span: Span) -> Iterator[Triple]:
        """Yield the target of an annotation: a position and a quote selector."""
        text = self.document.text
        target, position, words = (
            URIRef(f"{node}#{part}") for part in ("target", "position", "quote")
        )
        prefix = text[max(0, span.start - CONTEXT_LENGTH) : span.start]
        suffix = text[span.end : span.end + CONTEXT_LENGTH]
        yield node, OA.hasTarget, target
        yield target, RDF.type, OA.SpecificResource
        yield target, OA.hasSource, self._iri
        yield target, OA.hasSelector, position
        yield target, OA.hasSelector, words
        yield position, RDF.type, OA.TextPositionSelector
        yield position, OA.start, Literal(span.start)
        yield position, OA.end, Literal(span.end)
        yield words, RDF.type, OA.TextQuoteSelector
        yield words, OA.exact, Literal(self.document.slice(span))
        yield words, OA.prefix, Literal(prefix)
        yield words, OA.suffix, Literal(suffix)
        yield from self._placement(node, span)

    def _placement(self, node: URIRef, span: Span) -> Iterator[Triple]:
        """Yield the sentence and the innermost section that hold the words."""
        sentence = self.document.sentence_at(span.start)
        if sentence is not None:
            yield node, AL.inSentence, self._part("sentence", sentence.number)
        holding = [
            iri for start, end, iri in self._sections if start <= span.start < end
        ]
        if holding:
            yield node, AL.inSection, holding[-1]

    def _references(self, claim: URIRef, span: Span) -> Iterator[Triple]:
        """Yield the references of the footnotes that close the quoted clause."""
        for marker in self.document.markers_closing(span):
            yield claim, CITO.citesAsEvidence, self._part("reference", marker.number)

    def _part(self, kind: str, number: int) -> URIRef:
        """Return the IRI of a numbered part of the document."""
        return URIRef(f"{self._iri}/{kind}/{number}")


def _read_quotes(graph: Graph) -> Iterator[Quote]:
    """Yield the quotes of a graph, each a literal or a node with context."""
    for subject, node in graph.subject_objects(AL.quote):
        if not isinstance(subject, URIRef):
            raise InvalidData(
                f"A quote belongs to a blank node: “{node}”.",
                remedy="Give the fact an IRI.",
            )
        if isinstance(node, Literal):
            yield Quote(subject, node, str(node))
            continue
        exact, prefix, suffix = (
            str(graph.value(node, property_) or "")
            for property_ in (OA.exact, OA.prefix, OA.suffix)
        )
        yield Quote(subject, node, exact, prefix, suffix)


def _without_quotes(graph: Graph) -> Graph:
    """Return the graph without its quotes and the blank nodes that hold them."""
    return new_graph(
        triple
        for triple in graph
        if triple[1] != AL.quote and not isinstance(triple[0], BNode)
    )


def _claim_statements(facts: Graph, quote: Quote, claim: URIRef) -> Graph:
    """Return a quote's own statements: its date, speaker, references and extent.

    The fact's date belongs to a claim that is the only one or states the date.
    """
    graph = new_graph()
    if isinstance(quote.node, BNode):
        for predicate, value in facts.predicate_objects(quote.node):
            if predicate not in (OA.exact, OA.prefix, OA.suffix):
                graph.add((claim, predicate, value))
    alone = len(set(facts.objects(quote.subject, AL.quote))) == 1
    stated = set(graph.objects(claim, AL.states))
    states_date = AL.edtf in stated if stated else alone
    if states_date and (claim, AL.edtf, None) not in graph:
        for value in facts.objects(quote.subject, AL.edtf):
            graph.add((claim, AL.edtf, value))
    return graph


def _section_spans(layout: Graph) -> Iterator[tuple[int, int, URIRef]]:
    """Yield start, end and IRI of every section."""
    for section in layout.subjects(RDF.type, AL.Section):
        start, end = layout.value(section, AL.start), layout.value(section, AL.end)
        yield int(str(start)), int(str(end)), URIRef(str(section))


def _claim_span(facts: Graph, claim: Node) -> Span:
    """Return the span of an anchored claim."""
    position = URIRef(f"{claim}#position")
    start, end = facts.value(position, OA.start), facts.value(position, OA.end)
    return Span(int(str(start)), int(str(end)))
