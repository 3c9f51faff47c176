"""The commands: arguments, one call, and what is printed of its answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, TextIO

import click
from rdflib.term import Node

from alaqat import __version__
from alaqat.cli import options
from alaqat.cli.printing import (
    progress,
    show_answer,
    show_coverage,
    show_findings,
    show_info,
    show_json,
    show_library,
    show_summary,
)
from alaqat.errors import InvalidQuery
from alaqat.library import read_library


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="alaqat %(version)s")
@click.option("--debug", is_flag=True, help="Show where an unexpected fault arose.")
def alaqat(debug: bool) -> None:  # noqa: ARG001 # read where faults are caught
    """Foreign relations as a knowledge graph, each fact with the words that state it.

    \b
    Begin with:
      alaqat build
      alaqat query
      alaqat serve

    \b
    Exit codes:
       0  done
       1  the data is invalid, inconsistent or violates a shape
       2  misuse: an option, a name, a query or a format
       3  the store or a folder cannot be used
       4  a limit of time was reached
      70  a fault of the program
    """


@alaqat.command()
@options.root
@options.output
@options.as_json
def build(root: Path, output: Path, as_json: bool) -> None:
    """Make the graph from the sources and publish it, all or nothing.

    \b
    Example:
      alaqat build --output build/dataset
    """
    from alaqat.build import build as make  # slow to import, as are those below

    with progress() as step:
        summary = make(root, output, progress=step)
    if as_json:
        show_json(summary.as_json())
    else:
        show_summary(summary)


@alaqat.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@options.root
@options.output
def serve(host: str, port: int, root: Path, output: Path) -> None:
    """Serve the published graph by SPARQL, with a page to query it on.

    The address is printed once it answers; Ctrl-C ends it.

    \b
    Example:
      alaqat serve --port 8001
    """
    from alaqat.web.server import serve as run

    run(output, root, host=host, port=port, ready=click.echo)


@alaqat.command()
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
    help="Or json, xml, csv, tsv; for graphs turtle, ntriples, rdfxml, jsonld.",
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
    """Run a saved question by its name, or any SPARQL query from a file.

    Without either, list the saved questions. Values of parameters are prefixed names,
    dates, numbers or text; a parameter that is not given means all.

    \b
    Examples:
      alaqat query
      alaqat query embassies-by-city
      alaqat query --file my.rq --format csv
      echo 'ASK { ?s ?p ?o }' | alaqat query --file -
    """
    if (name is None) == (file is None):
        if file is not None:
            raise click.UsageError("Give a name or a file, not both.")
        show_library(read_library(root / "queries"), language)
        return
    title, text, bindings = _question(name, file, params, language, root)
    show_answer(_open(output).query(text, bindings=bindings), form, title)


@alaqat.command()
@options.root
@options.language
@options.as_json
def validate(root: Path, language: str, as_json: bool) -> None:
    """Hold the sources against the shapes, without publishing anything.

    Each finding names its node, the file and line, and the words of the source. The
    exit code is 1 if there are violations.

    \b
    Example:
      alaqat validate --language ar
    """
    from alaqat.build import check, union
    from alaqat.validate import present, to_json

    with progress() as step:
        step("validate")
        report, graphs, sources = check(root)
    findings = present(report, union(graphs), sources.index.where)
    if as_json:
        show_json(to_json(report, findings))
    else:
        show_findings(report, findings, language)
    click.get_current_context().exit(0 if report.conforms else 1)


@alaqat.command()
@options.root
@options.as_json
def coverage(root: Path, as_json: bool) -> None:
    """Tell what of each document is said as data, sentence by sentence.

    \b
    Example:
      alaqat coverage --json
    """
    from alaqat.build import covered
    from alaqat.sources import read_sources

    with progress() as step:
        step("read")
        documents = covered(read_sources(root))
    if as_json:
        show_json({slug: [row.as_json() for row in documents[slug]] for slug in documents})
    else:
        show_coverage(documents)
