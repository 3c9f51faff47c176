"""SPARQL terminals: our tokens begin and end where the engine's do.

The engine gives no tokens, so each codepoint is put into a query that parses only if
the codepoint belongs to the terminal.
"""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from alaqat.sparql.lexer import tokenize

# Query with a place for the codepoint, and the kind and text of the token it is in.
PLACES = {
    "variable": ("SELECT * {{ ?s ?p ?{}}}", "variable", "?{}"),
    "variable, later": ("SELECT * {{ ?s ?p ?x{}y}}", "variable", "?x{}y"),
    "variable with $": ("SELECT * {{ ?s ?p $x{}y}}", "variable", "$x{}y"),
    "prefix": ("PREFIX {}b:<http://e/>SELECT * {{}}", "name", "{}b:"),
    "prefix, later": ("PREFIX a{}b:<http://e/>SELECT * {{}}", "name", "a{}b:"),
    "local name": ("PREFIX e:<http://e/>SELECT * {{ ?s ?p e:{}b}}", "name", "e:{}b"),
    "local name, later": (
        "PREFIX e:<http://e/>SELECT * {{ ?s ?p e:a{}b}}",
        "name",
        "e:a{}b",
    ),
    "local escape": (
        "PREFIX e:<http://e/>SELECT * {{ ?s ?p e:\\{}b}}",
        "name",
        "e:\\{}b",
    ),
    "blank node": ("SELECT * {{ ?s ?p _:{}b}}", "blank", "_:{}b"),
    "blank node, later": ("SELECT * {{ ?s ?p _:a{}b}}", "blank", "_:a{}b"),
    "language": ("SELECT * {{ ?s ?p 'x'@{}b}}", "language", "@{}b"),
    "language, later": ("SELECT * {{ ?s ?p 'x'@en-{}bcde}}", "language", "@en-{}bcde"),
    "keyword": ("{}ELECT * {{}}", "word", "SELECT"),
    "number": ("SELECT * {{ 1{}5 ?p ?o}}", "number", "1{}5"),
    "string": ("SELECT * {{ ?s ?p 'a{}b'}}", "string", "'a{}b'"),
    "long string": ("SELECT * {{ ?s ?p '''a{}b'''}}", "string", "'''a{}b'''"),
    "string escape": ("SELECT * {{ ?s ?p 'a\\{}b'}}", "string", "'a\\{}b'"),
    "comment": ("SELECT * {{}} # {} -", "comment", ""),
    "white space": ("SELECT * {{ ?s ?p{}_:b}}", "white space", ""),
}
# IRIs that the engine checks beyond the grammar; ours are a superset.
IRI = "SELECT * {{ ?s ?p <a:{}b>}}"
# Tokens that a query with the codepoint must have if it belongs to none of them.
REST = {
    "comment": ["SELECT", "*", "{", "}"],
    "white space": ["SELECT", "*", "{", "?s", "?p", "_:b", "}"],
}
NOT_IN_IRIS = "".join(map(chr, range(0xFFF0, 0xFFFE)))
# What the engine refuses later, or reads before the token, with the same result.
EXEMPT = {
    "prefix": "\t\n\r :",  # white space before it; PREFIX takes no local name
    "prefix, later": ":",
    "local name": NOT_IN_IRIS,  # so that such names are refused
    "local name, later": NOT_IN_IRIS,
    "local escape": "%",  # nor is a % without two digits
    "language, later": "-",  # --bcde is no direction
}
# Codepoints next to which a class of the grammar could begin or end.
BORDERS = (
    *(
        0x00,
        0x09,
        0x0A,
        0x0B,
        0x0C,
        0x0D,
        0x1C,
        0x20,
        0x7F,
        0x80,
        0x85,
        0xA0,
        0xAA,
        0xAD,
    ),
    *(0xB2, 0xB5, 0xB7, 0xBA, 0xC0, 0xD6, 0xD7, 0xD8, 0xF6, 0xF7, 0xF8, 0x131, 0x17F),
    *(0x2FF, 0x300, 0x36F, 0x370, 0x37D, 0x37E, 0x37F, 0x660, 0x1680, 0x180E, 0x1FFF),
    *(0x2000, 0x200B, 0x200C, 0x200D, 0x2028, 0x2029, 0x202F, 0x203F, 0x2040, 0x205F),
    *(0x2060, 0x2070, 0x20AC, 0x212A, 0x218F, 0x2190, 0x2BFF, 0x2C00, 0x2FEF, 0x2FF0),
    *(0x3000, 0x3001, 0xD7FF, 0xE000, 0xF8FF, 0xF900, 0xFDCF, 0xFDD0, 0xFDEF, 0xFDF0),
    *(
        0xFEFF,
        0xFF11,
        0xFF21,
        0xFFEF,
        0xFFF0,
        0xFFFD,
        0xFFFF,
        0x10000,
        0x1D7CE,
        0x1F600,
    ),
    *(0xEFFFF, 0xF0000, 0x10FFFF),
)
FEW = sorted(
    {
        near
        for border in (*range(128), *BORDERS)
        for near in (border - 1, border, border + 1)
        if 0 <= near <= 0x10FFFF and not 0xD800 <= near <= 0xDFFF
    }
)
ALL = [code for code in range(0x10FFFF + 1) if not 0xD800 <= code <= 0xDFFF]


def parses(query: str) -> bool:
    """Return whether the engine parses a query."""
    try:
        ox.Store().query(query)
    except SyntaxError:
        return False
    return True


def differing(place: str, codepoints: list[int]) -> list[str]:
    """Return the codepoints that the engine and the lexer put into different tokens."""
    template, kind, token = PLACES[place]
    wrong = []
    for code in codepoints:
        if chr(code) in EXEMPT.get(place, ""):
            continue
        query = template.format(chr(code))
        tokens = tokenize(query)
        if place in REST:
            ours = [token.text for token in tokens] == REST[place]
        else:
            ours = (kind, token.format(chr(code))) in {one[:2] for one in tokens}
        if ours != parses(query):
            wrong.append(f"U+{code:04X}")
    return wrong


@pytest.mark.parametrize("place", PLACES)
def test_a_terminal_has_the_letters_that_the_engine_reads(place: str) -> None:
    """Each codepoint at a border of a class is in the token in which it is read."""
    assert differing(place, FEW) == []


@pytest.mark.slow
@pytest.mark.parametrize("place", PLACES)
def test_every_codepoint_is_read_as_the_engine_reads_it(place: str) -> None:
    """So is every other codepoint."""
    assert differing(place, ALL) == []


def test_an_iri_of_the_engine_is_one_of_ours() -> None:
    """No codepoint that the engine takes in an IRI ends ours."""
    missing = [
        f"U+{code:04X}"
        for code in FEW
        if parses(IRI.format(chr(code)))
        and f"<a:{chr(code)}b>"
        not in {token.text for token in tokenize(IRI.format(chr(code)))}
    ]
    assert missing == []
