"""Quotes become claims: each bound to the exact words of the document.

Claims are Web Annotations (https://www.w3.org/TR/annotation-model/ §4.2): their
body is the fact, their target is the document with a position and a quote selector.
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

CONTEXT = 32
"""Code points of the document kept on either side of a quote."""


@dataclass(frozen=True)
class Quote:
    """Words that a curator gave as the evidence of a fact or of a note."""

    subject: URIRef
    node: Node
    exact: str
    prefix: str = ""
    suffix: str = ""


class QuoteAnchor:
    """Binds the quotes of one document's facts and notes to its text.

    Args:
        document: the text.
        layout: the document as RDF, with the offsets of its sections.
        where: the file and line of a fact, for messages.
    """

    def __init__(self, document: Document, layout: Graph, where: SourceLocator) -> None:
        self.document = document
        self.where = where
        self._iri = DOC[document.slug]
        self._sections = sorted(_sections(layout), key=lambda found: found[0])

    def facts(self, facts: Graph) -> Graph:
        """The facts, with a claim in the place of each quote.

        Raises:
            InvalidData: a quote is not in the text, stands there more than once, is
                given twice, or is longer than a sentence; all of them are told.
        """
        anchored = _without_quotes(facts)
        for quote, span in self._located(facts):
            claim = self._claim(quote, span)
            anchored.add((claim, RDF.type, AL.Claim))
            anchored.add((claim, OA.hasBody, quote.subject))
            anchored.add((claim, PROV.wasQuotedFrom, self._iri))
            for triple in (
                *self._target(claim, span),
                *self._references(claim, span),
                *_carried(facts, quote, claim),
            ):
                anchored.add(triple)
        return anchored

    def notes(self, notes: Graph, facts: Graph) -> Graph:
        """The notes, bound to their words and to the claims that they doubt.

        Args:
            notes: the notes as written.
            facts: the facts as anchored.
        """
        anchored = _without_quotes(notes)
        spans: dict[URIRef, Span] = {}
        for quote, span in self._located(notes):
            spans[quote.subject] = span
            for triple in self._target(quote.subject, span):
                anchored.add(triple)
        for note, body in notes.subject_objects(AL.about):
            for claim in facts.subjects(OA.hasBody, body):
                claimed = _span(facts, claim)
                noted = spans.get(note, claimed)  # type: ignore[call-overload] # keys are IRIs
                if noted.start < claimed.end and claimed.start < noted.end:
                    anchored.add((note, AL.about, claim))
        return anchored

    def _located(self, graph: Graph) -> Iterator[tuple[Quote, Span]]:
        """Every quote with its place; one error that tells all that have none."""
        found: list[tuple[Quote, Span]] = []
        errors: list[InvalidData] = []
        for quote in sorted(
            _quotes(graph), key=lambda quote: (quote.subject, quote.exact)
        ):
            try:
                found.append((quote, self._locate(quote)))
            except InvalidData as error:
                error.path, error.line = self.where(quote.subject, quote.exact) or (
                    None,
                    None,
                )
                errors.append(error)
        errors += self._repeated(found)
        if len(errors) == 1:
            raise errors[0]
        if errors:
            raise InvalidData("\n".join(str(error) for error in errors))
        yield from found

    def _locate(self, quote: Quote) -> Span:
        """The one place of a quote, within one sentence."""
        span = self.document.find(quote.exact, quote.prefix, quote.suffix)
        first = self.document.sentence_at(span.start)
        last = self.document.sentence_at(span.end - 1)
        if first != last:
            raise InvalidData(
                f"The quote “{quote.exact}” is longer than a sentence.",
                remedy="Quote the words of each sentence by themselves.",
            )
        return span

    def _repeated(self, found: list[tuple[Quote, Span]]) -> Iterator[InvalidData]:
        """An error for each quote that its subject already has."""
        seen: set[tuple[URIRef, Span]] = set()
        for quote, span in found:
            if (quote.subject, span) in seen:
                path, line = self.where(quote.subject, quote.exact) or (None, None)
                message = f"The quote “{quote.exact}” is given twice for one subject."
                yield InvalidData(message, path=path, line=line, remedy="Remove one.")
            seen.add((quote.subject, span))

    def _claim(self, quote: Quote, span: Span) -> URIRef:
        """A name for the claim that follows from what it says and where."""
        key = f"{quote.subject} {span.start} {span.end}"
        name = hashlib.sha256(key.encode()).hexdigest()[:16]
        return URIRef(f"{BASE}id/claim/{self.document.slug}/{name}")

    def _target(self, node: URIRef, span: Span) -> Iterator[Triple]:
        """The words as the target of an annotation: where they are, and what."""
        text = self.document.text
        target, position, words = (
            URIRef(f"{node}#{part}") for part in ("target", "position", "quote")
        )
        prefix = text[max(0, span.start - CONTEXT) : span.start]
        suffix = text[span.end : span.end + CONTEXT]
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
        """The sentence and the innermost section that hold the words."""
        sentence = self.document.sentence_at(span.start)
        if sentence is not None:
            yield node, AL.inSentence, self._part("sentence", sentence.number)
        holding = [
            iri for start, end, iri in self._sections if start <= span.start < end
        ]
        if holding:
            yield node, AL.inSection, holding[-1]

    def _references(self, claim: URIRef, span: Span) -> Iterator[Triple]:
        """The references of the footnotes that close the quoted clause."""
        for marker in self.document.markers_closing(span):
            yield claim, CITO.citesAsEvidence, self._part("reference", marker.number)

    def _part(self, kind: str, number: int) -> URIRef:
        """The IRI of a numbered part of the document."""
        return URIRef(f"{self._iri}/{kind}/{number}")


def _quotes(graph: Graph) -> Iterator[Quote]:
    """The quotes as written: a literal, or a node with context."""
    for subject, node in graph.subject_objects(AL.quote):
        if not isinstance(subject, URIRef):
            raise InvalidData(
                f"A quote belongs to a node without a name: “{node}”.",
                remedy="Give the fact an IRI of its own.",
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
    """The graph without its quotes and the nodes that hold them."""
    return new_graph(
        triple
        for triple in graph
        if triple[1] != AL.quote and not isinstance(triple[0], BNode)
    )


def _carried(facts: Graph, quote: Quote, claim: URIRef) -> Graph:
    """What the quote says of itself: its date, speaker, references, extent.

    The fact's own date goes to a claim that is alone or says that it states it.
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


def _sections(layout: Graph) -> Iterator[tuple[int, int, URIRef]]:
    """Start, end and IRI of every section."""
    for section in layout.subjects(RDF.type, AL.Section):
        start, end = layout.value(section, AL.start), layout.value(section, AL.end)
        yield int(str(start)), int(str(end)), URIRef(str(section))


def _span(facts: Graph, claim: Node) -> Span:
    """The span of a claim that has been anchored."""
    position = URIRef(f"{claim}#position")
    start, end = facts.value(position, OA.start), facts.value(position, OA.end)
    return Span(int(str(start)), int(str(end)))
