"""Texts without what people write in different ways, so that they can be compared.

Case, accents, vowel signs, the stretching letter and invisible marks go; the forms of
alef, the seats of hamza, ta marbuta and alef maqsura become the letter that they are
often written as; digits of any script become ours. Compatibility forms (ligatures,
full-width letters) are taken apart first, or their letters would not be seen.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

# Letters that are one letter to whoever searches. The other seats of hamza, and the
# alefs with hamza or madda, are taken apart by the compatibility decomposition.
_LETTERS = str.maketrans(
    {
        "\u0671": "\u0627",  # alef wasla: alef
        "\u0629": "\u0647",  # ta marbuta: ha
        "\u0649": "\u064a",  # alef maqsura: ya
        "\u06cc": "\u064a",  # Farsi ya: ya
        "\u06a9": "\u0643",  # keheh: kaf
        "\u0621": None,  # hamza without a seat
        "\u0640": None,  # tatweel
    }
)


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text that knows where each of its characters came from.

    Attributes:
        text: the folded text.
        starts: for each of its characters, where what it came from starts in the
            original; and at the end, the length of the original.
    """

    text: str
    starts: tuple[int, ...]

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Where a stretch of the folded text, not empty, stands in the original."""
        last = self.starts[end - 1]
        after = next(at for at in self.starts[end:] if at > last)
        return self.starts[start], after


def fold(text: str) -> str:
    """A text without what people write in different ways."""
    return mapped(text).text


def mapped(text: str) -> Folded:
    """The folded text with where each character came from.

    White space is one space between words, and none at the ends.
    """
    letters: list[str] = []
    starts: list[int] = []
    for start, cluster in _clusters(text):
        for letter in _letters(cluster):
            if letter != " " or (letters and letters[-1] != " "):
                letters.append(letter)
                starts.append(start)
    if letters and letters[-1] == " ":
        letters.pop()
        starts.pop()
    return Folded("".join(letters), (*starts, len(text)))


def _clusters(text: str) -> Iterator[tuple[int, str]]:
    """Each character with the marks that stand on it."""
    start = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or not unicodedata.combining(text[at]):
            if start < at:
                yield start, text[start:at]
            start = at


@lru_cache(maxsize=8192)
def _letters(cluster: str) -> str:
    """What is left of a character and its marks."""
    before, after = "", cluster
    while before != after:  # folding the case may bring something to take apart
        before = after
        apart = unicodedata.normalize("NFKD", after).casefold()
        after = "".join(map(_letter, apart.translate(_LETTERS)))
    return after


def _letter(letter: str) -> str:
    """One character, nothing if it is a mark, and ours if it is a digit."""
    if letter.isspace():
        return " "
    if unicodedata.category(letter) in ("Mn", "Me", "Cf"):
        return ""
    digit = unicodedata.decimal(letter, None)
    return letter if digit is None else str(digit)
