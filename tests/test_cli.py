"""The command line: its output, exit codes and error messages."""

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
from alaqat.cli.explain import NOT_KNOWN
from alaqat.cli.main import alaqat, run
from alaqat.cli.output import show_sizes, show_summary, term_text
from alaqat.errors import AlaqatError, Category
from alaqat.i18n import bidi_isolate
from alaqat.locations import knowledge_root
from alaqat.queries.library import read_library
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
    """Point ALAQAT_OUTPUT to the dataset of this project."""
    monkeypatch.setenv("ALAQAT_OUTPUT", str(built.output))
    return built.output


def out(capsys: Capture, *arguments: str, code: int = 0) -> str:
    """Run a command with an expected exit code; return its stdout."""
    exit_code = run(arguments)
    captured = capsys.readouterr()
    assert exit_code == code, captured.err
    return captured.out


def err(capsys: Capture, *arguments: str, code: int) -> str:
    """Run a command that fails without a traceback; return its stderr."""
    exit_code = run(arguments)
    captured = capsys.readouterr()
    assert exit_code == code, captured.err
    assert "Traceback" not in captured.err
    return captured.err


def test_the_list_of_commands() -> None:
    """These commands, and no others."""
    expected = (
        "as-of backup build check coverage export info load query reason restore "
        "selftest serve validate verify why"
    )
    assert " ".join(COMMANDS) == expected


def test_help_lists_commands_with_whole_sentences(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None is cut off in a terminal of 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")
    listed = out(capsys, "--help").split("Commands:")[1].split("Exit codes:")[0]
    lines = listed.strip().splitlines()
    assert [line.split()[0] for line in lines] == COMMANDS
    assert all(line.endswith(".") and "..." not in line for line in lines)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_has_examples(capsys: Capture, name: str) -> None:
    """Each command's help ends with lines to copy."""
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
    """The command that shows an example accepts its arguments."""
    program, name, *arguments = shlex.split(example.replace("my.rq", "-"))
    assert program == "alaqat"
    with click.Context(alaqat) as context:
        alaqat.commands[name].make_context(name, arguments, parent=context)


@pytest.mark.parametrize("way", [(), ("--stream",), ("--engine", "owlrl")])
def test_reasoning_over_the_dataset(
    capfdbinary: pytest.CaptureFixture[bytes], built: Built, here: Path, way: tuple[str]
) -> None:
    """Each engine prints the triples that the build inferred."""
    assert here == built.output
    assert run(["reason", *way]) == 0
    printed = capfdbinary.readouterr().out
    assert set(Graph().parse(printed, format="nt")) == set(built.graphs[INFERRED_GRAPH])


def test_reasoning_over_files(capsys: Capture, tmp_path: Path) -> None:
    """Any vocabulary, any format of RDF; axioms come from the files."""
    schema, facts, new = (tmp_path / n for n in ("schema.ttl", "f.nt", "new.ttl"))
    schema.write_text(f"{WORDS} :knows a owl:SymmetricProperty .")
    facts.write_text(
        "<http://example.org/a> <http://example.org/knows> <http://example.org/b> ."
    )
    files = str(schema), str(facts)
    assert out(capsys, "reason", "--to", str(new), *files) == ""
    assert len(Graph().parse(new)) == 0
    out(capsys, "reason", "--any-vocabulary", "--to", str(new), *files)
    assert {tuple(map(str, triple)) for triple in Graph().parse(new)} == {
        ("http://example.org/b", "http://example.org/knows", "http://example.org/a")
    }


@pytest.mark.parametrize("way", ["--stream", "--engine=nemo"])
def test_reasoning_is_never_silent(capsys: Capture, tmp_path: Path, way: str) -> None:
    """An axiom without a rule is warned of or refused; contradictions fail."""
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
        (("--to", "new.csv"), 2, "CSV cannot hold a graph"),
        (("--engine", "pellet"), 2, "nemo"),
        (("--engine", "owlrl", "--stream"), 2, "nemo only"),
    ],
)
def test_reasoning_refuses_what_it_cannot_do(
    capsys: Capture, here: Path, arguments: tuple[str, ...], code: int, words: str
) -> None:
    """One message, and the exit code of its category."""
    assert here.exists()
    assert words in err(capsys, "reason", *arguments, code=code)


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_has_an_exit_code(kind: type[AlaqatError]) -> None:
    """Its category has a status and an exit code."""
    assert kind.category.exit_code in {1, 2, 3, 4}
    assert 400 <= kind.category.status < 600


def test_the_drawing_of_the_error_tree_is_complete() -> None:
    """The module docstring has every class below its own parent."""
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
    """The help lists every exit code."""
    documented = out(capsys, "--help").split("Exit codes:")[1]
    stated = {int(line.split()[0]) for line in documented.splitlines() if line.strip()}
    assert stated == {0, NOT_KNOWN, *(one.exit_code for one in Category)}


def test_version(capsys: Capture) -> None:
    """The version is that of the package."""
    assert out(capsys, "--version") == f"alaqat {__version__}\n"


@pytest.mark.usefixtures("here")
def test_a_saved_question_prints_a_table(capsys: Capture) -> None:
    """The title and labels are in the language of the command."""
    library = read_library(knowledge_root() / "queries")
    printed = out(capsys, "query", "embassies-by-city")
    assert library.get("embassies-by-city").title("en") in printed
    assert "place:baku" in printed
    assert "Baku" in printed
    assert "باكو" not in printed


@pytest.mark.usefixtures("here")
def test_arabic_is_printed_in_logical_order(capsys: Capture) -> None:
    """Arabic text is not reordered, and each value is bidi-isolated."""
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
    """Any SPARQL query runs; its rows come in the requested format."""
    file = tmp_path / "states.rq"
    file.write_text(f"SELECT ?s WHERE {{ ?s a <{AL.State}> }} ORDER BY ?s LIMIT 2")
    csv = out(capsys, "query", "--file", str(file), "--format", "csv").splitlines()
    assert csv[0] == "s"
    assert len(csv) == 3
    assert all(row.startswith(PREFIXES["state"]) for row in csv[1:])
    result = json.loads(out(capsys, "query", "-f", str(file), "--format", "json"))
    assert [row["s"]["value"] for row in result["results"]["bindings"]] == csv[1:]


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
def test_results_without_rows(
    capsys: Capture, tmp_path: Path, text: str, printed: str
) -> None:
    """A boolean is printed as a word, a graph as Turtle."""
    file = tmp_path / "some.rq"
    file.write_text(text)
    assert printed in out(capsys, "query", "--file", str(file))


def readme_lines() -> list[str]:
    """Return the queries that the README suggests."""
    text = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    return re.findall(r"^\.venv/bin/alaqat (query .*)$", text, re.MULTILINE)


def test_the_readme_has_lines_to_try() -> None:
    """There are at least five."""
    assert len(readme_lines()) >= 5


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("line", readme_lines())
def test_the_questions_of_the_readme_have_answers(capsys: Capture, line: str) -> None:
    """The result of each is not empty."""
    printed = out(capsys, *shlex.split(line))
    assert re.search(r"(state|org|place):\w|https://w3id\.org/alaqat/id/", printed)


def test_without_a_name_the_questions_are_listed(capsys: Capture) -> None:
    """The list has the name and title of every question."""
    printed = out(capsys, "query")
    questions = read_library(knowledge_root() / "queries").of("questions")
    assert len(questions) >= 20
    for question in questions:
        assert question.name in printed
        assert question.title("en") in printed


@pytest.mark.usefixtures("here")
def test_a_parameter_is_bound_by_a_label(capsys: Capture) -> None:
    """The rows are those of the entity with that label."""
    arguments = (
        "query",
        "embassies-by-city",
        "--format",
        "csv",
        "-p",
        "sender=Armenia",
    )
    _, *rows = out(capsys, *arguments).splitlines()
    assert rows
    assert all(f"{BASE}id/state/ARM" in row for row in rows)


@pytest.mark.usefixtures("here")
def test_an_invalid_parameter_value_is_an_error(capsys: Capture) -> None:
    """The message says what to write instead."""
    arguments = ("query", "memberships-as-of", "-p", "date=yesterday")
    assert "Write it as 2010-01-31" in err(capsys, *arguments, code=2)


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
def test_a_full_disk_is_reported(arguments: tuple[str, ...]) -> None:
    """It is not an internal error: a message with a remedy, and exit code 3."""
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
    assert "Internal error" not in done.stderr
    assert len(done.stderr.splitlines()) == 2


@pytest.mark.usefixtures("here")
def test_info_shows_version_hash_and_graphs(capsys: Capture) -> None:
    """As JSON and as text."""
    about = json.loads(out(capsys, "info", "--json"))
    assert about["version"] == __version__
    assert len(about["sha256"]) == 64
    assert about["triples"][BASE + "graph/inferred"] > 0
    printed = out(capsys, "info")
    assert about["sha256"] in printed
    assert "graph:inferred" in printed


@pytest.mark.usefixtures("here")
def test_a_query_in_another_encoding_is_refused(
    capsys: Capture, tmp_path: Path
) -> None:
    """It is a usage error, not an internal one."""
    path = tmp_path / "query.rq"
    path.write_bytes(b'ASK { ?s ?p "\xff" }')
    assert "is not UTF-8" in err(capsys, "query", "--file", str(path), code=2)


@pytest.mark.usefixtures("here")
def test_export_of_a_graph_to_a_file(capsys: Capture, tmp_path: Path) -> None:
    """The file's extension decides the format."""
    file = tmp_path / "ontology.ttl"
    assert out(capsys, "export", "--graph", "ontology", str(file)) == ""
    assert file.read_text(encoding="utf-8").startswith("@prefix")


def test_build_prints_a_summary(capsys: Capture, small: Path, tmp_path: Path) -> None:
    """The summary has sizes and the folder; progress goes to stderr."""
    folder = tmp_path / "out"
    arguments = ["--root", str(small), "--output", str(folder)]
    assert run(["build", *arguments, "--json"]) == 0
    captured = capsys.readouterr()
    summary = json.loads(captured.out)
    assert Path(summary["folder"]).parent == folder
    assert summary["facts"] > 0
    assert "reason …" in captured.err


def test_validate_accepts_the_project(capsys: Capture, small: Path) -> None:
    """The published data conforms, as JSON; so does the small world, as text."""
    assert json.loads(out(capsys, "validate", "--json"))["conforms"] is True
    arguments = ("--root", str(small), "--language", "ar")
    assert "المخالفات: 0" in out(capsys, "validate", *arguments)


def test_coverage_lists_each_sentence(capsys: Capture) -> None:
    """JSON has every sentence; the text has the share of covered ones."""
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
        (["query", "notes", "--file", "-"], 2, "either a name or --file"),
        (["serve", "--empty"], 2, "--allow-unsandboxed need --writable"),
        (["serve", "--writable", "nowhere"], 2, "--writable needs a token"),
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
def test_usage_errors_are_short(
    capsys: Capture, arguments: list[str], code: int, words: str
) -> None:
    """Each has its exit code, names what is wrong and suggests a remedy."""
    printed = err(capsys, *arguments, code=code)
    assert words in printed
    assert len(printed.splitlines()) <= 5


def test_invalid_data_is_reported_with_file_and_line(
    capsys: Capture, tmp_path: Path
) -> None:
    """Broken sources exit with 1, and the message names the file."""
    (tmp_path / "ontology").mkdir()
    (tmp_path / "ontology" / "alaqat.ttl").write_text("al:State a owl:Class .")
    printed = err(
        capsys, "build", "--root", str(tmp_path), "--output", str(tmp_path), code=1
    )
    assert str(tmp_path) in printed


def test_an_internal_error_is_reported_on_one_line(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It shows a traceback only with --debug."""

    @click.command()
    def broken() -> None:
        raise ZeroDivisionError("by nought")

    monkeypatch.setitem(alaqat.commands, "broken", broken)
    printed = err(capsys, "broken", code=70)
    assert "Internal error: ZeroDivisionError: by nought" in printed
    assert "report it" in printed
    assert len(printed.splitlines()) == 1
    with pytest.raises(ZeroDivisionError):
        run(["--debug", "broken"])


def test_terms_as_text() -> None:
    """An IRI becomes a prefixed name, an unbound value nothing."""
    assert term_text(AL.State) == "al:State"
    assert term_text(None) == ""


def test_an_unknown_size_is_a_dash(capsys: Capture) -> None:
    """A writable store does not count large graphs after each change."""
    show_sizes({"http://e/small": 1234, "http://e/large": None})
    printed = capsys.readouterr().out
    assert "1,234" in printed
    assert re.search("http://e/large +–", printed)


def test_the_summary_of_a_build_as_text(built: Built, capsys: Capture) -> None:
    """Sizes, counts, times, then folder and hash."""
    show_summary(built.summary)
    *_, folder, sha256 = printed = capsys.readouterr().out.splitlines()
    assert folder == str(built.folder)
    assert sha256 == f"SHA-256 {built.summary.sha256}"
    counts = f"facts {built.summary.facts}, claims {built.summary.claims}"
    assert any(line.startswith(counts) for line in printed)
    assert any(line.startswith("took: read ") for line in printed)


@pytest.mark.parametrize(
    ("error", "code"), [(KeyboardInterrupt(), 130), (click.Abort(), 130)]
)
def test_an_interrupted_command_ends_quietly(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int
) -> None:
    """With the exit code that shells give for Ctrl-C."""

    def interrupted(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("alaqat.cli.output.show_library", interrupted)
    assert not err(capsys, "query", code=code).strip()
