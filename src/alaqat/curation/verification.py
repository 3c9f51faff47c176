"""Verification: the hashes of files and the hash chain of the history."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from alaqat.curation.backup import verify_backup
from alaqat.curation.history_chain import HistoryChain, HistoryHead, check_history
from alaqat.errors import AlaqatError
from alaqat.store import oxigraph_writer
from alaqat.store.releases import CURRENT, STORE, current_release, open_store


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
