"""SPARQL lexer: tokens with their offsets and bracket depth, and the keyword table.

The keywords (SPARQL 1.1 Query §19.8) are in `keywords.json`, which the completion of
the query editor uses too. Here they are in upper case, as in tokens.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import NamedTuple

from alaqat.errors import InvalidQuery
from alaqat.sparql.terminals import Scanner

_TABLE = json.loads(
    (files("alaqat.sparql") / "keywords.json").read_text(encoding="utf-8")
)
KEYWORDS_BY_PURPOSE: dict[str, tuple[str, ...]] = {
    purpose: tuple(map(str.upper, words)) for purpose, words in _TABLE.items()
}
KEYWORDS = frozenset(word for words in KEYWORDS_BY_PURPOSE.values() for word in words)

_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_OPENING, _CLOSING = frozenset("{(["), frozenset("})]")
_OPERANDS = frozenset(("iri", "string", "name", "variable", "language", "number"))
_BOOLEANS = frozenset(("TRUE", "FALSE"))
# Clauses whose round brackets hold expressions: [9], [20], [22] and [24].
_CLAUSES = frozenset(("SELECT", "GROUP", "HAVING", "ORDER"))
# Words before a round bracket that holds terms: [61] DataBlock, [102] Collection.
_BEFORE_TERMS = frozenset(("VALUES", "A"))


class Token(NamedTuple):
    """One terminal of the grammar.

    Attributes:
        kind: iri, string, blank, name, variable, language, number, word or sign; stray
            for a `<` that neither compares nor begins an IRI or a triple term.
        text: as written; words in upper case.
        start: offset in the query.
        depth: number of brackets open before it.
    """

    kind: str
    text: str
    start: int
    depth: int

    @property
    def prefix(self) -> str:
        """The prefix of a prefixed name, without its colon."""
        return self.text.partition(":")[0]

    @property
    def local_name(self) -> str:
        """The local part of a prefixed name, without its escapes."""
        return self.text.partition(":")[2].replace("\\", "")

    def may_contain(self, keyword: str) -> bool:
        """Return whether some engine could read a keyword in the token.

        Some read SERVICE:x as a keyword and a name, and trueSERVICE as two words.
        """
        if self.kind == "name":
            return keyword in self.prefix.upper()
        return self.kind == "word" and keyword in self.text


def tokenize(text: str) -> list[Token]:
    """Return the tokens of a query or update, without white space and comments."""
    return list(_scan_tokens(text))


def unescape_codepoints(text: str) -> str:
    """Resolve the codepoint escapes of a text (SPARQL 1.1 Query §19.2)."""
    return _ESCAPE.sub(lambda match: _decode_codepoint(match[1] or match[2]), text)


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Return the line and column of an offset, both counted from one."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def invalid_query_at(
    text: str, offset: int, message: str, *, remedy: str
) -> InvalidQuery:
    """Return an error that gives the line and column of an offset."""
    line, column = line_and_column(text, offset)
    located = f"Line {line}, column {column}: {message}"
    return InvalidQuery(located, line=line, column=column, remedy=remedy)


def _scan_tokens(text: str) -> Iterator[Token]:
    depth = 0
    grammar = _Grammar()
    for kind, start, end in Scanner(text, grammar.compares).terminals():
        if kind == "skip":
            continue
        word = text[start:end]
        if kind == "word":
            word = word.upper()
        grammar.read(kind, word)
        depth -= word in _CLOSING
        yield Token(kind, word, start, depth)
        depth += word in _OPENING


@dataclass
class _Level:
    """What an open bracket holds.

    Attributes:
        kind: expression, terms, triple (a triple term) or group (braces and squares).
        has_clauses: whether SELECT, GROUP BY, HAVING or ORDER BY stands in it, so that
            its round brackets hold expressions, as outside all brackets.
    """

    kind: str
    has_clauses: bool = False


class _Grammar:
    """Knows where a `<` compares: after an operand, in round brackets of an expression.

    Everywhere else the grammar allows an IRI or a triple term (SPARQL 1.1 Query §19.8,
    [114] RelationalExpression): outside brackets an expression is a call or [120]
    BrackettedExpression. What a round bracket holds follows from what precedes it.
    """

    def __init__(self) -> None:
        self._levels = [_Level("group")]
        self._before = ("", "")
        self._last = ("", "")
        self._ends_operand = False
        self._missing = 0  # how many > a triple term still needs

    def compares(self) -> bool:
        """Return whether a `<` that comes next is a comparison."""
        return self._ends_operand and self._levels[-1].kind == "expression"

    def read(self, kind: str, word: str) -> None:
        """Take in the next token."""
        missing, self._missing = self._missing, 0
        if word in _OPENING:
            self._levels.append(_Level(self._kind_of(word)))
            self._ends_operand = False
        elif word in _CLOSING:
            closed = self._levels.pop() if len(self._levels) > 1 else self._levels[0]
            self._missing = 2 if closed.kind == "triple" else 0
            self._ends_operand = True
        elif word == ">" and missing:
            self._missing = missing - 1
            self._ends_operand = not self._missing
        else:
            self._levels[-1].has_clauses |= kind == "word" and word in _CLAUSES
            self._ends_operand = kind in _OPERANDS or word in _BOOLEANS
        self._before, self._last = self._last, (kind, word)

    def _kind_of(self, bracket: str) -> str:
        """Return what the bracket that comes next holds."""
        level, (kind, word) = self._levels[-1], self._last
        if bracket != "(":
            return "group"
        if word == "<<":
            return "triple"
        if level.kind != "group":
            return "expression" if level.kind == "expression" else "terms"
        if kind == "word":
            return "terms" if word in _BEFORE_TERMS else "expression"
        is_called = kind in ("iri", "name") and self._before == ("word", "FILTER")
        return "expression" if level.has_clauses or is_called else "terms"


def _decode_codepoint(digits: str) -> str:
    """Return the character of a hexadecimal codepoint, or U+FFFD if there is none.

    A surrogate is not a character and cannot be encoded in UTF-8.
    """
    codepoint = int(digits, 16)
    is_character = codepoint <= 0x10FFFF and not 0xD800 <= codepoint <= 0xDFFF
    return chr(codepoint) if is_character else "\N{REPLACEMENT CHARACTER}"
