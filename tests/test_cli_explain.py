"""The commands why, check and as-of: output in both languages, and exit codes."""

from __future__ import annotations

import json

import pytest
from rdflib import Graph

from alaqat.cli import explain
from alaqat.cli.main import run
from alaqat.proofs.prover import Prover
from alaqat.terms import AL
from conftest import Built

ANSWERS = {"yes": "Yes", "no": "No", "silent": "are silent"}
BECAUSE = {"en": "follows, because", "ar": "يلزم ذلك"}


def run_on(built: Built, *arguments: str) -> int:
    """Run a command on the project's own dataset."""
    return run([*arguments, "--output", str(built.output)])


@pytest.fixture
def ready(prover: Prover, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give commands a prover of that dataset, which each would make in a second."""
    monkeypatch.setattr(explain, "_prover", lambda _: prover)


@pytest.mark.parametrize("language", BECAUSE)
def test_why_prints_a_proof(
    built: Built, capsys: pytest.CaptureFixture[str], language: str
) -> None:
    """Labels of either language name the triple; the proof ends in the quote."""
    arguments = ("why", "أذربيجان", "has embassy in", "KAZ", "--language", language)
    assert run_on(built, *arguments) == 0
    printed = capsys.readouterr().out
    assert BECAUSE[language] in printed
    assert "لدى أذربيجان سفارة في أستانا" in printed


@pytest.mark.usefixtures("ready")
def test_why_shows_the_evidence_against(
    built: Built, capsys: pytest.CaptureFixture[str]
) -> None:
    """A triple that is denied exits with 5 and shows the denial."""
    assert run_on(built, "why", "BLZ", "hasDiplomaticRelationsWith", "KAZ") == 5
    printed = capsys.readouterr().out
    assert "This is not in the graph" in printed
    assert "The graph says the opposite" in printed
    assert "بليز" in printed


@pytest.mark.usefixtures("ready")
def test_why_as_json_and_turtle(
    built: Built, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both have the proof; --all gives every one."""
    arguments = ("why", "KAZ", "a", "al:Party")
    assert run_on(built, *arguments, "--json") == 0
    one = json.loads(capsys.readouterr().out)
    assert len(one["proofs"]) == 1
    assert one["more"]
    assert run_on(built, *arguments, "--json", "--all") == 0
    every = json.loads(capsys.readouterr().out)
    assert len(every["proofs"]) > 100
    assert not every["more"]
    assert run_on(built, "why", "AZE", "al:memberOf", "org:turksoy", "--turtle") == 0
    turtle = Graph().parse(data=capsys.readouterr().out, format="turtle")
    assert set(turtle.objects(None, AL.byRule))


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize(
    ("name", "hint"),
    [("Azerbaija", "Did you mean state:AZE"), ("xyzzy plugh", "Give an IRI")],
)
def test_unknown_names(
    built: Built, capsys: pytest.CaptureFixture[str], name: str, hint: str
) -> None:
    """An unknown name is a usage error; similar names are suggested."""
    assert run_on(built, "why", name, "al:memberOf", "org:turksoy") == 2
    assert hint in capsys.readouterr().err


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize(
    ("triple", "at", "answer", "code"),
    [
        (("KAZ", "hasEmbassyIn", "AZE"), (), "yes", 0),
        (("KAZ", "hasEmbassyIn", "AZE"), ("--at", "2014-12-31"), "yes", 0),
        (("KAZ", "hasEmbassyIn", "AZE"), ("--at", "1994-12-15"), "silent", 5),
        (("BLZ", "hasDiplomaticRelationsWith", "KAZ"), (), "no", 5),
        (("BLZ", "hasEmbassyIn", "KAZ"), (), "silent", 5),
    ],
)
def test_check_has_an_answer_and_a_code(
    built: Built,
    capsys: pytest.CaptureFixture[str],
    triple: tuple[str, str, str],
    at: tuple[str, ...],
    answer: str,
    code: int,
) -> None:
    """Only yes exits with 0."""
    assert run_on(built, "check", *triple, *at, "--json") == code
    assert json.loads(capsys.readouterr().out)["answer"] == answer
    assert run_on(built, "check", *triple, *at) == code
    assert ANSWERS[answer] in capsys.readouterr().out


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize("language", ["ar", "en"])
def test_as_of_prints_a_day(
    built: Built, capsys: pytest.CaptureFixture[str], language: str
) -> None:
    """The date, then what held, in the chosen language."""
    assert run_on(built, "as-of", "2010-06-15", "--language", language) == 0
    printed = capsys.readouterr().out
    assert "2010-06-15" in printed
    assert {"en": "stated, presumed", "ar": "منصوص عليه، ظنًّا"}[language] in printed


@pytest.mark.usefixtures("ready")
def test_as_of_as_json_and_turtle(
    built: Built, capsys: pytest.CaptureFixture[str]
) -> None:
    """Turtle has fewer triples the more certain they must be."""
    assert run_on(built, "as-of", "2014-12-31", "--json") == 0
    assert json.loads(capsys.readouterr().out)["contradictions"] == []
    sizes = []
    for least in ("certain", "presumed", "possible"):
        assert run_on(built, "as-of", "2014-12-31", "--turtle", "--least", least) == 0
        sizes.append(len(Graph().parse(data=capsys.readouterr().out, format="turtle")))
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1]


@pytest.mark.parametrize("day", ["2010", "2010-13-01", "yesterday", ""])
def test_invalid_dates(
    built: Built, capsys: pytest.CaptureFixture[str], day: str
) -> None:
    """An invalid date is a usage error; the message shows the format."""
    assert run_on(built, "as-of", day) == 2
    assert "%Y-%m-%d" in capsys.readouterr().err
