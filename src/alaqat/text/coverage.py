"""What of a document is said as data, sentence by sentence."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from rdflib import DCTERMS, RDF, Graph, Literal, URIRef
from rdflib.term import Node

from alaqat.terms import (
    AL,
    DOC,
    OA,
)
from alaqat.text.document import Document
from alaqat.text.segments import Sentence, Span

_MARKER = re.compile(r"\[\d+\]")
_WORD = re.compile(r"\w\w")
_PUNCTUATION = ' \t،؛,;.:()[]"“”·'


class SentenceCoverage(StrEnum):
    """How the graph stands to a sentence."""

    COVERED = "covered"  # at least one fact is anchored in it
    REFERENCE = "reference"  # it is a reference, described by its parts
    NOTED = "noted"  # no fact, but a curator says why
    UNCOVERED = "uncovered"  # nothing stands on it


@dataclass(frozen=True)
class Coverage:
    """One sentence with what stands on it."""

    number: int
    line: int
    section: str
    text: str
    standing: SentenceCoverage
    facts: tuple[str, ...]
    notes: tuple[str, ...]
    unsaid: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The row as plain values."""
        return asdict(self)


def coverage(
    document: Document, layout: Graph, facts: Graph, notes: Graph
) -> tuple[Coverage, ...]:
    """One row for every sentence and list item of a document.

    Args:
        document: the text.
        layout: the document as RDF.
        facts: facts and their claims.
        notes: curators' notes, anchored.
    """
    spans, bodies = _claims_by_sentence(facts)
    noted = _notes_by_sentence(layout, notes)
    rows = []
    for sentence in document.sentences:
        node = DOC[f"{document.slug}/sentence/{sentence.number}"]
        covered = spans[node]
        reference = _has_reference(layout, sentence.line)
        rows.append(
            Coverage(
                sentence.number,
                sentence.line,
                _section_of(layout, node),
                document.slice(sentence.span),
                _classify(covered, reference, noted[node]),
                tuple(sorted(bodies[node])),
                tuple(sorted(noted[node])),
                ()
                if reference
                else tuple(_unquoted_words(document, sentence, covered)),
            )
        )
    return tuple(rows)


def covered_share(rows: Iterable[Coverage]) -> tuple[int, int]:
    """How many sentences something stands on, and how many there are."""
    standings = [row.standing for row in rows]
    uncovered = standings.count(SentenceCoverage.UNCOVERED)
    return len(standings) - uncovered, len(standings)


def _claims_by_sentence(
    facts: Graph,
) -> tuple[defaultdict[Node, list[Span]], defaultdict[Node, set[str]]]:
    """By sentence: the spans that are quoted, and the facts they state."""
    spans: defaultdict[Node, list[Span]] = defaultdict(list)
    bodies: defaultdict[Node, set[str]] = defaultdict(set)
    for claim in facts.subjects(RDF.type, AL.Claim):
        position = URIRef(f"{claim}#position")
        start, end = facts.value(position, OA.start), facts.value(position, OA.end)
        for sentence in facts.objects(claim, AL.inSentence):
            spans[sentence].append(Span(int(str(start)), int(str(end))))
            bodies[sentence].update(map(str, facts.objects(claim, OA.hasBody)))
    return spans, bodies


def _notes_by_sentence(layout: Graph, notes: Graph) -> defaultdict[Node, set[str]]:
    """By sentence: the notes on it, or on the reference that it is."""
    noted: defaultdict[Node, set[str]] = defaultdict(set)
    for note, sentence in notes.subject_objects(AL.inSentence):
        noted[sentence].add(str(note))
    lines: defaultdict[str, set[Node]] = defaultdict(set)
    for sentence, line in layout.subject_objects(AL.line):
        lines[str(line)].add(sentence)
    for note, subject in notes.subject_objects(AL.about):
        for line in layout.objects(subject, AL.line):
            for sentence in lines[str(line)]:
                noted[sentence].add(str(note))
    return noted


def _has_reference(layout: Graph, line: int) -> bool:
    """Whether a line holds one of the document's references."""
    nodes = layout.subjects(AL.line, Literal(line))
    return any((node, RDF.type, AL.Reference) in layout for node in nodes)


def _section_of(layout: Graph, sentence: Node) -> str:
    """The IRI of the section that a sentence is part of."""
    return str(layout.value(sentence, DCTERMS.isPartOf) or "")


def _classify(
    spans: list[Span], is_reference: bool, notes: set[str]
) -> SentenceCoverage:
    """How the graph stands to a sentence with these spans and notes."""
    if spans:
        return SentenceCoverage.COVERED
    if is_reference:
        return SentenceCoverage.REFERENCE
    return SentenceCoverage.NOTED if notes else SentenceCoverage.UNCOVERED


def _unquoted_words(
    document: Document, sentence: Sentence, covered: list[Span]
) -> Iterable[str]:
    """The runs of words in a sentence that no claim quotes."""
    start = sentence.span.start
    for span in sorted(covered, key=lambda span: span.start):
        if span.start > start:
            yield from _significant_text(document, start, span.start)
        start = max(start, span.end)
    yield from _significant_text(document, start, sentence.span.end)


def _significant_text(document: Document, start: int, end: int) -> Iterable[str]:
    """The text between two offsets, if it holds more than marks and an "and"."""
    text = _MARKER.sub("", document.text[start:end]).strip(_PUNCTUATION)
    if _WORD.search(text):
        yield text
