"""Backups: create a writable store, back it up, restore it, and verify all of them.

A backup holds all quads of a snapshot and their hash, in an archive or a folder.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tarfile
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from alaqat.curation.changelog_graph import activity_iri, describe_restore
from alaqat.curation.graph_cache import count_triples
from alaqat.curation.history_chain import (
    HistoryChain,
    HistoryHead,
    append_entry,
    check_history,
)
from alaqat.curation.model import DEFAULT_COMMIT_TIMEOUT
from alaqat.curation.snapshots import Snapshots, no_store_error, unwritable_error
from alaqat.errors import AlaqatError, CannotWrite, InvalidData
from alaqat.rdf.nesting import check_triple_terms
from alaqat.store import atomic_files, oxigraph_writer
from alaqat.store.oxigraph import OxigraphStore
from alaqat.store.releases import (
    CURRENT,
    MANIFEST,
    QUADS,
    STORE,
    Release,
    current_release,
    open_store,
)
from alaqat.terms import STORE_DEFAULT_GRAPH

ARCHIVE_SUFFIXES = (".tar.gz", ".tgz")

_BACK_UP_RELEASE = "; or back up a build: alaqat backup FILE --working build/dataset"


def create_writable_store(
    folder: Path, source: Release | None, at: datetime
) -> Release:
    """Return the current snapshot of a writable store, created if there is none.

    Args:
        folder: the folder of the writable store.
        source: the release to start from; None starts empty.
        at: the time of creation, which makes the version of an empty store unique.

    Raises:
        CannotWrite: the folder cannot be written.
    """
    snapshots = Snapshots(folder)
    try:
        with snapshots.locked(DEFAULT_COMMIT_TIMEOUT):
            if current := snapshots.current():
                return current
            files = source.store if source else None
            with snapshots.private_copy(files, _copy_name()) as store:
                empty = hashlib.sha256(at.isoformat().encode()).hexdigest()
                origin = source.manifest if source else {"triples": {}, "set": True}
                manifest = {
                    "version": source.version if source else empty,
                    "history": origin.get("history"),
                    "triples": origin["triples"],
                    "set": origin.get("set"),
                }
                return snapshots.publish(store, manifest)
    except OSError as error:
        raise unwritable_error(error, folder) from error


def write_backup(output: Path, target: Path) -> Release:
    """Write the current snapshot of a folder to a new file or a new folder.

    Snapshots are immutable, so reads and commits may go on meanwhile.

    Args:
        output: a writable store, or a folder of releases.
        target: an archive if it has the suffix of one, else a folder.

    Raises:
        StoreUnavailable: there is no dataset, or it is damaged.
        CannotWrite: the target exists, or cannot be written.
    """
    if target.exists():
        raise CannotWrite(
            "The target exists already.", path=target, remedy="Choose another name."
        )
    if not (output / CURRENT).exists():
        raise no_store_error(output, _BACK_UP_RELEASE)
    release = current_release(output)
    store = open_store(release.store)
    try:
        target.absolute().parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.absolute().parent) as temporary:
            partial = Path(temporary) / "backup"
            partial.mkdir()
            oxigraph_writer.write_nquads(store, partial / QUADS)
            manifest = {
                "version": release.version,
                "history": release.manifest.get("history"),
                "sha256": atomic_files.sha256(partial / QUADS),
            }
            atomic_files.write_durably(
                partial / MANIFEST, json.dumps(manifest, indent=1).encode()
            )
            if target.name.endswith(ARCHIVE_SUFFIXES):
                partial = _pack(partial)
            atomic_files.sync_tree(partial)
            partial.rename(target)
            atomic_files.sync_path(target.absolute().parent)
    except OSError as error:
        raise CannotWrite(
            f"The backup cannot be written: {error.strerror or error}.", path=target
        ) from error
    return release


def restore_backup(
    folder: Path, backup: Path, at: datetime, *, author: str, replaces: bool
) -> Release:
    """Publish the content of a backup as a snapshot, in one transaction.

    Args:
        folder: the folder of the writable store, created if it is missing.
        backup: written by ``write_backup``, or the folder of a release.
        at: the time of the commit.
        author: the name of who restores it.
        replaces: whether the present content may be replaced.

    Raises:
        InvalidData: the backup or the history in it is damaged, or it has a graph of
            a reserved name.
        CannotWrite: the store has content, or the folder cannot be written.
    """
    snapshots = Snapshots(folder)
    try:
        with (
            tempfile.TemporaryDirectory() as temporary,
            snapshots.locked(DEFAULT_COMMIT_TIMEOUT),
        ):
            source = verify_backup(backup, Path(temporary))
            previous = snapshots.current()
            if previous and not replaces:
                raise CannotWrite(
                    "The folder already holds a writable store.",
                    path=folder,
                    remedy="Use --replace to replace its content with the backup.",
                )
            before = previous.version if previous else None
            key = f"{before}\n{at.isoformat()}\n{source.sha256}"
            version = hashlib.sha256(key.encode()).hexdigest()
            with snapshots.private_copy(None, _copy_name()) as store:
                _check_lines(source.quads, backup)
                oxigraph_writer.load_nquads(store, source.quads)
                _check_names(store, backup)
                chain = check_history(store, source.history)
                about = (before, version)
                entry = describe_restore(source.sha256, author, at, about)
                head, _ = append_entry(store, activity_iri(version), entry, chain.head)
                manifest = {
                    "version": version,
                    "history": head._asdict(),
                    "previous": before,
                    "restored": source.sha256,
                    "triples": count_triples(store),
                    "set": store.is_default_graph_disjoint(),
                }
                return snapshots.publish(store, manifest)
    except OSError as error:
        raise unwritable_error(error, folder) from error


@dataclass(frozen=True)
class BackupContent:
    """The content of a backup whose hash has been checked.

    Attributes:
        quads: the file of N-Quads.
        sha256: its hash.
        version: of the content.
        history: the last entry of the history, as the manifest states it.
    """

    quads: Path
    sha256: str
    version: str
    history: HistoryHead


def verify_backup(source: Path, temporary: Path) -> BackupContent:
    """Return the content of a backup, after checking its hash.

    Args:
        source: written by ``write_backup``, or the folder of a release.
        temporary: an empty folder to unpack in.

    Raises:
        InvalidData: it is not a backup, or it is damaged.
    """
    try:
        folder = source
        if not source.is_dir():
            folder = temporary
            with tarfile.open(source) as archive:
                for name in (QUADS, MANIFEST):
                    _extract(archive, name, folder / name)
        manifest = json.loads((folder / MANIFEST).read_bytes())
        expected = str(manifest["sha256"])
        actual = atomic_files.sha256(folder / QUADS)
    except (OSError, KeyError, ValueError, TypeError, EOFError, tarfile.TarError):
        raise InvalidData(
            "Not a readable backup.",
            path=source,
            remedy="Name a file or folder written by alaqat backup.",
        ) from None
    if actual != expected:
        raise InvalidData(
            f"The hash of the quads is {actual[:16]}…, not {expected[:16]}….",
            path=source,
            remedy="The backup is damaged: use another one.",
        )
    version = str(manifest.get("version") or expected)
    head = HistoryHead.of(manifest)
    return BackupContent(folder / QUADS, expected, version, head)


@dataclass(frozen=True)
class VerifiedStore:
    """What was found intact.

    Attributes:
        path: the folder or archive that was checked.
        version: of its content.
        tables: how many table files match their hashes; a backup has none.
        is_backup: whether it is a backup.
        chain: of its history.
    """

    path: Path
    version: str
    tables: int
    is_backup: bool
    chain: HistoryChain


def verify(path: Path) -> VerifiedStore:
    """Check a build, a writable store or a backup.

    Args:
        path: the output folder of builds, the folder of a writable store, or what
            ``write_backup`` wrote.

    Raises:
        StoreUnavailable: there is no dataset, or a file does not match its hash.
        InvalidData: the backup is damaged; or the history was changed, and the message
            names the first broken entry.
    """
    try:
        is_folder = path.is_dir() and (path / CURRENT).is_symlink()
        return _verify_folder(path) if is_folder else _verify_backup(path)
    except AlaqatError as error:
        error.path = error.path or path
        raise


def _verify_folder(folder: Path) -> VerifiedStore:
    """Check the current release or snapshot of a folder."""
    release = current_release(folder)
    head = HistoryHead.of(release.manifest)
    chain = check_history(open_store(release.store), head)
    files = release.manifest.get("files", ())
    tables = sum(name.startswith(f"{STORE}/") for name in files)
    return VerifiedStore(folder, release.version, tables, False, chain)


def _verify_backup(path: Path) -> VerifiedStore:
    """Check a backup by restoring it aside."""
    with tempfile.TemporaryDirectory() as temporary:
        unpacked = Path(temporary) / "unpacked"
        unpacked.mkdir()
        content = verify_backup(path, unpacked)
        store = oxigraph_writer.open_writable_store(Path(temporary) / STORE)
        oxigraph_writer.load_nquads(store, content.quads)
        chain = check_history(store, content.history)
        store.close()
        return VerifiedStore(path, content.version, 0, True, chain)


def _check_names(store: OxigraphStore, backup: Path) -> None:
    """Check that no graph of a backup has the name of the default graph."""
    if STORE_DEFAULT_GRAPH in store.graphs():
        raise InvalidData(
            f"It has a graph called {STORE_DEFAULT_GRAPH}, the name of the default "
            "graph, which would hide it.",
            path=backup,
            remedy="Rename that graph in the quads.",
        )


def _check_lines(quads: Path, backup: Path) -> None:
    """Raise InvalidData if a line of a file is nested too deeply to be loaded."""
    with quads.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                check_triple_terms(line)
            except InvalidData as error:
                error.path, error.line = backup, number
                raise


def _pack(folder: Path) -> Path:
    """Pack the files of a backup into an archive beside the folder."""
    packed = folder.with_name("packed")
    with tarfile.open(packed, "w:gz") as archive:
        for name in (MANIFEST, QUADS):
            archive.add(folder / name, name)
    return packed


def _extract(archive: tarfile.TarFile, name: str, target: Path) -> None:
    """Extract one file of an archive; raise KeyError if it is not there."""
    content = archive.extractfile(name)
    if content is None:
        raise KeyError(name)
    with content, target.open("wb") as out:
        shutil.copyfileobj(content, out)


def _copy_name() -> str:
    """Return the name of this process's copy of a store that is not there yet."""
    return f"{os.getpid()}-new"
