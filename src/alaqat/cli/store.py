"""Commands on stores: info, export, backup, restore and load."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import click

from alaqat import __version__
from alaqat.cli import options
from alaqat.cli.options import command
from alaqat.cli.serve import WORKING_STORE

if TYPE_CHECKING:
    from alaqat.curation.backup import VerifiedStore
    from alaqat.store.interface import Store

_working = click.option(
    "--working",
    type=click.Path(file_okay=False, path_type=Path),
    default=WORKING_STORE,
    show_default=True,
    envvar="ALAQAT_WRITABLE",
    help="The folder of the writable store.",
)
_author = click.option(
    "--author",
    default=getpass.getuser,
    show_default="your user name",
    help="The author recorded in the history.",
)
_FILE = click.Path(dir_okay=False, path_type=Path)


@command(epilog="alaqat info\nalaqat info --json")
@options.output
@options.as_json
def info(output: Path, as_json: bool) -> None:
    """Show the version, hash and graph sizes of the current dataset."""
    from alaqat.cli.output import show_info, show_json
    from alaqat.store.releases import current_release

    release = current_release(output)
    about = {
        "version": __version__,
        "folder": str(release.folder),
        **release.manifest,
    }
    if as_json:
        show_json(about)
    else:
        show_info(about)


@command(
    epilog="alaqat export dataset.trig\n"
    "alaqat export --graph inferred inferred.ttl\n"
    "alaqat export --graph ontology --format jsonld"
)
@click.argument("file", required=False, type=_FILE)
@click.option("--graph", help="Only this graph: its IRI, or the part after graph/.")
@click.option("--format", "form", help="By default, from the file's extension.")
@options.output
def export(
    file: Path | None, graph: str | None, form: str | None, output: Path
) -> None:
    """Export the current dataset, or one graph, to a file.

    Without a file, write to stdout. The same dataset always gives the same bytes, and
    no format loses anything. Turtle, N-Triples and RDF/XML hold one graph; N-Quads,
    TriG and JSON-LD hold all.
    """
    from alaqat.export import export as write
    from alaqat.export import export_file, find_graph
    from alaqat.rdf.formats import N_QUADS, TURTLE, choose_for_file
    from alaqat.store.rdflib_store import RdflibStore
    from alaqat.store.releases import current_release

    # Oxigraph maps every integer type to xsd:integer; the published quads still have
    # the original datatypes. A writable store has no such file.
    release = current_release(output)
    store: Store = (
        RdflibStore.load(release.quads) if release.quads.exists() else release.open()
    )
    name = find_graph(store, graph) if graph else None
    chosen = choose_for_file(form, file, TURTLE if graph else N_QUADS)
    if file:
        is_canonical = export_file(store, file, chosen, name)
    else:
        is_canonical = write(store, sys.stdout.buffer, chosen, name)
    if not is_canonical:
        click.echo(
            "Note: too many blank nodes look alike for canonical labels (RDFC-1.0); "
            "they keep their own.",
            err=True,
        )


@command(
    epilog="alaqat backup monday.tar.gz\n"
    "alaqat backup monday --working build/working\n"
    "alaqat backup built.tar.gz --working build/dataset"
)
@click.argument("target", type=click.Path(path_type=Path))
@_working
def backup(target: Path, working: Path) -> None:
    """Back up a store to a new archive, or to a new folder.

    A server may keep serving and writing meanwhile. A target that ends in .tar.gz is an
    archive of the N-Quads and their SHA-256, any other is a folder of them. To back up
    a built dataset, give its output folder as --working.
    """
    from alaqat.curation.backup import write_backup

    release = write_backup(working, target)
    click.echo(f"{target}: version {release.version}")


@command(
    epilog="alaqat restore monday.tar.gz --working build/other\n"
    "alaqat restore monday.tar.gz --replace"
)
@click.argument("source", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Replace the content of the store.")
@_author
@_working
def restore(source: Path, replace: bool, author: str, working: Path) -> None:
    """Restore a backup into a writable store, all or nothing.

    The hash of the backup is checked first. A server that serves the store switches to
    the restored content.
    """
    from alaqat.curation.backup import restore_backup

    release = restore_backup(
        working, source, datetime.now(UTC), author=author, replaces=replace
    )
    click.echo(f"{working}: version {release.version}")


@command(
    epilog="alaqat verify\nalaqat verify build/working\nalaqat verify monday.tar.gz"
)
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path))
@options.output
@_working
def verify(paths: Sequence[Path], output: Path, working: Path) -> None:
    """Check that datasets are as they were written.

    A path is the output folder of builds, the folder of a writable store, or a backup;
    without one, the build and the writable store are checked as far as they exist. All
    files must match their hashes. In the history, the entries must match theirs, which
    form a chain: the first broken entry is reported.
    """
    from alaqat.curation.backup import verify as check
    from alaqat.store.releases import CURRENT

    found = [folder for folder in (output, working) if (folder / CURRENT).exists()]
    for path in paths or found or (output,):
        store = check(path)
        click.echo(f"{path}: version {store.version}")
        _show_verified(store)


def _show_verified(store: VerifiedStore) -> None:
    """Print what was found intact."""
    chain = store.chain
    if store.tables:
        click.echo(f"  tables that match their hashes: {store.tables}")
    elif not store.is_backup:
        click.echo("  its tables have no hashes: build it again to have them")
    if chain.entries:
        click.echo(f"  chained entries of the history: {chain.entries}")
        click.echo(f"  hash of the last one: {chain.head.sha256}")
    if chain.unchained:
        end = "" if chain.entries else "; the chain begins with the next change"
        click.echo(f"  changes recorded before the chain: {chain.unchained}{end}")


@command(
    epilog="alaqat load more.ttl --graph entities\n"
    "alaqat load a.ttl b.nt --graph https://example.org/g --no-validate"
)
@click.argument("paths", nargs=-1, required=True, type=_FILE, metavar="FILE...")
@click.option(
    "--graph",
    required=True,
    help="A graph as in export, or the whole IRI of a new one.",
)
@_author
@click.option(
    "--validate/--no-validate",
    "validates",
    default=True,
    show_default=True,
    help="Check the change against the shapes and the ontology.",
)
@_working
@options.root
def load(
    paths: Sequence[Path],
    graph: str,
    author: str,
    validates: bool,
    working: Path,
    root: Path,
) -> None:
    """Load files into a graph of a writable store, all or nothing.

    The change is validated and recorded like one over HTTP. A server that serves the
    store switches to the new content.
    """
    from alaqat.curation.commit import Committer
    from alaqat.curation.inference_hook import ReasoningHook
    from alaqat.curation.model import CommitRequest
    from alaqat.curation.snapshots import open_current
    from alaqat.export import target_graph
    from alaqat.store.interface import Add
    from alaqat.store.pool.parsing import parse_file
    from alaqat.terms import BASE

    name = target_graph(open_current(working), graph)
    chunks = (parse_file(path, BASE, renames_blank_nodes=True) for path in paths)
    triples = b"".join(chain.from_iterable(chunks))
    committer = Committer(working, ReasoningHook(root) if validates else None, "load")
    request = CommitRequest(Add(name, triples), author, datetime.now(UTC))
    try:
        result = committer.commit(request)
    finally:
        committer.close()
    click.echo(f"{working}: version {result.version}")
