"""The commands that ask: what they print, in both languages, and how they exit."""

from __future__ import annotations

import json

import pytest
from rdflib import Graph

from alaqat.cli.main import run
from alaqat.terms import AL
from conftest import Built

LETTERS = {"en": "follows, because", "ar": "يلزم ذلك"}


def ask(built: Built, *arguments: str) -> int:
    """Run a command on the project's own dataset."""
    return run([*arguments, "--output", str(built.output)])


@pytest.mark.parametrize("language", LETTERS)
def test_why_tells_a_proof(
    built: Built, capsys: pytest.CaptureFixture[str], language: str
) -> None:
    """Labels of either language name the triple; the proof ends in the words."""
    asked = ("why", "أذربيجان", "has embassy in", "KAZ", "--language", language)
    assert ask(built, *asked) == 0
    printed = capsys.readouterr().out
    assert LETTERS[language] in printed
    assert "لدى أذربيجان سفارة في أستانا" in printed


def test_why_shows_what_is_said_against(
    built: Built, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is not in the graph exits with 5 and shows the denial."""
    assert ask(built, "why", "BLZ", "hasDiplomaticRelationsWith", "KAZ") == 5
    printed = capsys.readouterr().out
    assert "This is not in the graph" in printed
    assert "The graph says the opposite" in printed
    assert "بليز" in printed


def test_why_for_programs(built: Built, capsys: pytest.CaptureFixture[str]) -> None:
    """JSON and Turtle hold the proof; --all holds every one."""
    asked = ("why", "KAZ", "a", "al:Party")
    assert ask(built, *asked, "--json") == 0
    one = json.loads(capsys.readouterr().out)
    assert len(one["proofs"]) == 1
    assert one["more"]
    assert ask(built, *asked, "--json", "--all") == 0
    every = json.loads(capsys.readouterr().out)
    assert len(every["proofs"]) > 100
    assert not every["more"]
    assert ask(built, "why", "AZE", "al:memberOf", "org:turksoy", "--turtle") == 0
    turtle = Graph().parse(data=capsys.readouterr().out, format="turtle")
    assert set(turtle.objects(None, AL.byRule))


@pytest.mark.parametrize(
    ("name", "said"),
    [("Azerbaija", "Did you mean state:AZE"), ("xyzzy plugh", "Give an IRI")],
)
def test_names_nobody_has(
    built: Built, capsys: pytest.CaptureFixture[str], name: str, said: str
) -> None:
    """A name that means nothing is misuse, told with what is near."""
    assert ask(built, "why", name, "al:memberOf", "org:turksoy") == 2
    assert said in capsys.readouterr().err


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
    assert ask(built, "check", *triple, *at, "--json") == code
    assert json.loads(capsys.readouterr().out)["answer"] == answer


@pytest.mark.parametrize("language", ["ar", "en"])
def test_as_of_tells_a_day(
    built: Built, capsys: pytest.CaptureFixture[str], language: str
) -> None:
    """The day, then what held, in the language asked for."""
    assert ask(built, "as-of", "2010-06-15", "--language", language) == 0
    printed = capsys.readouterr().out
    assert "2010-06-15" in printed
    assert {"en": "stated, presumed", "ar": "منصوص عليه، ظنًّا"}[language] in printed


def test_as_of_for_programs(built: Built, capsys: pytest.CaptureFixture[str]) -> None:
    """JSON has the rows; Turtle is the snapshot, smaller the surer it must be."""
    assert ask(built, "as-of", "2014-12-31", "--json") == 0
    assert json.loads(capsys.readouterr().out)["contradictions"] == []
    sizes = []
    for least in ("certain", "presumed", "possible"):
        assert ask(built, "as-of", "2014-12-31", "--turtle", "--least", least) == 0
        sizes.append(len(Graph().parse(data=capsys.readouterr().out, format="turtle")))
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1]


@pytest.mark.parametrize("day", ["2010", "2010-13-01", "yesterday", ""])
def test_a_day_is_a_day(
    built: Built, capsys: pytest.CaptureFixture[str], day: str
) -> None:
    """What is no day is misuse, told with the form of a day."""
    assert ask(built, "as-of", day) == 2
    assert "%Y-%m-%d" in capsys.readouterr().err
