"""Sources of a build: the graphs they feed, and the line of each subject."""

from __future__ import annotations

from pathlib import Path

import pytest

from alaqat.errors import InvalidData
from alaqat.locations import knowledge_root
from alaqat.sources import read_sources
from alaqat.terms import AL

FACT = "https://w3id.org/alaqat/id/fact/atlantis/embassy-of-france-in-japan"


def test_the_checkout_is_the_root() -> None:
    """In a checkout, the folders are used in place."""
    assert (knowledge_root() / "ontology" / "alaqat.ttl").is_file()


def test_every_file_feeds_one_graph(small: Path) -> None:
    """Ontology, entities, one document with description, facts and notes."""
    found = read_sources(small)
    (source,) = found.documents
    assert source.document.slug == "atlantis"
    assert len(set(source.facts.subjects(AL.quote))) == 2
    assert len(set(source.notes.subjects(AL.quote))) == 1
    assert (AL.State, None, None) in found.ontology
    names = {path.name for path in found.files}
    assert {"alaqat.ttl", "world.ttl", "document.txt", "embassies.ttl"} <= names


def test_a_subject_has_its_file_and_line(small: Path) -> None:
    """The line is that of its last block."""
    index = read_sources(small).index
    path, line = index.where(FACT) or (Path(), 0)
    text = (small / path).read_text(encoding="utf-8").splitlines()
    assert text[line - 1] == "fact:embassy-of-france-in-japan"


def test_a_quote_has_its_own_line(small: Path) -> None:
    """The line is not that of its fact."""
    index = read_sources(small).index
    path, line = index.where(FACT, "France has had an embassy") or (Path(), 0)
    text = (small / path).read_text(encoding="utf-8").splitlines()
    assert text[line - 1].startswith("  al:quote")


def test_missing_text_falls_back_to_the_subject(small: Path) -> None:
    """An unknown subject has no place."""
    index = read_sources(small).index
    assert index.where(FACT, "no such words") == index.where(FACT)
    assert index.where("https://example.org/nowhere") is None


@pytest.mark.parametrize(
    ("missing", "named"),
    [
        ("data/atlantis/document.txt", "data"),
        ("data/atlantis/document.ttl", "document.ttl"),
        ("data/atlantis/facts/embassies.ttl", "facts"),
        ("ontology/alaqat.ttl", "alaqat.ttl"),
    ],
)
def test_a_missing_source_is_named(small: Path, missing: str, named: str) -> None:
    """The error names it and has a remedy."""
    (small / missing).unlink()
    with pytest.raises(InvalidData) as caught:
        read_sources(small)
    assert named in str(caught.value.path)
    assert caught.value.remedy


def test_a_document_that_is_not_described_is_an_error(small: Path) -> None:
    """Its description must type it as an al:Document."""
    path = small / "data/atlantis/document.ttl"
    text = path.read_text(encoding="utf-8").replace("a al:Document", "a al:Section")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidData, match="not described"):
        read_sources(small)


def test_a_document_needs_no_notes(small: Path) -> None:
    """The folder of notes is optional."""
    (small / "data/atlantis/notes/embassies.ttl").unlink()
    (small / "data/atlantis/notes").rmdir()
    assert not read_sources(small).documents[0].notes
