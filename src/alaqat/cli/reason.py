"""The reason command: OWL 2 RL over any RDF files, or over the current dataset."""

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
@click.option("--engine", default="nemo", show_default=True, help="nemo or owlrl.")
@click.option(
    "--strict", is_flag=True, help="Refuse axioms that are not fully supported."
)
@click.option(
    "--stream",
    "streaming",
    is_flag=True,
    help="Use half the memory; contradictions are reported without their facts.",
)
@click.option("--with-ontology", is_flag=True, help="Add the axioms of the ontology.")
@click.option(
    "--any-vocabulary", is_flag=True, help="Print triples of other vocabularies, too."
)
@click.option(
    "--to",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write, completely or not at all; by default stdout.",
)
@click.option("--format", "form", help="By default, from the file's extension.")
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
    """Infer what follows by OWL 2 RL from RDF files or the dataset.

    Only new triples about named resources are printed. Axioms are read from the files
    themselves. A contradiction is reported with its rule and facts, and the exit code
    is 1.
    """
    from alaqat.rdf.formats import N_TRIPLES, choose_for_file
    from alaqat.rdf.graphs import new_graph
    from alaqat.rdf.writing import write_triples
    from alaqat.reason.engine import is_domain_term, is_project_term
    from alaqat.reason.inference import infer, stream_inferences
    from alaqat.store.pool.parsing import parse_file_triples
    from alaqat.terms import BASE

    if streaming and engine != "nemo":
        raise click.UsageError("--stream works with the engine nemo only.")
    output_filter = is_domain_term if any_vocabulary else is_project_term
    chosen = choose_for_file(form, file, N_TRIPLES, "graph")
    axioms = sorted((root / "ontology").glob("*.ttl")) if with_ontology else ()
    read = (parse_file_triples(path, BASE) for path in (*files, *axioms))
    triples = chain.from_iterable(read) if files else _asserted(output)
    with _open_output(file) as out, _print_warnings():
        inferred: Iterable[Triple]
        if streaming:
            inferred = stream_inferences(
                triples, strict=strict, output_filter=output_filter
            )
        else:
            graph = new_graph(triples)
            inferred = sorted(
                infer(graph, engine=engine, strict=strict, output_filter=output_filter)
            )
        write_triples(inferred, out, chosen)


def _asserted(output: Path) -> Iterator[Triple]:
    """Yield the asserted triples of the current dataset's default graph."""
    from alaqat.store.releases import current_release
    from alaqat.terms import INFERRED_GRAPH, is_default_graph

    for triple, name in _quads(current_release(output)):
        if name and name != INFERRED_GRAPH and is_default_graph(name):
            yield triple


def _quads(release: Release) -> Iterator[tuple[Triple, URIRef | None]]:
    """Yield all quads, streamed from the N-Quads file if there is one."""
    from alaqat.rdf.reading import read_quads

    if release.quads.exists():
        yield from read_quads(release.quads)
        return
    for name, graph in release.graphs().items():
        yield from ((triple, name) for triple in graph)


@contextmanager
def _open_output(file: Path | None) -> Iterator[IO[bytes]]:
    """Open a file that is written completely or not at all; None is stdout."""
    if file is None:
        yield sys.stdout.buffer
        return
    from alaqat.export import atomic_file

    with atomic_file(file) as out:
        yield out


@contextmanager
def _print_warnings() -> Iterator[None]:
    """Print the reasoner's warnings to stderr, one per line."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        yield
    for warning in caught:
        click.echo(f"Warning: {warning.message}", err=True)
