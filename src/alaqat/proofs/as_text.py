"""Proofs as plain text for people: lines indented by step, in one language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alaqat.i18n import DIRECTIONS, localized

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rdflib.term import Node

    from alaqat.proofs.model import (
        Citation,
        CitedReference,
        Doubt,
        Evidence,
        Proof,
    )
    from alaqat.proofs.prover import Why
    from alaqat.proofs.wording import TermWording

    Line = tuple[int, str]  # depth of indentation, text

# The first strong character of a line sets its direction (UAX #9, P2).
DIRECTION_MARKS = {"ltr": "\u200e", "rtl": "\u200f"}


def why_as_text(answer: Why, wording: TermWording) -> str:
    """Return why a triple holds, as text for people."""
    return lines_as_text(_why_lines(answer, wording), wording.language)


def lines_as_text(lines: Iterable[Line], language: str) -> str:
    """Join indented lines, each starting with the direction mark of the language."""
    mark = DIRECTION_MARKS[DIRECTIONS[language]]
    return "\n".join(f"{mark}{'  ' * depth}{line}" for depth, line in lines)


def _why_lines(answer: Why, wording: TermWording) -> Iterator[Line]:
    if not answer.proofs:
        yield 0, wording.text("absent", wording.triple(answer.triple))
    for number, proof in enumerate(answer.proofs):
        if number:
            yield 0, wording.text("another")
        yield from proof_lines(proof, wording)
    if answer.more:
        yield 0, wording.text("more")
    if answer.denials:
        yield 0, wording.text("contested" if answer.proofs else "denied")
    for denial in answer.denials:
        yield from proof_lines(denial, wording, 1)


def proof_lines(proof: Proof, wording: TermWording, depth: int = 0) -> Iterator[Line]:
    """Yield a proof: the triple, what it follows from, and the evidence for that.

    A citation that several triples share is explained once.
    """
    return _ProofFormatter(wording).proof(proof, depth)


class _ProofFormatter:
    """Formats one proof, remembering which citations it has explained."""

    def __init__(self, wording: TermWording) -> None:
        self._wording = wording
        self._explained: set[Node] = set()

    def proof(self, proof: Proof, depth: int) -> Iterator[Line]:
        wording = self._wording
        yield depth, wording.triple(proof.triple)
        if proof.rule:
            axiom = wording.axiom(proof.rule)
            yield depth + 1, wording.text("follows", axiom=axiom, rule=proof.rule.name)
        if proof.evidence:
            yield from self._evidence(proof.evidence, depth + 1)
        derived = (axiom for axiom in proof.axioms if axiom.rule)
        for premise in (*proof.premises, *derived):
            yield from self.proof(premise, depth + 2)

    def _evidence(self, evidence: Evidence, depth: int) -> Iterator[Line]:
        wording = self._wording
        if not evidence.packages:
            yield depth, wording.text(evidence.kind)
        for citation in evidence.citations:
            yield depth + 1, quote_line(citation, wording)
            if citation.iri not in self._explained:
                self._explained.add(citation.iri)
                yield from citation_lines(citation, wording, depth + 2)
        for package in evidence.packages:
            names = map(wording.bidi_isolate, (package.name, package.version))
            yield depth, wording.text("package", *names)
        if place := evidence.place:
            numbers = map(str, (place.line, place.start, place.end))
            yield depth + 1, wording.text("place", *numbers)
        yield from _doubts(evidence.doubts, wording, depth + 1)


def quote_line(citation: Citation, wording: TermWording) -> str:
    """Return the quote of a claim with its line and section."""
    section = wording.term(citation.section) if citation.section else "—"
    return wording.text(
        "quote",
        quote=wording.bidi_isolate(citation.quote),
        line=str(citation.line or "—"),
        section=wording.bidi_isolate(section),
    )


def citation_lines(
    citation: Citation, wording: TermWording, depth: int
) -> Iterator[Line]:
    """Yield the context of a quote: sentence, speakers, references, doubts."""
    isolate = wording.bidi_isolate
    if citation.sentence_text not in ("", citation.quote):
        yield depth, wording.text("sentence", isolate(citation.sentence_text))
    for person in citation.said_by:
        yield depth, wording.text("said_by", isolate(wording.term(person)))
    for reference in citation.references:
        yield depth, _reference(reference, wording)
    yield from _doubts(citation.doubts, wording, depth)


def _reference(reference: CitedReference, wording: TermWording) -> str:
    number = str(reference.number or "—")
    return wording.text("reference", number, wording.bidi_isolate(reference.text))


def _doubts(
    doubts: Iterable[Doubt], wording: TermWording, depth: int
) -> Iterator[Line]:
    for doubt in doubts:
        for texts, key, indent in (
            (doubt.texts, "doubt", 0),
            (doubt.reading, "reading", 1),
        ):
            if text := localized(texts, wording.language):
                yield depth + indent, wording.text(key, wording.bidi_isolate(text))
