"""Start-up of the command line: what each command imports."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from alaqat.cli.main import COMMANDS, alaqat
from conftest import Built

# Libraries that are slow to import.
RDF = {"pyoxigraph", "rdflib"}
RENDERING = {"babel", "rich"}
SERVER = {"flask", "granian", "prometheus_client", "werkzeug"}
ENGINES = {"edtf", "nmo_python", "owlrl", "pyparsing", "pyshacl", "pyshacl_turbo"}

RUN = """
import json, sys
from alaqat.cli.main import run
code = run(sys.argv[1:])
print()
print(json.dumps([code, sorted({name.split(".")[0] for name in sys.modules})]))
"""


def imported(*arguments: str) -> set[str]:
    """Run a command; return the top-level packages that it imported."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    code, packages = json.loads(done.stdout.splitlines()[-1])
    assert code == 0, done.stderr
    assert "alaqat" in packages
    return set(packages)


@pytest.mark.parametrize(
    "arguments",
    [("--help",), ("--version",), *((name, "--help") for name in COMMANDS)],
    ids=" ".join,
)
def test_help_and_version_import_no_library_but_click(
    arguments: tuple[str, ...],
) -> None:
    """Help and version start fast.

    The help of ``serve`` shows the limits of queries, whose defaults are in ``store``.
    """
    heavy = RDF | RENDERING | SERVER | ENGINES
    if arguments[0] == "serve":
        heavy -= RDF
    assert not imported(*arguments) & heavy


@pytest.mark.parametrize("form", ["table", "json"])
def test_a_saved_query_imports_no_engine_and_no_server(built: Built, form: str) -> None:
    """It opens the store; only a table needs rich."""
    found = imported(
        *("query", "embassies-by-city", "--format", form),
        *("--output", str(built.output)),
    )
    assert found >= RDF
    assert not found & (SERVER | ENGINES | {"babel"})
    assert ("rich" in found) == (form == "table")


def test_a_parameter_imports_no_validator_and_no_server(built: Built) -> None:
    """Its value is only looked up in the data."""
    found = imported(
        *("query", "members-of-an-organization", "--format", "csv"),
        *("--param", "organization=OSCE", "--output", str(built.output)),
    )
    assert not found & (SERVER | RENDERING | {"pyparsing", "pyshacl"})


def test_the_table_of_commands_is_right() -> None:
    """Each module defines its commands, under their own names."""
    assert len(COMMANDS) >= 15
    assert {name: command.name for name, command in alaqat.commands.items()} == {
        name: name for name in COMMANDS
    }


def test_the_package_imports_nothing() -> None:
    """Reading the version imports neither a library nor the API."""
    code = "import sys, alaqat; print(alaqat.__version__, *sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert not {"rdflib", "click", "alaqat.api"} & set(done.stdout.split())
    assert Path(done.stdout.split()[0]).name.count(".") == 2
