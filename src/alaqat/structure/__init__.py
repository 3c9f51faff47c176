"""The document as RDF: its sections, sentences, footnotes and references.

A curator's description names the sections and the parts of the references; offsets,
sentences and emptiness follow from the text.
"""

from __future__ import annotations

from collections.abc import Iterator

from rdflib import DCTERMS, RDF, Graph, Literal, URIRef
from rdflib.term import Node

from alaqat.document import Document, Marker, Sentence, Span
from alaqat.errors import InvalidData, Where
from alaqat.structure.faults import faults
from alaqat.structure.outline import LEAD, Outline
from alaqat.terms import AL, DOC, KIND, SCHEMA

__all__ = ["EMPTY", "describe", "read_text"]

EMPTY = KIND["empty-section"]
"""The kind of a section with nothing but its heading."""

Triple = tuple[Node, Node, Node]


def _nowhere(_iri: str, _words: str) -> None:
    """No file and line, for a description that was not read from one."""


def describe(document: Document, description: Graph, where: Where = _nowhere) -> Graph:
    """The document's graph: what the curator wrote and what follows from the text.

    Args:
        document: the text, read with its headings.
        description: the document, its sections and references as written.
        where: the file and line of a node of the description, for messages.

    Raises:
        InvalidData: the description does not fit the text; every misfit is told.
    """
    outline = Outline(document, description, where)
    found = list(faults(outline))
    if found:
        raise _together(found)
    graph = Graph()
    graph += description
    for triple in _derived(outline):
        graph.add(triple)
    return graph


def read_text(iri: URIRef, layout: Graph) -> Document:
    """The text that a document's graph holds, read with its headings."""
    leads = set(layout.subjects(AL.kind, LEAD))
    headings = {
        int(str(line))
        for section in set(layout.subjects(RDF.type, AL.Section)) - leads
        for line in layout.objects(section, AL.line)
    }
    text = str(layout.value(iri, RDF.value) or "")
    return Document(iri.removeprefix(str(DOC)), text, frozenset(headings))


def _together(found: list[InvalidData]) -> InvalidData:
    """One error for several."""
    return found[0] if len(found) == 1 else InvalidData("\n".join(map(str, found)))


def _derived(outline: Outline) -> Iterator[Triple]:
    """What follows from the text."""
    text = outline.document.text
    yield outline.iri, RDF.value, Literal(text, lang=outline.language)
    yield from _placed(outline.iri, Span(0, len(text)))
    for section in outline.sections:
        yield from _placed(section.iri, section.span)
        if section.is_empty:
            yield section.iri, AL.kind, EMPTY
    for sentence in outline.document.sentences:
        yield from _sentence(outline, sentence)
    for number, marker in enumerate(outline.document.markers, 1):
        yield from _footnote(outline, number, marker)
    for reference in outline.references:
        item = outline.items[reference.line]
        yield from _placed(reference.iri, item.span)
        yield reference.iri, DCTERMS.isPartOf, outline.part("sentence", item.number)


def _sentence(outline: Outline, sentence: Sentence) -> Iterator[Triple]:
    """A sentence or item with its words."""
    node = outline.part("sentence", sentence.number)
    words = outline.document.slice(sentence.span)
    yield node, RDF.type, AL.Sentence
    if sentence.kind == "item":
        yield node, RDF.type, AL.ListItem
    yield from _placed(node, sentence.span)
    yield node, AL.line, Literal(sentence.line)
    yield node, SCHEMA.position, Literal(sentence.number)
    yield node, RDF.value, Literal(words, lang=outline.language)
    yield node, DCTERMS.isPartOf, outline.section_at(sentence.span.start).iri


def _footnote(outline: Outline, number: int, marker: Marker) -> Iterator[Triple]:
    """A footnote marker, part of its sentence or of the section that it heads."""
    node = outline.part("footnote", number)
    sentence = outline.document.sentence_at(marker.span.start)
    yield node, RDF.type, AL.Footnote
    yield from _placed(node, marker.span)
    yield node, AL.line, Literal(outline.document.line_of(marker.span.start))
    yield node, SCHEMA.position, Literal(marker.number)
    yield node, DCTERMS.references, outline.part("reference", marker.number)
    if sentence:
        yield node, DCTERMS.isPartOf, outline.part("sentence", sentence.number)
    else:
        yield node, DCTERMS.isPartOf, outline.section_at(marker.span.start).iri


def _placed(node: Node, span: Span) -> Iterator[Triple]:
    """Where a node stands in the text."""
    yield node, AL.start, Literal(span.start)
    yield node, AL.end, Literal(span.end)
