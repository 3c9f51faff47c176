"""Files that are on disk when a call returns, and links that move in one step."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path


def write_durably(path: Path, content: bytes) -> None:
    """Write a file so that it is on disk when this returns."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_path(path: Path) -> None:
    """Have a file's content, or a folder's names, on disk when this returns."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_tree(folder: Path) -> None:
    """Have a file, or a folder with all that is in it, on disk when this returns."""
    for path in folder.rglob("*"):
        sync_path(path)
    sync_path(folder)


def replace_link(link: Path, target: Path) -> None:
    """Make a link point to a folder beside it, in one step that outlives a crash."""
    fresh = link.with_name(f".{link.name}-{os.getpid()}")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target.name)
    fresh.replace(link)
    sync_path(link.parent)


def sha256(path: Path) -> str:
    """The SHA-256 of a file, read in parts."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
