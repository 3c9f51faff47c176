"""Finding words in a text, and what to say when they are not there."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import islice

from alaqat.errors import QuoteAmbiguous, QuoteNotFound
from alaqat.text.segments import Span

_MAX_LISTED = 5
"""The most places or differences that a message lists."""

_CONTEXT = 20
"""Code points shown on either side of a place."""

_MAX_COMPARED = 300
"""The most code points of a quote that are compared with the text."""

_MAX_SEEDS = 8
"""How many of a quote's words are looked up to find where it may stand."""

_MAX_CANDIDATES = 40
"""How many places are compared for each of those words."""

_MIN_SIMILARITY = 0.6
"""How much of a stretch must be the quote's, from 0 to 1, to be told."""

# Letters that are taken for one another, and signs that are easily missed.
_CONFUSABLE = (
    "اأإآٱ",
    "يىئیې",
    "كکڪ",
    "هةھہ",
    "وؤ",
    ",،٫",
    ";؛",
    "?؟",
    "%٪",
    "-–—−‐‑",
    "\"“”„«»″'‘’",
    "0٠۰",
    "1١۱",
    "2٢۲",
    "3٣۳",
    "4٤۴",
    "5٥۵",
    "6٦۶",
    "7٧۷",
    "8٨۸",
    "9٩۹",
)
_CONFUSABLE_CLASS = {
    letter: f"[{re.escape(row)}]" for row in _CONFUSABLE for letter in row
}
_IGNORABLE = "[\u0640\u064b-\u065f\u0670\u200b-\u200f\u061c]"


def locate(text: str, exact: str, prefix: str, suffix: str) -> int:
    """Where the words begin that stand between the prefix and the suffix.

    Raises:
        QuoteNotFound: there is no such place, or the quote is empty.
        QuoteAmbiguous: there are several.
    """
    if not exact.strip():
        raise QuoteNotFound("The quote is empty.", remedy="Quote at least a word.")
    places = list(islice(_occurrences(text, prefix + exact + suffix), _MAX_LISTED + 1))
    if not places:
        raise _not_found(text, exact, prefix, suffix)
    if len(places) > 1:
        raise _ambiguous(text, exact, [place + len(prefix) for place in places])
    return places[0] + len(prefix)


def _occurrences(text: str, words: str) -> Iterator[int]:
    """Where the words begin, overlapping ones too."""
    place = text.find(words)
    while place >= 0:
        yield place
        place = text.find(words, place + 1)


def _ambiguous(text: str, exact: str, places: list[int]) -> QuoteAmbiguous:
    """The error for words that occur more than once."""
    count = (
        f"{len(places)}" if len(places) <= _MAX_LISTED else f"more than {_MAX_LISTED}"
    )
    shown = (
        _in_context(text, Span(place, place + len(exact)))
        for place in places[:_MAX_LISTED]
    )
    return QuoteAmbiguous(
        "\n".join((f"The quote “{exact}” occurs {count} times:", *shown)),
        remedy="Say which with the text before or after it: "
        'al:quote [ oa:exact "…"@ar ; oa:prefix "…" ; oa:suffix "…" ].',
    )


def _not_found(text: str, exact: str, prefix: str, suffix: str) -> QuoteNotFound:
    """The error for words that do not occur, with the most similar place."""
    if (place := text.find(exact)) >= 0:
        span = Span(place, place + len(exact))
        return QuoteNotFound(
            f"The quote “{exact}” does not stand between “{prefix}” and “{suffix}”; "
            f"it does here:\n{_in_context(text, span)}",
            remedy="Copy the prefix and the suffix from the text, spaces included.",
        )
    message = f"The quote “{exact}” is not in the document."
    similar = _find_confusable(text, exact) or _find_similar(text, exact)
    if similar is None:
        return QuoteNotFound(
            f"{message} Nothing in it is similar.",
            remedy="Copy the words from the document's text.",
        )
    nearest = text[similar.start : similar.end]
    told = islice(_differences(nearest, exact), _MAX_LISTED)
    return QuoteNotFound(
        "\n".join((f"{message} The nearest is:", _in_context(text, similar), *told)),
        remedy=f"Copy the words from the text: “{nearest}”.",
    )


def _in_context(text: str, span: Span) -> str:
    """A place with its line and the words around it."""
    line = text.count("\n", 0, span.start) + 1
    before = text[max(0, span.start - _CONTEXT) : span.start].rpartition("\n")[2]
    after = text[span.end : span.end + _CONTEXT].partition("\n")[0]
    return f"  line {line}: …{before}⟦{text[span.start : span.end]}⟧{after}…"


def _find_confusable(text: str, exact: str) -> Span | None:
    """Where the words stand but for letters, signs or spaces that look alike."""
    words = [_tolerant_pattern(word) for word in re.sub(_IGNORABLE, "", exact).split()]
    if not words or len(exact) > _MAX_COMPARED:
        return None
    found = re.search(rf"{_IGNORABLE}*\s+".join(words), text)
    return Span(*found.span()) if found else None


def _tolerant_pattern(word: str) -> str:
    """A pattern for a word and those that look like it."""
    letters = (_CONFUSABLE_CLASS.get(letter, re.escape(letter)) for letter in word)
    return f"{_IGNORABLE}*".join(letters)


def _find_similar(text: str, exact: str) -> Span | None:
    """The most similar stretch of the text around the rarer words of the quote."""
    quote = exact[:_MAX_COMPARED]
    matcher = SequenceMatcher(b=quote, autojunk=False)
    best, best_ratio = None, _MIN_SIMILARITY
    for start in sorted(_candidate_starts(text, quote)):
        span = Span(start, min(len(text), start + len(quote)))
        matcher.set_seq1(text[span.start : span.end])
        if matcher.quick_ratio() > best_ratio and matcher.ratio() > best_ratio:
            best, best_ratio = span, matcher.ratio()
    return best and _expand_to_words(text, best)


def _candidate_starts(text: str, quote: str) -> set[int]:
    """Where the quote would begin if one of its longer words is right."""
    words = sorted(re.finditer(r"\w{3,}", quote), key=lambda word: -len(word[0]))
    thirds = re.finditer(r"\w{4}", quote)
    return {
        max(0, place - seed.start())
        for seed in (*words[:_MAX_SEEDS], *islice(thirds, _MAX_SEEDS))
        for place in islice(_occurrences(text, seed[0]), _MAX_CANDIDATES)
    }


def _expand_to_words(text: str, span: Span) -> Span:
    """The span with its first and last word whole, within their lines."""
    head = re.search(r"\w*\Z", text[max(0, span.start - _CONTEXT) : span.start])
    tail = re.match(r"\w*", text[span.end : span.end + _CONTEXT])
    start = span.start - (len(head[0]) if head else 0)
    return Span(start, span.end + (tail.end() if tail else 0))


def _differences(nearest: str, exact: str) -> Iterator[str]:
    """What the text has where the quote has something else."""
    matcher = SequenceMatcher(None, nearest, exact, autojunk=False)
    for kind, start, end, quote_start, quote_end in matcher.get_opcodes():
        if kind != "equal":
            theirs = _describe_letters(nearest[start:end])
            ours = _describe_letters(exact[quote_start:quote_end])
            yield f"  the text has {theirs}, the quote {ours}"


def _describe_letters(letters: str) -> str:
    """Some letters, with their Unicode names where they are few."""
    if not letters:
        return "nothing"
    if len(letters) > 3:
        return f"“{letters}”"
    names = (unicodedata.name(letter, f"U+{ord(letter):04X}") for letter in letters)
    return f"“{letters}” ({', '.join(names)})"
