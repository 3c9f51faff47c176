"""A folder of immutable snapshots, one of them current.

A snapshot is written under a temporary name, synced to disk and renamed; then the link
``current`` is switched to it. A writer killed at any point leaves either the old or the
new snapshot current, and the next writer removes its leftovers.
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

from alaqat.errors import CannotWrite, ReadOnly, StoreUnavailable, TooBusy
from alaqat.store import atomic_files, oxigraph_writer
from alaqat.store.oxigraph import OxigraphStore
from alaqat.store.releases import (
    CURRENT,
    LOCK,
    MANIFEST,
    STORE,
    Release,
    hash_store_files,
    open_store,
)

_SNAPSHOT = re.compile(r"(\d{8})-[0-9a-f]{16}")
_PARTIAL, _COPY, _COPY_LOCK = ".partial-", ".copy-", "held"
_MIN_RETAINED = 3  # snapshots that are never removed
_GRACE_SECONDS = 60.0  # for which a reader may still open a superseded snapshot
_POLL_SECONDS = 0.01  # between two attempts to lock


def no_store_error(folder: Path, remedy: str = "") -> StoreUnavailable:
    """Return the error of a folder without a store, with a remedy to append."""
    return StoreUnavailable(
        "There is no writable store here.",
        path=folder,
        remedy=f"Start one: alaqat serve --writable DIR{remedy}",
    )


def open_current(folder: Path) -> OxigraphStore:
    """Open the current snapshot of a writable store for reading.

    Raises:
        StoreUnavailable: there is none, or it is damaged.
        ReadOnly: the folder holds releases.
    """
    snapshot = Snapshots(folder).current()
    if snapshot is None:
        raise no_store_error(folder)
    return open_store(snapshot.store)


class Snapshots:
    """The snapshots of one writable store.

    Args:
        folder: created by the first writer if it is missing.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()

    @contextmanager
    def locked(self, timeout: float) -> Iterator[None]:
        """Hold the writers' lock, having removed what killed writers left behind.

        Args:
            timeout: seconds to wait for the lock.

        Raises:
            TooBusy: another writer held the lock for longer.
            ReadOnly: the folder holds releases.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / LOCK).open("a") as lock:
            _acquire_lock(lock, timeout)
            self._clean_up()
            yield

    def current(self) -> Release | None:
        """Return the current snapshot, or None.

        Raises:
            StoreUnavailable: its manifest is damaged.
            ReadOnly: the folder holds releases.
        """
        link = self.folder / CURRENT
        if not link.is_symlink():
            return None
        return self._read(link.resolve())

    def chain(self) -> Iterator[Release]:
        """Yield the retained snapshots, from the current one back."""
        last = self.current()
        for number, path in reversed(self._by_number()):
            if last and number <= last.manifest["number"]:
                yield self._read(path)

    def publish(self, store: OxigraphStore, manifest: Mapping[str, Any]) -> Release:
        """Publish the content of a store as the current snapshot; lock held.

        Args:
            store: a private copy, which may be changed again afterwards.
            manifest: with the version; the number and the files are added.
        """
        previous = self.current()
        number = 1 + (previous.manifest["number"] if previous else 0)
        partial = self.folder / f"{_PARTIAL}{number}"
        partial.mkdir()
        oxigraph_writer.back_up(store, partial / STORE)
        manifest = {
            **manifest,
            "number": number,
            "files": _hash_files(partial, previous),
        }
        atomic_files.write_durably(
            partial / MANIFEST, json.dumps(manifest, indent=1).encode()
        )
        atomic_files.sync_tree(partial)
        final = self.folder / f"{number:08d}-{manifest['version'][:16]}"
        partial.rename(final)
        # The folder must be on disk before the link points to it.
        atomic_files.sync_path(self.folder)
        atomic_files.replace_link(self.folder / CURRENT, final)
        return Release(final, manifest)

    @contextmanager
    def private_folder(self, name: str) -> Iterator[Path]:
        """Yield an empty folder; removed at the end, or by the next writer.

        A lock in it keeps other writers from removing it while it is in use.
        """
        folder = self.folder / f"{_COPY}{name}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        try:
            with (folder / _COPY_LOCK).open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def private_copy(self, source: Path | None, name: str) -> Iterator[OxigraphStore]:
        """Yield a writable copy of a store, or an empty store; removed at the end."""
        with self.private_folder(name) as folder:
            if source:
                oxigraph_writer.copy_store(source, folder / STORE)
            yield oxigraph_writer.open_writable_store(folder / STORE)

    def copy_folder(self, name: str) -> Path:
        """Return the folder of the store in a private copy."""
        return self.folder / f"{_COPY}{name}" / STORE

    def _read(self, folder: Path) -> Release:
        try:
            manifest = json.loads((folder / MANIFEST).read_bytes())
        except (OSError, ValueError):
            raise StoreUnavailable(
                "The writable store is damaged.",
                path=folder,
                remedy="Restore a backup: alaqat restore FILE --replace",
            ) from None
        if "number" not in manifest:
            raise ReadOnly(
                f"{folder.parent} holds releases, which only builds write.",
                remedy="Give the writable store a folder of its own with --writable.",
            )
        return Release(folder, manifest)

    def _by_number(self) -> list[tuple[int, Path]]:
        """Return all snapshots by number, including those never made current."""
        paths = ((_SNAPSHOT.fullmatch(p.name), p) for p in self.folder.iterdir())
        return sorted((int(found[1]), path) for found, path in paths if found)

    def _clean_up(self) -> None:
        """Remove the leftovers of killed writers, and expired snapshots."""
        last = self.current()
        newest = last.manifest["number"] if last else 0
        for number, path in self._by_number():
            if number > newest:
                shutil.rmtree(path, ignore_errors=True)
        self._prune(self._by_number())
        for path in self.folder.glob(f"{_PARTIAL}*"):
            shutil.rmtree(path, ignore_errors=True)
        for path in self.folder.glob(f"{_COPY}*"):
            if not _is_locked(path / _COPY_LOCK):
                shutil.rmtree(path, ignore_errors=True)

    def _prune(self, numbered: Sequence[tuple[int, Path]]) -> None:
        """Remove snapshots that were superseded longer ago than readers need them."""
        (self.folder / LOCK).touch()
        now = (self.folder / LOCK).stat().st_mtime
        for (_, path), (_, successor) in pairwise(numbered[:-_MIN_RETAINED]):
            if now - successor.stat().st_mtime > _GRACE_SECONDS:
                shutil.rmtree(path, ignore_errors=True)


def _acquire_lock(lock: IO[str], timeout: float) -> None:
    """Acquire the lock of the folder; raise TooBusy after a timeout."""
    deadline = time.monotonic() + timeout
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise TooBusy(
                    "Another change is in progress.", remedy="Try again."
                ) from None
            time.sleep(_POLL_SECONDS)
        else:
            return


def _is_locked(path: Path) -> bool:
    """Return whether a running process holds the lock of a file."""
    try:
        with path.open("r") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _hash_files(partial: Path, previous: Release | None) -> dict[str, str]:
    """Return the SHA-256 of each file, reused for files of the previous snapshot."""
    if previous is None:
        return hash_store_files(partial)
    return hash_store_files(partial, previous.manifest["files"], previous.folder)


def unwritable_error(error: OSError, folder: Path) -> CannotWrite:
    """Return the error of a failed write."""
    return CannotWrite(
        f"The change cannot be written: {error.strerror or error}.",
        path=error.filename or folder,
        remedy="Free disk space, or check the permissions. Nothing was changed.",
    )
