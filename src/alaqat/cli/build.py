"""Commands on the sources: build, validate and coverage."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from alaqat.cli import options
from alaqat.cli.options import command


@command(epilog="alaqat build\nalaqat build --output build/other --json")
@options.root
@options.output
@options.as_json
def build(root: Path, output: Path, as_json: bool) -> None:
    """Build the dataset from the sources, all or nothing.

    It is published to the output folder; a server that serves it switches to the new
    dataset with the next request. The same sources always give the same bytes.
    """
    from alaqat.build import build as build_dataset
    from alaqat.cli.output import print_warnings, progress, show_json, show_summary
    from alaqat.store.releases import log_build

    with print_warnings(), progress() as report_step:
        summary = build_dataset(root, output, progress=report_step)
    # Only the log of builds has a time; the dataset must not depend on one.
    log_build(output, summary.log_record(datetime.now(UTC)))
    if as_json:
        show_json(summary.as_json())
    else:
        show_summary(summary)


@command(epilog="alaqat validate\nalaqat validate --language ar")
@options.root
@options.language
@options.as_json
def validate(root: Path, language: str, as_json: bool) -> None:
    """Validate the sources with SHACL.

    Nothing is published. Each finding gives the node, its file and line, and the words
    of the source. Warnings missing from the document's list of expected warnings are
    reported, and so are rows of that list that no longer apply. The exit code is 1 if
    there are violations.
    """
    from alaqat.build import expected_warnings, validate_sources
    from alaqat.cli.output import print_warnings, progress, show_findings, show_json
    from alaqat.rdf.graphs import union
    from alaqat.validate.expected import find_drift
    from alaqat.validate.results import findings_of, report_as_json

    with print_warnings(), progress() as report_step:
        report_step("validate")
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
    """Show how much of each document the facts cover.

    Sentences with words that no fact quotes are listed; --json lists every sentence.
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
