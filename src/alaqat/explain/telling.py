"""Proofs for people: lines of text, indented by step, in Arabic or English."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from alaqat.i18n import DIRECTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rdflib.term import Node

    from alaqat.explain.values import Citation, Doubt, Evidence, Proof, Reference
    from alaqat.explain.why import Why
    from alaqat.explain.words import Words

    Line = tuple[int, str]  # how deep, and what it says

Texts = Mapping[str, Mapping[str, str]]  # by what they say, then by language

TEXTS: Texts = {
    "follows": {
        "en": "follows, because {axiom} ({rule})",
        "ar": "يلزم ذلك، لأن {axiom} ({rule})",
    },
    "words": {"en": "stated in the text:", "ar": "ينص عليه النص:"},
    "quote": {
        "en": "“{quote}” (line {line}, section {section})",
        "ar": "«{quote}» (السطر {line}، قسم {section})",
    },
    "sentence": {"en": "in the sentence: {}", "ar": "في الجملة: {}"},
    "reference": {"en": "footnote [{}]: {}", "ar": "الحاشية [{}]: {}"},
    "doubt": {"en": "doubt: {}", "ar": "شك: {}"},
    "reading": {"en": "perhaps to be read: {}", "ar": "لعل المراد: {}"},
    "said_by": {"en": "said by: {}", "ar": "القائل: {}"},
    "package": {
        "en": "verified by the package {} {}",
        "ar": "تحققت منه الحزمة {} {}",
    },
    "axiom": {"en": "an axiom of the ontology", "ar": "من بديهيات الأنطولوجيا"},
    "text": {"en": "how the text is laid out", "ar": "من ترتيب النص"},
    "place": {
        "en": "line {}, characters {} to {}",
        "ar": "السطر {}، الأحرف من {} إلى {}",
    },
    "note": {"en": "a note by the curator", "ar": "ملاحظة كتبها المحرر"},
    "curator": {
        "en": "written by the curator; no words of a document state it",
        "ar": "كتبه المحرر، ولا تنص عليه ألفاظ وثيقة",
    },
    "absent": {"en": "This is not in the graph: {}", "ar": "ليس هذا في الشبكة: {}"},
    "denied": {"en": "The graph says the opposite:", "ar": "وفي الشبكة خلافه:"},
    "contested": {
        "en": "The graph says the opposite, too:",
        "ar": "وفي الشبكة خلافه أيضًا:",
    },
    "another": {"en": "Another proof as short:", "ar": "برهان آخر بالقِصَر نفسه:"},
    "more": {
        "en": "There are more proofs as short as these.",
        "ar": "وثمة براهين أخرى بهذا القِصَر.",
    },
}


def fill(texts: Texts, key: str, words: Words, *values: str, **named: str) -> str:
    """One of several texts in the language of the words, its gaps filled."""
    return texts[key][words.language].format(*values, **named)


say = partial(fill, TEXTS)

# The first strong mark of a line says which way the whole line runs (UAX #9, P2).
MARKS = {"ltr": "\u200e", "rtl": "\u200f"}


def tell(answer: Why, words: Words) -> str:
    """Why a triple holds, as text for people."""
    return as_text(_answer(answer, words), words.language)


def as_text(lines: Iterable[Line], language: str) -> str:
    """Lines with their indentation, each running the way of the language."""
    mark = MARKS[DIRECTIONS[language]]
    return "\n".join(f"{mark}{'  ' * depth}{line}" for depth, line in lines)


def _answer(answer: Why, words: Words) -> Iterator[Line]:
    if not answer.proofs:
        yield 0, say("absent", words, words.triple(answer.triple))
    for number, proof in enumerate(answer.proofs):
        if number:
            yield 0, say("another", words)
        yield from proof_lines(proof, words)
    if answer.more:
        yield 0, say("more", words)
    if answer.denials:
        yield 0, say("contested" if answer.proofs else "denied", words)
    for denial in answer.denials:
        yield from proof_lines(denial, words, 1)


def proof_lines(proof: Proof, words: Words, depth: int = 0) -> Iterator[Line]:
    """A proof: the triple, what it follows from, and what that rests on.

    Words that several triples rest on are explained once.
    """
    return _Teller(words).proof(proof, depth)


class _Teller:
    """Tells one proof, and remembers which words it has explained."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._explained: set[Node] = set()

    def proof(self, proof: Proof, depth: int) -> Iterator[Line]:
        words = self._words
        yield depth, words.triple(proof.triple)
        if proof.rule:
            axiom = words.axiom(proof.rule)
            yield depth + 1, say("follows", words, axiom=axiom, rule=proof.rule.name)
        if proof.evidence:
            yield from self._evidence(proof.evidence, depth + 1)
        derived = (axiom for axiom in proof.axioms if axiom.rule)
        for premise in (*proof.premises, *derived):
            yield from self.proof(premise, depth + 2)

    def _evidence(self, evidence: Evidence, depth: int) -> Iterator[Line]:
        words = self._words
        if not evidence.packages:
            yield depth, say(evidence.kind, words)
        for citation in evidence.citations:
            yield depth + 1, quote_line(citation, words)
            if citation.iri not in self._explained:
                self._explained.add(citation.iri)
                yield from citation_lines(citation, words, depth + 2)
        for one in evidence.packages:
            name, version = words.apart(one.name), words.apart(one.version)
            yield depth, say("package", words, name, version)
        if place := evidence.place:
            numbers = map(str, (place.line, place.start, place.end))
            yield depth + 1, say("place", words, *numbers)
        yield from _doubts(evidence.doubts, words, depth + 1)


def quote_line(citation: Citation, words: Words) -> str:
    """The words of a claim, and where they stand."""
    section = words.term(citation.section) if citation.section else "—"
    return say(
        *("quote", words),
        quote=words.apart(citation.quote),
        line=str(citation.line or "—"),
        section=words.apart(section),
    )


def citation_lines(citation: Citation, words: Words, depth: int) -> Iterator[Line]:
    """What is to be known about the words of a claim, the doubts last."""
    if citation.sentence_text not in ("", citation.quote):
        yield depth, say("sentence", words, words.apart(citation.sentence_text))
    for person in citation.said_by:
        yield depth, say("said_by", words, words.apart(words.term(person)))
    for reference in citation.references:
        yield depth, _reference(reference, words)
    yield from _doubts(citation.doubts, words, depth)


def _reference(reference: Reference, words: Words) -> str:
    number = str(reference.number or "—")
    return say("reference", words, number, words.apart(reference.text))


def _doubts(doubts: Iterable[Doubt], words: Words, depth: int) -> Iterator[Line]:
    for doubt in doubts:
        for texts, key, more in (
            (doubt.texts, "doubt", 0),
            (doubt.reading, "reading", 1),
        ):
            text = texts.get(words.language) or next(iter(texts.values()), "")
            if text:
                yield depth + more, say(key, words, words.apart(text))
