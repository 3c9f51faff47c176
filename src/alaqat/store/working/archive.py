"""Backups: all quads of a snapshot in one file, with the hash that proves it whole."""

from __future__ import annotations

import json
import shutil
import tarfile
import tempfile
from pathlib import Path

from alaqat.errors import CannotWrite, InvalidData
from alaqat.store import durable, open_store
from alaqat.store.embedded import files
from alaqat.store.published import CURRENT, MANIFEST, QUADS, Published, current
from alaqat.store.working.snapshots import missing

SUFFIXES = (".tar.gz", ".tgz")

_BUILT = "; or back up what was built: alaqat backup FILE --working build/dataset"


def back_up(output: Path, target: Path) -> Published:
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
    published = current(output)
    store = open_store(published.store)
    try:
        target.absolute().parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.absolute().parent) as place:
            aside = Path(place) / "backup"
            aside.mkdir()
            files.write_nquads(store, aside / QUADS)
            about = {
                "version": published.version,
                "sha256": durable.sha256(aside / QUADS),
            }
            durable.write(aside / MANIFEST, json.dumps(about, indent=1).encode())
            if target.name.endswith(SUFFIXES):
                aside = _packed(aside)
            durable.sync_tree(aside)
            aside.rename(target)
            durable.sync(target.absolute().parent)
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
        found = durable.sha256(folder / QUADS)
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
