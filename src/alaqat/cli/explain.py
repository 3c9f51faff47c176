"""The commands that ask: why a triple holds, whether it does, and what held when."""

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


ABSENT = 5  # what was asked about is not in the graph, or not so

# What every command that asks about a triple is given.
_SUBJECT = click.argument("subject")
_PREDICATE = click.argument("predicate")
_OBJECT = click.argument("value", metavar="OBJECT")
_DAY = click.DateTime(["%Y-%m-%d"])


@command(
    epilog="alaqat why org:turksoy a al:Party\n"
    'alaqat why org:turksoy a "international organization"\n'
    "alaqat why org:turksoy a al:Party --all --language ar\n"
    "alaqat why org:turksoy a al:Party --turtle"
)
@_SUBJECT
@_PREDICATE
@_OBJECT
@click.option("--all", "every", is_flag=True, help="Tell all proofs as short.")
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
    """Tell why a triple holds, down to the words of the text.

    Things and properties go by their IRI, a prefixed name, a label in any language or
    a code. What is not in the graph is told with what the graph says against it, and
    the exit code is 5.
    """
    from alaqat.cli.output import show_json
    from alaqat.proofs.as_json import why_as_json
    from alaqat.proofs.as_rdf import ProofGraphBuilder
    from alaqat.proofs.as_text import why_as_text
    from alaqat.proofs.prover import MAX_PROOFS
    from alaqat.proofs.prover import why as ask
    from alaqat.proofs.resolver import EntityResolver
    from alaqat.proofs.wording import TermWording

    prover = _prover(output)
    triple = EntityResolver(prover.graphs).triple(subject, predicate, value)
    answer = ask(prover, triple, MAX_PROOFS if every else 1)
    if turtle:
        proofs = (*answer.proofs, *answer.denials)
        _write_turtle(ProofGraphBuilder(prover).graph_of(proofs))
    elif as_json:
        show_json(why_as_json(answer, TermWording.for_programs(prover.graphs)))
    else:
        click.echo(why_as_text(answer, TermWording(prover.graphs, language)))
    click.get_current_context().exit(0 if answer.proofs else ABSENT)


@command(
    epilog="alaqat check org:turksoy a al:Party\n"
    "alaqat check org:turksoy a al:Party --at 2010-06-15"
)
@_SUBJECT
@_PREDICATE
@_OBJECT
@click.option(
    "--at", "day", metavar="DAY", type=_DAY, help="On this day; by default at any time."
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
    """Tell whether a triple is so: yes, no, both, or the documents are silent.

    Each answer comes with its evidence. What is only possible on a day is shown, but
    decides nothing. The exit code is 0 for yes and 5 for any other answer.
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
    click.get_current_context().exit(0 if verdict.answer == "yes" else ABSENT)


@command(
    "as-of",
    epilog="alaqat as-of 2010-06-15\n"
    "alaqat as-of 2010-06-15 --language ar\n"
    "alaqat as-of 2010-06-15 --turtle --least certain",
)
@click.argument("day", metavar="DAY", type=_DAY)
@click.option("--turtle", is_flag=True, help="Print the snapshot as Turtle.")
@click.option(
    "--least",
    type=click.Choice(["certain", "presumed", "possible"]),
    default="presumed",
    show_default=True,
    help="How surely what is in the snapshot held.",
)
@options.as_json
@options.language
@options.output
def as_of(
    day: datetime, turtle: bool, least: str, as_json: bool, language: str, output: Path
) -> None:
    """Tell what held on a day: certainly, presumably or possibly.

    The exit code is 1 if something that held is denied that same day.
    """
    from alaqat.asof.intervals import Intervals
    from alaqat.asof.text import day_as_json, day_as_text
    from alaqat.cli.output import show_json
    from alaqat.proofs.wording import TermWording
    from alaqat.temporal.certainty import Certainty

    prover = _prover(output)
    view, graphs = Intervals(prover).at(day.date()), prover.graphs
    if turtle:
        _write_turtle(view.snapshot(Certainty[least.upper()]))
    elif as_json:
        show_json(day_as_json(view, TermWording.for_programs(graphs)))
    else:
        click.echo(day_as_text(view, TermWording(graphs, language)))
    click.get_current_context().exit(1 if view.contradictions else 0)


def _prover(output: Path) -> Prover:
    """Over the dataset that is current."""
    from alaqat.proofs.prover import Prover
    from alaqat.store.releases import current_release

    return Prover(current_release(output).graphs())


def _write_turtle(graph: Graph) -> None:
    """Write a graph to stdout."""
    from alaqat.rdf.formats import TURTLE
    from alaqat.rdf.writing import write_graph

    write_graph(graph, sys.stdout.buffer, TURTLE)
