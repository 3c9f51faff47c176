"""SPARQL lexer: tokens with their offsets and bracket depth, and the keyword table.

The keywords (SPARQL 1.1 Query §19.8) are in `keywords.json`, which the completion of
the query editor uses too. Here they are in upper case, as in tokens.
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
KEYWORDS_BY_PURPOSE: dict[str, tuple[str, ...]] = {
    purpose: tuple(map(str.upper, words)) for purpose, words in _TABLE.items()
}
KEYWORDS = frozenset(word for words in KEYWORDS_BY_PURPOSE.values() for word in words)


# SPARQL 1.1 Query §19.8, lenient where engines are. Strings and prefixes may lack an
# end, so the scanner below looks for it, in linear time.
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
_PREFIX_NAME = re.compile(r"[^\W\d_][\w.\-·]*+")
_STRING_BODIES = {
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
    for kind, start, end in _Scanner(text).terminals():
        if kind == "skip":
            continue
        word = text[start:end]
        if kind == "word":
            word = word.upper()
        depth -= word in _CLOSING
        yield Token(kind, word, start, depth)
        depth += word in _OPENING


class _Scanner:
    """Finds the terminals of a text in linear time.

    As engines do, it reads the quotes of an unclosed string as signs, and letters
    without a colon as words. A string or prefix that starts inside a stretch already
    searched in vain would end at the same place, so that stretch is not searched again.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._searched_to = dict.fromkeys((*_STRING_BODIES, ":"), 0)

    def terminals(self) -> Iterator[tuple[str, int, int]]:
        """Yield the kind, start and end of each terminal, white space included."""
        start = 0
        while match := _TOKEN.match(self._text, self._skip_prefix(start)):
            kind, end = str(match.lastgroup), match.end()
            if kind == "quote":
                end = self._end_of_string(start)
                kind = "string" if end > start + 1 else "sign"
            yield kind, start, end
            start = end

    def _skip_prefix(self, start: int) -> int:
        """Return the offset of the colon if a prefix starts here, else the start."""
        if start < self._searched_to[":"]:
            return start
        match = _PREFIX_NAME.match(self._text, start)
        if not match:
            return start
        end = match.end()
        if self._text.startswith(":", end) and self._text[end - 1] != ".":
            return end
        self._searched_to[":"] = end
        return start

    def _end_of_string(self, start: int) -> int:
        """Return the end of the string that starts here; of its quote if unclosed."""
        quote = self._text[start]
        for quotes in (quote * 3, quote):
            is_new = start >= self._searched_to[quotes]
            if is_new and (match := _STRING_BODIES[quotes].match(self._text, start)):
                if self._text.startswith(quotes, match.end()):
                    return match.end() + len(quotes)
                self._searched_to[quotes] = match.end()
        return start + 1


def _decode_codepoint(digits: str) -> str:
    """Return the character of a hexadecimal codepoint, or U+FFFD if there is none.

    A surrogate is not a character and cannot be encoded in UTF-8.
    """
    codepoint = int(digits, 16)
    is_character = codepoint <= 0x10FFFF and not 0xD800 <= codepoint <= 0xDFFF
    return chr(codepoint) if is_character else "\N{REPLACEMENT CHARACTER}"
