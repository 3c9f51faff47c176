"""Releases: immutable datasets on disk, the current one, and the build log.

A release is a folder named by its content, with canonical N-Quads, the store made from
them and a manifest. It is written in a staging folder; then the link ``current`` moves
to it atomically. Readers check that link before each query, which takes microseconds,
and open a store only when it has moved.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain, count, islice
from pathlib import Path
from threading import Lock
from typing import Any

from rdflib import Graph, URIRef

from alaqat.errors import CannotWrite, StoreUnavailable
from alaqat.rdf.reading import read_dataset
from alaqat.rdf.writing import sorted_nquads
from alaqat.store import atomic_files
from alaqat.store.interface import read_graphs
from alaqat.store.oxigraph import OxigraphStore, create_store
from alaqat.terms import is_default_graph

QUADS, STORE, MANIFEST = "dataset.nq", "store", "manifest.json"
CURRENT, LOCK = "current", ".lock"
ENGINE_FILES = ("LOCK", "LOG")  # of a store, that hold no quads

# Folders created by builds; anything else in the output folder is left alone.
_BUILD_FOLDER = re.compile(r"[0-9a-f]{16}-\d+|\.partial-\w+")
_OPEN_ATTEMPTS = 5  # a snapshot may be removed between reading the link and opening

BUILD_LOG = "builds.jsonl"
"""The build log in the output folder, one JSON object a line, append-only."""

MAX_BUILDS = 200
"""How many builds are read from the log, latest first."""


@dataclass(frozen=True)
class Release:
    """An immutable dataset on disk.

    Attributes:
        folder: that holds it.
        manifest: its version, hashes and sizes.
    """

    folder: Path
    manifest: Mapping[str, Any]

    @property
    def version(self) -> str:
        """The version, which identifies the content."""
        return str(self.manifest.get("version") or self.sha256)

    @property
    def sha256(self) -> str:
        """The SHA-256 of the sorted N-Quads, canonical if the manifest says so."""
        return str(self.manifest["sha256"])

    @property
    def quads(self) -> Path:
        """The file of sorted N-Quads."""
        return self.folder / QUADS

    @property
    def store(self) -> Path:
        """The folder of the store."""
        return self.folder / STORE

    def open(self) -> OxigraphStore:
        """Open the store read-only."""
        is_disjoint = self.manifest.get("set") is True
        return open_store(self.store, default_graph_disjoint=is_disjoint)

    def graphs(self) -> Mapping[URIRef, Graph]:
        """Return all graphs by name, from the N-Quads if a build wrote them."""
        if self.quads.exists():
            return read_dataset(self.quads)
        return read_graphs(self.open())


def publish_release(
    graphs: Mapping[URIRef, Graph], output: Path, about: Mapping[str, str]
) -> Release:
    """Write a release and make it the current one.

    Args:
        graphs: the named graphs.
        output: the folder of releases, created if it does not exist.
        about: entries of the manifest besides hash and sizes.

    Raises:
        CannotWrite: the folder cannot be written or the disk is full; the release that
            was current still is.
    """
    output = output.absolute()
    _refuse_writable_store(output)
    quads = sorted_nquads(graphs)
    sha256 = hashlib.sha256(quads.content).hexdigest()
    manifest = {
        **about,
        "sha256": sha256,
        "triples": {str(name): len(graph) for name, graph in sorted(graphs.items())},
        "set": _is_default_graph_disjoint(graphs),
        "canonical": quads.is_canonical,
    }
    with _staging_folder(output) as folder:
        atomic_files.write_durably(folder / QUADS, quads.content)
        create_store(folder / STORE, folder / QUADS)
        manifest["files"] = {QUADS: sha256, **hash_store_files(folder)}
        atomic_files.write_durably(
            folder / MANIFEST, json.dumps(manifest, indent=2).encode()
        )
        final = _unused_folder(output, sha256)
        previous = (output / CURRENT).resolve()
        atomic_files.sync_tree(folder)
        folder.rename(final)
        atomic_files.replace_link(output / CURRENT, final)
        _prune(output, keep={final, previous})
    return Release(final, manifest)


def current_release(output: Path) -> Release:
    """Return the current release of an output folder after checking its integrity.

    Raises:
        StoreUnavailable: there is none, or its content does not match its hashes.
    """
    link = output / CURRENT
    if not link.exists():
        raise StoreUnavailable(
            "No dataset has been built here.",
            path=output,
            remedy="Build one with: alaqat build",
        )
    folder = link.resolve()
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        intact = _matches_checksums(folder, manifest) and (folder / STORE).is_dir()
    except (OSError, ValueError, KeyError):
        intact = False
    if not intact:
        raise StoreUnavailable(
            "The dataset is damaged.",
            path=folder,
            remedy="Build it again: alaqat build",
        )
    return Release(folder, manifest)


def hash_store_files(
    folder: Path, known: Mapping[str, str] | None = None, previous: Path | None = None
) -> dict[str, str]:
    """Return the SHA-256 of each file of a store, by its path in the release.

    Args:
        folder: of the release.
        known: the hashes of the release before, if the two may share files.
        previous: the folder of the release before.
    """
    hashes = {}
    for path in sorted((folder / STORE).iterdir()):
        name = path.relative_to(folder).as_posix()
        if path.name not in ENGINE_FILES:
            is_shared = (
                previous is not None
                and known is not None
                and name in known
                and path.samefile(previous / name)
            )
            hashes[name] = (
                known[name] if known and is_shared else atomic_files.sha256(path)
            )
    return hashes


def _is_default_graph_disjoint(graphs: Mapping[URIRef, Graph]) -> bool:
    """Check that no two graphs merged into the default graph share a triple.

    The manifest records it, since a reader would have to scan all triples to find out.
    """
    merged = [graph for name, graph in graphs.items() if is_default_graph(name)]
    return len(set(chain.from_iterable(merged))) == sum(map(len, merged))


def _refuse_writable_store(output: Path) -> None:
    """Refuse to publish into a writable store, whose manifests have a number."""
    try:
        manifest = json.loads((output / CURRENT / MANIFEST).read_bytes())
    except (OSError, ValueError):
        return
    if "number" in manifest:
        raise CannotWrite(
            "This folder holds a writable store, which builds never touch.",
            path=output,
            remedy="Build elsewhere, then import it: alaqat restore --replace",
        )


def _matches_checksums(folder: Path, manifest: Mapping[str, Any]) -> bool:
    """Check the files against the hashes in the manifest."""
    files = manifest.get("files") or {QUADS: manifest["sha256"]}
    return all(
        atomic_files.sha256(folder / name) == sha256 for name, sha256 in files.items()
    )


@contextmanager
def _staging_folder(output: Path) -> Iterator[Path]:
    """Yield a new folder for one build at a time, removed if it is not renamed."""
    folder = None
    try:
        output.mkdir(parents=True, exist_ok=True)
        with (output / LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            folder = Path(tempfile.mkdtemp(prefix=".partial-", dir=output))
            folder.chmod(0o755)  # another user may serve it
            yield folder
    except OSError as error:
        raise CannotWrite(
            f"The dataset cannot be written: {error.strerror or error}.",
            path=error.filename or output,
            remedy="Free some space, or choose another folder with --output.",
        ) from error
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def _unused_folder(output: Path, sha256: str) -> Path:
    """Return a folder name for this content that does not exist yet."""
    names = (output / f"{sha256[:16]}-{number}" for number in count(1))
    return next(name for name in names if not name.exists())


def _prune(output: Path, keep: set[Path]) -> None:
    """Remove older releases and the staging folders of killed builds."""
    for path in output.iterdir():
        if _BUILD_FOLDER.fullmatch(path.name) and path.is_dir() and path not in keep:
            shutil.rmtree(path, ignore_errors=True)


@dataclass(frozen=True)
class Snapshot:
    """An immutable state of a dataset, open in this process.

    Attributes:
        folder: that holds it.
        version: identifies its content.
        store: open for reading.
    """

    folder: Path
    version: str
    store: OxigraphStore


@dataclass
class CurrentSnapshot:
    """Tracks the current snapshot of a folder; reopens when the link moves.

    Attributes:
        output: the folder with the snapshots and the link.
    """

    output: Path
    _newest: Snapshot | None = None
    _lock: Lock = field(default_factory=Lock)

    def folder(self) -> Path:
        """Return the folder of the current snapshot.

        Raises:
            StoreUnavailable: there is none.
        """
        try:
            return self.output / (self.output / CURRENT).readlink()
        except OSError:
            raise StoreUnavailable(
                "There is no current dataset here.",
                path=self.output,
                remedy="Build one with: alaqat build",
            ) from None

    def current(self) -> Snapshot:
        """Return the current snapshot, opened on first use.

        Raises:
            StoreUnavailable: there is none, or it is damaged.
        """
        with self._lock:
            for _ in range(_OPEN_ATTEMPTS):
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
    """Open the snapshot in a folder.

    Raises:
        StoreUnavailable: there is none, or it is damaged.
    """
    try:
        release = Release(folder, json.loads((folder / MANIFEST).read_bytes()))
        version = release.version
    except (OSError, ValueError, KeyError):
        raise StoreUnavailable(
            "The manifest of the dataset is missing or not valid.",
            path=folder,
            remedy="Build it again: alaqat build",
        ) from None
    return Snapshot(folder, version, release.open())


def open_store(folder: Path, *, default_graph_disjoint: bool = False) -> OxigraphStore:
    """Open a store read-only, as ``OxigraphStore.open`` does."""
    return OxigraphStore.open(folder, default_graph_disjoint=default_graph_disjoint)


def log_build(output: Path, about: Mapping[str, Any]) -> None:
    """Append a build to the build log.

    Raises:
        CannotWrite: the log cannot be written.
    """
    path = output / BUILD_LOG
    line = json.dumps(about, ensure_ascii=False) + "\n"
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(line)
    except OSError as error:
        raise CannotWrite(
            f"The build is published but could not be logged: {error.strerror}.",
            path=path,
            remedy="Make the file writable, or free some space.",
        ) from error


def read_builds(path: Path) -> list[dict[str, Any]]:
    """Return the latest builds, newest first; none if there is no log.

    A line truncated by a crash is skipped.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    return list(islice(_parse_lines(reversed(lines)), MAX_BUILDS))


def _parse_lines(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    for line in lines:
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if isinstance(row, dict):
            yield row
