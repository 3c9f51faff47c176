"""The commands that ask: what they print, in both languages, and how they exit."""

from __future__ import annotations

import json

import pytest
from rdflib import Graph

from alaqat.cli import run
from alaqat.terms import AL
from conftest import Built

LETTERS = {"en": "follows, because", "ar": "لازم"}


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
