"""Architecture: layers, imports, sizes, names and prohibitions of the source."""

from __future__ import annotations

import ast
import re
import statistics
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
from rdflib import RDFS, Graph

ROOT = Path(__file__).parents[1]
SRC = ROOT / "src" / "alaqat"

# Imports go from a row to rows above it, never sideways; a package counts as one.
ROWS = (
    {"accounting", "errors", "terms", "i18n", "lexical", "locations", "log", "lru"},
    {"rdf", "queries", "temporal", "timeout", "waiting"},
    {"reason", "sparql", "text", "validate"},
    {"proofs", "search", "sources", "store"},
    {"asof", "build", "charts", "curation", "describe", "export"},
    {"dataset"},
    {"http", "parameters"},
    {"api", "web"},
    {"cli"},
)

# Who may import a library; everyone may import rdflib.
WALLS = {
    "alaqat_selftest": {"cli"},
    "babel": {"describe", "web"},
    "cachetools": {"lru"},
    "click": {"cli"},
    "edtf": {"temporal"},
    "flask": {"web"},
    "flask_compress": {"web"},
    "granian": {"web"},
    "markupsafe": {"web"},
    "nmo_python": {"reason"},
    "owlrl": {"reason"},
    "prometheus_client": {"web"},
    "pyoxigraph": {
        *("rdf", "store.oxigraph", "store.oxigraph_writer", "store.differences"),
        "store.write_log",
    },
    "pyparsing": {"store.rdflib_store", "validate"},
    "pyseccomp": {"store.pool.seccomp"},
    "pyshacl": {"validate"},
    "pyshacl_turbo": {"validate"},
    "rich": {"cli"},
    "werkzeug": {"rdf", "web"},
    "yaml": {"queries"},
}

# Imported where the library that brings them leaves no other way.
BROUGHT = {"markupsafe", "pyparsing", "werkzeug"}

# Declared by a name that is not the one they are imported by.
DISTRIBUTIONS = {"nemo_python": "nmo_python", "pyyaml": "yaml"}

# Names of modules that say nothing of what is in them.
DRAWERS = {
    *("utils", "util", "helpers", "common", "misc", "manager", "tools", "base", "core"),
    *("values", "answers", "asked", "told", "kept", "data", "things", "stuff"),
}

# Modules that write SPARQL out of data, for which no query in a file can stand.
GENERATORS = {"sparql.federation"}

QUERY = re.compile(
    r"\b(?i:SELECT|ASK|CONSTRUCT|DESCRIBE|INSERT|DELETE)\b[^{]*\{"
    r"|\b(?i:(DROP|CLEAR|CREATE)\s+(SILENT\s+)?(GRAPH|DEFAULT|NAMED|ALL))\b"
    r"|\b(DESCRIBE|LOAD|describe|load)\s*((?i:SILENT)\s*)?<"
    r"|\b(?i:(COPY|MOVE|ADD)\s*(SILENT\s*)?(GRAPH\s*)?(<|DEFAULT\b).*\bTO\b)"
)
MARKUP = re.compile(r"</?(html|body|div|span|table|tr|td|p|a|ul|li|script)\b[^>]*>")

Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef

MODULES = sorted(SRC.rglob("*.py"))


def name_of(path: Path) -> str:
    """Return the dotted name of a module below alaqat; "" for alaqat itself."""
    parts = path.relative_to(SRC).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


NAMES = {name_of(path): path for path in MODULES}


@cache
def tree(path: Path) -> ast.Module:
    """Parse a module."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Return all nodes of a module's syntax tree."""
    return tuple(ast.walk(tree(path)))


def imported(path: Path) -> Iterator[str]:
    """Yield every module that a module imports, lazily or for types too."""
    for node in nodes(path):
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
    """Return our modules that a module imports, named below alaqat."""
    names = (name for name in imported(path) if name.split(".")[0] == "alaqat")
    return {name.removeprefix("alaqat").removeprefix(".") for name in names} - {""}


def row(name: str) -> int:
    """Return the number of a module's row."""
    unit = name.split(".")[0]
    found = [number for number, units in enumerate(ROWS) if unit in units]
    assert found, f"{name} is in no row"
    return found[0]


def docstrings(path: Path) -> set[int]:
    """Return the ids of the nodes that are docstrings."""
    owners = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return {
        id(node.body[0].value)
        for node in nodes(path)
        if isinstance(node, owners) and node.body and isinstance(node.body[0], ast.Expr)
    }


GAP = "…"  # stands for what is known only when the program runs


def spell(node: ast.AST, names: Mapping[str, str]) -> str | None:
    """Return the text of an expression, as far as it is in the source.

    Args:
        node: a literal, an f-string, a concatenation, a name, or text that is
            formatted or joined; for anything else the answer is None.
        names: the texts of the names that have one.
    """
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.Name(id=name):
            return names.get(name)
        case ast.FormattedValue(value=value) | ast.BinOp(left=value, op=ast.Mod()):
            return spell(value, names)
        case ast.JoinedStr(values=parts):
            return joined(parts, names)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return joined([left, right], names)
        case ast.Call(func=ast.Attribute(value=value, attr="format")):
            return re.sub(r"\{\w*\}", GAP, spell(value, names) or "")
        case ast.Call(func=ast.Attribute(value=value, attr="join"), args=[parts]):
            elements = parts.elts if isinstance(parts, ast.Tuple | ast.List) else ()
            return joined(elements, names, spell(value, names) or GAP)
    return None


def joined(
    parts: Iterable[ast.AST], names: Mapping[str, str], between: str = ""
) -> str | None:
    """Return the joined text of parts, if the source has any of it."""
    found = [spell(part, names) for part in parts]
    return between.join(text or GAP for text in found) if any(found) else None


def names_of_texts(path: Path) -> dict[str, str]:
    """Return the texts that are assigned to names in a module."""
    names: dict[str, str] = {}
    for node in nodes(path):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                names.setdefault(name, spell(value, names) or GAP)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.AST() as value):
                names.setdefault(name, spell(value, names) or GAP)
    return names


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the lines and texts of a module that are not docstrings.

    A text put together of parts is there as a whole too.
    """
    skip, names = docstrings(path), names_of_texts(path)
    for node in nodes(path):
        is_name = isinstance(node, ast.Name)
        if not is_name and id(node) not in skip and (text := spell(node, names)):
            yield getattr(node, "lineno", 1), text


def public(node: Documented) -> Iterator[Documented]:
    """Yield a module or class and its public members, but not inner functions."""
    yield node
    for inner in node.body if isinstance(node, ast.Module | ast.ClassDef) else ():
        kinds = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
        if isinstance(inner, kinds) and not inner.name.startswith("_"):
            yield from public(inner)


def functions() -> Iterator[tuple[str, int]]:
    """Yield every function with its length in lines, without its docstring."""
    for path in MODULES:
        for node in nodes(path):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                if ast.get_docstring(node):
                    first = node.body[0]
                    lines -= (first.end_lineno or 0) - first.lineno + 1
                yield f"{path.relative_to(SRC)}:{node.lineno} {node.name}", lines


def test_the_source_is_found() -> None:
    """The tests below check something."""
    assert len(MODULES) >= 20


@pytest.mark.parametrize("name", sorted(set(NAMES) - {""}))
def test_imports_go_down(name: str) -> None:
    """A module imports only from rows below its own, or inside its own package."""
    unit = name.split(".")[0]
    wrong = {
        other
        for other in arrows(NAMES[name])
        if other.split(".")[0] != unit and row(other) >= row(name)
    }
    assert not wrong, f"{name} imports {', '.join(sorted(wrong))}"


def test_the_picture_of_the_layers_is_right() -> None:
    """docs/architecture.md draws the rows above, the last one at the top."""
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    picture = re.findall(r"^```layers\n(.*?)^```", page, re.MULTILINE | re.DOTALL)[0]
    drawn = [set(line.split("│")[0].split()) for line in picture.splitlines()]
    assert tuple(reversed(drawn)) == ROWS


def test_there_is_no_import_cycle() -> None:
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


def test_the_docs_say_where_a_library_is_imported() -> None:
    """docs/dependencies.md has the table above."""
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\S+) \| [^|]+ \| (`[^|]+`) \|$", page, re.MULTILINE)
    places = {name.replace("-", "_"): re.findall(r"`(.+?)`", row) for name, row in rows}
    documented = {DISTRIBUTIONS.get(n, n): set(found) for n, found in places.items()}
    assert documented == {n: w for n, w in WALLS.items() if n != "alaqat_selftest"}


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


@cache
def sizes() -> dict[str, int]:
    """Return the number of lines of every module."""
    return {
        name: len(path.read_text(encoding="utf-8").splitlines())
        for name, path in NAMES.items()
    }


def test_modules_are_short() -> None:
    """No module is longer than 600 lines."""
    assert not {name: size for name, size in sizes().items() if size > 600}


def test_modules_are_few() -> None:
    """A subject is a module: there are about 180, and half have 150 to 220 lines."""
    assert len(NAMES) <= 200
    assert 150 <= statistics.median(sizes().values()) <= 220


def test_functions_are_short() -> None:
    """No function is longer than 50 lines, and half of them have 8 or fewer."""
    lengths = dict(functions())
    assert not {name: length for name, length in lengths.items() if length > 50}
    assert statistics.median(lengths.values()) <= 8


def test_everything_public_is_documented() -> None:
    """Every module, public class and public function has a docstring."""
    silent = [
        f"{path.relative_to(SRC)}:{getattr(node, 'lineno', 1)}"
        for path in MODULES
        for node in public(tree(path))
        if not ast.get_docstring(node)
    ]
    assert not silent


def test_no_module_is_named_like_a_drawer() -> None:
    """A module's name says what is in it."""
    assert not {name for name in NAMES if set(name.split(".")) & DRAWERS}


def test_a_class_name_is_used_once() -> None:
    """No two classes of the package have the same name."""
    places = defaultdict(list)
    for name, path in NAMES.items():
        for node in nodes(path):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(f"{name}:{node.lineno}")
    assert places
    assert not {name: found for name, found in places.items() if len(found) > 1}


def test_the_source_names_no_state() -> None:
    """Knowledge about states is in the data, not in the source."""
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
    """SPARQL is in queries, HTML in templates, neither in Python strings."""
    found = {
        f"{path.relative_to(SRC)}:{line} belongs in {home}"
        for name, path in NAMES.items()
        for line, text in texts(path)
        if form.search(text) and not (form is QUERY and name in GENERATORS)
    }
    assert not found


def test_generators_of_sparql_are_few() -> None:
    """Each exempt module exists and does generate SPARQL."""
    writing = {
        name
        for name in GENERATORS
        if any(QUERY.search(text) for _, text in texts(NAMES[name]))
    }
    assert writing == GENERATORS


@pytest.mark.parametrize(
    "source",
    [
        '"SELECT * { ?s ?p ?o }"',
        '"SELECT * " "{ ?s ?p ?o }"',
        '"SELECT" + " * { ?s ?p ?o }"',
        '"INSERT" + " DATA" + f" {{ {triples} }}"',
        'f"INSERT DATA {{ {triples} }}"',
        "f\"{'INSERT'} DATA {{ {triples} }}\"",
        'FORM = "INSERT DATA"\ntext = FORM + f" {{ {triples} }}"',
        'def ask():\n    form: str = "ASK"\n    return f"{form} {{ ?s ?p ?o }}"',
        '" ".join(("ASK", "{ ?s ?p ?o }"))',
        '"ASK { %s ?p ?o }" % subject',
        '"ASK {{ {} ?p ?o }}".format(subject)',
        '"select * { ?s ?p ?o }"',
        'f"DROP SILENT GRAPH <{name}>"',
        '"DESCRIBE <" + name + ">"',
        'f"describe<{name}>"',
        'f"LOAD SILENT <{address}>"',
        'f"COPY <{one}> TO <{other}>"',
        '"MOVE SILENT DEFAULT TO GRAPH <%s>" % name',
    ],
)
def test_a_query_in_parts_is_seen(source: str, tmp_path: Path) -> None:
    """A text is checked as a whole, however it is put together."""
    path = tmp_path / "module.py"
    path.write_text(f"pass\n{source}\n", encoding="utf-8")
    assert any(QUERY.search(text) for _, text in texts(path))


def test_nothing_reads_a_clock_or_a_random_number() -> None:
    """A build is a pure function of its sources."""
    form = re.compile(r"\b(datetime\.now|date\.today|utcnow|time\.time|uuid4|random)\b")
    found = [
        f"{path.relative_to(SRC)}: {match[0]}"
        for path in MODULES
        if name_of(path).split(".")[0] not in {"web", "cli"}
        for match in form.finditer(path.read_text(encoding="utf-8"))
    ]
    assert not found
