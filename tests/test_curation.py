"""Curation pages and the build log, compared with the output of the commands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from rdflib import RDF, SH

from alaqat.build import read_coverage, validate_sources
from alaqat.dataset import Dataset
from alaqat.errors import CannotWrite
from alaqat.locations import knowledge_root
from alaqat.queries.library import Library, read_library
from alaqat.sources import read_sources
from alaqat.store.releases import (
    BUILD_LOG,
    MAX_BUILDS,
    log_build,
    read_builds,
)
from alaqat.terms import META_GRAPH
from alaqat.text.coverage import covered_share
from alaqat.validate.report import report_as_rdf
from alaqat.web.app import create_app
from alaqat.web.settings import Settings
from conftest import Built

PAGE = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def builds(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a log of two builds."""
    folder = tmp_path_factory.mktemp("builds")
    row = built.summary.as_json()
    for time in ("2020-01-01T00:00:00+00:00", "2020-01-02T00:00:00+00:00"):
        log_build(folder, {**row, "time": time})
    return folder / BUILD_LOG


@pytest.fixture(scope="module")
def client(dataset: Dataset, library: Library, builds: Path) -> FlaskClient:
    """Return a client of an application over the project's own dataset."""
    settings = Settings(builds=builds)
    app = create_app(dataset.store, library, settings, dataset=lambda: dataset)
    return app.test_client()


def test_coverage_is_the_output_of_the_command(client: FlaskClient) -> None:
    """It has as many sentences, and the same words that no fact quotes."""
    page = client.get("/en/coverage", headers=PAGE).text
    documents = read_coverage(read_sources(knowledge_root()))
    assert documents
    for rows in documents.values():
        used, total = covered_share(rows)
        assert f"{used} / {total}" in page
        assert page.count("data-coverage=") == len(rows)
        unsaid = [words for row in rows for words in row.unsaid]
        assert page.count('class="unsaid"') == len([r for r in rows if r.unsaid])
        assert all(words.split("\n")[0].split('"')[0] in page for words in unsaid)


def test_sentences_are_filtered_by_coverage(client: FlaskClient) -> None:
    """Unknown values are refused."""
    page = client.get("/en/coverage?standing=reference", headers=PAGE).text
    assert 'data-coverage="reference"' in page
    assert 'data-coverage="covered"' not in page
    assert client.get("/coverage?standing=lost", headers=PAGE).status_code == 400


def test_every_note_is_listed(client: FlaskClient, built: Built) -> None:
    """It links the words that it is about."""
    page = client.get("/en/notes", headers=PAGE).text
    assert page.count('class="entry"') == built.summary.notes
    assert f"Notes: {built.summary.notes} of {built.summary.notes}" in page
    assert "#char-" in page


def test_notes_are_filtered_by_kind_and_section(client: FlaskClient) -> None:
    """Filters combine; unknown values are refused."""
    every = client.get("/ar/notes", headers=PAGE).text.count('class="entry"')
    one = client.get("/ar/notes?kind=note-grammar", headers=PAGE).text
    both = client.get("/ar/notes?kind=note-grammar&section=lead", headers=PAGE).text
    counts = [text.count('class="entry"') for text in (both, one)]
    assert 0 < counts[0] < counts[1] < every
    assert client.get("/notes?kind=lost", headers=PAGE).status_code == 400


def test_the_validation_report_is_published(built: Built) -> None:
    """It is the SHACL report of a validation of the sources."""
    report, _, _ = validate_sources(knowledge_root())
    meta = built.graphs[META_GRAPH]
    found = set(meta.subjects(RDF.type, SH.ValidationResult))
    assert len(found) == len(report.results)
    assert set(report_as_rdf(report)) <= set(meta)
    assert set(meta.objects(None, SH.focusNode)) == {r.focus for r in report.results}


def test_findings_and_builds_are_shown(client: FlaskClient, built: Built) -> None:
    """The page has a row for each result and each build, the newest build first."""
    page = client.get("/en/validation", headers=PAGE).text
    findings = len(set(built.graphs[META_GRAPH].objects(None, SH.result)))
    assert page.count('class="severity ') == findings
    assert "2020-01-02 00:00" in page
    assert page.index("2020-01-02") < page.index("2020-01-01")
    assert page.count(built.summary.sha256[:12]) >= 2
    assert "<polyline" in page


@pytest.mark.parametrize("page", ["coverage", "notes", "validation"])
@pytest.mark.parametrize("form", ["json", "csv"])
def test_pages_have_their_data_as_files(
    client: FlaskClient, page: str, form: str
) -> None:
    """A saved query returns it."""
    view = {"validation": "findings"}.get(page, page)
    text = read_library(knowledge_root() / "queries").get(view).text
    reply = client.get("/sparql", query_string={"query": text, "format": form})
    assert reply.status_code == 200
    assert len(reply.text.splitlines()) > 1 or len(reply.get_json()) > 1


def test_the_view_of_notes_has_a_row_for_each(
    client: FlaskClient, built: Built
) -> None:
    """As many as the page lists."""
    text = read_library(knowledge_root() / "queries").get("notes").text
    reply = client.get("/sparql", query_string={"query": text, "format": "json"})
    assert len(reply.get_json()["results"]["bindings"]) == built.summary.notes


def test_the_build_log_is_in_order(tmp_path: Path) -> None:
    """The newest is first, the number is limited, and a torn line is skipped."""
    assert read_builds(tmp_path / BUILD_LOG) == []
    for number in range(MAX_BUILDS + 3):
        log_build(tmp_path, {"number": number})
    path = tmp_path / BUILD_LOG
    with path.open("a") as file:
        file.write('{"number": 99')
    rows = read_builds(path)
    assert len(rows) == MAX_BUILDS
    assert rows[0] == {"number": MAX_BUILDS + 2}
    lines = path.read_text().splitlines()
    assert json.loads(lines[0]) == {"number": 0}


def test_a_build_log_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    """It has a remedy."""
    (tmp_path / BUILD_LOG).mkdir()
    with pytest.raises(CannotWrite, match="published") as caught:
        log_build(tmp_path, {})
    assert caught.value.remedy
