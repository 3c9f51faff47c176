"""ORDER BY: a total order over values of many kinds."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import XSD, Literal, Namespace, URIRef

from alaqat.sparql.analysis import analyse_query
from alaqat.sparql.rewrite import rewrite_query
from alaqat.store.oxigraph import OxigraphStore
from alaqat.store.oxigraph_writer import amend

E = Namespace("http://e/")

MIXED = st.one_of(
    st.integers(-50, 3000).map(Literal),
    st.decimals(-50, 3000, places=2).map(
        lambda n: Literal(str(n), datatype=XSD.decimal)
    ),
    st.from_regex(r"[0-9]{1,4}", fullmatch=True).map(
        lambda code: Literal(code, datatype=E.code)
    ),
    st.dates().map(Literal),
    st.text("0123456789abس", max_size=4).map(Literal),
    st.text("0123456789ab", max_size=4).map(lambda text: Literal(text, lang="ar")),
    st.booleans().map(Literal),
    st.from_regex(r"[a-z]{1,3}", fullmatch=True).map(lambda name: E[name]),
)


@settings(max_examples=30, deadline=None)
@given(st.lists(MIXED, min_size=21, max_size=200))
def test_values_of_every_kind_can_be_sorted(values: list[Literal | URIRef]) -> None:
    """IRIs come before literals, numbers are sorted by value, and no row is lost."""
    store = OxigraphStore()
    triples = [(E[f"s{number}"], E.p, value) for number, value in enumerate(values)]
    amend(store, "http://e/g", triples)
    query = "SELECT ?o { GRAPH ?g { ?s ?p ?o } } ORDER BY ?o"
    found = [row[0] for row in store.query(query)]
    assert len(found) == len(values)
    kinds = [isinstance(one, URIRef) for one in found]
    assert kinds == sorted(kinds, reverse=True)
    numbers = [
        float(one)
        for one in found
        if isinstance(one, Literal) and one.datatype in (XSD.integer, XSD.decimal)
    ]
    assert numbers == sorted(numbers)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { ?s ?p ?o }",
        "SELECT ?order { ?order <http://e/by> 'ORDER BY ?x' } # ORDER BY ?y",
        "SELECT (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p ORDER BY DESC(COUNT(*))",
        "SELECT * { ?s ?p ?o } ORDER BY STR(?o) <http://e/f>(?s)",
    ],
)
def test_conditions_of_one_kind_are_not_rewritten(query: str) -> None:
    """Aggregates and calls give values of one kind."""
    assert rewrite_query(analyse_query(query), by_kind=True) == query


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("SELECT ?o { ?s ?p ?o } ORDER BY DESC(?o) LIMIT 2", ["10", "9"]),
        ("SELECT ?o { ?s ?p ?o } ORDER BY ASC(-?o)", ["10", "9", "1"]),
        ("SELECT ?o { ?s ?p ?o } ORDER BY (?o > 5) ?o OFFSET 1", ["9", "10"]),
        (
            "SELECT ?o { { SELECT ?o { ?s ?p ?o } ORDER BY ?o LIMIT 2 } } "
            "ORDER BY DESC (?o)",
            ["9", "1"],
        ),
        (
            "SELECT ?o (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?o "
            "HAVING (COUNT(*) > 0) ORDER BY COUNT(*) DESC(?o)",
            ["10", "9", "1"],
        ),
    ],
)
def test_the_requested_order_is_preserved(query: str, rows: list[str]) -> None:
    """It is, in every form of a condition and in subqueries."""
    store = OxigraphStore()
    numbers = [Literal(number) for number in (9, 10, 1)]
    graph = "https://w3id.org/alaqat/graph/facts/x"
    amend(store, graph, [(E.s, E.p, number) for number in numbers])
    assert [str(row[0]) for row in store.query(query)] == rows
