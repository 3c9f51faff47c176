"""Benches with a fixed seed, for a short time each."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from conftest import Built

ROOT = Path(__file__).parents[1]


def run(bench: str, *options: str) -> str:
    """Run a bench, which must find nothing wrong; return what it prints."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "bench" / bench), *options],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_malformed_requests_are_the_clients_fault(built: Built) -> None:
    """None has a status of 500 or more, other than 503."""
    report = run("fuzz.py", "1500", "--seed", "7", "--output", str(built.output))
    assert "1500 requests" in report
    assert "wrong: 0" in report


@pytest.mark.slow
def test_many_clients_get_right_answers() -> None:
    """Sixteen clients read and write, and the dataset is built again and again."""
    report = run("soak.py", "--clients", "16", "--seconds", "20")
    assert "wrong: 0" in report
    assert "MB a minute" in report
