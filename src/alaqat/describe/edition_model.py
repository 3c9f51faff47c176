"""Data model of an annotated edition: sections of lines, of runs, of text spans."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from rdflib import URIRef
from rdflib.term import Node

from alaqat.proofs.model import Citation
from alaqat.text.document import Document
from alaqat.text.segments import Span


@dataclass(frozen=True, slots=True)
class EditionNote:
    """A curator's note, on a quote or on something as a whole.

    Attributes:
        iri: of the note.
        kind: of problem.
        texts: by language.
        reading: the proposed reading, by language.
        span: of the quote; None if there is none.
        quote: the words that it is about.
        sentence: number of the sentence with the quote.
        section: that contains the quote, or that the note is about.
        about: claims, facts, sections and references.
    """

    iri: URIRef
    kind: URIRef | None
    texts: Mapping[str, str]
    reading: Mapping[str, str]
    span: Span | None
    quote: str
    sentence: int | None
    section: URIRef | None
    about: tuple[Node, ...]

    @property
    def anchor(self) -> str:
        """The id of its element on the page."""
        return f"note-{self.iri.rpartition('/')[2]}"


@dataclass(frozen=True, slots=True)
class EditionClaim:
    """A claim: a quote that states a fact.

    Attributes:
        citation: the quote and its position.
        fact: that it states.
        family: of the fact, a class such as al:Event.
        notes: on the claim or the fact.
    """

    citation: Citation
    fact: URIRef
    family: URIRef | None
    notes: tuple[EditionNote, ...]

    @property
    def span(self) -> Span:
        """The span of the quote."""
        return Span(self.citation.start, self.citation.end)

    @property
    def anchor(self) -> str:
        """The id of its element on the page."""
        return f"claim-{self.citation.iri.rpartition('/')[2]}"


@dataclass(frozen=True, slots=True)
class TextSpan:
    """A stretch of text that the same claims and notes cover throughout.

    Attributes:
        start: offset of its first character.
        text: its characters.
        claims: that quote it, the shortest quote first.
        notes: on it.
        ending_notes: the notes whose quote ends with it.
        reference: number of the reference that it points to, if it is a footnote mark.
        footnote: number of the footnote in the order of the text.
    """

    start: int
    text: str
    claims: tuple[EditionClaim, ...] = ()
    notes: tuple[EditionNote, ...] = ()
    ending_notes: tuple[EditionNote, ...] = ()
    reference: int | None = None
    footnote: int | None = None

    def split(self, highlight: Span | None) -> Iterator[tuple[str, bool]]:
        """Yield the text in parts, each with whether it is highlighted."""
        end = self.start + len(self.text)
        if highlight is None or highlight.end <= self.start or end <= highlight.start:
            yield self.text, False
            return
        first = max(highlight.start - self.start, 0)
        last = min(highlight.end - self.start, len(self.text))
        cuts = ((0, first, False), (first, last, True), (last, len(self.text), False))
        for start, stop, is_highlighted in cuts:
            if start < stop:
                yield self.text[start:stop], is_highlighted


@dataclass(frozen=True, slots=True)
class Run:
    """A sentence with its number, or the text between two sentences."""

    sentence: int | None
    spans: tuple[TextSpan, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A line with its line feed.

    Attributes:
        kind: heading, list item or plain text.
        number: 1-based.
        reference: number of the bibliographic reference on the line, if it is one.
        runs: its sentences and the text between them.
    """

    kind: Literal["heading", "item", "text"]
    number: int
    reference: int | None
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class SentenceAnnotations:
    """The annotations of one sentence, in the order of the text.

    Attributes:
        sentence: its number.
        claims: that quote it.
        notes: on it.
        reference: number of the bibliographic reference in it, if it is one.
        footnotes: numbers of the footnotes that point to that reference.
    """

    sentence: int
    claims: tuple[EditionClaim, ...]
    notes: tuple[EditionNote, ...]
    reference: int | None = None
    footnotes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class EditionSection:
    """A section without its subsections.

    Attributes:
        iri: of the section.
        level: of its heading, from 1.
        headings: by language.
        lines: of the section.
        annotations: of those sentences that have any.
        notes: on the section as a whole.
        is_empty: whether it has nothing but its heading.
    """

    iri: URIRef
    level: int
    headings: Mapping[str, str]
    lines: tuple[Line, ...]
    annotations: tuple[SentenceAnnotations, ...]
    notes: tuple[EditionNote, ...]
    is_empty: bool

    @property
    def anchor(self) -> str:
        """The id of its element on the page."""
        return f"section-{self.iri.rpartition('/')[2]}"


@dataclass(frozen=True, slots=True)
class Edition:
    """A document with all its claims and notes.

    Attributes:
        document: the text.
        iri: of the document.
        language: of the text.
        titles: by language.
        sources: bibliographic citations, by language.
        sections: in the order of the text; together their lines are the whole text.
        claims: in the order of the text.
        notes: those on quotes in the order of the text, then the others.
    """

    document: Document
    iri: URIRef
    language: str
    titles: Mapping[str, str]
    sources: Mapping[str, str]
    sections: tuple[EditionSection, ...]
    claims: tuple[EditionClaim, ...]
    notes: tuple[EditionNote, ...]

    def spans(self) -> Iterator[TextSpan]:
        """Yield the spans that the whole text consists of."""
        for section in self.sections:
            for line in section.lines:
                for run in line.runs:
                    yield from run.spans
