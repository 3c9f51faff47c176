"""The reason command: OWL 2 RL over any RDF files, or over the current dataset."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from alaqat.cli import options
from alaqat.cli.options import command

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from rdflib import Literal, URIRef
    from rdflib.term import Node

    from alaqat.reason.engine import OutputFilter
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
    "--all",
    "everything",
    is_flag=True,
    help="Print everything that follows: of classes, properties and annotations, too.",
)
@click.option(
    "--skip-ill-typed",
    is_flag=True,
    help="Leave out literals whose text is not valid for their datatype.",
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
    everything: bool,
    skip_ill_typed: bool,
    file: Path | None,
    form: str | None,
    root: Path,
    output: Path,
) -> None:
    """Infer what follows by OWL 2 RL from RDF files or the dataset.

    Only new triples about named resources are printed; a line on stderr tells how many
    others follow. Axioms are read from the files themselves, and owl:imports are not
    followed. A contradiction is reported with its rule and facts, and the exit code is
    1. So are literals whose text is not valid for their datatype.
    """
    from alaqat.cli.output import print_warnings
    from alaqat.rdf.formats import N_TRIPLES, choose_for_file
    from alaqat.rdf.writing import write_triples
    from alaqat.reason.engine import is_domain_term, is_project_term

    if streaming and engine != "nemo":
        raise click.UsageError("--stream works with the engine nemo only.")
    chosen = choose_for_file(form, file, N_TRIPLES, "graph")
    axioms = sorted((root / "ontology").glob("*.ttl")) if with_ontology else ()
    given = tuple(
        _read_valid((*files, *axioms), skip_ill_typed=skip_ill_typed)
        if files
        else _asserted(output)
    )
    _report_imports(given)
    with _open_output(file) as out, print_warnings():
        inferred = _inferred(given, engine=engine, strict=strict, streaming=streaming)
        output_filter = is_domain_term if any_vocabulary else is_project_term
        selected = _Selected(inferred, _check_of(given, output_filter))
        write_triples(inferred if everything else selected, out, chosen)
    if selected.left_out:
        click.echo(
            f"{selected.left_out} more triples follow, about classes, properties, "
            "annotations or other vocabularies: --all prints them.",
            err=True,
        )


def _inferred(
    given: Collection[Triple], *, engine: str, strict: bool, streaming: bool
) -> Iterable[Triple]:
    """Return everything that follows; sorted, unless it is streamed."""
    from alaqat.rdf.graphs import new_graph
    from alaqat.reason.inference import infer, stream_inferences

    if streaming:
        return stream_inferences(given, strict=strict, output_filter=None)
    graph = new_graph(given)
    return sorted(infer(graph, engine=engine, strict=strict, output_filter=None))


def _check_of(
    given: Iterable[Triple], output_filter: OutputFilter
) -> Callable[[Triple], bool]:
    """Return a check for triples about the individuals of some data."""
    from rdflib import RDF

    from alaqat.reason.engine import declared_terms, selection

    schema = declared_terms((s, o) for s, p, o in given if p == RDF.type)
    return selection(schema, output_filter)


class _Selected:
    """The triples that pass a check; counts those that do not.

    Attributes:
        left_out: how many did not pass, once all have been read.
    """

    def __init__(
        self, triples: Iterable[Triple], passes: Callable[[Triple], bool]
    ) -> None:
        self.left_out = 0
        self._triples = triples
        self._passes = passes

    def __iter__(self) -> Iterator[Triple]:
        for triple in self._triples:
            if self._passes(triple):
                yield triple
            else:
                self.left_out += 1


_MAX_REPORTED = 20  # ill-typed literals that an error lists
_MAX_SHOWN = 100  # characters of each


def _read_valid(files: Sequence[Path], *, skip_ill_typed: bool) -> Iterator[Triple]:
    """Yield the triples of files, checking their literals.

    Raises:
        InvalidData: the texts of literals are not valid for their datatypes.
    """
    from alaqat.errors import InvalidData
    from alaqat.reason.datatypes import is_ill_typed
    from alaqat.store.pool.parsing import parse_file_triples
    from alaqat.terms import BASE

    wrong: list[tuple[Path, Literal]] = []
    for number, path in enumerate(files):
        for triple in _scoped(parse_file_triples(path, BASE), number):
            if is_ill_typed(triple[2]):
                wrong.append((path, triple[2]))  # type: ignore[arg-type] # it is a literal
            else:
                yield triple
    lines = [_place(path, literal) for path, literal in wrong[:_MAX_REPORTED]]
    if len(wrong) > len(lines):
        lines.append(f"… and {len(wrong) - len(lines)} more")
    if wrong and not skip_ill_typed:
        raise InvalidData(
            "Literals are not valid for their datatypes, which is a contradiction "
            "(rule dt-not-type):\n  " + "\n  ".join(lines),
            remedy="Correct them, or leave them out by --skip-ill-typed.",
        )
    for line in lines:
        click.echo(f"Left out: {line}", err=True)


def _scoped(triples: Iterable[Triple], number: int) -> Iterator[Triple]:
    """Yield the triples of a file; its blank nodes are those of no other file."""
    from rdflib import BNode

    names: dict[Node, Node] = {}
    for subject, predicate, value in triples:
        for node in (subject, value):
            if isinstance(node, BNode) and node not in names:
                names[node] = BNode(f"file{number}-{node}")
        yield names.get(subject, subject), predicate, names.get(value, value)


def _place(path: Path, literal: Literal) -> str:
    """Return a literal with its file and, if it is found there, its line."""
    start = (str(literal).splitlines() or [""])[0]
    text = literal.n3()
    shown = text if len(text) < _MAX_SHOWN else f"{text[:_MAX_SHOWN]}…"
    if path.suffix != ".gz":
        with path.open(encoding="utf-8", errors="replace") as lines:
            for number, line in enumerate(lines, start=1):
                if any(quote + start in line for quote in "\"'>"):
                    return f"{path}:{number}: {shown}"
    return f"{path}: {shown}"


def _report_imports(given: Iterable[Triple]) -> None:
    """Print which imports were not followed."""
    from rdflib import OWL

    for name in sorted({str(o) for _, p, o in given if p == OWL.imports}):
        click.echo(f"Not read: {name}, which owl:imports names.", err=True)


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
