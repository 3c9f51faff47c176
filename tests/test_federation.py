"""SERVICE: the rewritten query means what the query means, and others are refused."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alaqat.errors import AlaqatError, InvalidQuery, ServiceFailed
from alaqat.rdf.graphs import new_graph
from alaqat.rdf.terms import from_oxigraph
from alaqat.sparql.analysis import analyse_query
from alaqat.sparql.federation import (
    find_service_blocks,
    replace_service_blocks,
    without_calls,
)
from alaqat.sparql.lexer import tokenize
from alaqat.store.pool.messages import QueryLimits
from alaqat.store.pool.store import PooledStore
from alaqat.store.releases import CurrentSnapshot, publish_release
from alaqat.terms import facts_graph
from conftest import Built
from endpoints import Endpoint, endpoint, evaluate, listener, was_called
from test_server_writes import server as start_server
from w3c import SPARQL

A, B, DEAD = "http://a/sparql", "http://b/sparql", "http://dead/sparql"
PROLOGUE = "PREFIX : <http://e/>\n"
LOCAL = """
:x1 :p :y1 . :x2 :p :y2 . :x3 :p :y3 . :y1 :q 1 . :y2 :q 2 . :x1 :name "one"@en .
"""
REMOTE_A = """
:y1 :size 10 . :y2 :size 20 . :y2 :size 21 . :y4 :size 40 . :x1 :likes :x2 .
:x2 :likes :x3 , :x1 . :y1 :label "é \\"quoted\\"\\n{ } # SERVICE" , 'y'@en-GB .
"""
REMOTE_B = """
:x1 :color "red" . :x2 :color "blue" . :x2 :size 1 . :y4 :color "red" .
"""


def triples(turtle: str) -> list[ox.Triple]:
    """Parse some Turtle."""
    text = PROLOGUE.replace("PREFIX", "@prefix").rstrip() + " .\n" + turtle
    return [quad.triple for quad in ox.parse(text.encode(), format=ox.RdfFormat.TURTLE)]


def store_of(
    turtle: str, name: ox.NamedNode | ox.DefaultGraph | None = None
) -> ox.Store:
    """Return a store with some triples."""
    store = ox.Store()
    store.extend(ox.Quad(*each, name or ox.DefaultGraph()) for each in triples(turtle))
    return store


class World:
    """A pooled store, two endpoints, and one store that has the data of all."""

    def __init__(self, pool: PooledStore, endpoints: dict[str, Endpoint]) -> None:
        self.pool = pool
        self.endpoints = endpoints
        self.whole = store_of(LOCAL)
        for iri, turtle in ((A, REMOTE_A), (B, REMOTE_B)):
            self.whole.extend(store_of(turtle, ox.NamedNode(iri)))

    def federated(self, query: str) -> Counter[object]:
        """Return the rows of a query in which A, B and DEAD are endpoints."""
        for iri, server in self.endpoints.items():
            query = query.replace(iri, server.iri)
        result = self.pool.query(PROLOGUE + query)
        if result.kind == "boolean":
            return Counter([result.truth])
        return Counter(
            frozenset((n, t) for n, t in zip(result.variables, row, strict=True))
            for row in result
        )

    def emulated(self, query: str) -> Counter[object]:
        """Return the rows of a query in which A and B are graphs."""
        query = query.replace("SERVICE SILENT", "SERVICE").replace("SERVICE", "GRAPH")
        result = self.whole.query(PROLOGUE + query)
        if isinstance(result, ox.QueryBoolean):
            return Counter([bool(result)])
        assert isinstance(result, ox.QuerySolutions)
        names = [variable.value for variable in result.variables]
        return Counter(
            frozenset(
                (n, None if t is None else from_oxigraph(t))
                for n, t in zip(names, row, strict=True)
            )
            for row in result
        )


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Yield a store and its endpoints, of which one has gone."""
    folder = tmp_path_factory.mktemp("federation")
    local = new_graph(tuple(map(from_oxigraph, each)) for each in triples(LOCAL))
    publish_release({facts_graph("x"): local}, folder, {})
    with ExitStack() as stack:
        servers = {
            A: stack.enter_context(endpoint(evaluate(store_of(REMOTE_A)))),
            B: stack.enter_context(endpoint(evaluate(store_of(REMOTE_B)))),
        }
        with endpoint(evaluate(ox.Store())) as dead:
            servers[DEAD] = dead
        limits = QueryLimits(services=frozenset(each.iri for each in servers.values()))
        pool = PooledStore(CurrentSnapshot(folder), workers=1, limits=limits)
        stack.callback(pool.close)
        yield World(pool, servers)


SHAPES = {
    "join": "SELECT * { ?x :p ?y SERVICE <A> { ?y :size ?n } }",
    "first": "SELECT * { SERVICE <A> { ?y :size ?n } ?x :p ?y }",
    "alone": "SELECT * { SERVICE <A> { ?y :size ?n } }",
    "duplicates": "SELECT ?y { SERVICE <A> { ?y :size ?n } ?x :p ?y }",
    "optional": "SELECT * { ?x :p ?y OPTIONAL { SERVICE <A> { ?y :size ?n } } }",
    "optional within": "SELECT * { SERVICE <A> { ?y :size ?n OPTIONAL "
    "{ ?y :label ?l } } OPTIONAL { ?x :p ?y } }",
    "minus": "SELECT * { ?x :p ?y MINUS { SERVICE <A> { ?y :size ?n } } }",
    "minus within": "SELECT * { ?x :p ?y SERVICE <A> "
    "{ ?y :size ?n MINUS { ?y :size 21 . ?y :label ?x } } }",
    "exists": "SELECT * { ?x :p ?y FILTER EXISTS { SERVICE <A> { ?y :size ?n } } }",
    "not exists": "SELECT * { ?x :p ?y "
    "FILTER NOT EXISTS { SERVICE <A> { ?y :size ?n FILTER (?n > 10) } } }",
    "union": "SELECT * { { ?x :p ?y } UNION { SERVICE <A> { ?y :size ?n } } }",
    "subquery around": "SELECT * { ?x :p ?y { SELECT ?y (MAX(?n) AS ?m) "
    "{ SERVICE <A> { ?y :size ?n } } GROUP BY ?y } }",
    "subquery within": "SELECT * { ?x :p ?y SERVICE <A> "
    "{ SELECT ?y (COUNT(*) AS ?k) { ?y :size ?n } GROUP BY ?y } }",
    "star within": "SELECT * { ?x :p ?y SERVICE <A> "
    "{ SELECT * { ?y :size ?n } ORDER BY DESC(?n) LIMIT 2 } }",
    "two": "SELECT * { SERVICE <A> { ?x :likes ?z } SERVICE <B> { ?z :color ?c } }",
    "same twice": "SELECT * { SERVICE <A> { ?x :likes ?z } "
    "SERVICE <A> { ?z :likes ?x } }",
    "filter outside": "SELECT * { ?x :p ?y SERVICE <A> { ?y :size ?n } "
    "FILTER(?n > 10) }",
    "filter on outside": "SELECT * { ?x :p ?y SERVICE <A> "
    "{ ?y :size ?n FILTER (!BOUND(?x)) } }",
    "bind within": "SELECT * { ?x :p ?y SERVICE <A> "
    "{ ?y :size ?n BIND (?n + 1 AS ?m) BIND (COALESCE(?x, 'no') AS ?o) } }",
    "values within": "SELECT * { SERVICE <A> { VALUES (?y ?k) { (:y1 1) (UNDEF 2) } "
    "?y :size ?n } ?x :p ?y }",
    "no row": "SELECT * { ?x :p ?y SERVICE <A> { ?y :none ?n } }",
    "no row, optional": "SELECT * { ?x :p ?y "
    "OPTIONAL { SERVICE <A> { ?y :none ?n } } }",
    "no variable": "SELECT * { ?x :p ?y SERVICE <A> { :y1 :size 10 } }",
    "no variable, no row": "SELECT * { ?x :p ?y SERVICE <A> { :y1 :size 11 } }",
    "literals": "SELECT * { SERVICE <A> { ?s :label ?l } }",
    "ask": "ASK { ?x :p ?y SERVICE <A> { ?y :size 21 } }",
    "ask not": "ASK { ?x :p ?y SERVICE <A> { ?y :size 40 } }",
    "grouped": "SELECT ?x (COUNT(?n) AS ?k) { ?x :p ?y SERVICE <A> { ?y :size ?n } } "
    "GROUP BY ?x HAVING (COUNT(?n) > 1)",
    "ordered": "SELECT ?y ?n { SERVICE <A> { ?y :size ?n } ?x :p ?y } "
    "ORDER BY DESC(?n) LIMIT 1",
    "silent": "SELECT * { ?x :p ?y SERVICE SILENT <A> { ?y :size ?n } }",
    "dollar": "SELECT * { $x :p $y SERVICE <A> { $y :size $n } }",
    "comment": "SELECT * { ?x :p ?y SERVICE <A> { ?y :size ?n # } SERVICE <B> {\n} }",
    "in an expression": "SELECT ?x (EXISTS { SERVICE <B> { ?x :color ?c } } AS ?e) "
    "{ ?x :p ?y }",
    "not exists within": "SELECT * { ?x :p ?y SERVICE <A> "
    "{ ?y :size ?n FILTER NOT EXISTS { ?y :label ?l } } }",
    "nested groups": "SELECT * { { { ?x :p ?y SERVICE <A> { { ?y :size ?n } } } } }",
    "path": "SELECT * { ?x :p ?y SERVICE <A> { ?x (:likes|^:likes)* ?z } }",
    "blank nodes in patterns": "SELECT * { ?x :p [] SERVICE <A> { ?x :likes [] } }",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_service_means_what_it_means_with_all_data_in_one_store(
    world: World, shape: str
) -> None:
    """The rows are those of the same query over a graph that has the other's data."""
    query = SHAPES[shape].replace("<A>", f"<{A}>").replace("<B>", f"<{B}>")
    assert world.federated(query) == world.emulated(query)


PATTERNS = st.sampled_from(
    [
        "?x :p ?y .",
        "?y :q ?n .",
        "SERVICE <A> { ?y :size ?n }",
        "SERVICE <A> { ?x :likes ?z }",
        "SERVICE <B> { ?z :color ?c }",
        "SERVICE <B> { ?x :color ?c OPTIONAL { ?x :size ?n } }",
        "FILTER (?n > 1)",
        "FILTER (!BOUND(?c))",
    ]
)
GROUPS = st.recursive(
    PATTERNS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=2).map(" ".join),
        inner.map(lambda text: f"OPTIONAL {{ {text} }}"),
        inner.map(lambda text: f"MINUS {{ {text} }}"),
        inner.map(lambda text: f"{{ SELECT DISTINCT ?x ?n {{ {text} }} }}"),
        st.tuples(inner, inner).map(lambda two: "{{ {} }} UNION {{ {} }}".format(*two)),
    ),
    max_leaves=5,
)


@settings(
    max_examples=100,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(GROUPS)
def test_any_combination_means_what_it_means_in_one_store(
    world: World, group: str
) -> None:
    """Blocks may stand in groups of any kind, in any combination."""
    query = f"SELECT * {{ {group} }}".replace("<A>", f"<{A}>").replace("<B>", f"<{B}>")
    if query.count("SERVICE") <= 8:
        assert world.federated(query) == world.emulated(query)


def test_a_failure_is_one_empty_solution_if_it_is_silent(world: World) -> None:
    """The columns of the pattern are there, and unbound (Federated Query §4)."""
    query = (
        f"SELECT * {{ ?x :p ?y OPTIONAL {{ SERVICE SILENT <{DEAD}> {{ ?y :s ?n }} }} }}"
    )
    values = query.replace(
        f"SERVICE SILENT <{DEAD}> {{ ?y :s ?n }}", "VALUES (?y ?n) { (UNDEF UNDEF) }"
    )
    assert world.federated(query) == world.emulated(values)
    assert len(world.federated(query)) == 3
    none = world.federated(f"SELECT * {{ SERVICE SILENT <{DEAD}> {{ :a :b :c }} }}")
    assert none == Counter([frozenset()])


def test_a_failure_is_an_error_otherwise(world: World) -> None:
    """The error names the endpoint."""
    with pytest.raises(ServiceFailed, match="cannot be reached") as caught:
        world.federated(f"SELECT * {{ SERVICE <{DEAD}> {{ ?y :s ?n }} }}")
    assert world.endpoints[DEAD].iri in caught.value.message
    assert caught.value.category.status == 502


def test_the_endpoint_gets_the_pattern_with_the_prologue(world: World) -> None:
    """Relative IRIs and prefixes mean the same there."""
    server = world.endpoints[A]
    world.federated(
        "BASE <http://e/> # a comment\n"
        "SELECT * { ?x :p ?y SERVICE <A> { ?y <size> ?n } }".replace("<A>", f"<{A}>")
    )
    sent = server.queries[-1]
    assert sent.endswith(
        "PREFIX : <http://e/>\nBASE <http://e/> # a comment\n"
        "SELECT * WHERE { ?y <size> ?n \n}"
    )
    assert server.headers["user-agent"] == "alaqat"
    assert {"cookie", "authorization", "referer"}.isdisjoint(server.headers)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { SERVICE <A> { ?y :size } ?x :p ?y }",
        "SELECT * { SERVICE <A> { ?y :size ?n } ?x :p }",
        "SELECT * { SERVICE SILENT <A> { ?y :size ?n } . . ?x :p ?y }",
        "SELECT * { ?x :p ?y\n SERVICE <A> { ?y :size ?n\n } FILTER (?x >) }",
        "SELECT * { ?x :p ?y SERVICE\n<A> # {\n{ ?y :size ?n } FILTER (?x >) }",
    ],
)
def test_a_query_with_a_syntax_error_calls_nobody(world: World, text: str) -> None:
    """Its position is that in the query as it was sent."""
    server = world.endpoints[A]
    before, text = len(server.queries), PROLOGUE + text.replace("A", server.iri)
    errors = []
    for query in (text, re.sub(r"SERVICE\s(SILENT )?<.*?>", blanks, text)):
        with pytest.raises(InvalidQuery) as caught:
            world.pool.query(query)
        errors.append((caught.value.line, caught.value.column))
    assert errors[0] == errors[1]
    assert len(server.queries) == before


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { { ?x :p ?y } UNION SERVICE <A> { ?y :size ?n } }",
        "SELECT * { SERVICE <A> { ?y :size ?n } BIND (1 AS ?n) }",
        "SELECT ?x { ?x :p ?y SERVICE <A> { ?y :size ?n } } GROUP BY ?y",
        "CONSTRUCT { SERVICE <A> { ?y :size ?n } } WHERE { ?x :p ?y }",
        "CONSTRUCT WHERE { SERVICE <A> { ?y :size ?n } }",
        "SELECT * { ?x :p ?y } VALUES ?y { SERVICE <A> { ?y :size ?n } }",
    ],
)
def test_service_where_the_grammar_has_none_calls_nobody(
    world: World, text: str
) -> None:
    """Nor does a query whose variables are bound twice, or not at all."""
    server = world.endpoints[A]
    before = len(server.queries)
    with pytest.raises(InvalidQuery):
        world.federated(text.replace("<A>", f"<{A}>"))
    assert len(server.queries) == before


def blanks(match: re.Match[str]) -> str:
    """Return as many blanks as letters were matched."""
    return re.sub(".", " ", match[0])


NESTED = "SERVICE <{A}> {{ ?a ?b ?c SERVICE <{A}> {{ ?d ?e ?f }} }}"
REFUSED = {
    "escaped": (
        "SELECT * { SERVICE <A> { ?s ?p ?o }\n# \\u000A SERVICE <A> { ?s ?p ?o }\n}",
        "without escapes",
    ),
    "only escaped": (
        "SELECT * { ?s ?p ?o # \\u000A SERVICE <A> { ?s ?p ?o }\n}",
        "without escapes",
    ),
    "variable": ("SELECT * { SERVICE ?e { ?s ?p ?o } }", "IRI of a known endpoint"),
    "unknown": ("SELECT * { SERVICE <http://c/> { ?s ?p ?o } }", "known endpoint"),
    "nested": (f"SELECT * {{ {NESTED.format(A=A)} }}", "inside SERVICE"),
    "nested deep": (
        "SELECT * { SERVICE SILENT <A> { { OPTIONAL { SERVICE <A> { ?s ?p ?o } } } } }",
        "inside SERVICE",
    ),
    "graph": ("SELECT * { GRAPH ?g { SERVICE <A> { ?s ?p ?o } } }", "inside GRAPH"),
    "graph deep": (
        "SELECT * { GRAPH <urn:g> { ?a ?b ?c OPTIONAL { SERVICE <A> { ?s ?p ?o } } } }",
        "inside GRAPH",
    ),
    "exists": (
        "SELECT * { ?x ?y ?z FILTER EXISTS "
        "{ SERVICE <A> { ?s ?p ?o FILTER (?o > ?z) } } }",
        r"needs \?z from outside",
    ),
    "exists deep": (
        "SELECT (NOT EXISTS { { SERVICE <A> { ?s ?p ?o MINUS { ?s ?q ?z } } } } AS ?e) "
        "{ ?x ?y $z }",
        r"needs \?z from outside",
    ),
    "blank node": (
        "SELECT * { _:b ?x ?y SERVICE <A> { _:b ?p ?o } }",
        "_:b is used inside and outside",
    ),
    "blank node in two": (
        "SELECT * { SERVICE <A> { _:b ?p ?o } SERVICE <A> { _:b ?q ?o } }",
        "_:b is used inside and outside",
    ),
    "no group": ("SELECT * { SERVICE <A> ?s ?p ?o }", "SERVICE has no group"),
    "end": ("SELECT * { SERVICE <A>", "SERVICE has no group"),
    "bracket": ("SELECT * { SERVICE <A> { ( } ?s ?p ?o } }", "brackets do not match"),
    "open": ("SELECT * { SERVICE <A> { ?s ?p ?o }", "not closed"),
    "union": (
        "SELECT * { SERVICE <A> { ?s ?p ?o } UNION { ?s ?p ?o } }",
        "UNION is not allowed after SERVICE",
    ),
    "many": ("SELECT * { " + "SERVICE <A> { ?s ?p ?o } " * 9 + "}", "more than 8"),
}


@pytest.mark.parametrize("shape", REFUSED)
def test_a_block_that_values_cannot_replace_is_refused_by_name(shape: str) -> None:
    """With its position and a remedy."""
    text, message = REFUSED[shape]
    with pytest.raises(InvalidQuery, match=message) as caught:
        find_service_blocks(analyse_query(text.replace("<A>", f"<{A}>"), {A, B}))
    assert caught.value.remedy
    if "escape" not in message:
        assert caught.value.line
        assert caught.value.column


@pytest.mark.parametrize(
    ("pattern", "variables"),
    [
        ("?s ?p ?o", "s p o"),
        ("$s :p [ :q ?o ]", "s o"),
        ("?s :p (?a ?b)", "s a b"),
        ("?s ?p ?o FILTER (?x > 1)", "s p o"),
        ("FILTER REGEX(?x, ?y) ?s ?p ?o", "s p o"),
        ("FILTER :f(?x) FILTER NOT EXISTS { ?x ?y ?z } ?s ?p ?o", "s p o"),
        ("?s ?p ?o MINUS { ?s ?q ?x }", "s p o"),
        ("BIND (?a + ?b AS ?c)", "c"),
        ("BIND (EXISTS { ?a ?b ?d } AS ?c) ?s :p :o", "c s"),
        ("VALUES ?v { 1 UNDEF }", "v"),
        ("VALUES (?v ?w) { (1 2) (UNDEF 'x') } ?s ?p ?o", "v w s p o"),
        ("OPTIONAL { ?s ?p ?o } { ?a ?b ?c } UNION { ?d ?e ?f }", "s p o a b c d e f"),
        ("GRAPH ?g { ?s ?p ?o }", "g s p o"),
        ("{ SELECT ?s (COUNT(?o) AS ?n) { ?s ?p ?o } GROUP BY ?s } ?n :x ?y", "s n y"),
        (
            "SELECT DISTINCT * { ?s ?p ?o } ORDER BY ?x LIMIT 3 VALUES ?v { 1 }",
            "s p o v",
        ),
        ("SELECT (?a * 2 AS ?b) WHERE { ?s :p ?a }", "b"),
        (":s :p :o", ""),
    ],
)
def test_the_columns_are_the_variables_in_scope(pattern: str, variables: str) -> None:
    """As SPARQL 1.1 Query §18.2.1 defines it."""
    text = f"{PROLOGUE}SELECT * {{ SERVICE <{A}> {{ {pattern} }} }}"
    (block,) = find_service_blocks(analyse_query(text, {A}))
    assert block.variables == tuple(variables.split())


SOUP = st.lists(
    st.sampled_from(
        "SELECT * WHERE FILTER MINUS BIND AS VALUES EXISTS GRAPH UNION OPTIONAL "
        f"SERVICE SILENT <{A}> ?x ?y _:b 1 'a' a:b {{ }} ( ) [ ] . ; :".split()
    ),
    max_size=25,
).map(" ".join)


@given(SOUP)
def test_any_text_is_rewritten_or_refused(soup: str) -> None:
    """However wrong it is, before an engine sees it."""
    text = f"PREFIX a: <{A}> SELECT * {{ SERVICE <{A}> {{ {soup} }} }}"
    with suppress(InvalidQuery):
        analysis = analyse_query(text, {A})
        blocks = find_service_blocks(analysis)
        rewritten = replace_service_blocks(
            analysis, blocks, ["VALUES () { }"] * len(blocks)
        )
        assert "SERVICE" not in {token.text for token in rewritten.tokens}


@pytest.mark.parametrize("silent", ["", "SILENT "])
def test_a_rewritten_query_is_tokenized_as_its_analysis_says(silent: str) -> None:
    """Offsets fit the new text, so ORDER BY and bindings can be rewritten."""
    text = (
        f"{PROLOGUE}SELECT ?x {{ ?x :p ?y SERVICE {silent}<{A}> {{ ?y :size ?n }} "
        f"OPTIONAL {{ SERVICE <{B}> {{ ?z :q '}}' }} }} }} ORDER BY ?n"
    )
    analysis = analyse_query(text, {A, B})
    blocks = find_service_blocks(analysis)
    assert [block.is_silent for block in blocks] == [bool(silent), False]
    assert [block.endpoint for block in blocks] == [A, B]
    values = ["VALUES (?y ?n) { (<http://e/y> 1) }", "VALUES (?z) { }"]
    rewritten = replace_service_blocks(analysis, blocks, values)
    assert "SERVICE" not in rewritten.text
    found = {(token.text, token.start) for token in tokenize(rewritten.text)}
    assert {(token.text, token.start) for token in rewritten.tokens} <= found
    assert rewritten.text[rewritten.group_starts[0] - 1] == "{"
    assert not rewritten.service_endpoints
    assert not rewritten.is_deterministic


def test_a_syntax_check_leaves_offsets_as_they_are() -> None:
    """The clause that replaces SERVICE is as long as it."""
    text = f"SELECT * {{ ?x ?y ?z SERVICE SILENT <{A}> {{ ?a ?b ?c }} }} ORDER BY ?x"
    analysis = analyse_query(text, {A})
    checked = without_calls(analysis, find_service_blocks(analysis))
    assert len(checked.text) == len(text)
    assert checked.text.index("ORDER") == text.index("ORDER")
    assert checked.text.index("{ ?a") == text.index("{ ?a")


@pytest.mark.parametrize(
    "hidden",
    [
        "FILTER(1<2)SERVICE#>\n<U> { ?a ?b ?c }",
        "FILTER(1<2)SERVICE#>)\n<U> { ?a ?b ?c }",
        "FILTER(1<2)SERVICE#>)\nSILENT <U> { ?a ?b ?c }",
        "\\u0053ERVICE <U> { ?a ?b ?c }",
        "# \\u000A SERVICE <U> { ?a ?b ?c }\n",
        "FILTER(?x<?y)SERVICE<U>{ ?a ?b ?c }",
        "SERVICE SILENT <U> { ?a ?b ?c }",
    ],
)
def test_a_hidden_second_call_reaches_nobody(world: World, hidden: str) -> None:
    """Whatever the text is read as, only the broker calls, and only who is allowed."""
    with listener() as server:
        port = server.getsockname()[1]
        query = (
            f"SELECT * {{ SERVICE SILENT <{A}> {{ ?x :likes ?y }} {hidden} }}"
        ).replace("<U>", f"<http://127.0.0.1:{port}/>")
        with suppress(AlaqatError):
            world.federated(query)
        assert not was_called(server)


def test_a_long_query_may_not_have_service(world: World) -> None:
    """It is analysed in a worker, where nobody can be called; the message says so."""
    text = f"SELECT * {{ SERVICE <{A}> {{ ?s ?p '{'x' * 20_000}' }} }}"
    before = len(world.endpoints[A].queries)
    with pytest.raises(InvalidQuery, match="more than 20,000 characters"):
        world.federated(text)
    assert len(world.endpoints[A].queries) == before


SUITE = SPARQL / "sparql11" / "service"


@pytest.mark.skipif(not SUITE.is_dir(), reason=f"no such suite: {SUITE}")
@pytest.mark.parametrize(
    ("case", "endpoints"),
    [
        ("01", {"http://example.org/sparql": "data01endpoint.ttl"}),
        (
            *("02",),
            {
                "http://example1.org/sparql": "data02endpoint1.ttl",
                "http://example2.org/sparql": "data02endpoint2.ttl",
            },
        ),
        ("04a", {"http://example.org/sparql": "data04endpoint.ttl"}),
        ("07", {}),
    ],
)
def test_cases_of_the_w3c_pass(
    case: str, endpoints: dict[str, str], tmp_path: Path
) -> None:
    """All but those in which a variable names the endpoint, or SERVICE is nested."""
    query = (SUITE / f"service{case}.rq").read_text(encoding="utf-8")
    data = SUITE / f"data{case.removesuffix('a')}.ttl"
    local = list(ox.parse(path=data)) if data.exists() else []
    graph = new_graph(tuple(map(from_oxigraph, quad.triple)) for quad in local)
    publish_release({facts_graph("x"): graph}, tmp_path, {})
    gone = "http://127.0.0.1:9/sparql"
    query, allowed = query.replace("http://invalid.endpoint.org/sparql", gone), {gone}
    with ExitStack() as stack:
        for iri, file in endpoints.items():
            store = ox.Store()
            store.load(path=SUITE / file)
            server = stack.enter_context(endpoint(evaluate(store)))
            query = query.replace(iri, server.iri)
            allowed.add(server.iri)
        limits = QueryLimits(services=frozenset(allowed))
        pool = PooledStore(CurrentSnapshot(tmp_path), workers=1, limits=limits)
        stack.callback(pool.close)
        found = pool.query(query)
        expected = ox.parse_query_results(
            path=SUITE / f"service{case.removesuffix('a')}.srx",
            format=ox.QueryResultsFormat.XML,
        )
        assert isinstance(expected, ox.QuerySolutions)
        assert found.variables == tuple(each.value for each in expected.variables)
        assert Counter(found) == Counter(
            tuple(term and from_oxigraph(term) for term in row) for row in expected
        )


@pytest.mark.slow
def test_a_server_calls_whom_it_may_and_nobody_else(built: Built, root: Path) -> None:
    """Over HTTP, for programs and on the page, in both languages."""
    with endpoint(evaluate(store_of(REMOTE_A))) as other, listener() as trap:
        port = trap.getsockname()[1]
        hidden = f"FILTER(1<2)SERVICE#>)\nSILENT <http://127.0.0.1:{port}/> {{}}"
        block = f"SERVICE SILENT <{other.iri}> {{ ?y <http://e/size> ?n }}"
        plain, tricky = f"SELECT ?n {{ {block} }}", f"SELECT ?n {{ {block} {hidden} }}"
        options = ("--service-allow", other.iri)
        with start_server(built.output, root, *options) as server:
            for path, accept in (
                ("/sparql", "text/csv"),
                ("/ar/sparql", "text/html"),
                ("/en/sparql", "text/html"),
            ):
                header = {"Accept": accept}
                query = f"{path}?{urlencode({'query': plain})}"
                response = server.request("GET", query, headers=header)
                assert response.status == 200
                assert b"40" in response.content
                query = f"{path}?{urlencode({'query': tricky})}"
                server.request("GET", query, headers=header)
            metrics = server.request("GET", "/metrics").content
            assert b"alaqat_service_calls_failed_total 0.0" in metrics
        assert not was_called(trap)
        assert len(other.queries) >= 3
