"""Differential fuzz: for a fixed seed, two parsers read texts as our tokens say.

`bench/differential.py` runs the same for millions of texts.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from alaqat.sparql.terminals import _STRING_BODIES
from differential import compare

BENCH = Path(__file__).parents[1] / "bench" / "differential.py"


def run(count: int, *options: str) -> str:
    """Return what a run prints; a text that is read in two ways makes it fail."""
    command = [sys.executable, str(BENCH), str(count), "--seed", "11", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    return done.stdout


def test_a_parser_reads_a_few_texts_as_our_tokens_say() -> None:
    """The fuzz runs, and does find texts that the engine takes."""
    assert "read alike" in run(300, "--processes", "1")


@pytest.mark.slow
@pytest.mark.parametrize(("parser", "count"), [("oxigraph", 20_000), ("rdflib", 800)])
def test_a_parser_reads_every_text_as_our_tokens_say(parser: str, count: int) -> None:
    """No text is taken by a parser and read otherwise than by our tokens."""
    assert "read alike" in run(count, "--parser", parser)


def test_a_comparison_read_as_an_iri_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lexer that reads IRIs wherever they could be is caught."""
    text = "SELECT*{FILTER(1<2)FILTER(3#>\n>2)}"
    assert compare(text, "oxigraph") == "read alike"
    monkeypatch.setattr("alaqat.sparql.lexer._Grammar.compares", lambda _: False)
    assert compare(text, "oxigraph").startswith("The parser takes it")


def test_code_read_as_a_string_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lexer that takes escapes which are none, and so longer strings, is caught."""
    text = 'SELECT*{VALUES ?z{"""x" }FILTER(1=1) #\\uD800"""}\n}'
    assert compare(text, "oxigraph") == "refused by us"
    lenient = re.compile(r'"{3}(?:"{0,2}(?:[^"\\]|\\.))*+', re.DOTALL)
    monkeypatch.setitem(_STRING_BODIES, '"""', lenient)
    assert compare(text, "oxigraph").startswith("The parser takes it")
