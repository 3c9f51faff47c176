"""What to do about a text that an engine cannot read, guessed from its tokens.

Engines tell the place where they gave up and hardly ever what is wrong. The usual slips
are few: a bracket that is not closed, a word with a wrong letter, a triple that lacks a
part, a name without a prefix.
"""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Sequence

from alaqat.sparql.lexer import (
    KEYWORDS,
    Token,
    position,
)

_PAIRS = {"(": ")", "[": "]", "{": "}"}
_TERMS = frozenset(("iri", "string", "blank", "name", "variable", "number", "word"))
_LACKING = "A triple has a subject, a predicate and an object; here one is missing."
_NAMES = (
    "a name needs its prefix before a colon, a text its quotes, a variable its mark."
)
_ANYWAY = "Correct the query there, or just before."


def diagnose(text: str, tokens: Sequence[Token], line: int, column: int) -> str:
    """Return what to do about a text that cannot be read at a line and column."""
    offset = sum(len(one) for one in text.splitlines(keepends=True)[: line - 1])
    offset += column - 1
    before = [token for token in tokens if token.start < offset]
    after = tokens[len(before) : len(before) + 1]
    return (
        _about_words([*before, *after])
        or _about_brackets(text, tokens)
        or _about_triples([*before, *after])
        or _ANYWAY
    )


def _about_words(read: Sequence[Token]) -> str:
    """Whether the last word that is none of SPARQL's is meant to be one."""
    words = [t.text for t in read if t.kind == "word" and t.text not in KEYWORDS]
    if not words:
        return ""
    likely = difflib.get_close_matches(words[-1], KEYWORDS, 1, 0.7)
    told = f"{words[-1]} is no word of SPARQL: "
    return told + (f"is it {likely[0]}?" if likely else _NAMES)


def _about_brackets(text: str, tokens: Sequence[Token]) -> str:
    """Whether a bracket is not closed, or closes nothing."""
    opened: list[Token] = []
    for token in tokens:
        if token.kind != "sign":
            continue
        if token.text in _PAIRS:
            opened.append(token)
        elif token.text in _PAIRS.values():
            if not opened or _PAIRS[opened[-1].text] != token.text:
                return f"The {token.text} {_place(text, token)} closes nothing."
            opened.pop()
    if not opened:
        return ""
    return f"Close the {opened[-1].text} {_place(text, opened[-1])}."


def _about_triples(read: Sequence[Token]) -> str:
    """Whether what ends at the place is a triple that lacks a part."""
    ends = list(itertools.takewhile(_is_end, reversed(read)))
    rest = read[: len(read) - len(ends)]
    terms = list(itertools.takewhile(lambda t: t.kind in _TERMS, reversed(rest)))
    starts = rest[: len(rest) - len(terms)][-1:]
    begins = any(token.kind == "sign" and token.text in "{." for token in starts)
    return _LACKING if ends and begins and len(terms) in (1, 2) else ""


def _is_end(token: Token) -> bool:
    """Whether a token ends a triple."""
    return token.kind == "sign" and token.text in "}."


def _place(text: str, token: Token) -> str:
    """Where a token stands, in words."""
    line, column = position(text, token.start)
    return f"in line {line}, column {column}"
