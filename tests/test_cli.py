"""The command line: what it prints, what it answers, and that nothing gets past it."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest
from rdflib import OWL, Graph

from alaqat import __version__, errors
from alaqat.cli.explain import ABSENT
from alaqat.cli.main import run
from alaqat.cli.output import show_sizes, shown
from alaqat.cli.query import alaqat
from alaqat.errors import AlaqatError, Category
from alaqat.i18n import bidi_isolate
from alaqat.queries.library import read_library
from alaqat.sources import knowledge_root
from alaqat.terms import (
    AL,
    BASE,
    INFERRED_GRAPH,
    PREFIXES,
)
from conftest import Built

WORDS = f"@prefix : <http://example.org/> . @prefix owl: <{OWL}> ."
Capture = pytest.CaptureFixture[str]

COMMANDS = sorted(alaqat.commands)
KINDS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type)
    and issubclass(kind, AlaqatError)
    and kind is not AlaqatError
]


@pytest.fixture
def here(built: Built, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The dataset of this project, where the commands look for it."""
    monkeypatch.setenv("ALAQAT_OUTPUT", str(built.output))
    return built.output


def out(capsys: Capture, *arguments: str, code: int = 0) -> str:
    """What a command prints on stdout; its exit code must be as told."""
    answered = run(arguments)
    captured = capsys.readouterr()
    assert answered == code, captured.err
    return captured.out


def err(capsys: Capture, *arguments: str, code: int) -> str:
    """What a command prints on stderr as it fails; nothing of it is a traceback."""
    answered = run(arguments)
    captured = capsys.readouterr()
    assert answered == code, captured.err
    assert "Traceback" not in captured.err
    return captured.err


def test_the_commands_are_those_of_the_design() -> None:
    """So many verbs, no more and no less."""
    expected = (
        "as-of backup build check coverage export info load query reason restore "
        "selftest serve validate why"
    )
    assert " ".join(COMMANDS) == expected


@pytest.mark.parametrize("name", COMMANDS)
def test_help_teaches_with_examples(capsys: Capture, name: str) -> None:
    """Each command's help tells what it does and shows lines to copy."""
    shown_help = out(capsys, name, "--help")
    assert f"alaqat {name}" in shown_help.split("Examples:")[1]


@pytest.mark.parametrize(
    "example",
    [
        example
        for command in alaqat.commands.values()
        for example in (command.epilog or "").splitlines()
    ],
)
def test_examples_parse(example: str) -> None:
    """The lines that help shows are accepted by the command that shows them."""
    program, name, *arguments = shlex.split(example.replace("my.rq", "-"))
    assert program == "alaqat"
    with click.Context(alaqat) as context:
        alaqat.commands[name].make_context(name, arguments, parent=context)


@pytest.mark.parametrize("way", [(), ("--stream",), ("--engine", "owlrl")])
def test_reasoning_over_what_was_built(
    capfdbinary: pytest.CaptureFixture[bytes], built: Built, here: Path, way: tuple[str]
) -> None:
    """Each way to reason prints the triples that the build inferred."""
    assert here == built.output
    assert run(["reason", *way]) == 0
    told = capfdbinary.readouterr().out
    assert set(Graph().parse(told, format="nt")) == set(built.graphs[INFERRED_GRAPH])


def test_reasoning_over_files(capsys: Capture, tmp_path: Path) -> None:
    """Any vocabulary, any format of RDF; axioms come from the files."""
    schema, facts, news = (tmp_path / n for n in ("schema.ttl", "f.nt", "news.ttl"))
    schema.write_text(f"{WORDS} :knows a owl:SymmetricProperty .")
    facts.write_text(
        "<http://example.org/a> <http://example.org/knows> <http://example.org/b> ."
    )
    files = str(schema), str(facts)
    assert out(capsys, "reason", "--to", str(news), *files) == ""
    assert len(Graph().parse(news)) == 0
    out(capsys, "reason", "--any-vocabulary", "--to", str(news), *files)
    assert {tuple(map(str, triple)) for triple in Graph().parse(news)} == {
        ("http://example.org/b", "http://example.org/knows", "http://example.org/a")
    }


@pytest.mark.parametrize("way", ["--stream", "--engine=nemo"])
def test_reasoning_is_never_silent(capsys: Capture, tmp_path: Path, way: str) -> None:
    """An axiom no rule reads is warned of, or refused; contradictions fail."""
    path = tmp_path / "facts.ttl"
    path.write_text(f"{WORDS} :knows a owl:ReflexiveProperty .")
    assert run(["reason", way, str(path)]) == 0
    assert "Warning: 1 axioms are not supported in full" in capsys.readouterr().err
    assert "ReflexiveProperty" in err(
        capsys, "reason", way, "--strict", str(path), code=1
    )
    path.write_text(f"{WORDS} :a a owl:Nothing .")
    assert "cls-nothing2" in err(capsys, "reason", way, str(path), code=1)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("nowhere.ttl",), 1, "nowhere.ttl: The file cannot be read"),
        (("--to", "news.csv"), 2, "CSV cannot hold a graph"),
        (("--engine", "pellet"), 2, "nemo"),
        (("--engine", "owlrl", "--stream"), 2, "nemo only"),
    ],
)
def test_reasoning_refuses_what_it_cannot_do(
    capsys: Capture, here: Path, arguments: tuple[str, ...], code: int, words: str
) -> None:
    """One message, and the exit code of its kind."""
    assert here.exists()
    assert words in err(capsys, "reason", *arguments, code=code)


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_has_an_exit_code(kind: type[AlaqatError]) -> None:
    """Its category, or that of the class above it, carries the code."""
    assert kind.category.exit_code in {1, 2, 3, 4}
    assert 400 <= kind.category.status < 600


def test_the_error_tree_is_drawn_whole() -> None:
    """The drawing at the head of the module has every class, below its own parent."""
    drawn: dict[str, str] = {}
    path: list[str] = []
    for line in str(errors.__doc__).splitlines()[2:]:
        found = re.match(r"([│├└─ ]*)(\w+)", line)
        if found:
            depth = len(found[1]) // 4
            path[depth:] = [found[2]]
            drawn[found[2]] = path[depth - 1] if depth else "Exception"
    parents = {kind.__name__: kind.__base__.__name__ for kind in KINDS}
    assert drawn == {"AlaqatError": "Exception", **parents}


def test_exit_codes_are_documented(capsys: Capture) -> None:
    """The help and the README tell what each exit code means."""
    documented = out(capsys, "--help").split("Exit codes:")[1]
    stated = {int(line.split()[0]) for line in documented.splitlines() if line.strip()}
    assert stated == {0, ABSENT, *(one.exit_code for one in Category)}


def test_version(capsys: Capture) -> None:
    """The version is the project's one version."""
    assert out(capsys, "--version") == f"alaqat {__version__}\n"


@pytest.mark.usefixtures("here")
def test_a_saved_question_is_answered_as_a_table(capsys: Capture) -> None:
    """A question runs by its name, under its own words."""
    library = read_library(knowledge_root() / "queries")
    printed = out(capsys, "query", "embassies-by-city")
    assert library.get("embassies-by-city").title("en") in printed
    assert "place:baku" in printed
    assert "Baku" in printed
    assert "باكو" not in printed


@pytest.mark.usefixtures("here")
def test_arabic_is_printed_as_it_stands(capsys: Capture) -> None:
    """Arabic letters keep their logical order, and each value is isolated."""
    printed = out(capsys, "query", "embassies-by-city", "--language", "ar")
    title = (
        read_library(knowledge_root() / "queries").get("embassies-by-city").title("ar")
    )
    assert title in printed
    assert bidi_isolate("باكو") in printed
    assert "Baku" not in printed
    assert bidi_isolate("باكو") == "\u2068باكو\u2069"
    assert bidi_isolate("Baku") == "Baku"


@pytest.mark.usefixtures("here")
def test_a_query_from_a_file_in_each_format(capsys: Capture, tmp_path: Path) -> None:
    """Any query runs, and its rows come in the format that was asked for."""
    file = tmp_path / "states.rq"
    file.write_text(f"SELECT ?s WHERE {{ ?s a <{AL.State}> }} ORDER BY ?s LIMIT 2")
    csv = out(capsys, "query", "--file", str(file), "--format", "csv").splitlines()
    assert csv[0] == "s"
    assert len(csv) == 3
    assert all(row.startswith(PREFIXES["state"]) for row in csv[1:])
    answer = json.loads(out(capsys, "query", "-f", str(file), "--format", "json"))
    assert [row["s"]["value"] for row in answer["results"]["bindings"]] == csv[1:]


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("ASK { ?s ?p ?o }", "true"),
        (
            f"CONSTRUCT {{ ?s a <{AL.Place}> }} WHERE {{ ?s a <{AL.Place}> }}",
            "al:Place",
        ),
    ],
)
def test_answers_that_are_no_rows_are_printed_plainly(
    capsys: Capture, tmp_path: Path, text: str, printed: str
) -> None:
    """A yes or no is a word, a graph is Turtle."""
    file = tmp_path / "some.rq"
    file.write_text(text)
    assert printed in out(capsys, "query", "--file", str(file))


def readme_lines() -> list[str]:
    """The commands that the README asks a newcomer to try."""
    text = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    return re.findall(r"^\.venv/bin/alaqat (query .*)$", text, re.MULTILINE)


def test_the_readme_has_lines_to_try() -> None:
    """Five questions are worth trying."""
    assert len(readme_lines()) >= 5


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("line", readme_lines())
def test_the_lines_of_the_readme_answer(capsys: Capture, line: str) -> None:
    """Each question of the README has an answer that is not empty."""
    printed = out(capsys, *shlex.split(line))
    assert re.search(r"(state|org|place):\w|https://w3id\.org/alaqat/id/", printed)


def test_without_a_name_the_questions_are_listed(capsys: Capture) -> None:
    """A newcomer sees what can be asked."""
    printed = out(capsys, "query")
    questions = read_library(knowledge_root() / "queries").of("questions")
    assert len(questions) >= 20
    for question in questions:
        assert question.name in printed
        assert question.title("en") in printed


@pytest.mark.usefixtures("here")
def test_a_parameter_is_bound_by_a_label(capsys: Capture) -> None:
    """A label chooses the rows of what it names."""
    asked = ("query", "embassies-by-city", "--format", "csv", "-p", "sender=Armenia")
    _, *rows = out(capsys, *asked).splitlines()
    assert rows
    assert all(f"{BASE}id/state/ARM" in row for row in rows)


@pytest.mark.usefixtures("here")
def test_a_value_that_means_nothing_is_no_quiet_answer(capsys: Capture) -> None:
    """It is misuse, told with what to write."""
    asked = ("query", "memberships-as-of", "-p", "date=yesterday")
    assert "Write it as 2010-01-31" in err(capsys, *asked, code=2)


@pytest.mark.usefixtures("here")
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize(
    "arguments",
    [
        ("query", "embassies-by-city"),
        ("query", "embassies-by-city", "--format", "json"),
        ("query", "embassies-by-city", "--format", "csv"),
        ("export", "--graph", "ontology"),
        ("export", "/dev/full", "--format", "nquads"),
        ("info", "--json"),
    ],
    ids="-".join,
)
def test_a_full_disk_is_told_as_such(arguments: tuple[str, ...]) -> None:
    """Output that finds no room is no fault of ours: one line, and the exit code 3."""
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [
                sys.executable,
                "-c",
                "from alaqat.cli.main import main; main()",
                *arguments,
            ],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 3, done.stderr
    assert "No space left" in done.stderr
    assert "should not" not in done.stderr
    assert len(done.stderr.splitlines()) == 2


@pytest.mark.usefixtures("here")
def test_info_tells_version_hash_and_graphs(capsys: Capture) -> None:
    """What was built can be told to others exactly."""
    about = json.loads(out(capsys, "info", "--json"))
    assert about["version"] == __version__
    assert len(about["sha256"]) == 64
    assert about["triples"][BASE + "graph/inferred"] > 0
    printed = out(capsys, "info")
    assert about["sha256"] in printed
    assert "graph:inferred" in printed


@pytest.mark.usefixtures("here")
def test_a_query_in_another_encoding_is_told(capsys: Capture, tmp_path: Path) -> None:
    """It is misuse, not a fault of the program."""
    path = tmp_path / "query.rq"
    path.write_bytes(b'ASK { ?s ?p "\xff" }')
    assert "is not UTF-8" in err(capsys, "query", "--file", str(path), code=2)


@pytest.mark.usefixtures("here")
def test_export_of_a_graph_to_a_file(capsys: Capture, tmp_path: Path) -> None:
    """The file's ending names the format."""
    file = tmp_path / "ontology.ttl"
    assert out(capsys, "export", "--graph", "ontology", str(file)) == ""
    assert file.read_text(encoding="utf-8").startswith("@prefix")


def test_build_prints_a_summary(capsys: Capture, tmp_path: Path) -> None:
    """A build tells how much it made, and where; the progress is on stderr."""
    folder = tmp_path / "out"
    assert run(["build", "--output", str(folder), "--json"]) == 0
    captured = capsys.readouterr()
    summary = json.loads(captured.out)
    assert Path(summary["folder"]).parent == folder
    assert summary["facts"] > 0
    assert "reason …" in captured.err


def test_validate_accepts_the_project(capsys: Capture) -> None:
    """The shapes accept what is published, in words and for programs."""
    assert json.loads(out(capsys, "validate", "--json"))["conforms"] is True
    assert "المخالفات: 0" in out(capsys, "validate", "--language", "ar")


def test_coverage_tells_each_sentence(capsys: Capture) -> None:
    """Every sentence has a row for programs, and a share for people."""
    documents = json.loads(out(capsys, "coverage", "--json"))
    assert documents
    for slug, rows in documents.items():
        assert {"number", "line", "standing", "text"} <= rows[0].keys()
        assert f"{slug}: " in out(capsys, "coverage")


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["query", "embassy-by-city"], 2, "embassies-by-city"),
        (["query", "embassies-by-city", "-p", "x"], 2, "--param NAME=VALUE"),
        (["query", "embassies-by-city", "-p", "x=1"], 2, "no parameter x"),
        (
            ["query", "embassies-by-city", "-p", "city=a", "-p", "city=b"],
            2,
            "city is given more",
        ),
        (["query", "embassies-by-city", "--format", "docx"], 2, "docx"),
        (["query", "--file", "missing.rq"], 2, "missing.rq"),
        (["export", "--graph", "nothing"], 2, "nothing"),
        (["export", "--format", "turtle"], 2, "nquads"),
        (["export", "--format", "docx"], 2, "docx"),
        (["frobnicate"], 2, "frobnicate"),
        (["validate", "--language", "fr"], 2, "fr"),
        (["info", "--output", "nowhere"], 3, "alaqat build"),
        (["query", "embassies-by-city", "--output", "nowhere"], 3, "alaqat build"),
        (["export", "missing/folder/x.nq"], 3, "missing/folder"),
    ],
)
def test_misuse_is_told_in_a_few_lines(
    capsys: Capture, arguments: list[str], code: int, words: str
) -> None:
    """Each slip is answered with its exit code, what was wrong and the mend."""
    told = err(capsys, *arguments, code=code)
    assert words in told
    assert len(told.splitlines()) <= 5


def test_bad_data_is_told_with_file_and_line(capsys: Capture, tmp_path: Path) -> None:
    """A folder of broken sources fails with exit code 1 and names the file."""
    (tmp_path / "ontology").mkdir()
    (tmp_path / "ontology" / "alaqat.ttl").write_text("al:State a owl:Class .")
    told = err(
        capsys, "build", "--root", str(tmp_path), "--output", str(tmp_path), code=1
    )
    assert str(tmp_path) in told


def test_an_unexpected_fault_is_told_in_one_line(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of ours shows no traceback, unless it is asked for."""

    @click.command()
    def broken() -> None:
        raise ZeroDivisionError("by nought")

    monkeypatch.setitem(alaqat.commands, "broken", broken)
    told = err(capsys, "broken", code=70)
    assert "ZeroDivisionError: by nought" in told
    assert "report it" in told
    assert len(told.splitlines()) == 1
    with pytest.raises(ZeroDivisionError):
        run(["--debug", "broken"])


def test_terms_are_shown_for_people() -> None:
    """An IRI is shown by its prefix, an unbound value as nothing."""
    assert shown(AL.State) == "al:State"
    assert shown(None) == ""


def test_a_size_that_nobody_counted_is_a_dash(capsys: Capture) -> None:
    """A writable store does not count a large graph with each change of it."""
    show_sizes({"http://e/small": 1234, "http://e/large": None})
    printed = capsys.readouterr().out
    assert "1,234" in printed
    assert re.search("http://e/large +–", printed)
