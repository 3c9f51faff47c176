"""Backups: all quads of a snapshot in one file, with the hash that proves it whole.

The first snapshot of a working store, and one that takes the place of all.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tarfile
import tempfile
from datetime import datetime
from pathlib import Path

from alaqat.curation.graph_cache import sizes
from alaqat.curation.history import record_restored
from alaqat.curation.model import DEFAULT_COMMIT_TIMEOUT
from alaqat.curation.snapshots import (
    Snapshots,
    missing,
    unwritable,
)
from alaqat.errors import CannotWrite, InvalidData
from alaqat.store import atomic_files, oxigraph_writer
from alaqat.store.releases import (
    CURRENT,
    MANIFEST,
    QUADS,
    Release,
    current_release,
    open_store,
)
from alaqat.terms import HISTORY_GRAPH

SUFFIXES = (".tar.gz", ".tgz")

_BUILT = "; or back up what was built: alaqat backup FILE --working build/dataset"


def back_up(output: Path, target: Path) -> Release:
    """Write the current snapshot of a folder into a new file, or a new folder.

    A snapshot never changes, so what is served and written meanwhile does not matter.

    Args:
        output: a working store, or a folder that builds publish in.
        target: a file if it ends as archives do, else a folder.

    Raises:
        StoreUnavailable: there is no dataset, or it is damaged.
        CannotWrite: the target is there already, or cannot be written.
    """
    if target.exists():
        raise CannotWrite("This is there already.", path=target, remedy="Name another.")
    if not (output / CURRENT).exists():
        raise missing(output, _BUILT)
    published = current_release(output)
    store = open_store(published.store)
    try:
        target.absolute().parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.absolute().parent) as place:
            aside = Path(place) / "backup"
            aside.mkdir()
            oxigraph_writer.write_nquads(store, aside / QUADS)
            about = {
                "version": published.version,
                "sha256": atomic_files.sha256(aside / QUADS),
            }
            atomic_files.write_durably(
                aside / MANIFEST, json.dumps(about, indent=1).encode()
            )
            if target.name.endswith(SUFFIXES):
                aside = _packed(aside)
            atomic_files.sync_tree(aside)
            aside.rename(target)
            atomic_files.sync_path(target.absolute().parent)
    except OSError as error:
        raise CannotWrite(
            f"The backup cannot be written: {error.strerror or error}.", path=target
        ) from error
    return published


def checked(source: Path, aside: Path) -> tuple[Path, str]:
    """The quads of a backup, and their hash, after checking that they have it.

    Args:
        source: a file or a folder that ``back_up`` made, or a published dataset.
        aside: an empty folder to unpack in.

    Raises:
        InvalidData: it is no backup, or not whole.
    """
    try:
        folder = source
        if not source.is_dir():
            folder = aside
            with tarfile.open(source) as archive:
                for name in (QUADS, MANIFEST):
                    _extract(archive, name, folder / name)
        told = str(json.loads((folder / MANIFEST).read_bytes())["sha256"])
        found = atomic_files.sha256(folder / QUADS)
    except (OSError, KeyError, ValueError, TypeError, EOFError, tarfile.TarError):
        raise InvalidData(
            "This is no backup that can be read.",
            path=source,
            remedy="Name a file or folder that alaqat backup made.",
        ) from None
    if found != told:
        raise InvalidData(
            f"The quads have the hash {found[:16]}…, not {told[:16]}….",
            path=source,
            remedy="The backup is damaged: take another one.",
        )
    return folder / QUADS, told


def _packed(folder: Path) -> Path:
    """A folder's files in one archive beside it."""
    packed = folder.with_name("packed")
    with tarfile.open(packed, "w:gz") as archive:
        for name in (MANIFEST, QUADS):
            archive.add(folder / name, name)
    return packed


def _extract(archive: tarfile.TarFile, name: str, target: Path) -> None:
    """Write one file of an archive, whatever else it holds."""
    content = archive.extractfile(name)
    if content is None:
        raise KeyError(name)
    with content, target.open("wb") as out:
        shutil.copyfileobj(content, out)


def create(folder: Path, source: Release | None, at: datetime) -> Release:
    """The working store in a folder; if there is none, one is made.

    Args:
        folder: of the working store.
        source: a published dataset that it is made from; None makes an empty one.
        at: when.

    Raises:
        CannotWrite: the folder cannot be written.
    """
    snapshots = Snapshots(folder)
    try:
        with snapshots.locked(DEFAULT_COMMIT_TIMEOUT):
            if there := snapshots.current():
                return there
            place = source.store if source else None
            with snapshots.copied(place, _name()) as store:
                first = hashlib.sha256(at.isoformat().encode()).hexdigest()
                told = source.manifest if source else {"triples": {}, "set": True}
                manifest = {
                    "version": source.version if source else first,
                    "triples": told["triples"],
                    "set": told.get("set"),
                }
                return snapshots.publish(store, manifest)
    except OSError as error:
        raise unwritable(error, folder) from error


def restore(
    folder: Path, backup: Path, at: datetime, *, author: str, replaces: bool
) -> Release:
    """Let a working store hold what a backup holds, wholly or not at all.

    Args:
        folder: of the working store.
        backup: that ``archive.back_up`` made, or a published dataset.
        at: when.
        author: who asks for it.
        replaces: whether what is there may go.

    Raises:
        InvalidData: the backup is not whole; that is looked at first.
        CannotWrite: something is there, or the folder cannot be written.
    """
    snapshots = Snapshots(folder)
    try:
        with (
            tempfile.TemporaryDirectory() as aside,
            snapshots.locked(DEFAULT_COMMIT_TIMEOUT),
        ):
            quads, sha256 = checked(backup, Path(aside))
            previous = snapshots.current()
            if previous and not replaces:
                raise CannotWrite(
                    "There is a working store here.",
                    path=folder,
                    remedy="Let the backup take its place with --replace.",
                )
            before = previous.version if previous else None
            told = f"{before}\n{at.isoformat()}\n{sha256}"
            version = hashlib.sha256(told.encode()).hexdigest()
            with snapshots.copied(None, _name()) as store:
                oxigraph_writer.load_nquads(store, quads)
                made = record_restored(sha256, author, at, (before, version))
                oxigraph_writer.amend(store, HISTORY_GRAPH, made)
                manifest = {
                    "version": version,
                    "previous": before,
                    "restored": sha256,
                    "triples": sizes(store),
                    "set": store.is_default_graph_disjoint(),
                }
                return snapshots.publish(store, manifest)
    except OSError as error:
        raise unwritable(error, folder) from error


def _name() -> str:
    """A name for the copy of this process."""
    return f"{os.getpid()}-new"
