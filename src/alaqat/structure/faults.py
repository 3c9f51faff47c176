"""What is wrong with a document's description, measured against its text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from rdflib import DCTERMS, RDFS, BNode, Literal

from alaqat.errors import InvalidData
from alaqat.structure.outline import Outline, Reference, Section
from alaqat.terms import SCHEMA

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


def faults(outline: Outline) -> Iterator[InvalidData]:
    """Everything in a description that the text contradicts."""
    yield from _document_faults(outline)
    for section in outline.sections:
        yield from _heading_faults(outline, section)
        yield from _parent_faults(outline, section)
    yield from _order_faults(outline)
    for reference in outline.references:
        yield from _reference_faults(outline, reference)
    yield from _marker_faults(outline)


def _document_faults(outline: Outline) -> Iterator[InvalidData]:
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


def _heading_faults(outline: Outline, section: Section) -> Iterator[InvalidData]:
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


def _parent_faults(outline: Outline, section: Section) -> Iterator[InvalidData]:
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


def _order_faults(outline: Outline) -> Iterator[InvalidData]:
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


def _reference_faults(outline: Outline, reference: Reference) -> Iterator[InvalidData]:
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


def _strange_parts(outline: Outline, reference: Reference, words: str) -> list[str]:
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


def _marker_faults(outline: Outline) -> Iterator[InvalidData]:
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
