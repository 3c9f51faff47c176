"""Sections and references as a curator described them, placed in the text."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

from rdflib import DCTERMS, RDF, Graph, Literal, URIRef

from alaqat.document import Document, Sentence, Span
from alaqat.errors import InvalidData, Where
from alaqat.terms import AL, DOC, KIND, SCHEMA

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
class Outline:
    """A document, its description, and what the two say together.

    Args:
        document: the text, read with its headings.
        description: the document, its sections and references as written.
        where: the file and line of a node of the description, for messages.
    """

    document: Document
    description: Graph
    where: Where

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
