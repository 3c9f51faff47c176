"""Sentence patterns: text with slots and optional parts, filled with linked names.

``{slot}`` is a slot, ``{ل:slot}`` one whose name takes an Arabic preposition, and
``[…]`` a part that is left out if a slot in it is empty. The patterns are in the TOML
files of ``grammar/``.
"""

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
class TextPart:
    """A run of text, possibly a link.

    Attributes:
        text: the characters.
        node: the entity that it names and links to, if any.
        language: the language of the text if it is not that of its surroundings.
    """

    text: str
    node: Node | None = None
    language: str = ""


RichText = tuple[TextPart, ...]


def render_pattern(
    pattern: str, slots: Mapping[str, Sequence[TextPart]], language: str
) -> RichText:
    """Return a pattern with its slots filled, without optional parts that lack one."""
    return tuple(_merge(_expand(pattern, slots, language)))


def slot_names(pattern: str) -> frozenset[str]:
    """Return the names of the slots of a pattern."""
    return frozenset(re.findall(r"(\w+)\}", pattern))


def plain_text(parts: RichText) -> str:
    """Return the text without its links."""
    return "".join(part.text for part in parts)


def _expand(
    pattern: str, slots: Mapping[str, Sequence[TextPart]], language: str
) -> Iterator[TextPart]:
    position = 0
    for token in _TOKEN.finditer(pattern):
        yield TextPart(pattern[position : token.start()])
        position = token.end()
        if (optional := token["optional"]) is not None:
            if all(slots.get(slot["slot"]) for slot in _TOKEN.finditer(optional)):
                yield from _expand(optional, slots, language)
        else:
            values = slots.get(token["slot"], ())
            yield from _join(values, language, token["prefix"] or "")
    yield TextPart(pattern[position:])


def _join(values: Sequence[TextPart], language: str, prefix: str) -> Iterator[TextPart]:
    """Yield values as a list: separated by commas, with “and” before the last."""
    marks = texts("marks", language)
    for number, value in enumerate(values):
        if number:
            is_last = number == len(values) - 1
            yield TextPart(marks["and" if is_last else "list_comma"])
        text = _with_preposition(prefix, value.text) if prefix else value.text
        yield TextPart(text, value.node, value.language)


def _with_preposition(prefix: str, name: str) -> str:
    """Prefix an Arabic preposition; after lam, the article loses its alef."""
    if prefix == "ل" and name.startswith(_ARTICLE):
        return f"لل{name.removeprefix(_ARTICLE)}"
    return prefix + name


def _merge(parts: Iterator[TextPart]) -> Iterator[TextPart]:
    """Yield the parts with neighbouring plain text joined and empty text dropped."""
    text = ""
    for part in parts:
        if part.node is None and not part.language:
            text += part.text
            continue
        if text:
            yield TextPart(text)
        text = ""
        yield part
    if text:
        yield TextPart(text)
