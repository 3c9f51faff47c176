"""A folder of snapshots: each a store that never changes again, one of them current.

A snapshot is written aside, synced to disk, renamed into place, and only then does
``current`` point to it: whoever dies on the way leaves the old one current, and what
they left behind is swept away by the next writer.
"""

from __future__ import annotations

import fcntl
import json
import re
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import IO, Any

from alaqat.errors import (
    CannotWrite,
    ReadOnly,
    StoreUnavailable,
    TooBusy,
)
from alaqat.store import atomic_files, oxigraph_writer
from alaqat.store.oxigraph import OxigraphStore
from alaqat.store.releases import (
    CURRENT,
    LOCK,
    MANIFEST,
    STORE,
    Release,
    open_store,
)

_SNAPSHOT = re.compile(r"(\d{8})-[0-9a-f]{16}")
_PARTIAL, _COPY, _HELD = ".partial-", ".copy-", "held"
_KEPT = 3  # older snapshots that are kept at least
_GRACE = 60.0  # seconds for which readers may still want one that was superseded
_PAUSE = 0.01  # seconds between two looks at the lock


def missing(folder: Path, remedy: str = "") -> StoreUnavailable:
    """That a folder has no working store, and how one is started or what else to do."""
    return StoreUnavailable(
        "There is no working store here.",
        path=folder,
        remedy=f"Start one: alaqat serve --writable DIR{remedy}",
    )


def opened(folder: Path) -> OxigraphStore:
    """The current snapshot of a working store, to read.

    Raises:
        StoreUnavailable: there is none, or it is damaged.
        ReadOnly: builds publish into the folder.
    """
    snapshot = Snapshots(folder).current()
    if snapshot is None:
        raise missing(folder)
    return open_store(snapshot.store)


class Snapshots:
    """The snapshots of one working store.

    Args:
        folder: in which they are; made if it is missing.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()

    @contextmanager
    def locked(self, patience: float) -> Iterator[None]:
        """Be the only writer; what dead ones left is swept away.

        Args:
            patience: seconds to wait for another writer.

        Raises:
            TooBusy: another writer took longer.
            ReadOnly: builds publish into the folder.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / LOCK).open("a") as lock:
            _acquire(lock, patience)
            self._sweep()
            yield

    def current(self) -> Release | None:
        """The snapshot that is current, as its manifest tells it; None if none is.

        Raises:
            StoreUnavailable: it is damaged.
            ReadOnly: builds publish into the folder.
        """
        link = self.folder / CURRENT
        if not link.is_symlink():
            return None
        return self._read(link.resolve())

    def chain(self) -> Iterator[Release]:
        """The snapshots that are kept, from the current one back."""
        last = self.current()
        for number, path in reversed(self._numbered()):
            if last and number <= last.manifest["number"]:
                yield self._read(path)

    def publish(self, store: OxigraphStore, manifest: Mapping[str, Any]) -> Release:
        """Make what a store holds the current snapshot; only under the lock.

        Args:
            store: opened to be written; it may be written to afterwards.
            manifest: with the version; number and files are added.
        """
        previous = self.current()
        number = 1 + (previous.manifest["number"] if previous else 0)
        partial = self.folder / f"{_PARTIAL}{number}"
        partial.mkdir()
        oxigraph_writer.back_up(store, partial / STORE)
        told = {**manifest, "number": number, "files": _hashes(partial, previous)}
        atomic_files.write_durably(
            partial / MANIFEST, json.dumps(told, indent=1).encode()
        )
        atomic_files.sync_tree(partial)
        final = self.folder / f"{number:08d}-{told['version'][:16]}"
        partial.rename(final)
        atomic_files.sync_path(
            self.folder
        )  # the folder is there before the link points to it
        atomic_files.replace_link(self.folder / CURRENT, final)
        return Release(final, told)

    @contextmanager
    def copied(self, source: Path | None, name: str) -> Iterator[OxigraphStore]:
        """A private store with the content of another, or empty, to be written to.

        It is held by a lock as long as it is used, so that others leave it alone.
        """
        place = self.folder / f"{_COPY}{name}"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        try:
            with (place / _HELD).open("w") as held:
                fcntl.flock(held, fcntl.LOCK_EX)
                if source:
                    oxigraph_writer.copy_store(source, place / STORE)
                yield oxigraph_writer.open_writable_store(place / STORE)
        finally:
            shutil.rmtree(place, ignore_errors=True)

    def _read(self, folder: Path) -> Release:
        try:
            manifest = json.loads((folder / MANIFEST).read_bytes())
        except (OSError, ValueError):
            raise StoreUnavailable(
                "The working store is damaged.",
                path=folder,
                remedy="Restore a backup: alaqat restore FILE --replace",
            ) from None
        if "number" not in manifest:
            raise ReadOnly(
                f"Builds publish into {folder.parent}, so nobody else writes there.",
                remedy="Give the working store a folder of its own with --writable.",
            )
        return Release(folder, manifest)

    def _numbered(self) -> list[tuple[int, Path]]:
        """All snapshots by number, whether current once or never."""
        paths = ((_SNAPSHOT.fullmatch(p.name), p) for p in self.folder.iterdir())
        return sorted((int(found[1]), path) for found, path in paths if found)

    def _sweep(self) -> None:
        """Remove what writers that were killed left behind."""
        last = self.current()
        newest = last.manifest["number"] if last else 0
        for number, path in self._numbered():
            if number > newest:
                shutil.rmtree(path, ignore_errors=True)
        self._forget(self._numbered())
        for path in self.folder.glob(f"{_PARTIAL}*"):
            shutil.rmtree(path, ignore_errors=True)
        for path in self.folder.glob(f"{_COPY}*"):
            if not _is_held(path / _HELD):
                shutil.rmtree(path, ignore_errors=True)

    def _forget(self, numbered: Sequence[tuple[int, Path]]) -> None:
        """Remove snapshots that no reader can still want."""
        (self.folder / LOCK).touch()
        now = (self.folder / LOCK).stat().st_mtime
        for (_, path), (_, successor) in pairwise(numbered[:-_KEPT]):
            if now - successor.stat().st_mtime > _GRACE:
                shutil.rmtree(path, ignore_errors=True)


def _acquire(lock: IO[str], patience: float) -> None:
    """Take the lock of the folder, or give up."""
    until = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise TooBusy(
                    "Another change is being made.", remedy="Ask again."
                ) from None
            time.sleep(_PAUSE)
        else:
            return


def _is_held(path: Path) -> bool:
    """Whether a living process holds the lock of a file."""
    try:
        with path.open("r") as held:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _hashes(partial: Path, previous: Release | None) -> dict[str, str]:
    """The SHA-256 of each file; those shared with the previous snapshot have theirs."""
    known = previous.manifest["files"] if previous else {}
    hashes = {}
    for path in sorted((partial / STORE).iterdir()):
        name = path.relative_to(partial).as_posix()
        if path.name not in oxigraph_writer.ENGINE_FILES:
            is_shared = (
                previous is not None
                and name in known
                and path.samefile(previous.folder / name)
            )
            hashes[name] = known[name] if is_shared else atomic_files.sha256(path)
    return hashes


def unwritable(error: OSError, folder: Path) -> CannotWrite:
    """The disk's refusal."""
    return CannotWrite(
        f"The change cannot be written: {error.strerror or error}.",
        path=error.filename or folder,
        remedy="Make room, or see who owns the folder. Nothing was changed.",
    )
