"""How fast the command line starts: by what each command imports, not by a clock."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from alaqat.cli.main import COMMANDS, alaqat
from conftest import Built

# Libraries that take long to import, and what pulls them in by mistake.
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
    """The top-level packages that a process has imported after a command."""
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
    """Whoever asks how to use the program does not wait for what it can do.

    The help of ``serve`` shows limits, which stand where the store has them.
    """
    heavy = RDF | RENDERING | SERVER | ENGINES
    if arguments[0] == "serve":
        heavy -= RDF
    assert not imported(*arguments) & heavy


@pytest.mark.parametrize("form", ["table", "json"])
def test_a_saved_query_imports_no_engine_and_no_server(built: Built, form: str) -> None:
    """It opens the store; only a table is rendered."""
    found = imported(
        *("query", "embassies-by-city", "--format", form),
        *("--output", str(built.output)),
    )
    assert found >= RDF
    assert not found & (SERVER | ENGINES | {"babel"})
    assert ("rich" in found) == (form == "table")


def test_a_parameter_needs_no_more_than_names(built: Built) -> None:
    """Its value is looked up in the data, without a validator or a server."""
    found = imported(
        *("query", "members-of-an-organization", "--format", "csv"),
        *("--param", "organization=OSCE", "--output", str(built.output)),
    )
    assert not found & (SERVER | RENDERING | {"pyparsing", "pyshacl"})


def test_every_command_is_where_the_table_says() -> None:
    """Each has its own name, and the group knows no other."""
    assert len(COMMANDS) >= 15
    assert {name: command.name for name, command in alaqat.commands.items()} == {
        name: name for name in COMMANDS
    }


def test_no_package_imports_what_its_modules_need() -> None:
    """Reading the version imports the package and nothing else."""
    code = "import sys, alaqat; print(alaqat.__version__, *sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert not {"rdflib", "click", "alaqat.api"} & set(done.stdout.split())
    assert Path(done.stdout.split()[0]).name.count(".") == 2
