"""Proofs for people: lines of text, indented by step, in one language."""

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

    Line = tuple[int, str]  # how deep, and what it says

# The first strong mark of a line says which way the whole line runs (UAX #9, P2).
DIRECTION_MARKS = {"ltr": "\u200e", "rtl": "\u200f"}


def why_as_text(answer: Why, words: TermWording) -> str:
    """Why a triple holds, as text for people."""
    return lines_as_text(_answer(answer, words), words.language)


def lines_as_text(lines: Iterable[Line], language: str) -> str:
    """Lines with their indentation, each running the way of the language."""
    mark = DIRECTION_MARKS[DIRECTIONS[language]]
    return "\n".join(f"{mark}{'  ' * depth}{line}" for depth, line in lines)


def _answer(answer: Why, words: TermWording) -> Iterator[Line]:
    if not answer.proofs:
        yield 0, words.text("absent", words.triple(answer.triple))
    for number, proof in enumerate(answer.proofs):
        if number:
            yield 0, words.text("another")
        yield from proof_lines(proof, words)
    if answer.more:
        yield 0, words.text("more")
    if answer.denials:
        yield 0, words.text("contested" if answer.proofs else "denied")
    for denial in answer.denials:
        yield from proof_lines(denial, words, 1)


def proof_lines(proof: Proof, words: TermWording, depth: int = 0) -> Iterator[Line]:
    """A proof: the triple, what it follows from, and what that rests on.

    Words that several triples rest on are explained once.
    """
    return _ProofWriter(words).proof(proof, depth)


class _ProofWriter:
    """Tells one proof, and remembers which words it has explained."""

    def __init__(self, words: TermWording) -> None:
        self._words = words
        self._explained: set[Node] = set()

    def proof(self, proof: Proof, depth: int) -> Iterator[Line]:
        words = self._words
        yield depth, words.triple(proof.triple)
        if proof.rule:
            axiom = words.axiom(proof.rule)
            yield depth + 1, words.text("follows", axiom=axiom, rule=proof.rule.name)
        if proof.evidence:
            yield from self._evidence(proof.evidence, depth + 1)
        derived = (axiom for axiom in proof.axioms if axiom.rule)
        for premise in (*proof.premises, *derived):
            yield from self.proof(premise, depth + 2)

    def _evidence(self, evidence: Evidence, depth: int) -> Iterator[Line]:
        words = self._words
        if not evidence.packages:
            yield depth, words.text(evidence.kind)
        for citation in evidence.citations:
            yield depth + 1, quote_line(citation, words)
            if citation.iri not in self._explained:
                self._explained.add(citation.iri)
                yield from citation_lines(citation, words, depth + 2)
        for one in evidence.packages:
            name, version = (
                words.bidi_isolate(one.name),
                words.bidi_isolate(one.version),
            )
            yield depth, words.text("package", name, version)
        if place := evidence.place:
            numbers = map(str, (place.line, place.start, place.end))
            yield depth + 1, words.text("place", *numbers)
        yield from _doubts(evidence.doubts, words, depth + 1)


def quote_line(citation: Citation, words: TermWording) -> str:
    """The words of a claim, and where they stand."""
    section = words.term(citation.section) if citation.section else "—"
    return words.text(
        "quote",
        quote=words.bidi_isolate(citation.quote),
        line=str(citation.line or "—"),
        section=words.bidi_isolate(section),
    )


def citation_lines(
    citation: Citation, words: TermWording, depth: int
) -> Iterator[Line]:
    """What is to be known about the words of a claim, the doubts last."""
    if citation.sentence_text not in ("", citation.quote):
        yield depth, words.text("sentence", words.bidi_isolate(citation.sentence_text))
    for person in citation.said_by:
        yield depth, words.text("said_by", words.bidi_isolate(words.term(person)))
    for reference in citation.references:
        yield depth, _reference(reference, words)
    yield from _doubts(citation.doubts, words, depth)


def _reference(reference: CitedReference, words: TermWording) -> str:
    number = str(reference.number or "—")
    return words.text("reference", number, words.bidi_isolate(reference.text))


def _doubts(doubts: Iterable[Doubt], words: TermWording, depth: int) -> Iterator[Line]:
    for doubt in doubts:
        for texts, key, more in (
            (doubt.texts, "doubt", 0),
            (doubt.reading, "reading", 1),
        ):
            if text := localized(texts, words.language):
                yield depth + more, words.text(key, words.bidi_isolate(text))
