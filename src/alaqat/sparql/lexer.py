"""SPARQL keywords (SPARQL 1.1 Query §19.8), by what they are for.

The table is `keywords.json`, from which the query editor completes too. Keywords are in
capitals here, as tokens have them.

The terminals of SPARQL's grammar, with their places and the depth of brackets.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib.resources import files
from typing import NamedTuple

from alaqat.errors import InvalidQuery

_TABLE = json.loads(
    (files("alaqat.sparql") / "keywords.json").read_text(encoding="utf-8")
)
BY_PURPOSE: dict[str, tuple[str, ...]] = {
    purpose: tuple(map(str.upper, words)) for purpose, words in _TABLE.items()
}
KEYWORDS = frozenset(word for words in BY_PURPOSE.values() for word in words)


# SPARQL 1.1 Query §19.8; where engines are laxer than the grammar, so is this. Where
# looking for an end can be in vain, in strings and prefixes, the reader below looks.
_TOKEN = re.compile(
    r"""
    (?P<skip>\s+|\#[^\r\n]*)
  | (?P<iri><(?:[^<>"{}|^`\\\x00-\x20]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*+>)
  | (?P<quote>["'])
  | (?P<blank>_:[\w.\-·]+)
  | (?P<name>:(?:[\w:\-·%]|\.(?=[\w:\-·%.\\])|\\.)*+)
  | (?P<variable>[?$]\w+)
  | (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*+)
  | (?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)
  | (?P<word>[A-Za-z_]\w*)
  | (?P<sign>&&|\|\||\^\^|!=|<=|>=|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_LETTERS = re.compile(r"[^\W\d_][\w.\-·]*+")
_INSIDE = {
    '"""': re.compile(r'"{3}(?:"{0,2}(?:[^"\\]|\\.))*+', re.DOTALL),
    "'''": re.compile(r"'{3}(?:'{0,2}(?:[^'\\]|\\.))*+", re.DOTALL),
    '"': re.compile(r'"(?:[^"\\\r\n]|\\.)*+', re.DOTALL),
    "'": re.compile(r"'(?:[^'\\\r\n]|\\.)*+", re.DOTALL),
}
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_OPENING, _CLOSING = frozenset("{(["), frozenset("})]")


class Token(NamedTuple):
    """One terminal of the grammar.

    Attributes:
        kind: iri, string, blank, name, variable, language, number, word or sign.
        text: as it is written; words in capitals.
        start: its offset in the query.
        depth: how many brackets are open before it.
    """

    kind: str
    text: str
    start: int
    depth: int

    @property
    def prefix(self) -> str:
        """What stands before the colon of a prefixed name."""
        return self.text.partition(":")[0]

    def may_say(self, keyword: str) -> bool:
        """Whether an engine could find a keyword in the token.

        Some read SERVICE:x as a keyword and a name, and trueSERVICE as two words.
        """
        if self.kind == "name":
            return keyword in self.prefix.upper()
        return self.kind == "word" and keyword in self.text


def tokenize(text: str) -> list[Token]:
    """The tokens of a query or update, without space and comments."""
    return list(_tokens(text))


def unescaped(text: str) -> str:
    """The text with its codepoint escapes resolved (SPARQL 1.1 Query §19.2)."""
    return _ESCAPE.sub(lambda found: _character(found[1] or found[2]), text)


def position(text: str, offset: int) -> tuple[int, int]:
    """Return the line and the column of an offset, counted from one."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def fault(text: str, offset: int, message: str, *, remedy: str) -> InvalidQuery:
    """An error that tells the line and column of an offset."""
    line, column = position(text, offset)
    words = f"Line {line}, column {column}: {message}"
    return InvalidQuery(words, line=line, column=column, remedy=remedy)


def _tokens(text: str) -> Iterator[Token]:
    """Cut the text, counting brackets."""
    depth = 0
    for kind, start, end in _Reader(text).terminals():
        if kind == "skip":
            continue
        word = text[start:end]
        if kind == "word":
            word = word.upper()
        depth -= word in _CLOSING
        yield Token(kind, word, start, depth)
        depth += word in _OPENING


class _Reader:
    """Reads a text from its beginning to its end.

    Where a string is not closed, its quotes are signs, and where letters are followed
    by no colon, they are words: so engines read them. No string and no name that begins
    in what was looked through can end well either, since it would end at the same
    place, so it is not looked through again.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._looked = dict.fromkeys((*_INSIDE, ":"), 0)

    def terminals(self) -> Iterator[tuple[str, int, int]]:
        """The kind, the beginning and the end of each, space and comments too."""
        start = 0
        while found := _TOKEN.match(self._text, self._colon(start)):
            kind, end = str(found.lastgroup), found.end()
            if kind == "quote":
                end = self._end_of_string(start)
                kind = "string" if end > start + 1 else "sign"
            yield kind, start, end
            start = end

    def _colon(self, start: int) -> int:
        """Where the colon stands if a prefix begins here; here if none does."""
        if start < self._looked[":"]:
            return start
        found = _LETTERS.match(self._text, start)
        if not found:
            return start
        end = found.end()
        if self._text.startswith(":", end) and self._text[end - 1] != ".":
            return end
        self._looked[":"] = end
        return start

    def _end_of_string(self, start: int) -> int:
        """Where the string ends that begins here; behind the quote if none does."""
        quote = self._text[start]
        for marks in (quote * 3, quote):
            is_new = start >= self._looked[marks]
            if is_new and (found := _INSIDE[marks].match(self._text, start)):
                if self._text.startswith(marks, found.end()):
                    return found.end() + len(marks)
                self._looked[marks] = found.end()
        return start + 1


def _character(digits: str) -> str:
    """The character of a hexadecimal codepoint; a mark if there is none.

    Half of a surrogate pair is none, and cannot be written in UTF-8.
    """
    point = int(digits, 16)
    is_character = point <= 0x10FFFF and not 0xD800 <= point <= 0xDFFF
    return chr(point) if is_character else "\N{REPLACEMENT CHARACTER}"
