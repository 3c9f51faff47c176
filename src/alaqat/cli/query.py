"""The commands: arguments, one call, and what is printed of its answer."""

from __future__ import annotations

import sys
from collections import UserDict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from alaqat import __version__
from alaqat.cli import options
from alaqat.cli.options import ExampleGroup, command
from alaqat.errors import InvalidQuery
from alaqat.rdf.formats import Kind, formats_for

if TYPE_CHECKING:
    from alaqat.store.interface import Store


# A module of commands imports at its top only click and what is as light; a command
# imports what it needs when it runs, so that help and the other commands do not wait.

#: The module that defines each command.
MODULES = {
    "as-of": "alaqat.cli.explain",
    "backup": "alaqat.cli.store",
    "build": "alaqat.cli.query",
    "check": "alaqat.cli.explain",
    "coverage": "alaqat.cli.query",
    "export": "alaqat.cli.query",
    "info": "alaqat.cli.query",
    "load": "alaqat.cli.store",
    "query": "alaqat.cli.query",
    "reason": "alaqat.cli.reason",
    "restore": "alaqat.cli.store",
    "selftest": "alaqat.cli.selftest",
    "serve": "alaqat.cli.serve",
    "validate": "alaqat.cli.query",
    "why": "alaqat.cli.explain",
}


def _names(kind: Kind) -> str:
    """Return the names of the formats for a kind of answer."""
    return ", ".join(form.name for form in formats_for(kind))


EXIT_CODES = """\
 0  done
 1  the data is invalid, inconsistent or violates a shape
 2  misuse: an option, a name, a query or a format
 3  a store, a folder or a port cannot be used, or an extra is not installed
 4  a limit of time was reached
 5  what was asked about is not in the graph, or not so
70  a fault of the program"""


class LazyCommands(UserDict[str, click.Command]):
    """Commands by name, each imported when it is first looked up.

    Args:
        modules: the module of each command, where its function has its name.
    """

    def __init__(self, modules: Mapping[str, str]) -> None:
        super().__init__()
        self._modules = modules

    def __missing__(self, name: str) -> click.Command:
        module = import_module(self._modules[name])
        found: click.Command = getattr(module, name.replace("-", "_"))
        return self.data.setdefault(name, found)

    def __contains__(self, name: object) -> bool:
        return name in self._modules or name in self.data

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*self._modules, *self.data)))

    def __len__(self) -> int:
        return len(tuple(iter(self)))


@click.group(
    cls=ExampleGroup,
    commands=LazyCommands(MODULES),
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=EXIT_CODES,
)
@click.version_option(__version__, message="alaqat %(version)s")
@click.option("--debug", is_flag=True, help="Show where an unexpected fault arose.")
def alaqat(debug: bool) -> None:  # read where faults are caught
    """Foreign relations as a knowledge graph, each fact with the words that state it.

    Begin with: alaqat build; then alaqat query, or alaqat serve.
    """


@command(epilog="alaqat build\nalaqat build --output build/other --json")
@options.root
@options.output
@options.as_json
def build(root: Path, output: Path, as_json: bool) -> None:
    """Make the graph and publish it, all or nothing."""
    from alaqat.build import build as make
    from alaqat.cli.output import (
        progress,
        show_json,
        show_summary,
    )
    from alaqat.store.releases import log_build

    with progress() as step:
        summary = make(root, output, progress=step)
    # The build itself asks for no time, so that the same sources give the same bytes.
    log_build(output, summary.log_record(datetime.now(UTC)))
    if as_json:
        show_json(summary.as_json())
    else:
        show_summary(summary)


@command(
    epilog="alaqat query\n"
    "alaqat query embassies-by-city\n"
    "alaqat query embassies-by-city --format json\n"
    "alaqat query --file my.rq --format csv"
)
@click.argument("name", required=False)
@click.option("--file", "-f", type=click.File(encoding="utf-8"), help="- is stdin.")
@click.option(
    *("--param", "-p", "params"),
    multiple=True,
    metavar="NAME=VALUE",
    help="Bind a parameter of a saved question; may be repeated.",
)
@click.option(
    "--format",
    "form",
    default="table",
    show_default=True,
    help=f"Or {_names('bindings')}; for graphs {_names('graph')}.",
)
@options.language
@options.root
@options.output
def query(
    name: str | None,
    file: TextIO | None,
    params: Sequence[str],
    form: str,
    language: str,
    root: Path,
    output: Path,
) -> None:
    """Run a saved question, or a query from a file.

    Without either, list the saved questions. The value of a parameter is a label in any
    language, a code, a prefixed name, an IRI, a date or a number; a parameter that is
    not given means all. A table shows names in one language; other formats have both.
    """
    if name and file:
        raise click.UsageError("Give a name or a file, not both.")
    from alaqat.cli.output import show_answer, show_library
    from alaqat.dataset import Dataset
    from alaqat.parameters import Parameters
    from alaqat.queries.library import read_library
    from alaqat.sparql.rewrite import with_label_columns

    library = read_library(root / "queries")
    if file:
        show_answer(_open(output).query(_text(file)), form)
    elif name:
        saved = library.get(name)
        dataset = Dataset(_open(output))
        bindings = Parameters(library).terms(dataset, saved, _values(params))
        answer = dataset.store.query(with_label_columns(saved).text, bindings=bindings)
        show_answer(answer, form, title=saved.title(language), language=language)
    else:
        show_library(library, language)


@command(epilog="alaqat validate\nalaqat validate --language ar")
@options.root
@options.language
@options.as_json
def validate(root: Path, language: str, as_json: bool) -> None:
    """Hold the sources against the shapes.

    Nothing is published. Each finding names its node, the file and line, and the words
    of the source. Advice that the document's list of expected warnings does not have is
    named, and so is a row of that list that nothing came of. The exit code is 1 if
    there are violations.
    """
    from alaqat.build import expected_warnings, validate_sources
    from alaqat.cli.output import (
        progress,
        show_findings,
        show_json,
    )
    from alaqat.rdf.graphs import union
    from alaqat.validate.expected import find_drift
    from alaqat.validate.results import findings_of, report_as_json

    with progress() as step:
        step("validate")
        report, graphs, sources = validate_sources(root)
    findings = findings_of(report, union(graphs.values()), sources.index.where)
    differences = find_drift(report, expected_warnings(sources))
    if as_json:
        show_json(
            {**report_as_json(report, findings), "expected": differences.as_json()}
        )
    else:
        show_findings(report, findings, language)
        for line in differences.lines(language):
            click.echo(line)
    click.get_current_context().exit(0 if report.conforms else 1)


@command(epilog="alaqat coverage\nalaqat coverage --json")
@options.root
@options.as_json
def coverage(root: Path, as_json: bool) -> None:
    """Tell what of each document is said as data.

    Words of a sentence that no fact quotes are shown; --json tells every sentence.
    """
    from alaqat.build import read_coverage
    from alaqat.cli.output import show_coverage, show_json
    from alaqat.sources import read_sources

    documents = read_coverage(read_sources(root))
    if as_json:
        slugs = documents.items()
        show_json({slug: [row.as_json() for row in rows] for slug, rows in slugs})
    else:
        show_coverage(documents)


@command(
    epilog="alaqat export dataset.trig\n"
    "alaqat export --graph inferred inferred.ttl\n"
    "alaqat export --graph ontology --format jsonld"
)
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--graph", help="One graph, by its IRI or what follows graph/ in it.")
@click.option("--format", "form", help="By default, what the file's ending says.")
@options.output
def export(
    file: Path | None, graph: str | None, form: str | None, output: Path
) -> None:
    """Write the dataset, or one graph, to a file.

    Without a file it goes to stdout. The same dataset always gives the same bytes, and
    nothing is lost in any format. Turtle, N-Triples and RDF/XML hold one graph;
    N-Quads, TriG and JSON-LD hold all.
    """
    from alaqat.export import export as write
    from alaqat.export import export_file, find_graph
    from alaqat.rdf.formats import (
        N_QUADS,
        TURTLE,
        choose_for_file,
    )
    from alaqat.store.rdflib_store import RdflibStore
    from alaqat.store.releases import current_release

    # Oxigraph's store turns every kind of whole number into xsd:integer; the quads
    # that were published still say which kind it was.
    published = current_release(output)
    if published.quads.exists():
        store: Store = RdflibStore.load(published.quads)
    else:  # of a working store
        store = published.open()
    name = find_graph(store, graph) if graph else None
    chosen = choose_for_file(form, file, TURTLE if graph else N_QUADS)
    if file:
        export_file(store, file, chosen, name)
    else:
        write(store, sys.stdout.buffer, chosen, name)


@command(epilog="alaqat info\nalaqat info --json")
@options.output
@options.as_json
def info(output: Path, as_json: bool) -> None:
    """Tell what was built: version, hash, graphs."""
    from alaqat.cli.output import show_info, show_json
    from alaqat.store.releases import current_release

    published = current_release(output)
    about = {"version": __version__, "folder": str(published.folder)}
    about |= published.manifest
    if as_json:
        show_json(about)
    else:
        show_info(about)


def _text(file: TextIO) -> str:
    """The text of a query file.

    Raises:
        InvalidQuery: it is not UTF-8.
    """
    try:
        return file.read()
    except UnicodeDecodeError as error:
        raise InvalidQuery(
            f"{file.name} is not UTF-8: see its byte {error.start}.",
            remedy="Save it as UTF-8.",
        ) from None


def _values(params: Sequence[str]) -> dict[str, str]:
    """The parameters by name.

    Raises:
        InvalidQuery: one is not of the form NAME=VALUE, or two have one name.
    """
    from alaqat.parameters import single_values

    for param in params:
        if "=" not in param:
            raise InvalidQuery(
                f"{param} gives no value.", remedy="Write --param NAME=VALUE."
            )
    return single_values(
        (name, value) for name, _, value in (one.partition("=") for one in params)
    )


def _open(output: Path) -> Store:
    """The store of the current dataset, to read."""
    from alaqat.store.releases import current_release

    return current_release(output).open()
