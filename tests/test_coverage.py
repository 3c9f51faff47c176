"""Coverage: which sentences of a document are expressed as data."""

from __future__ import annotations

from pathlib import Path

from alaqat.build import read_coverage
from alaqat.sources import read_sources
from alaqat.text.coverage import (
    Coverage,
    SentenceCoverage,
    covered_share,
)

FACT = "https://w3id.org/alaqat/id/fact/atlantis/"


def rows(folder: Path) -> tuple[Coverage, ...]:
    """Return the coverage of the small document."""
    return read_coverage(read_sources(folder))["atlantis"]


def without_facts(folder: Path, name: str) -> None:
    """Remove the quote of a fact from the small document's facts."""
    path = folder / "data/atlantis/facts/embassies.ttl"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    rest = [line for line in lines if not ("al:quote" in line and name in line)]
    path.write_text("".join(rest), encoding="utf-8")


def test_each_sentence_has_its_facts_and_its_unquoted_words(small: Path) -> None:
    """Facts by sentence, words that no claim quotes, and the number covered."""
    first, second, reference = rows(small)
    assert first.facts == (FACT + "embassy-of-france-in-japan",)
    assert (first.line, first.standing, first.unsaid) == (
        2,
        SentenceCoverage.COVERED,
        (),
    )
    assert second.notes == (
        "https://w3id.org/alaqat/id/note/atlantis/founding-undated",
    )
    assert reference.standing == SentenceCoverage.REFERENCE
    assert covered_share((first, second, reference)) == (3, 3)


def test_a_sentence_without_a_fact_is_uncovered(small: Path) -> None:
    """Its words are listed."""
    without_facts(small, "France")
    first, *_ = rows(small)
    assert first.standing == SentenceCoverage.UNCOVERED
    assert first.unsaid == ("France has had an embassy in Tokyo since 1859",)
    assert covered_share(rows(small)) == (2, 3)


def test_a_sentence_with_only_a_note_is_noted(small: Path) -> None:
    """The curator explains why no fact is anchored in it."""
    without_facts(small, "Japan")
    assert rows(small)[1].standing == SentenceCoverage.NOTED


def test_unquoted_parts_of_a_sentence_are_listed(small: Path) -> None:
    """The text before and after the quoted words is given."""
    path = small / "data/atlantis/facts/embassies.ttl"
    text = path.read_text(encoding="utf-8")
    text = text.replace(
        "Japan was a founding member of the P", "founding member of the P"
    )
    path.write_text(text, encoding="utf-8")
    assert rows(small)[1].unsaid == ("Japan was a",)


def test_a_row_is_a_json_object(small: Path) -> None:
    """Every value can be serialized."""
    assert rows(small)[0].as_json()["standing"] == "covered"
