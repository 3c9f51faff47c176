"""The grammar of sentences: forms as files, with slots and what may be left out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alaqat.i18n import texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from rdflib.term import Node


_TOKEN = re.compile(
    r"\[(?P<optional>[^\]]*)\]|\{(?:(?P<prefix>[^:}]+):)?(?P<slot>\w+)\}"
)
_ARTICLE = "ال"


@dataclass(frozen=True, slots=True)
class PatternPart:
    """A stretch of a sentence.

    Attributes:
        text: what is read.
        node: what it names, if anything.
        language: of the text, if it is not the sentence's own.
    """

    text: str
    node: Node | None = None
    language: str = ""


Sentence = tuple[PatternPart, ...]


def fill(
    form: str, slots: Mapping[str, Sequence[PatternPart]], language: str
) -> Sentence:
    """A form with its slots filled; optional stretches with an empty slot left out."""
    return tuple(_merged(_filled(form, slots, language)))


def slots_of(form: str) -> frozenset[str]:
    """The names of the slots of a form."""
    return frozenset(re.findall(r"(\w+)\}", form))


def plain(sentence: Sentence) -> str:
    """A sentence as text."""
    return "".join(part.text for part in sentence)


def _filled(
    form: str, slots: Mapping[str, Sequence[PatternPart]], language: str
) -> Iterator[PatternPart]:
    place = 0
    for found in _TOKEN.finditer(form):
        yield PatternPart(form[place : found.start()])
        place = found.end()
        if (optional := found["optional"]) is not None:
            if all(slots.get(slot["slot"]) for slot in _TOKEN.finditer(optional)):
                yield from _filled(optional, slots, language)
        else:
            values = slots.get(found["slot"], ())
            yield from _listed(values, language, found["prefix"] or "")
    yield PatternPart(form[place:])


def _listed(
    values: Sequence[PatternPart], language: str, prefix: str
) -> Iterator[PatternPart]:
    """Values one after another, the last one joined by “and”."""
    marks = texts("marks", language)
    comma, last = marks["list_comma"], marks["and"]
    for number, value in enumerate(values):
        if number:
            yield PatternPart(last if number == len(values) - 1 else comma)
        text = _joined(prefix, value.text) if prefix else value.text
        yield PatternPart(text, value.node, value.language)


def _joined(prefix: str, name: str) -> str:
    """A name with an Arabic preposition: the article loses its alef after lam."""
    if prefix == "ل" and name.startswith(_ARTICLE):
        return f"لل{name.removeprefix(_ARTICLE)}"
    return prefix + name


def _merged(parts: Iterator[PatternPart]) -> Iterator[PatternPart]:
    """The parts without empty ones, and neighbours that are plain text as one."""
    text = ""
    for part in parts:
        if part.node is None and not part.language:
            text += part.text
            continue
        if text:
            yield PatternPart(text)
        text = ""
        yield part
    if text:
        yield PatternPart(text)
