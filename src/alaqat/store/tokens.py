"""The terminals of SPARQL's grammar, with their places and the depth of brackets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from alaqat.errors import InvalidQuery

# SPARQL 1.1 Query §19.8; where engines are laxer than the grammar, so is this.
_TOKEN = re.compile(
    r"""
    (?P<skip>\s+|\#[^\r\n]*)
  | (?P<iri><(?:[^<>"{}|^`\\\x00-\x20]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*>)
  | (?P<string>\"{3}(?:\"{0,2}(?:[^"\\]|\\.))*\"{3}|'{3}(?:'{0,2}(?:[^'\\]|\\.))*'{3}
      |"(?:[^"\\\r\n]|\\.)*"|'(?:[^'\\\r\n]|\\.)*')
  | (?P<blank>_:[\w.\-·]+)
  | (?P<name>(?:[^\W\d_](?:[\w.\-·]*[\w\-·])?)?:(?:[\w:\-·%]|\.(?=[\w:\-·%.\\])|\\.)*)
  | (?P<variable>[?$]\w+)
  | (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
  | (?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)
  | (?P<word>[A-Za-z_]\w*)
  | (?P<sign>&&|\|\||\^\^|!=|<=|>=|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_OPENING, _CLOSING = frozenset("{(["), frozenset("})]")


@dataclass(frozen=True, slots=True)
class Token:
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
        text = self.prefix if self.kind == "name" else self.text
        return self.kind in ("word", "name") and keyword in text.upper()


def tokenize(text: str) -> list[Token]:
    """The tokens of a query or update, without space and comments."""
    return list(_tokens(text))


def unescaped(text: str) -> str:
    """The text with its codepoint escapes resolved (SPARQL 1.1 Query §19.2)."""
    return _ESCAPE.sub(lambda found: _character(found[1] or found[2]), text)


def fault(text: str, offset: int, message: str, *, remedy: str) -> InvalidQuery:
    """An error that tells the line and column of an offset."""
    line = text.count("\n", 0, offset) + 1
    column = offset - text.rfind("\n", 0, offset)
    words = f"Line {line}, column {column}: {message}"
    return InvalidQuery(words, line=line, column=column, remedy=remedy)


def _tokens(text: str) -> Iterator[Token]:
    """Cut the text, counting brackets."""
    depth = 0
    for match in _TOKEN.finditer(text):
        kind, word = str(match.lastgroup), match[0]
        if kind == "skip":
            continue
        if kind == "word":
            word = word.upper()
        depth -= word in _CLOSING
        yield Token(kind, word, match.start(), depth)
        depth += word in _OPENING


def _character(digits: str) -> str:
    """The character of a hexadecimal codepoint; a mark if there is none."""
    point = int(digits, 16)
    return chr(point) if point <= 0x10FFFF else "\N{REPLACEMENT CHARACTER}"
