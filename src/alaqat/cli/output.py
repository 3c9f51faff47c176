"""Output on the terminal: tables, JSON, results, reports and progress."""

from __future__ import annotations

import json
import re
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click
from rdflib import URIRef

from alaqat.i18n import bidi_isolate, fallback_chain, translate
from alaqat.rdf.formats import CSV, TURTLE, format_from_name
from alaqat.terms import short

if TYPE_CHECKING:
    from rdflib.term import Node
    from rich.console import Console

    from alaqat.build import BuildSummary
    from alaqat.queries.library import Library
    from alaqat.store.interface import QueryResult, Row
    from alaqat.text.coverage import Coverage
    from alaqat.validate.report import ValidationReport
    from alaqat.validate.results import Finding


_NUMBER = re.compile(r"[+-]?[\d,]*\.?\d+")
_UNLIMITED_WIDTH = 10_000  # columns, where there is no terminal: nothing is wrapped


@contextmanager
def print_warnings() -> Iterator[None]:
    """Print the warnings of what runs in the context to stderr, one per line."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        yield
    for warning in caught:
        click.echo(f"Warning: {warning.message}", err=True)


def show_table(
    columns: Sequence[str], rows: Iterable[Sequence[str]], *, title: str = ""
) -> None:
    """Print a table; columns of numbers are right-aligned."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table, rows = Table(box=box.SIMPLE_HEAD, pad_edge=False), list(rows)
    for column, *values in zip(columns, *rows, strict=True):
        numbers = values and all(_NUMBER.fullmatch(value) for value in values)
        table.add_column(
            bidi_isolate(column),
            overflow="fold",
            justify="right" if numbers else "left",
        )
    for row in rows:
        table.add_row(*(Text(bidi_isolate(value)) for value in row))
    console = _console(sys.stdout)
    if title:
        console.print(Text(title, style="bold"))
    console.print(table)


def show_json(value: Any) -> None:
    """Print a value as JSON."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def show_library(library: Library, language: str) -> None:
    """Print the names, titles and parameters of the saved questions."""
    rows = [
        (query.name, query.title(language), " ".join(query.params))
        for query in library.of("questions")
    ]
    show_table(("name", "question", "parameters"), rows)
    click.echo("Run one with: alaqat query NAME --param PARAMETER=VALUE")


def show_result(
    result: QueryResult, form: str, *, title: str = "", language: str = ""
) -> None:
    """Print the result of a query as a table, or serialized in a format.

    Args:
        result: of the query; only rows are shown as a table.
        form: "table", or the name of a format.
        title: the title of the table.
        language: merge label columns such as ``x_ar`` and ``x_en`` into this one.
    """
    if form != "table":
        result.write(sys.stdout.buffer, format_from_name(form))
    elif result.kind == "bindings":
        columns = _columns(result.variables, language)
        rows = ([_first(row, places) for places in columns.values()] for row in result)
        show_table(list(columns), rows, title=title)
    else:
        plain = CSV if result.kind == "boolean" else TURTLE
        result.write(sys.stdout.buffer, plain)


def _columns(variables: Sequence[str], language: str) -> dict[str, list[int]]:
    """Return the columns of a table, each with its positions in a row by preference.

    Label columns of several languages become one.
    """
    from alaqat.sparql.rewrite import text_columns

    texts = text_columns(variables) if language else {}
    bases = {place: base for base in texts for place in texts[base].values()}
    columns: dict[str, list[int]] = {}
    for place, name in enumerate(variables):
        if place in bases:
            base = bases[place]
            by_preference = [texts[base][code] for code in fallback_chain(language)]
            columns[f"{base}_{language}"] = by_preference
        else:
            columns[name] = [place]
    return columns


def _first(row: Row, places: Sequence[int]) -> str:
    """Return the first bound value at the given positions, as text."""
    return term_text(next((row[at] for at in places if row[at] is not None), None))


def show_info(about: Mapping[str, Any]) -> None:
    """Print version, hash, folder and graph sizes of a dataset."""
    for key in ("version", "sha256", "folder"):
        if key in about:
            click.echo(f"{key:<8} {about[key]}")
    if about.get("canonical") is False:
        click.echo("The hash is not canonical: too many blank nodes look alike.")
    show_sizes(about["triples"])


def show_sizes(triples: Mapping[str, int | None]) -> None:
    """Print the number of triples of each graph; a dash if it is not known."""
    rows = [
        (short(name), "–" if size is None else f"{size:,}")
        for name, size in triples.items()
    ]
    show_table(("graph", "triples"), rows)


def show_summary(summary: BuildSummary) -> None:
    """Print the summary of a build."""
    show_sizes(summary.triples)
    click.echo(f"facts {summary.facts}, claims {summary.claims}, notes {summary.notes}")
    click.echo(f"sentences covered: {summary.covered} of {summary.sentences}")
    warnings = f"{summary.warnings} ({summary.unexpected} unexpected)"
    click.echo(f"inferred triples: {summary.inferred}; warnings: {warnings}")
    steps = (f"{step} {seconds:.1f} s" for step, seconds in summary.seconds.items())
    click.echo(f"took: {', '.join(steps)}")
    click.echo(f"{summary.folder}\nSHA-256 {summary.sha256}")


def show_findings(
    report: ValidationReport, findings: Sequence[Finding], language: str
) -> None:
    """Print the findings of a validation, most severe first, then their counts."""
    for finding in findings:
        click.echo(finding.text(language) + "\n")
    counts = (len(report.violations), len(report.warnings), len(report.infos))
    click.echo(translate("validation", "counts", language, *map(str, counts)))


def show_coverage(documents: Mapping[str, Sequence[Coverage]]) -> None:
    """Print the share of covered sentences, and words that no fact quotes."""
    from alaqat.text.coverage import covered_share

    for slug, rows in documents.items():
        covered, total = covered_share(rows)
        partial = [row for row in rows if row.unsaid]
        show_table(
            ("line", "sentence", "status", "facts", "words not quoted"),
            [
                (
                    *(str(row.line), str(row.number), str(row.standing)),
                    *(str(len(row.facts)), " … ".join(row.unsaid)),
                )
                for row in partial
            ],
        )
        click.echo(f"{slug}: {covered} of {total} sentences have a fact or a note")


def term_text(term: Node | None) -> str:
    """Return a term as text: a prefixed name, or a literal's value; "" if unbound."""
    if term is None:
        return ""
    return short(term) if isinstance(term, URIRef) else str(term)


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """Report steps on stderr: a status line in a terminal, else one line each."""
    console = _console(sys.stderr)
    if not console.is_terminal:
        yield lambda step: click.echo(f"{step} …", err=True)
        return
    with console.status("…") as status:
        yield lambda step: status.update(f"{step} …")


def _console(file: Any) -> Console:
    """Return a console as wide as the terminal, or unlimited if there is none."""
    from rich.console import Console

    return Console(
        file=file,
        width=None if file.isatty() else _UNLIMITED_WIDTH,
        highlight=False,
        markup=False,
        emoji=False,
    )
