"""The newest of the snapshots in a folder, looked up anew whenever it is asked for.

A build or a commit writes a snapshot aside and then moves the link ``current``. Who
reads looks at the link before each query, which costs microseconds, and opens a store
only when the link has moved.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from alaqat.errors import StoreUnavailable
from alaqat.store import EmbeddedStore, open_store
from alaqat.store.published import CURRENT, MANIFEST, STORE

_TRIES = 5  # a snapshot may be removed between the look at the link and the opening


@dataclass(frozen=True)
class Snapshot:
    """One state of a dataset, which never changes.

    Attributes:
        folder: where it is.
        version: names its content; no other content has it.
        store: open to be read in this process.
    """

    folder: Path
    version: str
    store: EmbeddedStore


@dataclass
class Latest:
    """The current snapshot of a folder, whichever it is now.

    Attributes:
        output: the folder that holds them and the link.
    """

    output: Path
    _newest: Snapshot | None = None
    _lock: Lock = field(default_factory=Lock)

    def folder(self) -> Path:
        """The folder of the current snapshot.

        Raises:
            StoreUnavailable: there is none.
        """
        try:
            return self.output / (self.output / CURRENT).readlink()
        except OSError:
            raise StoreUnavailable(
                "No dataset is current here.",
                path=self.output,
                remedy="Build one with: alaqat build",
            ) from None

    def current(self) -> Snapshot:
        """The current snapshot, opened in this process when it is first asked for.

        Raises:
            StoreUnavailable: there is none, or it is damaged.
        """
        with self._lock:
            for _ in range(_TRIES):
                folder = self.folder()
                if self._newest is not None and self._newest.folder == folder:
                    return self._newest
                try:
                    self._newest = open_snapshot(folder)
                except StoreUnavailable:
                    if folder == self.folder():
                        raise
            return self._newest or open_snapshot(self.folder())


def open_snapshot(folder: Path) -> Snapshot:
    """A snapshot as it stands in its folder, opened in this process.

    Raises:
        StoreUnavailable: it is not there, or damaged.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        version = str(manifest.get("version") or manifest["sha256"])
        is_set = manifest.get("set") is True
    except (OSError, ValueError, KeyError):
        raise StoreUnavailable(
            "The dataset has no manifest that can be read.",
            path=folder,
            remedy="Build it again: alaqat build",
        ) from None
    return Snapshot(folder, version, open_store(folder / STORE, is_set=is_set))
