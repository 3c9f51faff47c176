"""Coverage: how much of a document is expressed as data, sentence by sentence."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from rdflib import DCTERMS, RDF, Graph, Literal, URIRef
from rdflib.term import Node

from alaqat.lexical import read_integer
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
    """The coverage of a sentence."""

    COVERED = "covered"  # at least one fact is anchored in it
    REFERENCE = "reference"  # it is a reference, described by its parts
    NOTED = "noted"  # no fact, but a curator's note explains why
    UNCOVERED = "uncovered"  # neither fact nor note


@dataclass(frozen=True)
class Coverage:
    """A sentence with the facts and notes anchored in it."""

    number: int
    line: int
    section: str
    text: str
    standing: SentenceCoverage
    facts: tuple[str, ...]
    notes: tuple[str, ...]
    unsaid: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the row as a JSON object."""
        return asdict(self)


def coverage(
    document: Document, layout: Graph, facts: Graph, notes: Graph
) -> tuple[Coverage, ...]:
    """Return one row for every sentence and list item of a document.

    Args:
        document: the text.
        layout: the document as RDF.
        facts: facts and their claims.
        notes: anchored notes.
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
    """Return the number of sentences that are not uncovered, and of all sentences."""
    standings = [row.standing for row in rows]
    uncovered = standings.count(SentenceCoverage.UNCOVERED)
    return len(standings) - uncovered, len(standings)


def _claims_by_sentence(
    facts: Graph,
) -> tuple[defaultdict[Node, list[Span]], defaultdict[Node, set[str]]]:
    """Return the quoted spans and the facts they state, by sentence."""
    spans: defaultdict[Node, list[Span]] = defaultdict(list)
    bodies: defaultdict[Node, set[str]] = defaultdict(set)
    for claim in facts.subjects(RDF.type, AL.Claim):
        position = URIRef(f"{claim}#position")
        start, end = facts.value(position, OA.start), facts.value(position, OA.end)
        for sentence in facts.objects(claim, AL.inSentence):
            spans[sentence].append(
                Span(read_integer(start) or 0, read_integer(end) or 0)
            )
            bodies[sentence].update(map(str, facts.objects(claim, OA.hasBody)))
    return spans, bodies


def _notes_by_sentence(layout: Graph, notes: Graph) -> defaultdict[Node, set[str]]:
    """Return the notes by sentence, those on references included."""
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
    """Check whether a line holds one of the document's references."""
    nodes = layout.subjects(AL.line, Literal(line))
    return any((node, RDF.type, AL.Reference) in layout for node in nodes)


def _section_of(layout: Graph, sentence: Node) -> str:
    """Return the IRI of the section that a sentence is part of."""
    return str(layout.value(sentence, DCTERMS.isPartOf) or "")


def _classify(
    spans: list[Span], is_reference: bool, notes: set[str]
) -> SentenceCoverage:
    """Classify a sentence by its quoted spans and its notes."""
    if spans:
        return SentenceCoverage.COVERED
    if is_reference:
        return SentenceCoverage.REFERENCE
    return SentenceCoverage.NOTED if notes else SentenceCoverage.UNCOVERED


def _unquoted_words(
    document: Document, sentence: Sentence, covered: list[Span]
) -> Iterable[str]:
    """Yield the runs of words in a sentence that no claim quotes."""
    start = sentence.span.start
    for span in sorted(covered, key=lambda span: span.start):
        if span.start > start:
            yield from _significant_text(document, start, span.start)
        start = max(start, span.end)
    yield from _significant_text(document, start, sentence.span.end)


def _significant_text(document: Document, start: int, end: int) -> Iterable[str]:
    """Yield the text between two offsets if it holds a word of two letters or more."""
    text = _MARKER.sub("", document.text[start:end]).strip(_PUNCTUATION)
    if _WORD.search(text):
        yield text
