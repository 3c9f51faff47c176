"""Datasets on disk: written aside, then swapped in at once, and checked when opened.

A published dataset is a folder named by its content, with the canonical N-Quads, the
store made from them and a manifest; ``current`` is a link to the newest.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from typing import Any

from rdflib import Graph, URIRef

from alaqat.errors import CannotWrite, StoreUnavailable
from alaqat.formats import canonical_nquads, read_dataset
from alaqat.store import EmbeddedStore, durable, open_store
from alaqat.store.embedded import create_store
from alaqat.store.interface import graphs_of
from alaqat.terms import is_default_graph

QUADS, STORE, MANIFEST = "dataset.nq", "store", "manifest.json"
CURRENT, LOCK = "current", ".lock"

# The folders that builds make; whatever else stands in the output folder is left alone.
_OURS = re.compile(r"[0-9a-f]{16}-\d+|\.partial-\w+")


@dataclass(frozen=True)
class Published:
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

    def open(self) -> EmbeddedStore:
        """Open the store to read it; whether its graphs overlap is in the manifest."""
        is_set = self.manifest.get("set") is True
        return open_store(self.store, is_set=is_set)

    def graphs(self) -> Mapping[URIRef, Graph]:
        """All graphs by name, from the quads if a build published them."""
        if self.quads.exists():
            return read_dataset(self.quads)
        return graphs_of(self.open())


def publish(
    graphs: Mapping[URIRef, Graph], output: Path, about: Mapping[str, str]
) -> Published:
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
        durable.write(folder / QUADS, quads)
        create_store(folder / STORE, folder / QUADS)
        durable.write(folder / MANIFEST, json.dumps(manifest, indent=2).encode())
        final = _free_name(output, sha256)
        previous = (output / CURRENT).resolve()
        durable.sync_tree(folder)
        folder.rename(final)
        durable.point(output / CURRENT, final)
        _forget(output, keep={final, previous})
    return Published(final, manifest)


def current(output: Path) -> Published:
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
    return Published(folder, manifest)


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
    return all(durable.sha256(folder / name) == told for name, told in files.items())


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
