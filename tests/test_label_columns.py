"""Label columns: queries return IRIs, and their labels are added in every language."""

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
    """Return a saved query."""
    shown = {name: str(iri) for name, iri in texts.items()}
    whole = PROLOGUE + text
    return SavedQuery("q", "questions", whole, Path("q.rq"), labels=labels, texts=shown)


def oxigraph_store(graphs: Mapping[URIRef, Graph]) -> OxigraphStore:
    """Return an Oxigraph store of some graphs."""
    store = OxigraphStore()
    for name, graph in graphs.items():
        amend(store, name, graph)
    return store


@pytest.fixture(params=[oxigraph_store, RdflibStore])
def store(request: pytest.FixtureRequest) -> Store:
    """Return a store with three states, a plan and a section."""
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
    """Return the header and rows of the query with labels, IRIs by their local name."""
    answer = store.query(with_label_columns(saved).text)
    cells = [["" if term is None else str(term) for term in row] for row in answer]
    short = [[cell.rpartition("/")[2] for cell in row] for row in cells]
    return [list(answer.variables), *short]


def test_labels_follow_their_column(store: Store) -> None:
    """Rows are ordered by the English label; those without one come first."""
    saved = query("SELECT ?s WHERE { ?s a al:State }\nORDER BY ?s", "s")
    assert rows(store, saved) == [
        ["s", "s_ar", "s_en"],
        ["DEU", "ألمانيا", ""],
        ["ODD", "", ""],
        ["FRA", "فرنسا", "France"],
        ["ITA", "إيطاليا", "Italy"],
    ]


def test_a_query_without_labels_is_unchanged() -> None:
    """Neither without label columns nor without languages is it rewritten."""
    saved = query("SELECT ?s WHERE { ?s a al:State }")
    assert with_label_columns(saved) is saved
    named = query("SELECT ?s WHERE { ?s a al:State }", "s")
    assert with_label_columns(named, ()) is named


def test_texts_replace_their_column(store: Store) -> None:
    """Any property works, also if the column has another name than the variable."""
    saved = query(
        "SELECT (?stance AS ?plan) WHERE { ?stance a al:Stance } ORDER BY ?plan",
        plan=AL.content,
    )
    assert rows(store, saved) == [["plan_ar", "plan_en"], ["الذهاب", "to go"]]


def test_counts_group_by_resource(store: Store) -> None:
    """Rows are grouped by the resource, even if it has no label."""
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
def test_labels_are_matched_in_the_named_graph(store: Store, pattern: str) -> None:
    """The label of a section is only in the graph of its document."""
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
def test_labels_cover_every_mention(store: Store, pattern: str) -> None:
    """Several groups may bind the variable, or one that does not export it."""
    saved = query(f"SELECT ?s WHERE {{ {pattern} }} ORDER BY ?s", "s")
    assert [row[2] for row in rows(store, saved)[1:]] == ["", "France", "Italy"]


def test_an_unbound_variable_has_no_label(store: Store) -> None:
    """It does not get the labels of everything else."""
    pattern = "?s a al:State OPTIONAL { ?s al:with ?o }"
    saved = query(f"SELECT ?s ?o WHERE {{ {pattern} }} ORDER BY STR(?s)", "o")
    found = {row[0]: row[3] for row in rows(store, saved)[1:]}
    assert found == {"DEU": "France", "FRA": "Italy", "ITA": "France", "ODD": ""}


def test_the_variable_may_be_bound(store: Store) -> None:
    """A parameter of a question is bound like this."""
    saved = query("SELECT ?s ?o WHERE { ?s al:with ?o }", "s", "o")
    france = URIRef(PREFIXES["state"] + "FRA")
    answer = store.query(with_label_columns(saved).text, bindings={"s": france})
    assert [str(row[2]) for row in answer] == ["France"]


def test_any_languages_may_be_requested(store: Store) -> None:
    """The first orders the rows; their columns are in alphabetical order."""
    saved = query("SELECT ?s WHERE { ?s al:with ?o } ORDER BY ?s", "s")
    answer = store.query(with_label_columns(saved, ("ar", "xx")).text)
    assert list(answer.variables) == ["s", "s_ar", "s_xx"]
    assert [str(row[1]) for row in answer] == ["ألمانيا", "إيطاليا", "فرنسا"]


def test_text_columns_are_found_by_their_names() -> None:
    """Columns count as labels if there is one in every language."""
    names = ["city", "city_ar", "city_en", "row_en", "plan_ar", "plan_en"]
    assert text_columns(names) == {
        "city": {"en": 2, "ar": 1},
        "plan": {"en": 5, "ar": 4},
    }
