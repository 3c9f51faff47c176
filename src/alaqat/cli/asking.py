"""The commands that ask the dataset: why a triple holds, and whether it does."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from alaqat.cli import options
from alaqat.cli.commands import alaqat
from alaqat.cli.printing import show_json
from alaqat.formats import TURTLE, read_dataset
from alaqat.formats.dataset import write_graph
from alaqat.store.published import current

if TYPE_CHECKING:
    from alaqat.explain import Explainer

ABSENT = 5  # what was asked about is not in the graph

# What every command that asks about a triple is given.
_SUBJECT = click.argument("subject")
_PREDICATE = click.argument("predicate")
_OBJECT = click.argument("value", metavar="OBJECT")


@alaqat.command(
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
    from alaqat.explain import EVERY, Names, Recorder, Words, tell, why_as_json
    from alaqat.explain import why as ask

    explainer = _explainer(output)
    triple = Names(explainer.graphs).triple(subject, predicate, value)
    answer = ask(explainer, triple, EVERY if every else 1)
    if turtle:
        proofs = (*answer.proofs, *answer.denials)
        recorded = Recorder(explainer).proofs(proofs)
        write_graph(recorded, sys.stdout.buffer, TURTLE)
    elif as_json:
        show_json(why_as_json(answer, Words.both(explainer.graphs)))
    else:
        click.echo(tell(answer, Words(explainer.graphs, language)))
    click.get_current_context().exit(0 if answer.proofs else ABSENT)


def _explainer(output: Path) -> Explainer:
    """Over the dataset that is current."""
    from alaqat.explain import Explainer

    return Explainer(read_dataset(current(output).quads))
