"""Commands that explain: why a triple holds, whether it does, what held on a day."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from alaqat.cli import options
from alaqat.cli.options import command

if TYPE_CHECKING:
    from datetime import datetime

    from rdflib import Graph

    from alaqat.proofs.prover import Prover


NOT_KNOWN = 5  # exit code: the triple asked about is not known to hold

_SUBJECT = click.argument("subject")
_PREDICATE = click.argument("predicate")
_OBJECT = click.argument("value", metavar="OBJECT")
_DATE = click.DateTime(["%Y-%m-%d"])


@command(
    epilog="alaqat why org:turksoy a al:Party\n"
    'alaqat why org:turksoy a "international organization"\n'
    "alaqat why org:turksoy a al:Party --all --language ar\n"
    "alaqat why org:turksoy a al:Party --turtle"
)
@_SUBJECT
@_PREDICATE
@_OBJECT
@click.option("--all", "every", is_flag=True, help="Print every shortest proof.")
@click.option("--turtle", is_flag=True, help="Print the proof as Turtle.")
@options.as_json
@options.language
@options.output
def why(
    subject: str,
    predicate: str,
    value: str,
    every: bool,
    turtle: bool,
    as_json: bool,
    language: str,
    output: Path,
) -> None:
    """Explain why a triple holds, down to the words of the text.

    Give each term as an IRI, a prefixed name, a code or a label in any language. If the
    triple is not in the graph, what the graph says against it is shown, and the exit
    code is 5.
    """
    from alaqat.cli.output import show_json
    from alaqat.proofs.as_json import why_as_json
    from alaqat.proofs.as_rdf import ProofGraphBuilder
    from alaqat.proofs.as_text import why_as_text
    from alaqat.proofs.prover import MAX_PROOFS
    from alaqat.proofs.prover import why as explain
    from alaqat.proofs.resolver import EntityResolver
    from alaqat.proofs.wording import TermWording

    prover = _prover(output)
    triple = EntityResolver(prover.graphs).triple(subject, predicate, value)
    found = explain(prover, triple, MAX_PROOFS if every else 1)
    if turtle:
        proofs = (*found.proofs, *found.denials)
        _print_turtle(ProofGraphBuilder(prover).graph_of(proofs))
    elif as_json:
        show_json(why_as_json(found, TermWording.for_programs(prover.graphs)))
    else:
        click.echo(why_as_text(found, TermWording(prover.graphs, language)))
    click.get_current_context().exit(0 if found.proofs else NOT_KNOWN)


@command(
    epilog="alaqat check org:turksoy a al:Party\n"
    "alaqat check org:turksoy a al:Party --at 2010-06-15"
)
@_SUBJECT
@_PREDICATE
@_OBJECT
@click.option(
    "--at",
    "day",
    metavar="DATE",
    type=_DATE,
    help="Only on this day; by default at any time.",
)
@options.as_json
@options.language
@options.output
def check(
    subject: str,
    predicate: str,
    value: str,
    day: datetime | None,
    as_json: bool,
    language: str,
    output: Path,
) -> None:
    """Check whether a triple holds: yes, no, both, or silent.

    Silent means that the documents neither state nor deny it. Each answer comes with
    its evidence and, on a day, says how certain it is. The exit code is 0 for yes and 5
    for any other answer.
    """
    from alaqat.asof.intervals import Intervals
    from alaqat.asof.text import verdict_as_json, verdict_as_text
    from alaqat.asof.verdict import check as decide
    from alaqat.cli.output import show_json
    from alaqat.proofs.resolver import EntityResolver
    from alaqat.proofs.wording import TermWording

    prover = _prover(output)
    triple = EntityResolver(prover.graphs).triple(subject, predicate, value)
    view = Intervals(prover).at(day.date()) if day else None
    verdict = decide(prover, triple, view)
    if as_json:
        show_json(verdict_as_json(verdict, TermWording.for_programs(prover.graphs)))
    else:
        click.echo(verdict_as_text(verdict, TermWording(prover.graphs, language)))
    click.get_current_context().exit(0 if verdict.answer == "yes" else NOT_KNOWN)


@command(
    "as-of",
    epilog="alaqat as-of 2010-06-15\n"
    "alaqat as-of 2010-06-15 --language ar\n"
    "alaqat as-of 2010-06-15 --turtle --least certain",
)
@click.argument("day", metavar="DATE", type=_DATE)
@click.option("--turtle", is_flag=True, help="Print the state on that day as Turtle.")
@click.option(
    "--least",
    type=click.Choice(["certain", "presumed", "possible"]),
    default="presumed",
    show_default=True,
    help="The lowest certainty that --turtle includes.",
)
@options.as_json
@options.language
@options.output
def as_of(
    day: datetime, turtle: bool, least: str, as_json: bool, language: str, output: Path
) -> None:
    """Show what held on a day: certainly, presumably or possibly.

    The exit code is 1 if something that held is denied for the same day.
    """
    from alaqat.asof.intervals import Intervals
    from alaqat.asof.text import day_as_json, day_as_text
    from alaqat.cli.output import show_json
    from alaqat.proofs.wording import TermWording
    from alaqat.temporal.certainty import Certainty

    prover = _prover(output)
    view = Intervals(prover).at(day.date())
    if turtle:
        _print_turtle(view.snapshot(Certainty[least.upper()]))
    elif as_json:
        show_json(day_as_json(view, TermWording.for_programs(prover.graphs)))
    else:
        click.echo(day_as_text(view, TermWording(prover.graphs, language)))
    click.get_current_context().exit(1 if view.contradictions else 0)


def _prover(output: Path) -> Prover:
    """Return a prover over the current dataset."""
    from alaqat.proofs.prover import Prover
    from alaqat.store.releases import current_release

    return Prover(current_release(output).graphs())


def _print_turtle(graph: Graph) -> None:
    from alaqat.rdf.formats import TURTLE
    from alaqat.rdf.writing import write_graph

    write_graph(graph, sys.stdout.buffer, TURTLE)
