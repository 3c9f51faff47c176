"""Looking at queries and uploads before an engine does takes time as they are long.

The bounds of seconds are far above what is needed, and below what anything that looks
at the same text again and again would need.
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
def test_no_query_takes_long_to_look_at(head: str, unit: str) -> None:
    """Whatever stands again and again in it, and whatever is not closed."""
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
def test_what_is_not_closed_is_read_as_engines_read_it(
    text: str, kinds: list[str]
) -> None:
    """A quote is a sign then, or ends an empty string; nothing behind it is hidden."""
    assert [token.kind for token in tokenize(text)] == kinds


def test_an_open_string_hides_no_service() -> None:
    """Three quotes that are not closed are an empty string and another one."""
    with pytest.raises(InvalidQuery, match="SERVICE"):
        analyse_query('SELECT * { VALUES ?x { """a" } SERVICE <http://e/> {} }')


def test_half_a_surrogate_pair_is_no_character() -> None:
    """What an error quotes can be written in UTF-8."""
    for escape in ("\\uD800", "\\uDFFF", "\\U0000DC00", "\\U00110000"):
        assert unescape_codepoints(escape) == "\N{REPLACEMENT CHARACTER}"
        json.dumps(unescape_codepoints(escape), ensure_ascii=False).encode()


def test_a_base_that_is_no_iri_is_told() -> None:
    """Brackets in it that hold no address are the query's fault."""
    with pytest.raises(InvalidQuery, match="is no base"):
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
def test_no_upload_takes_long_to_look_at(content: bytes, content_type: str) -> None:
    """Whatever stands again and again in it, and whatever is not closed."""
    start = process_time()
    with pytest.raises(InvalidData):
        read_upload(content, content_type, "http://e/g")
    assert process_time() - start < 2


@pytest.mark.parametrize("marks", ['# """', "# '", '# "\\', "<a:b> <a:c> '''\n\"''' ."])
def test_no_quotes_hide_how_deep_an_upload_is(marks: str) -> None:
    """Those in comments and in texts of several lines begin no text."""
    terms = "<a:b> <a:c> " + "<<( <a:b> <a:c> " * 500 + "<a:d>" + " )>>" * 500 + " ."
    content = f"{marks}\n{terms}\n{marks}\n".encode()
    with pytest.raises(InvalidData, match="nested more than"):
        read_upload(content, "text/turtle", "http://e/g")


def test_no_value_takes_long_to_look_at() -> None:
    """A text that might have a datatype at each of its quotes."""
    start = process_time()
    assert str(read_term('"^^' * 14_000 + " ")).startswith('"^^')
    assert process_time() - start < 2


def test_no_predicate_takes_long_to_look_at() -> None:
    """One that XML cannot name, in spite of all its letters."""
    triple = (URIRef("a:b"), URIRef("a:" + "a" * 40_000 + "!"), URIRef("a:c"))
    start = process_time()
    with pytest.raises(UnsupportedFormat):
        write_triples([triple], BytesIO(), RDF_XML)
    assert process_time() - start < 2
