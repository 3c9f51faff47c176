"""Document structure as RDF: sections, sentences, footnotes and references.

A curator's description names the sections and the parts of the references. It is
checked against the text; offsets, sentences and empty sections are derived from both.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from rdflib import DCTERMS, RDF, RDFS, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from alaqat.errors import InvalidData, SourceLocator, unlocated
from alaqat.lexical import read_integer
from alaqat.terms import (
    AL,
    DOC,
    KIND,
    SCHEMA,
)
from alaqat.text.document import Document
from alaqat.text.segments import (
    Marker,
    Sentence,
    Span,
)

LEAD_SECTION = KIND["lead-section"]
"""The kind of a section without a heading, before the first one."""


@dataclass(frozen=True)
class Section:
    """A section, from its heading to the end of its content and subsections.

    Its parent, by level, is another section or the document.
    """

    iri: URIRef
    line: int
    level: int
    span: Span
    parent: URIRef
    is_lead: bool
    is_empty: bool


@dataclass(frozen=True)
class Reference:
    """A reference with its number and its line."""

    iri: URIRef
    number: int
    line: int


@dataclass(frozen=True)
class DocumentOutline:
    """A document and its description, combined.

    Args:
        document: the text, read with its headings.
        description: the document, its sections and references as written.
        where: gives the file and line of a node of the description, for messages.
    """

    document: Document
    description: Graph
    where: SourceLocator

    @property
    def iri(self) -> URIRef:
        """The document's own IRI."""
        return DOC[self.document.slug]

    @property
    def language(self) -> str:
        """The language of the text, empty if the description gives none."""
        return str(self.description.value(self.iri, DCTERMS.language) or "")

    @cached_property
    def headings(self) -> dict[int, Sentence]:
        """The headings by their line."""
        return {unit.line: unit for unit in self.document.headings}

    @cached_property
    def items(self) -> dict[int, Sentence]:
        """The list items by their line."""
        units = self.document.sentences
        return {unit.line: unit for unit in units if unit.kind == "item"}

    @cached_property
    def references(self) -> tuple[Reference, ...]:
        """The references in the order of the text."""
        found = (
            Reference(
                iri,
                self.integer(iri, SCHEMA.position),
                self._line(iri),
            )
            for iri in self._instances(AL.Reference)
        )
        return tuple(sorted(found, key=lambda reference: reference.line))

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """The sections in the order of the text."""
        rows = sorted(
            (self._line(iri), self.integer(iri, AL.level), iri)
            for iri in self._instances(AL.Section)
        )
        parents: list[tuple[int, URIRef]] = [(0, self.iri)]
        sections = []
        for number, (line, level, iri) in enumerate(rows):
            after = (later for later, its, _ in rows[number + 1 :] if its <= level)
            parents = [row for row in parents if row[0] < level] or parents[:1]
            span = self._span(line, next(after, None))
            heading = self.headings.get(line)
            sections.append(
                Section(
                    iri,
                    line,
                    level,
                    span,
                    parents[-1][1],
                    is_lead=(iri, AL.kind, LEAD_SECTION) in self.description,
                    is_empty=heading is not None and heading.span == span,
                )
            )
            parents.append((level, iri))
        return tuple(sections)

    def section_at(self, offset: int) -> Section:
        """Return the innermost section that holds an offset."""
        number = bisect_right(
            self.sections, offset, key=lambda section: section.span.start
        )
        return self.sections[number - 1]

    def part(self, kind: str, number: int) -> URIRef:
        """Return the IRI of a numbered part: a sentence, footnote or reference."""
        return URIRef(f"{self.iri}/{kind}/{number}")

    def error(
        self, node: URIRef, message: str, remedy: str, at: str = ""
    ) -> InvalidData:
        """Return an error about a node of the description.

        Args:
            node: the subject of the error.
            message: what is wrong.
            remedy: what to do.
            at: text near the error in the file.
        """
        path, line = self.where(str(node), at) or (None, None)
        return InvalidData(message, path=path, line=line, remedy=remedy)

    def integer(self, node: URIRef, name: URIRef) -> int:
        """Return the only integer that a node has for a property."""
        values = list(self.description.objects(node, name))
        value = values[0] if len(values) == 1 else None
        if isinstance(value, Literal) and isinstance(value.value, int):
            return value.value
        stated = ", ".join(sorted(map(str, values))) or "none"
        raise self.error(
            node,
            f"<{node}> needs one integer as <{name}>, not {stated}.",
            "Write it in digits.",
        )

    def _instances(self, class_: URIRef) -> list[URIRef]:
        """Return the IRIs of a class in the description, sorted."""
        found = self.description.subjects(RDF.type, class_)
        return sorted(iri for iri in found if isinstance(iri, URIRef))

    def _line(self, node: URIRef) -> int:
        """Return the line of a node, which the text must have."""
        line, last = self.integer(node, AL.line), len(self.document.lines)
        if not 1 <= line <= last:
            message = f"The text has no line {line}; its last is {last}."
            raise self.error(node, message, "Correct its al:line.", "al:line")
        return line

    def _span(self, line: int, next_line: int | None) -> Span:
        """Return the span from one line to before another, without white space."""
        text, lines = self.document.text, self.document.lines
        start = lines[line - 1].start
        words = text[start : lines[next_line - 1].start if next_line else None]
        end = start + len(words.rstrip())
        return Span(min(end, start + len(words) - len(words.lstrip())), end)


_TEXT_PROPERTIES = (
    DCTERMS.title,
    DCTERMS.publisher,
    DCTERMS.date,
    DCTERMS.description,
    SCHEMA.url,
)
"""Properties of a reference whose values occur verbatim in its line."""

_DATE_PROPERTIES = (DCTERMS.issued, DCTERMS.available)
"""Properties whose values are dates; year and day occur in the line as numbers."""


def description_errors(outline: DocumentOutline) -> Iterator[InvalidData]:
    """Yield an error for everything in a description that contradicts the text."""
    yield from _document_errors(outline)
    for section in outline.sections:
        yield from _heading_errors(outline, section)
        yield from _parent_errors(outline, section)
    yield from _order_errors(outline)
    for reference in outline.references:
        yield from _reference_errors(outline, reference)
    yield from _marker_errors(outline)


def _document_errors(outline: DocumentOutline) -> Iterator[InvalidData]:
    """Check for a wrong hash, a missing language, and blank nodes."""
    iri, sha256 = outline.iri, outline.document.sha256
    stated = str(outline.description.value(iri, SCHEMA.sha256) or "")
    if stated != sha256:
        yield outline.error(
            iri,
            f"The text's SHA-256 is {sha256}, not “{stated}”.",
            "Restore the text; if the change is intended, update the hash and the "
            "quotes.",
            stated,
        )
    if not outline.language:
        message = "The document has no language."
        yield outline.error(iri, message, "Give it a dcterms:language.")
    if any(isinstance(subject, BNode) for subject in outline.description.subjects()):
        message = "The description has a blank node."
        yield outline.error(iri, message, "Give every node an IRI.")


def _heading_errors(
    outline: DocumentOutline, section: Section
) -> Iterator[InvalidData]:
    """Check that the label of a section is the heading on its line."""
    if section.is_lead:
        return
    labels = {
        str(label)
        for label in outline.description.objects(section.iri, RDFS.label)
        if isinstance(label, Literal) and label.language == outline.language
    }
    document = outline.document
    words = [document.slice(line).strip() for line in document.lines]
    if section.line in outline.headings and labels == {words[section.line - 1]}:
        return
    shown = "”, “".join(sorted(labels))
    found = [str(number) for number, line in enumerate(words, 1) if line in labels]
    place = f"; that is line {' and '.join(found)}" if found else ""
    yield outline.error(
        section.iri,
        f"Line {section.line} is not the heading “{shown}”{place}.",
        f"Write the heading as in the text, and its line; line {section.line} is "
        f"“{words[section.line - 1]}”.",
        f"al:line {section.line}",
    )


def _parent_errors(outline: DocumentOutline, section: Section) -> Iterator[InvalidData]:
    """Check that a section is part of the one that its level implies."""
    stated = outline.description.value(section.iri, DCTERMS.isPartOf)
    if stated != section.parent:
        yield outline.error(
            section.iri,
            f"A section of level {section.level} is part of <{section.parent}> here, "
            f"not of <{stated}>.",
            "Correct its al:level or its dcterms:isPartOf.",
            "dcterms:isPartOf",
        )


def _order_errors(outline: DocumentOutline) -> Iterator[InvalidData]:
    """Check for sections on one line, skipped levels, and text before all sections."""
    for first, second in pairwise(outline.sections):
        if first.line == second.line:
            message = f"<{first.iri}> begins on line {second.line} too."
            yield outline.error(second.iri, message, "Correct its al:line.", "al:line")
        if second.level > first.level + 1:
            message = f"Level {second.level} follows level {first.level}."
            yield outline.error(
                second.iri, message, "Correct its al:level.", "al:level"
            )
    units, sections = outline.document.sentences, outline.sections
    if units and (not sections or units[0].span.start < sections[0].span.start):
        yield outline.error(
            outline.iri,
            f"The text on line {units[0].line} is in no section.",
            f"Describe a section of kind:lead-section on line {units[0].line}.",
        )


def _reference_errors(
    outline: DocumentOutline, reference: Reference
) -> Iterator[InvalidData]:
    """Check the name, the line and the parts of a reference against the text."""
    name = outline.part("reference", reference.number)
    if reference.iri != name:
        message = f"Reference {reference.number} has the wrong IRI."
        yield outline.error(reference.iri, message, f"Name it <{name}>.")
    item = outline.items.get(reference.line)
    if item is None:
        message = f"Line {reference.line} is not a list item."
        yield outline.error(reference.iri, message, "Correct its al:line.", "al:line")
        return
    words = outline.document.slice(item.span)
    for part in _mismatched_parts(outline, reference, words):
        yield outline.error(
            reference.iri,
            f"“{part}” is not in the reference “{words}”.",
            "Copy it from the text, typing errors included.",
            part,
        )


def _mismatched_parts(
    outline: DocumentOutline, reference: Reference, words: str
) -> list[str]:
    """Return the stated texts and dates that the line of a reference lacks."""
    stated = outline.description
    parts = [
        str(part)
        for name in _TEXT_PROPERTIES
        for part in stated.objects(reference.iri, name)
    ]
    dates = [
        str(date)
        for name in _DATE_PROPERTIES
        for date in stated.objects(reference.iri, name)
    ]
    numbers = {int(number) for number in re.findall(r"\d+", words)}
    return sorted(
        {part for part in parts if part not in words}
        | {date for date in dates if not _year_and_day(date) <= numbers}
    )


def _year_and_day(date: str) -> set[int]:
    """Return the numbers in a date except the month, which is often a word."""
    numbers = [int(number) for number in re.findall(r"\d+", date)]
    return {*numbers[:1], *numbers[2:]}


def _marker_errors(outline: DocumentOutline) -> Iterator[InvalidData]:
    """Check for markers without a reference, and references without a marker."""
    document = outline.document
    known = {reference.number for reference in outline.references}
    marked = {marker.number: marker for marker in document.markers}
    for number in sorted(marked.keys() - known):
        line = document.line_of(marked[number].span.start)
        yield outline.error(
            outline.iri,
            f"The footnote [{number}] on line {line} has no reference.",
            f"Describe <{outline.part('reference', number)}>.",
        )
    for number in sorted(known - marked.keys()):
        yield outline.error(
            outline.part("reference", number),
            f"No footnote marker in the text cites reference {number}.",
            "Correct its schema:position, or remove it.",
        )


EMPTY_SECTION = KIND["empty-section"]
"""The kind of a section with nothing but its heading."""

Triple = tuple[Node, Node, Node]


def build_layout(
    document: Document, description: Graph, where: SourceLocator = unlocated
) -> Graph:
    """Return a document's graph: the description and what follows from the text.

    Args:
        document: the text, read with its headings.
        description: the document, its sections and references as written.
        where: gives the file and line of a node of the description, for messages.

    Raises:
        InvalidData: the description contradicts the text; the message lists each case.
    """
    outline = DocumentOutline(document, description, where)
    found = list(description_errors(outline))
    if found:
        raise _combine_errors(found)
    graph = Graph()
    graph += description
    for triple in _derived_triples(outline):
        graph.add(triple)
    return graph


def read_layout(iri: URIRef, layout: Graph) -> Document:
    """Return the text that a document's graph holds, with its headings."""
    leads = set(layout.subjects(AL.kind, LEAD_SECTION))
    headings = {
        line
        for section in set(layout.subjects(RDF.type, AL.Section)) - leads
        for line in map(read_integer, layout.objects(section, AL.line))
        if line is not None
    }
    text = str(layout.value(iri, RDF.value) or "")
    return Document(iri.removeprefix(str(DOC)), text, frozenset(headings))


def _combine_errors(found: list[InvalidData]) -> InvalidData:
    """Combine several errors into one."""
    return found[0] if len(found) == 1 else InvalidData("\n".join(map(str, found)))


def _derived_triples(outline: DocumentOutline) -> Iterator[Triple]:
    """Yield what follows from the text."""
    text = outline.document.text
    yield outline.iri, RDF.value, Literal(text, lang=outline.language)
    yield from _offset_triples(outline.iri, Span(0, len(text)))
    for section in outline.sections:
        yield from _offset_triples(section.iri, section.span)
        if section.is_empty:
            yield section.iri, AL.kind, EMPTY_SECTION
    for sentence in outline.document.sentences:
        yield from _sentence_triples(outline, sentence)
    for number, marker in enumerate(outline.document.markers, 1):
        yield from _footnote_triples(outline, number, marker)
    for reference in outline.references:
        item = outline.items[reference.line]
        yield from _offset_triples(reference.iri, item.span)
        yield reference.iri, DCTERMS.isPartOf, outline.part("sentence", item.number)


def _sentence_triples(outline: DocumentOutline, sentence: Sentence) -> Iterator[Triple]:
    """Yield the triples of a sentence or item."""
    node = outline.part("sentence", sentence.number)
    words = outline.document.slice(sentence.span)
    yield node, RDF.type, AL.Sentence
    if sentence.kind == "item":
        yield node, RDF.type, AL.ListItem
    yield from _offset_triples(node, sentence.span)
    yield node, AL.line, Literal(sentence.line)
    yield node, SCHEMA.position, Literal(sentence.number)
    yield node, RDF.value, Literal(words, lang=outline.language)
    yield node, DCTERMS.isPartOf, outline.section_at(sentence.span.start).iri


def _footnote_triples(
    outline: DocumentOutline, number: int, marker: Marker
) -> Iterator[Triple]:
    """Yield the triples of a footnote marker, part of a sentence or of a section."""
    node = outline.part("footnote", number)
    sentence = outline.document.sentence_at(marker.span.start)
    yield node, RDF.type, AL.Footnote
    yield from _offset_triples(node, marker.span)
    yield node, AL.line, Literal(outline.document.line_of(marker.span.start))
    yield node, SCHEMA.position, Literal(marker.number)
    yield node, DCTERMS.references, outline.part("reference", marker.number)
    if sentence:
        yield node, DCTERMS.isPartOf, outline.part("sentence", sentence.number)
    else:
        yield node, DCTERMS.isPartOf, outline.section_at(marker.span.start).iri


def _offset_triples(node: Node, span: Span) -> Iterator[Triple]:
    """Yield the start and the end of a node in the text."""
    yield node, AL.start, Literal(span.start)
    yield node, AL.end, Literal(span.end)
