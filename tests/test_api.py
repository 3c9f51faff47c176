"""Python API: query results as rdflib's, proofs, verdicts and views of days."""

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
    """Return the project's own dataset."""
    return alaqat.open(built.output)


def test_the_examples_of_the_documentation_run(
    built: Built, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every example of docs/python.md gives the result shown."""
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "dataset").symlink_to(built.output)
    monkeypatch.chdir(tmp_path)
    failed, tried = doctest.testfile(
        str(DOCS / "python.md"), module_relative=False, encoding="utf-8"
    )
    assert (failed, tried > 15) == (0, True)


def test_importing_the_package_loads_no_library() -> None:
    """Libraries that are slow to import are imported on first use."""
    script = (
        "import sys, alaqat; print(sorted({'rdflib', 'nmo_python'} & set(sys.modules)))"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True, text=True
    )
    assert result.stdout == "[]\n"


def test_a_misspelt_name_is_an_attribute_error() -> None:
    """As in any module."""
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
    """Every way to name a state gives the same rows."""
    rows = list(kg.query(TIES, other=value))
    assert rows
    assert {row.other for row in rows} == {KAZAKHSTAN}


def test_python_values_are_literals(kg: alaqat.KnowledgeGraph) -> None:
    """Zero and an empty text are values like any other."""
    text = "SELECT ?one ?two WHERE { VALUES (?one ?two) { (0 '') } }"
    (row,) = kg.query(text, one=0, two=Literal(""))
    assert (row.one, row.two) == (Literal(0), Literal(""))


def test_ask_and_construct(kg: alaqat.KnowledgeGraph) -> None:
    """The result of ASK is true or false, that of CONSTRUCT a graph."""
    assert kg.query("ASK { }").askAnswer is True
    assert kg.query("ASK { FILTER (1 = 2) }").askAnswer is False
    graph = kg.query("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 7").graph
    assert graph is not None
    assert len(graph) == 7


def test_unknown_questions_and_parameters_are_errors(
    kg: alaqat.KnowledgeGraph,
) -> None:
    """They list similar questions and the known parameters."""
    with pytest.raises(UnknownQuery, match="embassies-by-city"):
        kg.answer("embassy-by-city")
    with pytest.raises(InvalidQuery, match="city, sender, host"):
        kg.answer("embassies-by-city", town="place:almaty")


def test_terms_are_taken_as_they_are(kg: alaqat.KnowledgeGraph) -> None:
    """An rdflib term needs no resolution, but a name must be known."""
    answer = kg.why(KAZAKHSTAN, RDF.type, AL.State)
    assert answer.status == "asserted"
    assert kg.why(KAZAKHSTAN, RDF.type, AL.Embassy).status == "absent"
    with pytest.raises(UnknownName, match="Atlantis"):
        kg.why("Atlantis", "a", "al:State")


@pytest.mark.parametrize("day", ["1993-01-01", date(1993, 1, 1)])
def test_a_day_is_a_date_or_its_text(
    kg: alaqat.KnowledgeGraph, day: date | str
) -> None:
    """Both mean the same day; any other text is an error."""
    ties = KAZAKHSTAN, AL.hasDiplomaticRelationsWith, AZERBAIJAN
    assert kg.check(*ties, at=day).day == date(1993, 1, 1)
    assert kg.as_of(day).day == date(1993, 1, 1)
    with pytest.raises(InvalidQuery, match="2010-01-31"):
        kg.as_of("yesterday")


@pytest.mark.parametrize("language", ["ar", "en"])
def test_answers_are_texts_in_both_languages(
    kg: alaqat.KnowledgeGraph, language: str
) -> None:
    """A proof, a verdict and a view of a day have text for people."""
    ties = KAZAKHSTAN, AL.hasDiplomaticRelationsWith, AZERBAIJAN
    name = {"ar": "أذربيجان", "en": "Azerbaijan"}[language]
    for answer in (kg.why(*ties), kg.check(*ties), kg.as_of("2010-06-15")):
        assert name in kg.as_text(answer, language)


def test_tell_is_deprecated(kg: alaqat.KnowledgeGraph) -> None:
    """It still returns the text, with a warning that names its successor."""
    answer = kg.why(KAZAKHSTAN, AL.hasDiplomaticRelationsWith, AZERBAIJAN)
    with pytest.warns(DeprecationWarning, match="as_text"):
        assert kg.tell(answer, "en") == kg.as_text(answer, "en")


def test_a_folder_without_a_release_is_an_error(tmp_path: Path) -> None:
    """The remedy is to build one."""
    with pytest.raises(StoreUnavailable, match="alaqat build"):
        alaqat.open(tmp_path)


def test_a_dataset_has_a_version_and_graphs(
    kg: alaqat.KnowledgeGraph, built: Built
) -> None:
    """The version is the hash of the content, and is shown."""
    assert kg.version == built.summary.sha256
    assert repr(kg) == f"<KnowledgeGraph {kg.version[:16]}>"
    assert set(kg.graphs) == set(built.graphs)
    assert list(kg.graphs) == sorted(kg.graphs)
