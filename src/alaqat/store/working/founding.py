"""The first snapshot of a working store, and one that takes the place of all."""

from __future__ import annotations

import hashlib
import os
import tempfile
from datetime import datetime
from pathlib import Path

from alaqat.errors import CannotWrite
from alaqat.store.embedded import files
from alaqat.store.published import Published
from alaqat.store.working.archive import checked
from alaqat.store.working.contents import sizes
from alaqat.store.working.history import record_restored
from alaqat.store.working.snapshots import Snapshots, unwritable
from alaqat.store.working.values import PATIENCE
from alaqat.terms import HISTORY_GRAPH


def create(folder: Path, source: Published | None, at: datetime) -> Published:
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
        with snapshots.locked(PATIENCE):
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
) -> Published:
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
            snapshots.locked(PATIENCE),
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
                files.load_nquads(store, quads)
                made = record_restored(sha256, author, at, (before, version))
                files.amend(store, HISTORY_GRAPH, made)
                manifest = {
                    "version": version,
                    "previous": before,
                    "restored": sha256,
                    "triples": sizes(store),
                    "set": store.is_disjoint(),
                }
                return snapshots.publish(store, manifest)
    except OSError as error:
        raise unwritable(error, folder) from error


def _name() -> str:
    """A name for the copy of this process."""
    return f"{os.getpid()}-new"
