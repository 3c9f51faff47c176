"""What an edition is made of: sections of lines, lines of runs, runs of stretches."""

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
    """A curator's note, with the words it stands on if it stands on any.

    Attributes:
        iri: of the note.
        kind: what it finds.
        texts: what it says, by language.
        reading: what the curator would read instead, by language.
        span: of the words it is about; None for a note on something as a whole.
        quote: those words.
        sentence: the number of their sentence.
        section: that they stand in, or that the note is about.
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
        """What its entry on the page is called."""
        return f"note-{self.iri.rpartition('/')[2]}"


@dataclass(frozen=True, slots=True)
class EditionClaim:
    """A claim: words that state a fact.

    Attributes:
        citation: the words, and where they stand.
        fact: what they state.
        kind: the family of classes that the fact is of.
        remarks: on the claim or the fact.
    """

    citation: Citation
    fact: URIRef
    kind: URIRef | None
    remarks: tuple[EditionNote, ...]

    @property
    def span(self) -> Span:
        """Where the words stand."""
        return Span(self.citation.start, self.citation.end)

    @property
    def anchor(self) -> str:
        """What its entry on the page is called."""
        return f"claim-{self.citation.iri.rpartition('/')[2]}"


#: What may stand on a stretch of the text.
Mark = EditionClaim | EditionNote


@dataclass(frozen=True, slots=True)
class TextSpan:
    """A part of the text that the same claims and notes cover throughout.

    Attributes:
        start: the offset of its first character.
        text: its characters.
        statements: the claims that quote it, the shortest quote first.
        remarks: the notes on it.
        ends: the notes whose words end with it.
        footnote: the reference that it points to, if it is a footnote's marker.
        number: of the footnote in the order of the text.
    """

    start: int
    text: str
    statements: tuple[EditionClaim, ...] = ()
    remarks: tuple[EditionNote, ...] = ()
    ends: tuple[EditionNote, ...] = ()
    footnote: int | None = None
    number: int | None = None

    def parts(self, lit: Span | None) -> Iterator[tuple[str, bool]]:
        """The characters in a span and those outside it, in their order."""
        end = self.start + len(self.text)
        if lit is None or lit.end <= self.start or end <= lit.start:
            yield self.text, False
            return
        first = max(lit.start - self.start, 0)
        last = min(lit.end - self.start, len(self.text))
        cuts = ((0, first, False), (first, last, True), (last, len(self.text), False))
        for start, stop, is_lit in cuts:
            if start < stop:
                yield self.text[start:stop], is_lit


@dataclass(frozen=True, slots=True)
class Run:
    """A sentence, or what stands between sentences, which has no number."""

    sentence: int | None
    stretches: tuple[TextSpan, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A line with the line feed that ends it.

    Attributes:
        kind: a heading, an item of a list, or plain text.
        number: 1-based.
        reference: the number of the reference that it is, if it is one.
        runs: its sentences and what stands between them.
    """

    kind: Literal["heading", "item", "text"]
    number: int
    reference: int | None
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class SentenceAnnotations:
    """What stands on one sentence, in the order of the text.

    Attributes:
        sentence: its number.
        statements: the claims that quote it.
        remarks: the notes on it.
        reference: the number of the reference that it is, if it is one.
        cited: the footnotes that point to that reference.
    """

    sentence: int
    statements: tuple[EditionClaim, ...]
    remarks: tuple[EditionNote, ...]
    reference: int | None = None
    cited: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class EditionSection:
    """A section with its own lines, without those of its subsections.

    Attributes:
        iri: of the section.
        level: how deep it is, from 1.
        headings: by language.
        lines: its own.
        shelves: what stands on its sentences; those that nothing stands on are left
            out.
        remarks: notes on the section as a whole.
        is_empty: whether it has nothing but its heading.
    """

    iri: URIRef
    level: int
    headings: Mapping[str, str]
    lines: tuple[Line, ...]
    shelves: tuple[SentenceAnnotations, ...]
    remarks: tuple[EditionNote, ...]
    is_empty: bool

    @property
    def anchor(self) -> str:
        """What it is called on the page."""
        return f"section-{self.iri.rpartition('/')[2]}"


@dataclass(frozen=True, slots=True)
class Edition:
    """A document with everything that stands on its words.

    Attributes:
        document: the text.
        iri: of the document.
        language: of the text.
        titles: by language.
        sources: how to cite the text, by language.
        sections: in the order of the text; their lines are the whole text.
        statements: every claim, in the order of the text.
        remarks: every note: those on words in the order of the text, then the others.
    """

    document: Document
    iri: URIRef
    language: str
    titles: Mapping[str, str]
    sources: Mapping[str, str]
    sections: tuple[EditionSection, ...]
    statements: tuple[EditionClaim, ...]
    remarks: tuple[EditionNote, ...]

    def stretches(self) -> Iterator[TextSpan]:
        """The pieces of the text from its first character to its last."""
        for section in self.sections:
            for line in section.lines:
                for run in line.runs:
                    yield from run.stretches
