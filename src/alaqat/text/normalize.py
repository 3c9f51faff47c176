"""Text normalization (folding), so that spellings of one word compare equal.

Texts are decomposed (NFKD) and lowercased; then the table `folding.json`, which the
browser scripts share, replaces letters and removes marks: accents, vowel signs, tatweel
and invisible characters. Decimal digits of any script become ASCII, and runs of white
space a single space. Letters that carry hamza or madda need no entry in the table:
decomposition leaves the plain letter and a mark.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

_TABLE = json.loads((files("alaqat.text") / "folding.json").read_text(encoding="utf-8"))
_REMOVED = frozenset(_TABLE["removed"])  # Unicode's general categories
_LETTERS = str.maketrans({one["letter"]: one["becomes"] for one in _TABLE["letters"]})


@dataclass(frozen=True, slots=True)
class FoldedText:
    """A folded text with a mapping back to the original.

    Attributes:
        text: the folded text.
        starts: for each of its characters, the offset in the original; at the end, the
            length of the original.
    """

    text: str
    starts: tuple[int, ...]

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Return the span of the original that a non-empty span comes from."""
        last = self.starts[end - 1]
        after = next(at for at in self.starts[end:] if at > last)
        return self.starts[start], after


def fold(text: str) -> str:
    """Return a text without differences of spelling, case, marks and white space."""
    return fold_with_offsets(text).text


def fold_with_offsets(text: str) -> FoldedText:
    """Return the folded text and the original offset of each of its characters.

    White space becomes one space between words, and is stripped at both ends.
    """
    letters: list[str] = []
    starts: list[int] = []
    for start, cluster in _clusters(text):
        for letter in _fold_cluster(cluster):
            if letter != " " or (letters and letters[-1] != " "):
                letters.append(letter)
                starts.append(start)
    if letters and letters[-1] == " ":
        letters.pop()
        starts.pop()
    return FoldedText("".join(letters), (*starts, len(text)))


def _clusters(text: str) -> Iterator[tuple[int, str]]:
    """Yield each character with its combining marks, and its offset."""
    start = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or not unicodedata.combining(text[at]):
            if start < at:
                yield start, text[start:at]
            start = at


@lru_cache(maxsize=8192)
def _fold_cluster(cluster: str) -> str:
    """Return the folded form of a character with its marks."""
    decomposed = unicodedata.normalize("NFKD", cluster).lower()
    return "".join(map(_fold_letter, decomposed.translate(_LETTERS)))


def _fold_letter(letter: str) -> str:
    """Fold a decomposed character: drop marks, and make digits and spaces ASCII."""
    if letter.isspace():
        return " "
    if unicodedata.category(letter) in _REMOVED:
        return ""
    digit = unicodedata.decimal(letter, None)
    return letter if digit is None else str(digit)
