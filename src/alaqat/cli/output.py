"""What the terminal shows: tables with Arabic as it stands, and progress."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click
from rdflib import URIRef

from alaqat.i18n import (
    bidi_isolate,
    fallback_chain,
    translate,
)
from alaqat.rdf.formats import (
    CSV,
    TURTLE,
    format_from_name,
)
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
_WIDE = 10_000  # columns when no terminal sets a width: nothing is cut or wrapped


def show_table(
    columns: Sequence[str], rows: Iterable[Sequence[str]], *, title: str = ""
) -> None:
    """Print rows under their columns, columns of numbers to the right."""
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
    """Print a value for programs."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def show_library(library: Library, language: str) -> None:
    """Print the saved questions by name."""
    rows = [
        (query.name, query.title(language), " ".join(query.params))
        for query in library.of("questions")
    ]
    show_table(("name", "question", "parameters"), rows)
    click.echo("Run one with: alaqat query NAME --param PARAMETER=VALUE")


def show_answer(
    answer: QueryResult, form: str, *, title: str = "", language: str = ""
) -> None:
    """Print an answer as a table, or as it stands in one of its formats.

    Args:
        answer: to a query.
        form: "table", or the name of a format.
        title: stands above a table.
        language: a table has one column of ``x_ar`` and ``x_en``, in this language.
    """
    if form != "table":
        answer.write(sys.stdout.buffer, format_from_name(form))
    elif answer.kind == "bindings":
        columns = _columns(answer.variables, language)
        rows = ([_first(row, places) for places in columns.values()] for row in answer)
        show_table(list(columns), rows, title=title)
    else:
        plain = CSV if answer.kind == "boolean" else TURTLE
        answer.write(sys.stdout.buffer, plain)


def _columns(variables: Sequence[str], language: str) -> dict[str, list[int]]:
    """Return the columns of a table, and where their values are looked for in turn.

    Of the columns that have the same text in several languages, it has one.
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
    """Return the first value of a row that there is at some places."""
    return shown(next((row[at] for at in places if row[at] is not None), None))


def show_info(about: Mapping[str, Any]) -> None:
    """Print what was built."""
    for key in ("version", "sha256", "folder"):
        if key in about:
            click.echo(f"{key:<8} {about[key]}")
    show_sizes(about["triples"])


def show_sizes(triples: Mapping[str, int | None]) -> None:
    """Print how many triples each graph holds; a dash where nobody has counted."""
    rows = [
        (short(name), "–" if size is None else f"{size:,}")
        for name, size in triples.items()
    ]
    show_table(("graph", "triples"), rows)


def show_summary(summary: BuildSummary) -> None:
    """Print what a build made."""
    show_sizes(summary.triples)
    click.echo(f"facts {summary.facts}, claims {summary.claims}, notes {summary.notes}")
    click.echo(f"sentences covered: {summary.covered} of {summary.sentences}")
    warnings = f"{summary.warnings} ({summary.unexpected} not expected)"
    click.echo(f"inferred triples: {summary.inferred}; warnings: {warnings}")
    steps = (f"{step} {seconds:.1f} s" for step, seconds in summary.seconds.items())
    click.echo(f"took: {', '.join(steps)}")
    click.echo(f"{summary.folder}\nSHA-256 {summary.sha256}")


def show_findings(
    report: ValidationReport, findings: Sequence[Finding], language: str
) -> None:
    """Print what the shapes found, the gravest first, then how much it was."""
    for finding in findings:
        click.echo(finding.text(language) + "\n")
    counts = (len(report.violations), len(report.warnings), len(report.infos))
    click.echo(translate("validation", "counts", language, *map(str, counts)))


def show_coverage(documents: Mapping[str, Sequence[Coverage]]) -> None:
    """Print how much of each document is said, and the words that are not."""
    from alaqat.text.coverage import covered_share

    for slug, rows in documents.items():
        said, total = covered_share(rows)
        unsaid = [row for row in rows if row.unsaid]
        show_table(
            ("line", "sentence", "standing", "facts", "words not said"),
            [
                (
                    *(str(row.line), str(row.number), str(row.standing)),
                    *(str(len(row.facts)), " … ".join(row.unsaid)),
                )
                for row in unsaid
            ],
        )
        click.echo(f"{slug}: {said} of {total} sentences have a fact or a note")


def shown(term: Node | None) -> str:
    """An RDF term for people: a prefixed name, a literal's text, nothing if unbound."""
    if term is None:
        return ""
    return short(term) if isinstance(term, URIRef) else str(term)


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """Tells on stderr which step runs: in place in a terminal, else line by line."""
    console = _console(sys.stderr)
    if not console.is_terminal:
        yield lambda step: click.echo(f"{step} …", err=True)
        return
    with console.status("…") as status:
        yield lambda step: status.update(f"{step} …")


def _console(file: Any) -> Console:
    """A console as wide as the terminal, or without bounds where there is none."""
    from rich.console import Console

    return Console(
        file=file,
        width=None if file.isatty() else _WIDE,
        highlight=False,
        markup=False,
        emoji=False,
    )
