"""Syntax diagnostics: a likely remedy for a text that an engine cannot parse.

Engines give the place where they stopped, rarely the mistake. The usual ones are few:
an unclosed bracket, a misspelt keyword, an incomplete triple, a name without a prefix.
"""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Sequence

from alaqat.sparql.lexer import KEYWORDS, Token, line_and_column

_PAIRS = {"(": ")", "[": "]", "{": "}"}
_TERMS = frozenset(("iri", "string", "blank", "name", "variable", "number", "word"))
_INCOMPLETE_TRIPLE = (
    "A triple has a subject, a predicate and an object; here one is missing."
)
_TERM_SYNTAX = (
    "a name needs a prefix and a colon, a string its quotes, a variable its ?."
)
_GENERIC_REMEDY = "Correct the query there, or just before."


def diagnose(text: str, tokens: Sequence[Token], line: int, column: int) -> str:
    """Return a remedy for a text that cannot be parsed at a line and column."""
    offset = sum(len(one) for one in text.splitlines(keepends=True)[: line - 1])
    offset += column - 1
    before = [token for token in tokens if token.start < offset]
    after = tokens[len(before) : len(before) + 1]
    return (
        _diagnose_keyword([*before, *after])
        or _diagnose_brackets(text, tokens)
        or _diagnose_triple([*before, *after])
        or _GENERIC_REMEDY
    )


def _diagnose_keyword(parsed: Sequence[Token]) -> str:
    """Return the keyword that the last unknown word resembles; empty if all exist."""
    words = [t.text for t in parsed if t.kind == "word" and t.text not in KEYWORDS]
    if not words:
        return ""
    matches = difflib.get_close_matches(words[-1], KEYWORDS, 1, 0.7)
    message = f"{words[-1]} is not a SPARQL keyword: "
    return message + (f"did you mean {matches[0]}?" if matches else _TERM_SYNTAX)


def _diagnose_brackets(text: str, tokens: Sequence[Token]) -> str:
    """Return which bracket has no partner; empty if all have one."""
    opened: list[Token] = []
    for token in tokens:
        if token.kind != "sign":
            continue
        if token.text in _PAIRS:
            opened.append(token)
        elif token.text in _PAIRS.values():
            if not opened or _PAIRS[opened[-1].text] != token.text:
                return f"The {_locate(text, token)} closes nothing."
            opened.pop()
    return f"Close the {_locate(text, opened[-1])}." if opened else ""


def _diagnose_triple(parsed: Sequence[Token]) -> str:
    """Return what to do if an incomplete triple ends at the place; else empty."""
    ends = list(itertools.takewhile(_ends_triple, reversed(parsed)))
    rest = parsed[: len(parsed) - len(ends)]
    terms = list(itertools.takewhile(lambda t: t.kind in _TERMS, reversed(rest)))
    starts = rest[: len(rest) - len(terms)][-1:]
    begins = any(token.kind == "sign" and token.text in "{." for token in starts)
    return _INCOMPLETE_TRIPLE if ends and begins and len(terms) in (1, 2) else ""


def _ends_triple(token: Token) -> bool:
    return token.kind == "sign" and token.text in "}."


def _locate(text: str, token: Token) -> str:
    line, column = line_and_column(text, token.start)
    return f"{token.text} in line {line}, column {column}"
