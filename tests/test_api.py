"""Python's face: rdflib's results from the embedded store, and reasons for triples."""

from __future__ import annotations

import doctest
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from rdflib import RDF, Graph, Literal, URIRef, Variable
from rdflib.plugins.sparql import prepareQuery

import alaqat
from alaqat.errors import (
    InvalidQuery,
    StoreUnavailable,
    UnknownName,
    UnknownQuery,
)
from alaqat.terms import AL, BASE
from conftest import Built

DOCS = Path(__file__).parent.parent / "docs"
KAZAKHSTAN, AZERBAIJAN = (URIRef(f"{BASE}id/state/{code}") for code in ("KAZ", "AZE"))
TIES = """
PREFIX al: <https://w3id.org/alaqat/ontology#>
SELECT ?holder ?other WHERE { ?holder al:hasEmbassyIn ?other }
"""


@pytest.fixture(scope="module")
def kg(built: Built) -> alaqat.KnowledgeGraph:
    """The project's own dataset."""
    return alaqat.open(built.output)


def test_the_page_about_python_is_true(
    built: Built, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every example of docs/python.md gives what stands there."""
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "dataset").symlink_to(built.output)
    monkeypatch.chdir(tmp_path)
    failed, tried = doctest.testfile(
        str(DOCS / "python.md"), module_relative=False, encoding="utf-8"
    )
    assert (failed, tried > 15) == (0, True)


def test_importing_the_package_loads_no_library() -> None:
    """What takes long to import is imported when it is asked for."""
    script = (
        "import sys, alaqat; print(sorted({'rdflib', 'nmo_python'} & set(sys.modules)))"
    )
    told = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True, text=True
    )
    assert told.stdout == "[]\n"


def test_what_the_package_lacks_is_an_ordinary_error() -> None:
    """A misspelt name is an AttributeError, as of any module."""
    with pytest.raises(AttributeError, match="opne"):
        alaqat.opne  # noqa: B018


def test_rows_are_those_of_rdflib(kg: alaqat.KnowledgeGraph, built: Built) -> None:
    """The same query over the same graphs gives the same rows and variables."""
    together = Graph()
    for graph in built.graphs.values():
        together += graph
    theirs = together.query(prepareQuery(TIES))
    ours = kg.query(TIES)
    assert ours.vars == [Variable("holder"), Variable("other")]
    assert {(row.holder, row.other) for row in ours} == {tuple(row) for row in theirs}
    assert len(ours) == len(theirs) > 5
    assert ours.serialize(format="json")


@pytest.mark.parametrize(
    "value", [KAZAKHSTAN, "state:KAZ", f"<{KAZAKHSTAN}>", str(KAZAKHSTAN)]
)
def test_a_binding_is_a_term_or_what_one_types(
    kg: alaqat.KnowledgeGraph, value: str
) -> None:
    """All ways to name a state give the same rows."""
    rows = list(kg.query(TIES, other=value))
    assert rows
    assert {row.other for row in rows} == {KAZAKHSTAN}


def test_values_of_python_are_literals(kg: alaqat.KnowledgeGraph) -> None:
    """Zero and an empty text are values like any other."""
    text = "SELECT ?one ?two WHERE { VALUES (?one ?two) { (0 '') } }"
    (row,) = kg.query(text, one=0, two=Literal(""))
    assert (row.one, row.two) == (Literal(0), Literal(""))


def test_ask_and_construct(kg: alaqat.KnowledgeGraph) -> None:
    """An ASK is true or false, a CONSTRUCT a graph."""
    assert kg.query("ASK { }").askAnswer is True
    assert kg.query("ASK { FILTER (1 = 2) }").askAnswer is False
    graph = kg.query("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 7").graph
    assert graph is not None
    assert len(graph) == 7


def test_a_saved_question_refuses_what_it_does_not_know(
    kg: alaqat.KnowledgeGraph,
) -> None:
    """An unknown question and an unknown parameter are told with those there are."""
    with pytest.raises(UnknownQuery, match="embassies-by-city"):
        kg.answer("embassy-by-city")
    with pytest.raises(InvalidQuery, match="city, sender, host"):
        kg.answer("embassies-by-city", town="place:almaty")


def test_terms_need_no_names(kg: alaqat.KnowledgeGraph) -> None:
    """What rdflib gave is asked about as it is."""
    answer = kg.why(KAZAKHSTAN, RDF.type, AL.State)
    assert answer.status == "asserted"
    assert kg.why(KAZAKHSTAN, RDF.type, AL.Embassy).status == "absent"
    with pytest.raises(UnknownName, match="Atlantis"):
        kg.why("Atlantis", "a", "al:State")


@pytest.mark.parametrize("day", ["1993-01-01", date(1993, 1, 1)])
def test_a_day_is_a_date_or_its_text(
    kg: alaqat.KnowledgeGraph, day: date | str
) -> None:
    """Both ask about the same day; what is no day is refused."""
    ties = KAZAKHSTAN, AL.hasDiplomaticRelationsWith, AZERBAIJAN
    assert kg.check(*ties, at=day).day == date(1993, 1, 1)
    assert kg.as_of(day).day == date(1993, 1, 1)
    with pytest.raises(InvalidQuery, match="2010-01-31"):
        kg.as_of("yesterday")


@pytest.mark.parametrize("language", ["ar", "en"])
def test_answers_are_told_in_both_languages(
    kg: alaqat.KnowledgeGraph, language: str
) -> None:
    """A proof, a verdict and a day are text for people."""
    ties = KAZAKHSTAN, AL.hasDiplomaticRelationsWith, AZERBAIJAN
    name = {"ar": "أذربيجان", "en": "Azerbaijan"}[language]
    for answer in (kg.why(*ties), kg.check(*ties), kg.as_of("2010-06-15")):
        assert name in kg.as_text(answer, language)


def test_tell_is_deprecated(kg: alaqat.KnowledgeGraph) -> None:
    """It still returns the text, with a warning that names its successor."""
    answer = kg.why(KAZAKHSTAN, AL.hasDiplomaticRelationsWith, AZERBAIJAN)
    with pytest.warns(DeprecationWarning, match="as_text"):
        assert kg.tell(answer, "en") == kg.as_text(answer, "en")


def test_without_a_build_there_is_nothing_to_open(tmp_path: Path) -> None:
    """The error says what to do."""
    with pytest.raises(StoreUnavailable, match="alaqat build"):
        alaqat.open(tmp_path)
