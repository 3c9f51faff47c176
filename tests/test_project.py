"""The project: lock files, licences, versions, README and wheels."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from rdflib import OWL, Graph, Literal

from alaqat import __version__
from alaqat.cli.main import alaqat
from alaqat.queries.library import read_library

ROOT = Path(__file__).parents[1]
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-owlapi.lock")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def read(name: str) -> str:
    """Return the text of a file of the project."""
    return (ROOT / name).read_text(encoding="utf-8")


def pinned(lock: str) -> dict[str, str]:
    """Return the versions that a lock file pins, by package."""
    return dict(re.findall(r"^([\w.-]+)==([\w.]+)", read(lock), re.MULTILINE))


def required(entries: list[str]) -> set[str]:
    """Return the names of packages in requirement lines."""
    return {re.split(r"[^\w-]", entry)[0].lower() for entry in entries}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_every_package_with_hashes_and_names_no_host(lock: str) -> None:
    """An install takes the same files anywhere, from any configured index."""
    text = read(lock)
    requirements = [line for line in text.splitlines() if re.match(r"\w", line)]
    assert requirements
    blocks = re.split(r"^(?=\w)", text, flags=re.MULTILINE)[1:]
    assert len(blocks) == len(requirements)
    for block in blocks:
        assert re.match(r"[\w.-]+==\S+", block)
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", block)
    assert not re.search(r"://|index|find-links|file:", text)


def test_locks_have_the_declared_dependencies() -> None:
    """Each declared dependency is locked, and both locks agree on versions."""
    runtime, dev = (pinned(lock) for lock in LOCKS[:2])
    groups = PROJECT["dependency-groups"]
    needed = required(PROJECT["project"]["dependencies"]) | required(groups["install"])
    assert needed <= set(runtime)
    assert required(groups["dev"]) <= set(dev)
    assert runtime.items() <= dev.items()


def test_each_dependency_is_documented_and_no_other() -> None:
    """docs/dependencies.md and the project name the same packages."""
    groups = PROJECT["dependency-groups"].values()
    declared = required(PROJECT["project"]["dependencies"]).union(
        *map(required, groups)
    )
    pages = json.loads(read("web/package.json"))
    declared |= pages["dependencies"].keys() | pages["devDependencies"].keys()
    table = read("docs/dependencies.md")
    explained = set(re.findall(r"^\| ([@\w/-]+) \|", table, re.MULTILINE)) - {"package"}
    assert explained == declared | {"markupsafe", "pyparsing", "werkzeug"} | set(
        pinned(LOCKS[2])
    )


def test_packages_of_the_front_end_are_pinned_and_come_from_any_registry() -> None:
    """Each has a version and a hash, and no address of a registry."""
    lock = json.loads(read("web/package-lock.json"))
    packages = {name: one for name, one in lock["packages"].items() if name}
    assert len(packages) >= 20
    assert all({"version", "integrity"} <= one.keys() for one in packages.values())
    assert not any("resolved" in one for one in packages.values())


def test_one_version_is_everywhere() -> None:
    """Packages, citation and ontology have the version of the code."""
    assert metadata.version("alaqat") == __version__
    assert metadata.version("alaqat-selftest") == __version__
    cited = re.findall(r"^version: (\S+)$", read("CITATION.cff"), re.MULTILINE)
    assert cited == [__version__]
    graphs = [Graph().parse(path) for path in sorted((ROOT / "ontology").glob("*.ttl"))]
    for graph in graphs:
        assert list(graph.objects(None, OWL.versionInfo)) == [Literal(__version__)]
        for iri, version in graph.subject_objects(OWL.versionIRI):
            assert str(version) == f"{iri}/{__version__}"
    texts = [str(text) for graph in graphs for text in graph.objects()]
    stated = {found for text in texts for found in re.findall(r"\d+\.\d+\.\d+", text)}
    assert stated == {__version__}


def test_the_changelog_begins_with_this_version() -> None:
    """Its newest release is this one, on the date that the citation gives."""
    heading = r"^## \[(\d\S*)\] - (\d{4}-\d\d-\d\d)$"
    released, date = re.findall(heading, read("CHANGELOG.md"), re.MULTILINE)[0]
    assert released == __version__
    assert f"\ndate-released: {date}\n" in read("CITATION.cff")


def test_the_licences_are_complete() -> None:
    """The code's licence is the text of Apache-2.0; the data's names its source."""
    digest = hashlib.sha256((ROOT / "LICENSE").read_bytes()).hexdigest()
    assert digest == "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"
    notice = read("data/NOTICE.md")
    for words in ("CC BY-SA 4.0", "علاقات كازاخستان الخارجية", "ar.wikipedia.org"):
        assert words in notice
    for name in PROJECT["project"]["license-files"]:
        assert (ROOT / name).is_file()


def test_the_ci_runs_both_kinds_of_tests() -> None:
    """The one check of a fresh clone is make test, then make test-slow."""
    lines = read(".ci/run").splitlines()
    assert "set -euo pipefail" in lines
    assert [line for line in lines if line.startswith("make")] == [
        "make test",
        "make test-slow",
    ]


def test_the_readme_names_targets_of_the_makefile() -> None:
    """Each `make` target that it names exists."""
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", read("README.md"), re.MULTILINE))
    targets = set(re.findall(r"^([a-z-]+):.*##", read("Makefile"), re.MULTILINE))
    assert {"serve", "test", "test-slow"} <= named <= targets


def test_the_readme_names_every_command_and_no_other() -> None:
    """The README's table of commands is the program's."""
    named = re.findall(r"^\| `alaqat ([\w-]+)` \|", read("README.md"), re.MULTILINE)
    assert sorted(named) == sorted(alaqat.commands)


def test_the_readme_has_the_exit_codes_of_the_help() -> None:
    """In the same order."""
    (listed,) = re.findall(r"Exit codes: (.*?)\.", read("README.md"), re.DOTALL)
    codes = re.findall(r"^ ?(\d+) ", alaqat.epilog or "", re.MULTILINE)
    assert len(codes) >= 7
    assert re.findall(r"(\d+) \w", listed) == codes


def test_the_docs_have_the_defaults_of_the_settings() -> None:
    """A number after the last semicolon of a row is the option's default."""
    rows = re.findall(
        r"^\| `(ALAQAT_\w+)` .*; (\d+)(?= \||,)",
        read("docs/operations.md"),
        re.MULTILINE,
    )
    defaults = {
        str(option.envvar): str(option.default)
        for command in alaqat.commands.values()
        for option in command.params
        if option.envvar
    }
    assert {"ALAQAT_TIMEOUT", "ALAQAT_MEMORY", "ALAQAT_PORT"} <= {
        name for name, _ in rows
    }
    budgets = {
        *("ALAQAT_REQUESTS_PER_MINUTE", "ALAQAT_SECONDS_PER_MINUTE"),
        "ALAQAT_REQUESTS_AT_ONCE",
    }
    for name, number in rows:
        if name not in budgets:  # which depend on where the client is
            assert float(defaults[name]) == float(number), name


def test_the_docs_name_every_setting() -> None:
    """One table has the environment variables, and no others."""
    options = [option for one in alaqat.commands.values() for option in one.params]
    settings = {option.envvar for option in options if option.envvar}
    named = re.findall(r"^\| `(ALAQAT_\w+)`", read("docs/operations.md"), re.MULTILINE)
    assert settings | {"ALAQAT_TOKEN"} == set(named)


def test_the_questions_of_the_readme_are_in_the_library() -> None:
    """The five questions to try exist."""
    named = re.findall(r"alaqat query ([a-z][\w-]+)", read("README.md"))
    questions = {query.name for query in read_library(ROOT / "queries").of("questions")}
    assert len(set(named)) >= 5
    assert set(named) <= questions


def test_the_readme_is_short() -> None:
    """Details are in docs/."""
    assert len(read("README.md").splitlines()) <= 150


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    """Run a command that must succeed; return what it prints."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def install(source: Path, folder: Path) -> Path:
    """Install the wheel of a project, and nothing else, in a folder; return that."""
    pip = (sys.executable, "-m", "pip", "--quiet")
    offline = ("--no-deps", "--no-index")
    build = ("wheel", "--no-build-isolation", *offline, "--wheel-dir", folder, source)
    run(*pip, *build, cwd=folder)
    (built,) = folder.glob("*.whl")
    run(*pip, "install", *offline, "--target", folder / "site", built, cwd=folder)
    return folder / "site"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel of the program in a folder; return that."""
    return install(ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.mark.slow
def test_the_wheel_has_the_sources(wheel: Path) -> None:
    """Ontology, data and queries in the wheel are the checkout's, byte for byte."""
    for part in ("ontology", "data", "queries"):
        here = {
            path.relative_to(ROOT): path.read_bytes()
            for path in (ROOT / part).rglob("*")
            if path.is_file()
        }
        knowledge = wheel / "alaqat" / "knowledge"
        there = {
            path.relative_to(knowledge): path.read_bytes()
            for path in (knowledge / part).rglob("*")
            if path.is_file()
        }
        assert here
        assert there == here


@pytest.mark.slow
def test_the_wheel_has_the_front_end(wheel: Path) -> None:
    """Styles, scripts and fonts, as built by make web, with the fonts' licences."""
    static = wheel / "alaqat" / "web" / "static"
    built = json.loads((static / ".vite" / "manifest.json").read_text(encoding="utf-8"))
    assert {"styles/site.css", "src/site.ts"} <= built.keys()
    assert all((static / entry["file"]).is_file() for entry in built.values())
    assert len(list((static / "licences").glob("*.txt"))) == 3


@pytest.mark.slow
def test_the_self_test_is_a_wheel_of_its_own(wheel: Path, tmp_path: Path) -> None:
    """It is complete, and the program's wheel has none of it."""
    extra = install(ROOT / "bench" / "selftest", tmp_path) / "alaqat_selftest"
    here = ROOT / "bench" / "selftest" / "alaqat_selftest"
    assert (extra / "attacks.toml").read_bytes() == (here / "attacks.toml").read_bytes()
    assert not [path for path in wheel.rglob("*") if "selftest" in path.parts[-2]]


@pytest.mark.slow
def test_builds_are_the_same_bytes_from_checkout_and_wheel(
    wheel: Path, tmp_path: Path
) -> None:
    """A build does not depend on hash seed, time zone or the program's location."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    code = "import sys; from alaqat.cli.main import run; sys.exit(run(sys.argv[1:]))"
    command = (sys.executable, "-c", code, "build", "--output", "out", "--json")
    run(*command, cwd=tmp_path / "a", PYTHONHASHSEED="1", TZ="UTC")
    place = "import alaqat; print(alaqat.__file__)"
    where = run(sys.executable, "-c", place, cwd=tmp_path, PYTHONPATH=str(wheel))
    assert where.startswith(str(wheel))
    run(
        *command,
        cwd=tmp_path / "b",
        PYTHONHASHSEED="2",
        PYTHONPATH=str(wheel),
        TZ="Asia/Almaty",
    )
    one, other = (
        (tmp_path / name / "out" / "current" / "dataset.nq").read_bytes()
        for name in ("a", "b")
    )
    assert len(one) > 100_000
    assert hashlib.sha256(one).digest() == hashlib.sha256(other).digest()
