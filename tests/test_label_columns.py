"""Saved queries return IRIs; what shows them adds their labels in every language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from rdflib import Graph, URIRef

from alaqat.queries.query import SavedQuery
from alaqat.sparql.rewrite import text_columns, with_label_columns
from alaqat.store.interface import Store
from alaqat.store.oxigraph import OxigraphStore
from alaqat.store.oxigraph_writer import amend
from alaqat.store.rdflib_store import RdflibStore
from alaqat.terms import (
    AL,
    ENTITIES_GRAPH,
    PREFIXES,
    document_graph,
    document_prefixes,
)

PROLOGUE = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in PREFIXES.items())
ENTITIES = """
    state:FRA a al:State ; rdfs:label "France"@en , "فرنسا"@ar ; al:with state:ITA .
    state:ITA a al:State ; rdfs:label "Italy"@en , "إيطاليا"@ar ; al:with state:FRA .
    state:DEU a al:State ; rdfs:label "ألمانيا"@ar ; al:with state:FRA .
    state:ODD a al:State .
    fact:plan a al:Stance ; al:content "to go"@en , "الذهاب"@ar .
"""
SECTION = 'doc:s a al:Section ; rdfs:label "Ties"@en , "صلات"@ar .'


def query(text: str, *labels: str, **texts: URIRef) -> SavedQuery:
    """A saved query."""
    shown = {name: str(iri) for name, iri in texts.items()}
    whole = PROLOGUE + text
    return SavedQuery("q", "questions", whole, Path("q.rq"), labels=labels, texts=shown)


def oxigraph_store(graphs: Mapping[URIRef, Graph]) -> OxigraphStore:
    """Return a store of Oxigraph that holds some graphs."""
    store = OxigraphStore()
    for name, graph in graphs.items():
        amend(store, name, graph)
    return store


@pytest.fixture(params=[oxigraph_store, RdflibStore])
def store(request: pytest.FixtureRequest) -> Store:
    """A store with three states, a plan and a section."""
    prefixes = {**PREFIXES, **document_prefixes("x")}
    header = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in prefixes.items())
    texts = {ENTITIES_GRAPH: ENTITIES, document_graph("x"): SECTION}
    build: Callable[[Mapping[URIRef, Graph]], Store] = request.param
    return build(
        {
            name: Graph().parse(data=header + turtle, format="turtle")
            for name, turtle in texts.items()
        }
    )


def rows(store: Store, saved: SavedQuery) -> list[list[str]]:
    """The header and the rows of the labelled query, IRIs by their last part."""
    answer = store.query(with_label_columns(saved).text)
    cells = [["" if term is None else str(term) for term in row] for row in answer]
    short = [[cell.rpartition("/")[2] for cell in row] for row in cells]
    return [list(answer.variables), *short]


def test_a_label_stands_beside_its_thing(store: Store) -> None:
    """In the order of the English ones; what has no label stays, and comes first."""
    saved = query("SELECT ?s WHERE { ?s a al:State }\nORDER BY ?s", "s")
    assert rows(store, saved) == [
        ["s", "s_ar", "s_en"],
        ["DEU", "ألمانيا", ""],
        ["ODD", "", ""],
        ["FRA", "فرنسا", "France"],
        ["ITA", "إيطاليا", "Italy"],
    ]


def test_a_query_without_labels_is_itself() -> None:
    """So is one in no language."""
    saved = query("SELECT ?s WHERE { ?s a al:State }")
    assert with_label_columns(saved) is saved
    named = query("SELECT ?s WHERE { ?s a al:State }", "s")
    assert with_label_columns(named, ()) is named


def test_a_text_stands_instead_of_its_thing(store: Store) -> None:
    """Of any property, also when the column is called otherwise than the thing."""
    saved = query(
        "SELECT (?stance AS ?plan) WHERE { ?stance a al:Stance } ORDER BY ?plan",
        plan=AL.content,
    )
    assert rows(store, saved) == [["plan_ar", "plan_en"], ["الذهاب", "to go"]]


def test_counts_are_of_things(store: Store) -> None:
    """Rows are grouped by the thing, of which there may be no label."""
    saved = query(
        "SELECT ?o (COUNT(DISTINCT ?s) AS ?n) WHERE { ?s al:with ?o }\n"
        "GROUP BY ?o ORDER BY DESC(?n) ?o",
        "o",
    )
    assert rows(store, saved) == [
        ["o", "o_ar", "o_en", "n"],
        ["FRA", "فرنسا", "France", "2"],
        ["ITA", "إيطاليا", "Italy", "1"],
    ]


@pytest.mark.parametrize(
    "pattern",
    [
        "GRAPH ?text { ?s a al:Section }",
        "GRAPH ?text { { ?s a al:Section } }",
        "GRAPH ?text { ?s a al:Section MINUS { ?s a al:State } }",
    ],
)
def test_a_label_is_looked_up_where_the_thing_is(store: Store, pattern: str) -> None:
    """The label of a section is in the graph of its document alone."""
    saved = query(f"SELECT ?s WHERE {{ {pattern} }}", "s")
    assert rows(store, saved)[1:] == [["s", "صلات", "Ties"]]


@pytest.mark.parametrize(
    "pattern",
    [
        "{ ?s al:with state:FRA } UNION { ?s al:with state:ITA }",
        "{ SELECT DISTINCT ?s WHERE { ?s al:with ?o } }",
        "?s al:with ?o FILTER EXISTS { ?s a al:State }",
        "OPTIONAL { ?s al:with ?o }",
    ],
)
def test_a_label_belongs_to_every_mention(store: Store, pattern: str) -> None:
    """Of a thing that several groups find, or one whose variables stay in it."""
    saved = query(f"SELECT ?s WHERE {{ {pattern} }} ORDER BY ?s", "s")
    assert [row[2] for row in rows(store, saved)[1:]] == ["", "France", "Italy"]


def test_a_thing_that_is_missing_has_no_label(store: Store) -> None:
    """Not that of everything else."""
    pattern = "?s a al:State OPTIONAL { ?s al:with ?o }"
    saved = query(f"SELECT ?s ?o WHERE {{ {pattern} }} ORDER BY STR(?s)", "o")
    found = {row[0]: row[3] for row in rows(store, saved)[1:]}
    assert found == {"DEU": "France", "FRA": "Italy", "ITA": "France", "ODD": ""}


def test_a_thing_may_be_bound(store: Store) -> None:
    """As the parameter of a question is."""
    saved = query("SELECT ?s ?o WHERE { ?s al:with ?o }", "s", "o")
    france = URIRef(PREFIXES["state"] + "FRA")
    answer = store.query(with_label_columns(saved).text, bindings={"s": france})
    assert [str(row[2]) for row in answer] == ["France"]


def test_any_languages_may_be_asked_for(store: Store) -> None:
    """The first of them orders the rows, the alphabet their columns."""
    saved = query("SELECT ?s WHERE { ?s al:with ?o } ORDER BY ?s", "s")
    answer = store.query(with_label_columns(saved, ("ar", "xx")).text)
    assert list(answer.variables) == ["s", "s_ar", "s_xx"]
    assert [str(row[1]) for row in answer] == ["ألمانيا", "إيطاليا", "فرنسا"]


def test_text_columns_are_found_by_their_names() -> None:
    """Where there is one in every language."""
    names = ["city", "city_ar", "city_en", "row_en", "plan_ar", "plan_en"]
    assert text_columns(names) == {
        "city": {"en": 2, "ar": 1},
        "plan": {"en": 5, "ar": 4},
    }
