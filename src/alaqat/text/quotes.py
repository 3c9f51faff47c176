"""Quote lookup: find words in a text, or explain the nearest match."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import islice

from alaqat.errors import QuoteAmbiguous, QuoteNotFound
from alaqat.text.segments import Span

_MAX_LISTED = 5
"""The most occurrences or differences that a message lists."""

_CONTEXT = 20
"""Code points shown on either side of an occurrence."""

_MAX_COMPARED = 300
"""The most code points of a quote that are compared with the text."""

_MAX_SEEDS = 8
"""How many of a quote's words are searched to find candidates."""

_MAX_CANDIDATES = 40
"""How many candidates are compared for each of those words."""

_MIN_SIMILARITY = 0.6
"""The least similarity, from 0 to 1, of a match that a message shows."""

# Characters that are easily confused, and those that are easily overlooked.
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
    """Return the offset of the words between a prefix and a suffix.

    Raises:
        QuoteNotFound: they do not occur, or the quote is empty.
        QuoteAmbiguous: they occur more than once.
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
    """Yield the offset of every occurrence, overlapping ones included."""
    place = text.find(words)
    while place >= 0:
        yield place
        place = text.find(words, place + 1)


def _ambiguous(text: str, exact: str, places: list[int]) -> QuoteAmbiguous:
    """Return the error for words that occur more than once."""
    count = (
        f"{len(places)}" if len(places) <= _MAX_LISTED else f"more than {_MAX_LISTED}"
    )
    shown = (
        _in_context(text, Span(place, place + len(exact)))
        for place in places[:_MAX_LISTED]
    )
    return QuoteAmbiguous(
        "\n".join((f"The quote “{exact}” occurs {count} times:", *shown)),
        remedy="Add the text before or after it: "
        'al:quote [ oa:exact "…"@ar ; oa:prefix "…" ; oa:suffix "…" ].',
    )


def _not_found(text: str, exact: str, prefix: str, suffix: str) -> QuoteNotFound:
    """Return the error for words that do not occur, with the nearest match."""
    if (place := text.find(exact)) >= 0:
        span = Span(place, place + len(exact))
        return QuoteNotFound(
            f"The quote “{exact}” does not occur between “{prefix}” and “{suffix}”, "
            f"but here:\n{_in_context(text, span)}",
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
    differences = islice(_differences(nearest, exact), _MAX_LISTED)
    return QuoteNotFound(
        "\n".join(
            (f"{message} The nearest is:", _in_context(text, similar), *differences)
        ),
        remedy=f"Copy the words from the text: “{nearest}”.",
    )


def _in_context(text: str, span: Span) -> str:
    """Return a span with its line and the text around it."""
    line = text.count("\n", 0, span.start) + 1
    before = text[max(0, span.start - _CONTEXT) : span.start].rpartition("\n")[2]
    after = text[span.end : span.end + _CONTEXT].partition("\n")[0]
    return f"  line {line}: …{before}⟦{text[span.start : span.end]}⟧{after}…"


def _find_confusable(text: str, exact: str) -> Span | None:
    """Find the words up to characters that are confused or overlooked, and spaces."""
    words = [_tolerant_pattern(word) for word in re.sub(_IGNORABLE, "", exact).split()]
    if not words or len(exact) > _MAX_COMPARED:
        return None
    found = re.search(rf"{_IGNORABLE}*\s+".join(words), text)
    return Span(*found.span()) if found else None


def _tolerant_pattern(word: str) -> str:
    """Return a pattern that matches a word and its look-alikes."""
    letters = (_CONFUSABLE_CLASS.get(letter, re.escape(letter)) for letter in word)
    return f"{_IGNORABLE}*".join(letters)


def _find_similar(text: str, exact: str) -> Span | None:
    """Return the span most similar to the quote, around its longer words."""
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
    """Return where the quote would begin if one of its longer words is right."""
    words = sorted(re.finditer(r"\w{3,}", quote), key=lambda word: -len(word[0]))
    thirds = re.finditer(r"\w{4}", quote)
    return {
        max(0, place - seed.start())
        for seed in (*words[:_MAX_SEEDS], *islice(thirds, _MAX_SEEDS))
        for place in islice(_occurrences(text, seed[0]), _MAX_CANDIDATES)
    }


def _expand_to_words(text: str, span: Span) -> Span:
    """Extend a span to whole words."""
    head = re.search(r"\w*\Z", text[max(0, span.start - _CONTEXT) : span.start])
    tail = re.match(r"\w*", text[span.end : span.end + _CONTEXT])
    start = span.start - (len(head[0]) if head else 0)
    return Span(start, span.end + (tail.end() if tail else 0))


def _differences(nearest: str, exact: str) -> Iterator[str]:
    """Yield each difference between the text and the quote."""
    matcher = SequenceMatcher(None, nearest, exact, autojunk=False)
    for kind, start, end, quote_start, quote_end in matcher.get_opcodes():
        if kind != "equal":
            theirs = _describe_letters(nearest[start:end])
            ours = _describe_letters(exact[quote_start:quote_end])
            yield f"  the text has {theirs}, the quote {ours}"


def _describe_letters(letters: str) -> str:
    """Return some letters, with their Unicode names if they are at most three."""
    if not letters:
        return "nothing"
    if len(letters) > 3:
        return f"“{letters}”"
    names = (unicodedata.name(letter, f"U+{ord(letter):04X}") for letter in letters)
    return f"“{letters}” ({', '.join(names)})"
