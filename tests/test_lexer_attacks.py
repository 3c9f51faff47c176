"""Texts that hide a SERVICE, LOAD or graph from tokens: all are seen or refused.

Each text does parse in the engine, which reads it as the attacker means it. Nobody may
call the endpoint.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import pairwise

import pyoxigraph as ox
import pytest

from alaqat.errors import InvalidQuery
from alaqat.sparql.analysis import analyse_query, analyse_update
from alaqat.sparql.lexer import tokenize
from alaqat.store.pool.sandbox import sandbox
from alaqat.terms import BASE
from conftest import Built
from test_sandbox import Other, other, rows

__all__ = ["other"]  # a fixture

A = "PREFIX a: <http://e/> "
CALL = "<{url}> {{ ?x ?y ?z }}"
ADDRESS = "http://127.0.0.1:9/sparql"
MALFORMED = ("unclosed long string",)
# Parts of a group that end with a SERVICE which calls.
HIDING_PLACES = {
    "comparison": "FILTER(1<2)SERVICE#>\n" + CALL,
    "comparison with an equals sign": "FILTER(1<=2)SERVICE#>\n" + CALL,
    "comparison after a name": "FILTER(a:b(1)<2)SERVICE#>\n" + CALL,
    "comparison in a call": "FILTER a:f(1<2)SERVICE#>\n" + CALL,
    "comparison in BIND": "BIND(1<2 AS?n)SERVICE#>\n" + CALL,
    "comparison in a subquery": "{{SELECT(1<2AS?n){{}}}}SERVICE#>\n" + CALL,
    "comparison after a group": "FILTER(EXISTS{{}}<2)SERVICE#>\n" + CALL,
    "comparison of a triple term": "FILTER(<<(a:a a:b 1)>><2)SERVICE#>\n" + CALL,
    "comparison with an IRI": "FILTER(1<<a#>)SERVICE" + CALL + "#>)\n",
    "comparison before a quote": "FILTER(1<2)SERVICE#'>\n" + CALL + "#'\n",
    "reified triple": "<<?s?p?o>>?q ?r.SERVICE" + CALL,
    "full stop": "?s a a:b .SERVICE" + CALL,
    "number": "?s ?p 1.SERVICE" + CALL,
    "exponent": "?s ?p 1e5.SERVICE" + CALL,
    "boolean": "?s ?p trueSERVICE" + CALL,
    "string": "?s ?p 'x'SERVICE" + CALL,
    "IRI": "?s ?p <x>SERVICE" + CALL,
    "variable": "?s ?p ?€SERVICE.SERVICE" + CALL,
    "blank node": "?s ?p _:x.y .SERVICE" + CALL,
    "language": "?s ?p 'x'@en .SERVICE" + CALL,
    "direction": "?s ?p 'x'@en--ltr.SERVICE" + CALL,
    "two full stops in a name": "?s ?p a:b.c.SERVICE" + CALL,
    "name that is no IRI": "?s ?p port:SERVICE" + CALL,
    "name with a prefix": "?s ?p port:SERVICEx:sparql {{ ?x ?y ?z }}",
    "escape in a long string": 'VALUES ?w {{ """x" }}SERVICE'
    + CALL
    + '#\\uD800""" }}\n',
    "unclosed long string": 'VALUES ?w {{ """x" }}SERVICE' + CALL,
    "escape in an IRI": "?s ?p <a:\\u+041>.SERVICE" + CALL,
    "keywords": "SERVICESILENT" + CALL,
    "keyword and prefix": "SERVICEx:sparql {{ ?x ?y ?z }}",
    "keyword and declared prefix": "SERVICExx:sparql {{ ?x ?y ?z }}",
    "keyword and empty prefix": "SERVICE:sparql {{ ?x ?y ?z }}",
    "keywords and prefix": "SERVICESILENTx:sparql {{ ?x ?y ?z }}",
    "small letters": "sErViCe" + CALL,
    "comment": "# SERVICE\rSERVICE" + CALL,
    "path": "?s a:b?/a:c?o.SERVICE" + CALL,
    "annotation": "?s ?p ?o{{|?q ?r|}}.SERVICE" + CALL,
    "lateral": "LATERAL{{SERVICE" + CALL + "}}",
}


def whole(part: str, url: str) -> str:
    """Return a query with a part of its group."""
    prefixes = (
        f"PREFIX : <{url[:-6]}> PREFIX x: <{url[:-6]}> PREFIX SERVICEx: <http://e/> "
        "PREFIX SERVICExx: <http://e/> PREFIX xx: <http://e/> "
        "PREFIX port: <http://e:80> "
    )
    return f"{A}{prefixes}SELECT * {{ {part.format(url=url)} }}"


def parse(text: str, *, is_update: bool = False) -> None:
    """Let the engine parse a text where it can call nobody; raise its SyntaxError."""
    store = ox.Store()
    with sandbox(), suppress(OSError, RuntimeError):
        (store.update if is_update else store.query)(text, base_iri=BASE)


@pytest.mark.parametrize("name", HIDING_PLACES)
def test_a_hidden_service_is_refused(name: str) -> None:
    """The engine parses the query, and we refuse it, also as part of an update."""
    query = whole(HIDING_PLACES[name], ADDRESS)
    update = query.replace("SELECT * {", "INSERT {} WHERE {", 1)
    if name not in MALFORMED:
        parse(query)
        parse(update, is_update=True)
    for services in ((), {"http://e/allowed"}):
        with pytest.raises(InvalidQuery):
            analyse_query(query, services)
    with pytest.raises(InvalidQuery):
        analyse_update(update)


@pytest.mark.parametrize(
    "name", ["comparison", "two full stops in a name", "escape in a long string"]
)
def test_a_pooled_store_does_not_call(built: Built, other: Other, name: str) -> None:
    """The walls hold together, with an endpoint that is allowed beside the attack."""
    query = whole(HIDING_PLACES[name], other.address)
    for services in (frozenset[str](), frozenset({"http://127.0.0.1:9/"})):
        with pytest.raises(InvalidQuery):
            rows(built, query, services)
    assert other.calls == 0


def test_the_attacks_are_real(other: Other) -> None:
    """Unchecked, the engine calls the endpoint for such a text."""
    store = ox.Store()
    for name in ("comparison", "escape in a long string"):
        list(store.query(whole(HIDING_PLACES[name], other.address), base_iri=BASE))
    assert other.calls == 2


@pytest.mark.parametrize(
    "update",
    [
        "LOAD<u:x>",
        "INSERT DATA{};LOAD<u:x>",
        "LOADx:y",
        "LOADSILENT<u:x>",
        "LOAD:y",
        "PREFIX LOADx: <u:> LOADx:y",
        "CLEAR SILENT DEFAULT;LOAD#\n<u:x>INTO GRAPH<u:y>",
        "PREFIXz: <u:> LOAD z:y",
        "INSERT{}WHERE{FILTER(1<2)};LOAD#>\n<u:x>",
    ],
)
def test_a_hidden_load_is_refused(update: str) -> None:
    """The engine would load; we refuse."""
    update = f"PREFIX x: <u:> PREFIX : <u:>{update}"
    parse(update, is_update=True)
    with pytest.raises(InvalidQuery):
        analyse_update(update)


@pytest.mark.parametrize(
    ("update", "name"),
    [
        ("INSERT { GRAPH ?€ { ?€ a 1 } } WHERE { ?€ ?p ?o }", "?€"),
        ("INSERT { GRAPH?x·\u0300 { ?s a 1 } } WHERE { ?s ?p ?x·\u0300 }", "?x·\u0300"),
        ("INSERT { GRAPH $ⅷ { ?s a 1 } } WHERE { ?s ?p $ⅷ }", "$ⅷ"),
        ("INSERT DATA { GRAPH<u:g>{ <u:s> a 1 } }", "<u:g>"),
        ("PREFIX p.€: <u:> INSERT DATA { GRAPH p.€:g-1{ <u:s> a 1 } }", "p.€:g-1"),
        (
            "INSERT{GRAPH<u:g>{?s a 1}}WHERE{FILTER(1<2)GRAPH#>\n<u:h>{?s ?p ?o}}",
            "<u:h>",
        ),
        ("DELETE WHERE{GRAPH ?g{?s ?p ?o}}", "?g"),
        ("CLEAR GRAPH<u:g>", "<u:g>"),
        ("COPY<u:g>TO<u:h>", "<u:h>"),
    ],
)
def test_a_graph_is_a_token(update: str, name: str) -> None:
    """What the engine takes for the name of a graph is one token after GRAPH or TO."""
    parse(update, is_update=True)
    tokens = analyse_update(update).tokens
    named = [b.text for a, b in pairwise(tokens) if a.text in ("GRAPH", "TO")]
    assert name in named


@pytest.mark.parametrize(
    "update",
    [
        "PREFIX a: <u:> PREFIX GRAPHa: <u:h> INSERT DATA { GRAPHa:g { <u:s> a 1 } }",
        "PREFIX : <u:> PREFIX graph: <u:h> INSERT DATA { graph:g { <u:s> a 1 } }",
        "PREFIX a: <u:> PREFIX TOa: <u:h> COPY <u:g> TOa:h",
        "PREFIX a: <u:> CLEAR GRAPHa:g",
        "PREFIX a: <u:> CLEARGRAPH a:g",
        "PREFIX p: <http://e:8> PREFIX a: <u:> INSERT {} WHERE { ?s ?p p:GRAPHa:g {} }",
    ],
)
def test_a_name_that_is_read_twice_is_refused(update: str) -> None:
    """The engine parses these, and reads another graph than their tokens show."""
    parse(update, is_update=True)
    with pytest.raises(InvalidQuery):
        analyse_update(update)


ACCEPTED = [
    "SELECT * { FILTER(?a<?b&&?c>?d) ?a ?c ?b, ?d }",
    "SELECT * { FILTER(?a <?b || ?c> ?d) ?a ?c ?b, ?d }",
    "SELECT * { VALUES(?a ?b){(1<u:x>)('y'<u:z#a>)(UNDEF<u:(1)>)} }",
    "SELECT * { ?s ?p(1<u:x>?o<#y>) }",
    "SELECT(1<2 AS?n)(?x<?y&&?y>?z AS?m){ ?x ?y ?z }",
    "SELECT * { ?x ?y ?z } ORDER BY(?x<?y)STR(?x)ASC(?x<=?y)",
    "SELECT * { ?s<u:p>?o;<u:q><u:r>.?o(<u:p>|<u:q>)*?n }",
    "SELECT * { << ?s ?p ?o >> ?q ?r }",
    "SELECT * { <<?s?p?o>>?q<u:x> }",
    "SELECT * { BIND(<<( ?s ?p ?o )>> AS ?t) ?s ?p ?o FILTER(1<<u:x>) }",
    "PREFIX graph: <u:> SELECT * { GRAPH graph:x { ?s ?p ?o } }",
    "PREFIX a: <u:a> PREFIX as: <u:as> PREFIX s: <u:s> SELECT * { ?s as:x a:x; a s:x }",
    "PREFIX : <u:> PREFIX to: <u:t> SELECT * { ?s :to :a.b, :c\\.d, :%41; :a-b :é }",
    'SELECT*{?s?p\'\'\'it\'s """ \'\'\', """a\\"b""", 1.5, .5, 1e5}LIMIT 5',
    "SELECT * { ?s ?p ?o FILTER(?o<5) } # SERVICE <u:x> {}",
    "SELECT ?service { ?service <u:SERVICE> 'SERVICE' }",
]


@pytest.mark.parametrize("query", ACCEPTED)
def test_what_people_write_is_accepted(query: str) -> None:
    """Compact queries are not refused, and no comparison is taken for an IRI."""
    found = ox.Store().query(query, base_iri=BASE)
    assert isinstance(found, ox.QuerySolutions)
    tokens = analyse_query(query).tokens
    variables = {token.text[1:] for token in tokens if token.kind == "variable"}
    assert variables >= {variable.value for variable in found.variables}


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT * { ?s ?p <a b> }", "Line 1, column 18: this < neither begins an IRI"),
        ("SELECT * { ?s ?p ?o FILTER ?o < 5 }", "neither begins an IRI nor compares"),
        ("SELECTDISTINCT * {}", "SELECTDISTINCT is not a keyword"),
        (
            "PREFIX a: <u:> SELECT * { a:b.c.d ?p ?o }",
            "not all engines read on after a:b.c",
        ),
        ("PREFIX a: <http://e:80> SELECT * { ?s ?p a:b }", "which is not a valid IRI"),
        (
            "PREFIX : <u:> PREFIX GRAPHx: <v:> PREFIX x: <w:> SELECT * { GRAPHx:y {} }",
            "a keyw",
        ),
        (
            "SELECT * { ?s ?p ?o.5.5 ?p ?o }",
            "the full stop in .5 can be read in two ways",
        ),
        ("SELECT * { ?s ?p 'a }", "Line 1, column 18: this quote begins no string"),
        ("SELECT * { ?s ?p '\\d' }", "this quote begins no string"),
        ('SELECT * { ?s ?p """a }', "this quote begins no string"),
        ("SELECT * { ?s ?p '\ud800' }", "half of a surrogate pair"),
        ("SELECT * { ?s ?p <u:\\u+041> }", "has an escape that is none"),
    ],
)
def test_a_refusal_says_where_and_what_to_do(query: str, message: str) -> None:
    """The error names the place, the reason and a remedy."""
    with pytest.raises(InvalidQuery) as raised:
        analyse_query(query)
    assert message in str(raised.value)
    assert raised.value.remedy


def test_a_comparison_stands_in_brackets() -> None:
    """Elsewhere the grammar has none, so that a `<` begins an IRI or is refused."""
    for text in ("ASK{FILTER STR(1)<2}", "ASK{?s ?p 1 <2#> }"):
        with pytest.raises(SyntaxError):
            parse(text)
    assert [t.text for t in tokenize("ASK{FILTER STR(1)<2}") if t.kind == "stray"]
    assert tokenize("ASK{?s ?p 1 <2#> }")[-2][:2] == ("iri", "<2#>")
    for text in ACCEPTED:
        assert "stray" not in {token.kind for token in tokenize(text)}
