"""The commands that keep a working store: back up, restore, load."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from alaqat.cli import options
from alaqat.cli.options import command
from alaqat.cli.serve import WORKING
from alaqat.errors import InvalidData

_working = click.option(
    "--working",
    type=click.Path(file_okay=False, path_type=Path),
    default=WORKING,
    show_default=True,
    envvar="ALAQAT_WRITABLE",
    help="The folder of the working store.",
)
_author = click.option(
    "--author", default=getpass.getuser, help="Who; by default, the user."
)
_FILE = click.Path(dir_okay=False, path_type=Path)


@command(
    epilog="alaqat backup monday.tar.gz\n"
    "alaqat backup monday --working build/working\n"
    "alaqat backup built.tar.gz --working build/dataset"
)
@click.argument("target", type=click.Path(path_type=Path))
@_working
def backup(target: Path, working: Path) -> None:
    """Write all that a store holds to a new file, or a new folder.

    A server may serve and write meanwhile. The file is an archive of N-Quads with their
    SHA-256; its name ends in .tar.gz, else a folder is written. Of builds, too:
    name the folder that they publish in.
    """
    from alaqat.curation.backup import write_backup

    published = write_backup(working, target)
    click.echo(f"{target}: version {published.version}")


@command(
    epilog="alaqat restore monday.tar.gz --working build/other\n"
    "alaqat restore monday.tar.gz --replace"
)
@click.argument("source", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Let it take the place of what is there.")
@_author
@_working
def restore(source: Path, replace: bool, author: str, working: Path) -> None:
    """Let a working store hold what a backup holds, all or nothing.

    The hash is checked before anything is done. A server that serves the store goes on
    with what was restored.
    """
    from alaqat.curation.backup import restore_backup as put_back

    published = put_back(
        working, source, datetime.now(UTC), author=author, replaces=replace
    )
    click.echo(f"{working}: version {published.version}")


@command(
    epilog="alaqat load more.ttl --graph entities\n"
    "alaqat load a.ttl b.nt --graph https://example.org/g --no-validate"
)
@click.argument("paths", nargs=-1, required=True, type=_FILE, metavar="FILE...")
@click.option(
    "--graph", required=True, help="As export names it; of a new one, the whole IRI."
)
@_author
@click.option("--validate/--no-validate", "validates", default=True, show_default=True)
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
    """Add the triples of files to a graph of a working store, all or nothing.

    The change is held to the shapes and recorded as one that comes over HTTP; a server
    that serves the store goes on with it.
    """
    from alaqat.curation.commit import Committer
    from alaqat.curation.inference_hook import ReasoningHook
    from alaqat.curation.model import CommitRequest
    from alaqat.curation.snapshots import open_current
    from alaqat.export import target_graph
    from alaqat.store.interface import Add

    name = target_graph(open_current(working), graph)
    read = [_triples(path) for path in paths]
    committer = Committer(working, ReasoningHook(root) if validates else None, "load")
    request = CommitRequest(Add(name, b"".join(read)), author, datetime.now(UTC))
    try:
        edited = committer.commit(request)
    finally:
        committer.close()
    click.echo(f"{working}: version {edited.version}")


def _triples(path: Path) -> bytes:
    """The triples of a file, as N-Triples.

    Raises:
        InvalidData: it cannot be read, or is broken.
        UnsupportedFormat: its ending tells no format of graphs.
    """
    from alaqat.rdf.formats import format_from_path
    from alaqat.rdf.reading import read_upload
    from alaqat.terms import BASE

    try:
        return read_upload(path.read_bytes(), format_from_path(path).media_type, BASE)
    except OSError as error:
        raise InvalidData(
            f"The file cannot be read: {error.strerror}.", path=path
        ) from None
    except InvalidData as error:
        error.path = path
        raise
