"""Terminals of the SPARQL grammar, exactly as the engine reads them (SPARQL 1.1 §19.8).

Numbers in brackets are those of the grammar's rules. Where Oxigraph departs from the
grammar, so do the patterns, and a comment says how: a text that is read in two ways
could hide a SERVICE from one of them. `tests/test_lexer_terminals.py` compares the
classes of letters with the engine, codepoint by codepoint.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

# [164] PN_CHARS_BASE, without the letters beyond U+FFFF, which the engine refuses.
_BASE = (
    r"A-Za-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C\u200D"
    r"\u2070-\u218F\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD"
)
_LATER = r"0-9\u00B7\u0300-\u036F\u203F\u2040"
_UNDER = _BASE + "_"  # [165] PN_CHARS_U
_CHARS = _UNDER + _LATER + r"\-"  # [167] PN_CHARS
_PLX = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%]"  # [170] to [173]
_LOCAL = rf"[{_CHARS}:]|{_PLX}"
# [172] HEX, four or eight times. The engine also takes a + for the first digit in an
# IRI, and in a string no codepoint that is a surrogate or above U+10FFFF.
_HEX = "[0-9A-Fa-f]"
_IRI_ESCAPE = rf"\\u[+0-9A-Fa-f]{_HEX}{{3}}|\\U[+0-9A-Fa-f]{_HEX}{{7}}"
_STRING_ESCAPE = (  # [160] ECHAR and §19.2
    rf"""\\[tbnrf"'\\]|\\u(?:[0-9A-CEFa-cef]{_HEX}|[Dd][0-7]){_HEX}{{2}}"""
    rf"|\\U0000(?:[0-9A-CEFa-cef]{_HEX}|[Dd][0-7]){_HEX}{{2}}"
    rf"|\\U00(?:0[1-9A-Fa-f]|10){_HEX}{{4}}"
)

#: [139] IRIREF; the engine reads up to the next > and then refuses what is none.
IRI = re.compile(
    rf"""<(?:[^<>"{{}}|^`\\\x00-\x20]|{_IRI_ESCAPE})*+>""",
)
#: More of a local name, which the grammar [169] reads after a second full stop in it
#: and the engine does not.
MORE_OF_LOCAL = re.compile(rf"\.+(?:{_LOCAL})")

#: [148], [147] and [146]: DOUBLE, DECIMAL and INTEGER, without signs before them.
NUMBER = re.compile(
    r"(?:[0-9]++\.[0-9]*+|\.[0-9]++|[0-9]++)[eE][+-]?[0-9]++|[0-9]*\.[0-9]++|[0-9]++"
)

_TERMINAL = re.compile(
    rf"""
    (?P<skip>[ \t\r\n]+|\#[^\r\n]*)                          # [162] WS, comments §19.4
  | (?P<less><)
  | (?P<quote>["'])
  | (?P<blank>_:[{_UNDER}0-9][{_CHARS}]*+(?:\.++[{_CHARS}]++)*+)             # [142]
  | (?P<name>:(?:(?:[{_UNDER}:0-9]|{_PLX})(?:{_LOCAL})*+
      (?:\.++(?:{_LOCAL})++)?+)?+)                       # [141], [169]: one full stop
  | (?P<variable>[?$][{_UNDER}0-9][{_UNDER}{_LATER}]*+)            # [143], [144], [166]
  | (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*+(?:--[A-Za-z]+)?+)     # [145], LANG_DIR
  | (?P<number>{NUMBER.pattern})
  | (?P<word>[A-Za-z_][A-Za-z0-9_]*+)
  | (?P<sign>&&|\|\||\^\^|!=|>=|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_PREFIX_NAME = re.compile(rf"[{_BASE}][{_CHARS}]*+(?:\.++[{_CHARS}]++)*+")  # [168]
_STRING_BODIES = {  # [156] to [159]
    '"""': re.compile(rf'"{{3}}(?:"{{0,2}}(?:[^"\\]|{_STRING_ESCAPE}))*+'),
    "'''": re.compile(rf"'{{3}}(?:'{{0,2}}(?:[^'\\]|{_STRING_ESCAPE}))*+"),
    '"': re.compile(rf'"(?:[^"\\\r\n]|{_STRING_ESCAPE})*+'),
    "'": re.compile(rf"'(?:[^'\\\r\n]|{_STRING_ESCAPE})*+"),
}


class Scanner:
    """Finds the terminals of a text in linear time.

    As the engine does, it reads the quotes of an unclosed string as signs, and letters
    without a colon as words. A string or prefix that starts inside a stretch already
    searched in vain would end at the same place, so that stretch is not searched again.

    Args:
        text: to scan.
        compares: whether a ``<`` after what has been yielded so far is a comparison.
    """

    def __init__(self, text: str, compares: Callable[[], bool]) -> None:
        self._text = text
        self._compares = compares
        self._searched_to = dict.fromkeys((*_STRING_BODIES, ":"), 0)

    def terminals(self) -> Iterator[tuple[str, int, int]]:
        """Yield the kind, start and end of each terminal, white space included."""
        start = 0
        while match := _TERMINAL.match(self._text, self._skip_prefix(start)):
            kind, end = str(match.lastgroup), match.end()
            if kind == "quote":
                end = self._end_of_string(start)
                kind = "string" if end > start + 1 else "sign"
            elif kind == "less":
                kind, end = self._read_less(start)
            yield kind, start, end
            start = end

    def _read_less(self, start: int) -> tuple[str, int]:
        """Return the kind and end of what begins with ``<``."""
        after = self._text[start + 1 : start + 2]
        if self._compares():
            return "sign", start + 1 + (after == "=")
        if match := IRI.match(self._text, start):
            return "iri", match.end()
        return ("sign", start + 2) if after == "<" else ("stray", start + 1)

    def _skip_prefix(self, start: int) -> int:
        """Return the offset of the colon if a prefix starts here, else the start."""
        if start < self._searched_to[":"]:
            return start
        match = _PREFIX_NAME.match(self._text, start)
        if not match:
            return start
        end = match.end()
        if self._text.startswith(":", end):
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
