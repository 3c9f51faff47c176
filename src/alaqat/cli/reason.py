"""The command that reasons over any file of RDF, or over what was built."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from alaqat.cli import options
from alaqat.cli.options import command

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rdflib import URIRef

    from alaqat.store.interface import Triple
    from alaqat.store.releases import Release


@command(
    epilog="alaqat reason\n"
    "alaqat reason --engine owlrl --to inferred.ttl\n"
    "alaqat reason --any-vocabulary --strict facts.ttl schema.ttl\n"
    "alaqat reason --with-ontology --stream --to inferred.nt facts.nt"
)
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--engine", default="nemo", show_default=True, help="Or owlrl.")
@click.option(
    "--strict", is_flag=True, help="Refuse axioms that are not supported in full."
)
@click.option(
    "--stream",
    "streaming",
    is_flag=True,
    help="Half the memory, for large data; contradictions without their facts.",
)
@click.option("--with-ontology", is_flag=True, help="Read the project's axioms, too.")
@click.option("--any-vocabulary", is_flag=True, help="Tell not only of our own words.")
@click.option(
    "--to",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A file, written whole or not at all; by default stdout.",
)
@click.option("--format", "form", help="By default, what the file's ending says.")
@options.root
@options.output
def reason(
    files: Sequence[Path],
    engine: str,
    strict: bool,
    streaming: bool,
    with_ontology: bool,
    any_vocabulary: bool,
    file: Path | None,
    form: str | None,
    root: Path,
    output: Path,
) -> None:
    """Print what follows by OWL 2 RL from files of RDF, or from what was built.

    Only what is new is printed, about things with an IRI. The axioms come from the
    files themselves. A contradiction is told with its rule and facts, and the exit
    code is 1.
    """
    from alaqat.rdf.formats import N_TRIPLES, choose_for_file
    from alaqat.rdf.graphs import new_graph
    from alaqat.rdf.reading import read_triples
    from alaqat.rdf.writing import write_triples
    from alaqat.reason.engine import is_domain_term, is_project_term
    from alaqat.reason.inference import infer, stream_inferences

    if streaming and engine != "nemo":
        raise click.UsageError("--stream goes with the engine nemo only.")
    output_filter = is_domain_term if any_vocabulary else is_project_term
    chosen = choose_for_file(form, file, N_TRIPLES, "graph")
    axioms = sorted((root / "ontology").glob("*.ttl")) if with_ontology else ()
    read = chain.from_iterable(map(read_triples, (*files, *axioms)))
    triples = read if files else _built(output)
    with _out(file) as out, _warnings():
        found: Iterable[Triple]
        if streaming:
            found = stream_inferences(
                triples, strict=strict, output_filter=output_filter
            )
        else:
            graph = new_graph(triples)
            found = sorted(
                infer(graph, engine=engine, strict=strict, output_filter=output_filter)
            )
        write_triples(found, out, chosen)


def _built(output: Path) -> Iterator[Triple]:
    """What was asserted in the dataset that is current, as far as rules read it."""
    from alaqat.store.releases import current_release
    from alaqat.terms import INFERRED_GRAPH, is_default_graph

    published = current_release(output)
    for triple, name in _quads(published):
        if name and name != INFERRED_GRAPH and is_default_graph(name):
            yield triple


def _quads(published: Release) -> Iterator[tuple[Triple, URIRef | None]]:
    """All quads, one by one from the file if a build published one."""
    from alaqat.rdf.reading import read_quads

    if published.quads.exists():
        yield from read_quads(published.quads)
        return
    for name, graph in published.graphs().items():
        yield from ((triple, name) for triple in graph)


@contextmanager
def _out(file: Path | None) -> Iterator[IO[bytes]]:
    """A file that is written whole, or stdout."""
    if file is None:
        yield sys.stdout.buffer
        return
    from alaqat.export import atomic_file

    with atomic_file(file) as out:
        yield out


@contextmanager
def _warnings() -> Iterator[None]:
    """Tell on stderr, in plain words, of axioms that are not supported in full."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", UserWarning)
        yield
    for warning in told:
        click.echo(f"Warning: {warning.message}", err=True)
