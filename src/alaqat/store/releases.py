"""Datasets on disk: written aside, then swapped in at once, and checked when opened.

A published dataset is a folder named by its content, with the canonical N-Quads, the
store made from them and a manifest; ``current`` is a link to the newest.

The newest of the snapshots in a folder, looked up anew whenever it is asked for.

A build or a commit writes a snapshot aside and then moves the link ``current``. Who
reads looks at the link before each query, which costs microseconds, and opens a store
only when the link has moved.

The builds of a folder of datasets: one line of JSON for each, never changed.

Stores: one small interface over several engines.
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
from alaqat.rdf.writing import canonical_nquads
from alaqat.store import atomic_files
from alaqat.store.interface import read_graphs
from alaqat.store.oxigraph import OxigraphStore, create_store
from alaqat.terms import is_default_graph

QUADS, STORE, MANIFEST = "dataset.nq", "store", "manifest.json"
CURRENT, LOCK = "current", ".lock"

# The folders that builds make; whatever else stands in the output folder is left alone.
_OURS = re.compile(r"[0-9a-f]{16}-\d+|\.partial-\w+")


@dataclass(frozen=True)
class Release:
    """A dataset that was published."""

    folder: Path
    manifest: Mapping[str, Any]

    @property
    def version(self) -> str:
        """Names the content: no other content ever has it."""
        return str(self.manifest.get("version") or self.sha256)

    @property
    def sha256(self) -> str:
        """The SHA-256 of the sorted, canonical N-Quads."""
        return str(self.manifest["sha256"])

    @property
    def quads(self) -> Path:
        """The canonical N-Quads."""
        return self.folder / QUADS

    @property
    def store(self) -> Path:
        """The folder of the store."""
        return self.folder / STORE

    def open(self) -> OxigraphStore:
        """Open the store to read it; whether its graphs overlap is in the manifest."""
        is_set = self.manifest.get("set") is True
        return open_store(self.store, is_set=is_set)

    def graphs(self) -> Mapping[URIRef, Graph]:
        """All graphs by name, from the quads if a build published them."""
        if self.quads.exists():
            return read_dataset(self.quads)
        return read_graphs(self.open())


def publish_release(
    graphs: Mapping[URIRef, Graph], output: Path, about: Mapping[str, str]
) -> Release:
    """Write a dataset beside the one that is current, then make it current.

    Args:
        graphs: the named graphs.
        output: the folder of datasets; made if it is missing.
        about: what the manifest tells besides the hash and the sizes.

    Raises:
        CannotWrite: the folder cannot be written, or the disk is full; whatever was
            current before still is.
    """
    output = output.absolute()
    _check_free(output)
    quads = canonical_nquads(graphs)
    sha256 = hashlib.sha256(quads).hexdigest()
    sizes = {str(name): len(graph) for name, graph in sorted(graphs.items())}
    manifest = {**about, "sha256": sha256, "triples": sizes, "set": _is_set(graphs)}
    with _aside(output) as folder:
        atomic_files.write_durably(folder / QUADS, quads)
        create_store(folder / STORE, folder / QUADS)
        atomic_files.write_durably(
            folder / MANIFEST, json.dumps(manifest, indent=2).encode()
        )
        final = _free_name(output, sha256)
        previous = (output / CURRENT).resolve()
        atomic_files.sync_tree(folder)
        folder.rename(final)
        atomic_files.replace_link(output / CURRENT, final)
        _forget(output, keep={final, previous})
    return Release(final, manifest)


def current_release(output: Path) -> Release:
    """The current dataset of an output folder, after checking that it is whole.

    Raises:
        StoreUnavailable: there is none, or its content does not have its hash.
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
        intact = _is_whole(folder, manifest) and (folder / STORE).is_dir()
    except (OSError, ValueError, KeyError):
        intact = False
    if not intact:
        raise StoreUnavailable(
            "The dataset is damaged.",
            path=folder,
            remedy="Build it again: alaqat build",
        )
    return Release(folder, manifest)


def _is_set(graphs: Mapping[URIRef, Graph]) -> bool:
    """Whether no triple stands in two graphs of the default graph.

    Who reads the dataset would otherwise have to look at every triple to know.
    """
    parts = [graph for name, graph in graphs.items() if is_default_graph(name)]
    return len(set(chain.from_iterable(parts))) == sum(map(len, parts))


def _check_free(output: Path) -> None:
    """Refuse to publish where a working store is, whose snapshots have numbers."""
    try:
        manifest = json.loads((output / CURRENT / MANIFEST).read_bytes())
    except (OSError, ValueError):
        return
    if "number" in manifest:
        raise CannotWrite(
            "A working store is here, which no build touches.",
            path=output,
            remedy="Build elsewhere, then bring it in: alaqat restore --replace",
        )


def _is_whole(folder: Path, manifest: Mapping[str, Any]) -> bool:
    """Whether the content has the hashes that the manifest tells."""
    files = manifest.get("files") or {QUADS: manifest["sha256"]}
    return all(
        atomic_files.sha256(folder / name) == told for name, told in files.items()
    )


@contextmanager
def _aside(output: Path) -> Iterator[Path]:
    """A new folder to write in, one build at a time; gone afterwards if not moved."""
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
            remedy="Make room or give another folder with --output.",
        ) from error
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def _free_name(output: Path, sha256: str) -> Path:
    """A folder of this content that does not exist yet."""
    names = (output / f"{sha256[:16]}-{number}" for number in count(1))
    return next(name for name in names if not name.exists())


def _forget(output: Path, keep: set[Path]) -> None:
    """Remove older datasets and what builds that were killed left behind."""
    for path in output.iterdir():
        if _OURS.fullmatch(path.name) and path.is_dir() and path not in keep:
            shutil.rmtree(path, ignore_errors=True)


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
    store: OxigraphStore


@dataclass
class CurrentSnapshot:
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
        published = Release(folder, json.loads((folder / MANIFEST).read_bytes()))
        version = published.version
    except (OSError, ValueError, KeyError):
        raise StoreUnavailable(
            "The dataset has no manifest that can be read.",
            path=folder,
            remedy="Build it again: alaqat build",
        ) from None
    return Snapshot(folder, version, published.open())


BUILDS = "builds.jsonl"
"""The file in the folder of datasets."""

MOST = 200
"""How many builds are read, the newest first."""


def add_build(output: Path, about: Mapping[str, Any]) -> None:
    """Write down what a build made, below those before it.

    Raises:
        CannotWrite: the file cannot be written.
    """
    path = output / BUILDS
    line = json.dumps(about, ensure_ascii=False) + "\n"
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(line)
    except OSError as error:
        raise CannotWrite(
            f"The build is published, but not written down: {error.strerror}.",
            path=path,
            remedy="Make the file writable, or make room.",
        ) from error


def read_builds(path: Path) -> list[dict[str, Any]]:
    """The last builds, the newest first; none if nothing was written down.

    A line that a crash cut short is left out.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    return list(islice(_rows(reversed(lines)), MOST))


def _rows(lines: Iterable[str]) -> Iterable[dict[str, Any]]:
    for line in lines:
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if isinstance(row, dict):
            yield row


def open_store(folder: Path, *, is_set: bool = False) -> OxigraphStore:
    """Open a store to read it; every command, server and worker does so by this.

    Args:
        folder: of the store; other processes may read it too.
        is_set: whether its usual default graph is known to be a set as it is.

    Raises:
        StoreUnavailable: there is no store, or it is damaged.
    """
    return OxigraphStore.open(folder, is_set=is_set)
