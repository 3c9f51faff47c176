"""The shape of the source: who imports whom, how long things are, what is nowhere."""

from __future__ import annotations

import ast
import re
import statistics
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
from rdflib import RDFS, Graph

ROOT = Path(__file__).parents[1]
SRC = ROOT / "src" / "alaqat"

# Parts of a package that are units of their own, with what they are called below.
UNITS = {
    "store.tokens": "sparql",
    "store.outline": "sparql",
    "store.ordering": "sparql",
    "store.using": "sparql",
    "store.hints": "sparql",
    "store.keywords": "sparql",
    "store.label_columns": "sparql",
    "store.working": "curation",
}

# Imports go from a row to rows above it, never sideways; a package counts as one.
ROWS = (
    {"errors", "terms", "i18n", "lru", "steps", "folding"},
    {"formats", "document", "library", "timeout"},
    {"sparql"},
    {"store"},
    {
        *("sources", "anchor", "structure", "timeline", "reason"),
        *("validate", "coverage", "declared"),
    },
    {"explain"},
    {"asof", "edition", "search", "curation"},
    {"dataset"},
    {"describe", "parameters", "visuals"},
    {"build", "export", "protocol"},
    {"web", "api"},
    {"cli"},
)

# Who may import a library; everyone may import rdflib.
WALLS = {
    "alaqat_selftest": {"cli"},
    "babel": {"describe", "web"},
    "cachetools": {"lru"},
    "click": {"cli"},
    "edtf": {"timeline"},
    "flask": {"web"},
    "flask_compress": {"web"},
    "granian": {"web"},
    "markupsafe": {"web"},
    "nmo_python": {"reason"},
    "owlrl": {"reason"},
    "prometheus_client": {"web"},
    "pyoxigraph": {"store.embedded", "formats"},
    "pyparsing": {"store.memory", "validate"},
    "pyshacl": {"validate"},
    "pyshacl_turbo": {"validate"},
    "rich": {"cli"},
    "werkzeug": {"web", "formats"},
    "yaml": {"library"},
}

# Imported where the library that brings them leaves no other way.
BROUGHT = {"markupsafe", "pyparsing", "werkzeug"}

# Declared by a name that is not the one they are imported by.
DISTRIBUTIONS = {"nemo_python": "nmo_python", "pyyaml": "yaml"}

DRAWERS = {"utils", "util", "helpers", "common", "misc", "manager", "tools"}
QUERY = re.compile(r"\b(SELECT|ASK|CONSTRUCT|DESCRIBE|INSERT|DELETE)\b[^{]*\{")
MARKUP = re.compile(r"</?(html|body|div|span|table|tr|td|p|a|ul|li|script)\b[^>]*>")

Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef

MODULES = sorted(SRC.rglob("*.py"))


def name_of(path: Path) -> str:
    """The dotted name of a module below alaqat; the empty string for alaqat itself."""
    parts = path.relative_to(SRC).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


NAMES = {name_of(path): path for path in MODULES}


@cache
def tree(path: Path) -> ast.Module:
    """The syntax tree of a module."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imported(path: Path) -> Iterator[str]:
    """Every module that a module names, lazily and for types too."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: a relative import"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}".removeprefix("alaqat.")
                ours = node.module and node.module.startswith("alaqat")
                is_module = ours and inner in NAMES
                yield f"alaqat.{inner}" if is_module else str(node.module)


def arrows(path: Path) -> set[str]:
    """The modules of ours that a module imports, named below alaqat."""
    names = (name for name in imported(path) if name.split(".")[0] == "alaqat")
    return {name.removeprefix("alaqat").removeprefix(".") for name in names} - {""}


def unit_of(name: str) -> str:
    """The unit that a module belongs to: its package, or a part of that."""
    parts = [part for part in UNITS if f"{name}.".startswith(f"{part}.")]
    return UNITS[parts[0]] if parts else name.split(".")[0]


def row(name: str) -> int:
    """The row in which a module stands."""
    unit = unit_of(name)
    found = [number for number, units in enumerate(ROWS) if unit in units]
    assert found, f"{name} stands in no row"
    return found[0]


def docstrings(path: Path) -> set[int]:
    """The identities of the nodes that are docstrings."""
    owners = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return {
        id(node.body[0].value)
        for node in ast.walk(tree(path))
        if isinstance(node, owners) and node.body and isinstance(node.body[0], ast.Expr)
    }


def strings(path: Path) -> Iterator[ast.Constant]:
    """The strings of a module that are not docstrings."""
    skip = docstrings(path)
    for node in ast.walk(tree(path)):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_text and id(node) not in skip:
            yield node


def public(node: Documented) -> Iterator[Documented]:
    """A module or class, and what is public in it; not what functions define."""
    yield node
    for inner in node.body if isinstance(node, ast.Module | ast.ClassDef) else ():
        kinds = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
        if isinstance(inner, kinds) and not inner.name.startswith("_"):
            yield from public(inner)


def functions() -> Iterator[tuple[str, int]]:
    """Every function with its length in lines, its docstring not counted."""
    for path in MODULES:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                if ast.get_docstring(node):
                    first = node.body[0]
                    lines -= (first.end_lineno or 0) - first.lineno + 1
                yield f"{path.relative_to(SRC)}:{node.lineno} {node.name}", lines


def test_the_source_is_found() -> None:
    """The tests below look at something."""
    assert len(MODULES) >= 20


@pytest.mark.parametrize("name", sorted(set(NAMES) - {""}))
def test_imports_go_down(name: str) -> None:
    """A module imports only from rows below its own, or inside its own package."""
    unit = unit_of(name)
    wrong = {
        other
        for other in arrows(NAMES[name])
        if unit_of(other) != unit and row(other) >= row(name)
    }
    assert not wrong, f"{name} imports {', '.join(sorted(wrong))}"


def test_no_import_goes_in_a_circle() -> None:
    """There is an order in which every module comes after those it imports."""
    graph = {name: arrows(path) - {name} for name, path in NAMES.items()}
    assert len(tuple(TopologicalSorter(graph).static_order())) >= len(NAMES)


@pytest.mark.parametrize("library", sorted(WALLS))
def test_a_library_is_imported_in_one_place(library: str) -> None:
    """Each third-party engine stays behind the module that wraps it."""
    users = {
        name
        for name, path in NAMES.items()
        if any(other.split(".")[0] == library for other in imported(path))
    }
    outside = {
        user
        for user in users
        if not any(
            user == place or user.startswith(f"{place}.") for place in WALLS[library]
        )
    }
    assert users, f"{library} is imported nowhere"
    assert not outside


def test_only_declared_libraries_are_imported() -> None:
    """What the source imports is Python's, or declared and behind a wall."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    entries = [*project["project"]["dependencies"]]
    for extra in project["project"]["optional-dependencies"].values():
        entries += extra
    names = {re.split(r"[^\w-]", line)[0].replace("-", "_") for line in entries}
    declared = {DISTRIBUTIONS.get(name, name) for name in names}
    found = {name.split(".")[0] for path in MODULES for name in imported(path)}
    third = found - set(sys.stdlib_module_names) - {"alaqat"}
    assert third == set(WALLS) | {"rdflib"}
    assert declared == third - BROUGHT


def test_modules_are_short() -> None:
    """No module is longer than 600 lines."""
    sizes = {
        name: len(path.read_text(encoding="utf-8").splitlines())
        for name, path in NAMES.items()
    }
    assert not {name: size for name, size in sizes.items() if size > 600}


def test_functions_are_short() -> None:
    """No function is longer than 50 lines, and half of them have 8 or fewer."""
    lengths = dict(functions())
    assert not {name: length for name, length in lengths.items() if length > 50}
    assert statistics.median(lengths.values()) <= 8


def test_everything_says_what_it_is_for() -> None:
    """Every module, public class and public function has a docstring."""
    silent = [
        f"{path.relative_to(SRC)}:{getattr(node, 'lineno', 1)}"
        for path in MODULES
        for node in public(tree(path))
        if not ast.get_docstring(node)
    ]
    assert not silent


def test_there_are_no_drawers() -> None:
    """No module is named for being a heap."""
    assert not {part for name in NAMES for part in name.split(".")} & DRAWERS


def test_the_source_names_no_state() -> None:
    """Whatever is known about states stands in the data, not in the source."""
    states = Graph().parse(ROOT / "data" / "entities" / "states.ttl")
    labels = {str(label) for label in states.objects(None, RDFS.label)}
    assert len(labels) >= 150
    long = sorted(re.escape(label) for label in labels if len(label) > 4)
    known = re.compile(rf"\b({'|'.join(long)})\b|kazakh|كازاخ|\bKAZ\b|state[:/][A-Z]")
    texts = [path for path in SRC.rglob("*") if path.suffix in {".py", ".html", ".js"}]
    found = {
        f"{path.relative_to(SRC)}: {match[0]}"
        for path in texts
        for match in known.finditer(path.read_text(encoding="utf-8"))
    }
    assert not found


@pytest.mark.parametrize(
    ("form", "home"),
    [(QUERY, "queries/"), (MARKUP, "templates")],
    ids=["query", "html"],
)
def test_queries_and_pages_are_files(form: re.Pattern[str], home: str) -> None:
    """SPARQL stands in queries, HTML in templates, neither in Python strings."""
    found = [
        f"{path.relative_to(SRC)}:{node.lineno} belongs in {home}"
        for path in MODULES
        for node in strings(path)
        if form.search(str(node.value))
    ]
    assert not found


def test_nothing_reads_a_clock_or_chance() -> None:
    """A build is a pure function: no time of day and no random number is asked for."""
    form = re.compile(r"\b(datetime\.now|date\.today|utcnow|time\.time|uuid4|random)\b")
    found = [
        f"{path.relative_to(SRC)}: {match[0]}"
        for path in MODULES
        if name_of(path).split(".")[0] not in {"web", "cli"}
        for match in form.finditer(path.read_text(encoding="utf-8"))
    ]
    assert not found
