"""The pages that curators read tell what the commands tell."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from rdflib import RDF, SH

from alaqat.build import read_coverage, validate_sources
from alaqat.dataset import Dataset
from alaqat.errors import CannotWrite
from alaqat.queries.library import Library, read_library
from alaqat.sources import knowledge_root, read_sources
from alaqat.store.releases import (
    BUILDS,
    MOST,
    add_build,
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
    """Two builds that were written down."""
    folder = tmp_path_factory.mktemp("builds")
    row = built.summary.as_json()
    for time in ("2020-01-01T00:00:00+00:00", "2020-01-02T00:00:00+00:00"):
        add_build(folder, {**row, "time": time})
    return folder / BUILDS


@pytest.fixture(scope="module")
def client(dataset: Dataset, library: Library, builds: Path) -> FlaskClient:
    """A client of the application over the project's own dataset."""
    settings = Settings(builds=builds)
    app = create_app(dataset.store, library, settings, dataset=lambda: dataset)
    return app.test_client()


def test_coverage_is_what_the_command_tells(client: FlaskClient) -> None:
    """As many sentences, and the same words that no fact quotes."""
    page = client.get("/en/coverage", headers=PAGE).text
    documents = read_coverage(read_sources(knowledge_root()))
    assert documents
    for rows in documents.values():
        said, total = covered_share(rows)
        assert f"{said} / {total}" in page
        assert page.count("data-standing-of=") == len(rows)
        unsaid = [words for row in rows for words in row.unsaid]
        assert page.count('class="unsaid"') == len([r for r in rows if r.unsaid])
        assert all(words.split("\n")[0].split('"')[0] in page for words in unsaid)


def test_sentences_of_one_standing(client: FlaskClient) -> None:
    """A filter shows those only."""
    page = client.get("/en/coverage?standing=reference", headers=PAGE).text
    assert 'data-standing-of="reference"' in page
    assert 'data-standing-of="covered"' not in page
    assert client.get("/coverage?standing=lost", headers=PAGE).status_code == 400


def test_every_note_is_in_the_ledger(client: FlaskClient, built: Built) -> None:
    """And the words that notes stand on are one link away."""
    page = client.get("/en/notes", headers=PAGE).text
    assert page.count('class="entry"') == built.summary.notes
    assert f"Notes: {built.summary.notes} of {built.summary.notes}" in page
    assert "#char-" in page


def test_notes_of_one_kind_and_section(client: FlaskClient) -> None:
    """Filters meet; those that are unknown are told."""
    every = client.get("/ar/notes", headers=PAGE).text.count('class="entry"')
    one = client.get("/ar/notes?kind=note-grammar", headers=PAGE).text
    both = client.get("/ar/notes?kind=note-grammar&section=lead", headers=PAGE).text
    counts = [text.count('class="entry"') for text in (both, one)]
    assert 0 < counts[0] < counts[1] < every
    assert client.get("/notes?kind=lost", headers=PAGE).status_code == 400


def test_the_report_is_published(built: Built) -> None:
    """As SHACL has it, and just what a validation of the sources finds."""
    report, _, _ = validate_sources(knowledge_root())
    meta = built.graphs[META_GRAPH]
    found = set(meta.subjects(RDF.type, SH.ValidationResult))
    assert len(found) == len(report.results)
    assert set(report_as_rdf(report)) <= set(meta)
    assert set(meta.objects(None, SH.focusNode)) == {r.focus for r in report.results}


def test_findings_and_builds_are_shown(client: FlaskClient, built: Built) -> None:
    """Each finding with its message, each build with its counts."""
    page = client.get("/en/validation", headers=PAGE).text
    findings = len(set(built.graphs[META_GRAPH].objects(None, SH.result)))
    assert page.count('class="severity ') == findings
    assert "2020-01-02 00:00" in page
    assert page.index("2020-01-02") < page.index("2020-01-01")
    assert page.count(built.summary.sha256[:12]) >= 2
    assert "<polyline" in page


@pytest.mark.parametrize("page", ["coverage", "notes", "validation"])
@pytest.mark.parametrize("form", ["json", "csv"])
def test_the_same_as_a_file(client: FlaskClient, page: str, form: str) -> None:
    """A saved query gives it, one click away."""
    view = {"validation": "findings"}.get(page, page)
    text = read_library(knowledge_root() / "queries").get(view).text
    reply = client.get("/sparql", query_string={"query": text, "format": form})
    assert reply.status_code == 200
    assert len(reply.text.splitlines()) > 1 or len(reply.get_json()) > 1


def test_the_views_count_as_the_pages_do(client: FlaskClient, built: Built) -> None:
    """The saved query of the notes has a row for each."""
    text = read_library(knowledge_root() / "queries").get("notes").text
    told = client.get("/sparql", query_string={"query": text, "format": "json"})
    assert len(told.get_json()["results"]["bindings"]) == built.summary.notes


def test_builds_are_kept_in_order(tmp_path: Path) -> None:
    """The newest first, no more than are asked for; a torn line is left out."""
    assert read_builds(tmp_path / BUILDS) == []
    for number in range(MOST + 3):
        add_build(tmp_path, {"number": number})
    path = tmp_path / BUILDS
    with path.open("a") as file:
        file.write('{"number": 99')
    rows = read_builds(path)
    assert len(rows) == MOST
    assert rows[0] == {"number": MOST + 2}
    lines = path.read_text().splitlines()
    assert json.loads(lines[0]) == {"number": 0}


def test_a_build_that_cannot_be_written_down_is_told(tmp_path: Path) -> None:
    """With the file and the remedy."""
    (tmp_path / BUILDS).mkdir()
    with pytest.raises(CannotWrite, match="published") as caught:
        add_build(tmp_path, {})
    assert caught.value.remedy
