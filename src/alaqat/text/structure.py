"""Sections and references as a curator described them, placed in the text.

What is wrong with a document's description, measured against its text.

The document as RDF: its sections, sentences, footnotes and references.

A curator's description names the sections and the parts of the references; offsets,
sentences and emptiness follow from the text.
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

LEAD = KIND["lead-section"]
"""The kind of a section without a heading, before the first one."""


@dataclass(frozen=True)
class Section:
    """A section, from its heading to the end of its content and subsections.

    Its parent is the section that its level puts it in, or the document.
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
    """A reference with its number and the line that it stands on."""

    iri: URIRef
    number: int
    line: int


@dataclass(frozen=True)
class DocumentOutline:
    """A document, its description, and what the two say together.

    Args:
        document: the text, read with its headings.
        description: the document, its sections and references as written.
        where: the file and line of a node of the description, for messages.
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
            for iri in self._of(AL.Reference)
        )
        return tuple(sorted(found, key=lambda reference: reference.line))

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """The sections in the order of the text."""
        rows = sorted(
            (self._line(iri), self.integer(iri, AL.level), iri)
            for iri in self._of(AL.Section)
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
                    is_lead=(iri, AL.kind, LEAD) in self.description,
                    is_empty=heading is not None and heading.span == span,
                )
            )
            parents.append((level, iri))
        return tuple(sections)

    def section_at(self, offset: int) -> Section:
        """The innermost section that holds an offset; a sound outline has one."""
        number = bisect_right(
            self.sections, offset, key=lambda section: section.span.start
        )
        return self.sections[number - 1]

    def part(self, kind: str, number: int) -> URIRef:
        """The IRI of a numbered part: a sentence, footnote or reference."""
        return URIRef(f"{self.iri}/{kind}/{number}")

    def fault(
        self, node: URIRef, message: str, remedy: str, at: str = ""
    ) -> InvalidData:
        """An error about a node of the description.

        Args:
            node: what it is about.
            message: what is wrong.
            remedy: what to do.
            at: words near the place in the file.
        """
        path, line = self.where(str(node), at) or (None, None)
        return InvalidData(message, path=path, line=line, remedy=remedy)

    def integer(self, node: URIRef, name: URIRef) -> int:
        """The one whole number that a node has for a property."""
        values = list(self.description.objects(node, name))
        value = values[0] if len(values) == 1 else None
        if isinstance(value, Literal) and isinstance(value.value, int):
            return value.value
        stated = ", ".join(sorted(map(str, values))) or "none"
        raise self.fault(
            node,
            f"<{node}> needs one whole number as <{name}>, not {stated}.",
            "Write it as plain digits.",
        )

    def _of(self, class_: URIRef) -> list[URIRef]:
        """The nodes that the description gives a class."""
        found = self.description.subjects(RDF.type, class_)
        return sorted(iri for iri in found if isinstance(iri, URIRef))

    def _line(self, node: URIRef) -> int:
        """The line of a node, which the text must have."""
        line, last = self.integer(node, AL.line), len(self.document.lines)
        if not 1 <= line <= last:
            message = f"The text has no line {line}; its last is {last}."
            raise self.fault(node, message, "Mend its al:line.", "al:line")
        return line

    def _span(self, line: int, next_line: int | None) -> Span:
        """From a line's first character to the last one before another line."""
        text, lines = self.document.text, self.document.lines
        start = lines[line - 1].start
        words = text[start : lines[next_line - 1].start if next_line else None]
        end = start + len(words.rstrip())
        return Span(min(end, start + len(words) - len(words.lstrip())), end)


_WORDS = (
    DCTERMS.title,
    DCTERMS.publisher,
    DCTERMS.date,
    DCTERMS.description,
    SCHEMA.url,
)
"""What a reference has letter for letter as in its line."""

_DATES = (DCTERMS.issued, DCTERMS.available)
"""What a reference has as a date; its year and day stand in the line as numbers."""


def faults(outline: DocumentOutline) -> Iterator[InvalidData]:
    """Everything in a description that the text contradicts."""
    yield from _document_faults(outline)
    for section in outline.sections:
        yield from _heading_faults(outline, section)
        yield from _parent_faults(outline, section)
    yield from _order_faults(outline)
    for reference in outline.references:
        yield from _reference_faults(outline, reference)
    yield from _marker_faults(outline)


def _document_faults(outline: DocumentOutline) -> Iterator[InvalidData]:
    """A wrong hash, no language, nodes without names."""
    iri, sha256 = outline.iri, outline.document.sha256
    stated = str(outline.description.value(iri, SCHEMA.sha256) or "")
    if stated != sha256:
        yield outline.fault(
            iri,
            f"The text's SHA-256 is {sha256}, not “{stated}”.",
            "Restore the text; if it is meant to change, write the new hash and "
            "mend the quotes.",
            stated,
        )
    if not outline.language:
        message = "The document has no language."
        yield outline.fault(iri, message, "Give it a dcterms:language.")
    if any(isinstance(subject, BNode) for subject in outline.description.subjects()):
        message = "The description has a node without a name."
        yield outline.fault(iri, message, "Give every node an IRI.")


def _heading_faults(
    outline: DocumentOutline, section: Section
) -> Iterator[InvalidData]:
    """A section whose label is not the heading on its line."""
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
    yield outline.fault(
        section.iri,
        f"Line {section.line} is not the heading “{shown}”{place}.",
        f"Write the heading as in the text, and its line; line {section.line} is "
        f"“{words[section.line - 1]}”.",
        f"al:line {section.line}",
    )


def _parent_faults(outline: DocumentOutline, section: Section) -> Iterator[InvalidData]:
    """A section that is said to be part of another than its level tells."""
    stated = outline.description.value(section.iri, DCTERMS.isPartOf)
    if stated != section.parent:
        yield outline.fault(
            section.iri,
            f"A section of level {section.level} is part of <{section.parent}> here, "
            f"not of <{stated}>.",
            "Mend its al:level or its dcterms:isPartOf.",
            "dcterms:isPartOf",
        )


def _order_faults(outline: DocumentOutline) -> Iterator[InvalidData]:
    """Two sections on a line, a level left out, text before the first section."""
    for first, second in pairwise(outline.sections):
        if first.line == second.line:
            message = f"<{first.iri}> begins on line {second.line} too."
            yield outline.fault(second.iri, message, "Mend its al:line.", "al:line")
        if second.level > first.level + 1:
            message = f"Level {second.level} follows level {first.level}."
            yield outline.fault(second.iri, message, "Mend its al:level.", "al:level")
    units, sections = outline.document.sentences, outline.sections
    if units and (not sections or units[0].span.start < sections[0].span.start):
        yield outline.fault(
            outline.iri,
            f"The text on line {units[0].line} is in no section.",
            f"Describe a section of kind:lead-section on line {units[0].line}.",
        )


def _reference_faults(
    outline: DocumentOutline, reference: Reference
) -> Iterator[InvalidData]:
    """A reference that has another name, line or part than the text gives it."""
    name = outline.part("reference", reference.number)
    if reference.iri != name:
        message = f"Reference {reference.number} has the wrong name."
        yield outline.fault(reference.iri, message, f"Name it <{name}>.")
    item = outline.items.get(reference.line)
    if item is None:
        message = f"Line {reference.line} is not an item of a list."
        yield outline.fault(reference.iri, message, "Mend its al:line.", "al:line")
        return
    words = outline.document.slice(item.span)
    for part in _strange_parts(outline, reference, words):
        yield outline.fault(
            reference.iri,
            f"“{part}” is not in the reference “{words}”.",
            "Copy it from the text, slips included.",
            part,
        )


def _strange_parts(
    outline: DocumentOutline, reference: Reference, words: str
) -> list[str]:
    """The stated words and dates of a reference that its line does not hold."""
    stated = outline.description
    parts = [
        str(part) for name in _WORDS for part in stated.objects(reference.iri, name)
    ]
    dates = [
        str(date) for name in _DATES for date in stated.objects(reference.iri, name)
    ]
    numbers = {int(number) for number in re.findall(r"\d+", words)}
    return sorted(
        {part for part in parts if part not in words}
        | {date for date in dates if not _year_and_day(date) <= numbers}
    )


def _year_and_day(date: str) -> set[int]:
    """The numbers of a date that are written as such; months are often words."""
    numbers = [int(number) for number in re.findall(r"\d+", date)]
    return {*numbers[:1], *numbers[2:]}


def _marker_faults(outline: DocumentOutline) -> Iterator[InvalidData]:
    """Markers without a reference, and references without a marker."""
    document = outline.document
    known = {reference.number for reference in outline.references}
    marked = {marker.number: marker for marker in document.markers}
    for number in sorted(marked.keys() - known):
        line = document.line_of(marked[number].span.start)
        yield outline.fault(
            outline.iri,
            f"The footnote [{number}] on line {line} has no reference.",
            f"Describe <{outline.part('reference', number)}>.",
        )
    for number in sorted(known - marked.keys()):
        yield outline.fault(
            outline.part("reference", number),
            f"No footnote marker in the text cites reference {number}.",
            "Mend its schema:position, or remove it.",
        )


EMPTY = KIND["empty-section"]
"""The kind of a section with nothing but its heading."""

Triple = tuple[Node, Node, Node]


def describe(
    document: Document, description: Graph, where: SourceLocator = unlocated
) -> Graph:
    """The document's graph: what the curator wrote and what follows from the text.

    Args:
        document: the text, read with its headings.
        description: the document, its sections and references as written.
        where: the file and line of a node of the description, for messages.

    Raises:
        InvalidData: the description does not fit the text; every misfit is told.
    """
    outline = DocumentOutline(document, description, where)
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


def _derived(outline: DocumentOutline) -> Iterator[Triple]:
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


def _sentence(outline: DocumentOutline, sentence: Sentence) -> Iterator[Triple]:
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


def _footnote(
    outline: DocumentOutline, number: int, marker: Marker
) -> Iterator[Triple]:
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
