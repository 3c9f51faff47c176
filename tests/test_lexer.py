"""SPARQL lexer and other scanners of untrusted text: linear time, no hiding place.

The bounds in seconds are far above what linear time needs, and far below what
quadratic time would.
"""

from __future__ import annotations

import json
from contextlib import suppress
from io import BytesIO
from time import process_time

import pytest
from rdflib import URIRef

from alaqat.errors import (
    AlaqatError,
    InvalidData,
    InvalidQuery,
    UnsupportedFormat,
)
from alaqat.queries.query import read_term
from alaqat.rdf.formats import RDF_XML
from alaqat.rdf.reading import read_upload
from alaqat.rdf.writing import write_triples
from alaqat.sparql.analysis import analyse_query
from alaqat.sparql.lexer import tokenize, unescape_codepoints

LONG = 20_000
UNITS = [
    *("a-", "a.", "é", "<<<<", "'''", '"""', '"', "#", "%41", "\\-", "\\u0041"),
    *('\\"', '\\"""\n', "\\'''\n", "<a", "<http://x#", "_:", "1.", "{", "a:SERVICE "),
]


@pytest.mark.parametrize("head", ["SELECT * {", '"""a\n', "'''\\", '"', "'", "<"])
@pytest.mark.parametrize("unit", UNITS)
def test_queries_are_scanned_in_linear_time(head: str, unit: str) -> None:
    """Neither repetition nor unclosed quotes and brackets slow the lexer down."""
    start = process_time()
    with suppress(AlaqatError):
        analyse_query((head + unit * LONG)[:LONG])
    assert process_time() - start < 2


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ('"""a" b', ["string", "string", "word"]),
        ('"""a"""b', ["string", "word"]),
        ('"a\n"b"', ["sign", "word", "string"]),
        ('"\\"\nb "c"', ["sign", "sign", "sign", "word", "string"]),
        ("a-b:c", ["name"]),
        ("a.b.:c", ["word", "sign", "word", "sign", "name"]),
        ("a-b c:d", ["word", "sign", "word", "name"]),
    ],
)
def test_unclosed_quotes_are_read_as_engines_do(text: str, kinds: list[str]) -> None:
    """An unclosed quote is a sign or ends an empty string, and hides nothing."""
    assert [token.kind for token in tokenize(text)] == kinds


def test_an_unclosed_string_hides_no_service() -> None:
    """Three unclosed quotes are an empty string and another quote."""
    with pytest.raises(InvalidQuery, match="SERVICE"):
        analyse_query('SELECT * { VALUES ?x { """a" } SERVICE <http://e/> {} }')


def test_a_surrogate_is_replaced() -> None:
    """An escaped text can always be encoded in UTF-8."""
    for escape in ("\\uD800", "\\uDFFF", "\\U0000DC00", "\\U00110000"):
        assert unescape_codepoints(escape) == "\N{REPLACEMENT CHARACTER}"
        json.dumps(unescape_codepoints(escape), ensure_ascii=False).encode()


def test_an_invalid_base_is_refused() -> None:
    """A host in square brackets that is not an address is an error."""
    with pytest.raises(InvalidQuery, match="Not a valid base IRI"):
        analyse_query("BASE <http://[> PREFIX a: <b> SELECT * {}")


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b"<<" * 101 + b'"""x\n' + b'\\"""\n' * 8000, "text/turtle"),
        (b"<<" * 101 + b"'''x\n" + b"\\'''\n" * 8000, "text/turtle"),
        (b"<<" * 101 + b'\\"' * 20_000, "text/turtle"),
        (b"<!--" * 8000, "application/rdf+xml"),
        (b"<![CDATA[" * 5000, "application/rdf+xml"),
        (b"<?" * 20_000, "application/rdf+xml"),
        (b'<a "' * 10_000, "application/rdf+xml"),
    ],
)
def test_uploads_are_scanned_in_linear_time(content: bytes, content_type: str) -> None:
    """Neither repetition nor unclosed strings and tags slow the check down."""
    start = process_time()
    with pytest.raises(InvalidData):
        read_upload(content, content_type, "http://e/g")
    assert process_time() - start < 2


@pytest.mark.parametrize("marks", ['# """', "# '", '# "\\', "<a:b> <a:c> '''\n\"''' ."])
def test_quotes_do_not_hide_nesting(marks: str) -> None:
    """Quotes in comments and in long strings do not start a string."""
    terms = "<a:b> <a:c> " + "<<( <a:b> <a:c> " * 500 + "<a:d>" + " )>>" * 500 + " ."
    content = f"{marks}\n{terms}\n{marks}\n".encode()
    with pytest.raises(InvalidData, match="nested more than"):
        read_upload(content, "text/turtle", "http://e/g")


def test_terms_are_parsed_in_linear_time() -> None:
    """A string that may have a datatype after each quote is parsed at once."""
    start = process_time()
    assert str(read_term('"^^' * 14_000 + " ")).startswith('"^^')
    assert process_time() - start < 2


def test_predicates_are_split_in_linear_time() -> None:
    """A predicate that XML cannot name is refused at once."""
    triple = (URIRef("a:b"), URIRef("a:" + "a" * 40_000 + "!"), URIRef("a:c"))
    start = process_time()
    with pytest.raises(UnsupportedFormat):
        write_triples([triple], BytesIO(), RDF_XML)
    assert process_time() - start < 2
