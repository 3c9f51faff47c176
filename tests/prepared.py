"""Datasets that are built once and kept on disk, for all tests, workers and runs.

They are in build/tests, in a folder named by a digest of all that a build depends on:
the code, the sources and what is installed. A change of any makes another folder, so a
kept dataset is never stale; the folders of other digests are removed.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import pickle
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from importlib import metadata
from pathlib import Path

from alaqat.build import BuildSummary, build

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "build" / "tests"
SMALL = Path(__file__).parent / "data" / "small"
INPUTS = (ROOT / "src" / "alaqat", ROOT / "ontology", ROOT / "data", SMALL)
SKIPPED = {"__pycache__", "static", "templates", "texts"}  # no build reads them


@cache
def digest() -> str:
    """Return the digest of all that a build depends on."""
    return digest_of(*INPUTS)


def digest_of(*folders: Path) -> str:
    """Return the digest of folders, of this module and of what is installed."""
    found = hashlib.sha256(sys.version.encode())
    installed = {f"{one.name} {one.version}" for one in metadata.distributions()}
    found.update("\n".join(sorted(installed)).encode())
    found.update(Path(__file__).read_bytes())
    for base in folders:
        for path in _files(base):
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            found.update(f"{path.relative_to(base).as_posix()} {content}\n".encode())
    return found.hexdigest()[:16]


def _files(base: Path) -> Iterator[Path]:
    """Yield the files below a folder that a build may read."""
    for folder, inner, names in os.walk(base):
        inner[:] = sorted(set(inner) - SKIPPED)
        yield from (Path(folder, name) for name in sorted(names))


def built_dataset(root: Path, target: Path) -> BuildSummary:
    """Copy the project's own dataset to a folder, building it if it is not kept yet."""
    return _copied("project", root, target)


def small_sources(root: Path, target: Path) -> Path:
    """Write the sources of the small world to a folder, and return that."""
    shutil.copytree(root / "ontology", target / "ontology")
    shutil.copytree(SMALL, target / "data")
    return target


def built_small(root: Path, target: Path) -> BuildSummary:
    """Copy the dataset of the small world to a folder."""
    return _copied("small", root, target)


def _copied(name: str, root: Path, target: Path) -> BuildSummary:
    """Copy a kept dataset, with the summary of its build."""
    kept = FOLDER / digest() / name
    with _locked():
        if not kept.is_dir():
            _build(name, root, kept)
    shutil.copytree(kept / "output", target, symlinks=True, dirs_exist_ok=True)
    summary: BuildSummary = pickle.loads((kept / "summary").read_bytes())  # noqa: S301 # written below
    return replace(summary, folder=target / summary.folder.name)


def _build(name: str, root: Path, kept: Path) -> None:
    """Build a dataset beside its place, then move it there whole."""
    for other in FOLDER.glob("*"):
        if other.is_dir() and other.name != digest():
            shutil.rmtree(other)
    partial = kept.with_name(f"{name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    if name == "small":
        root = small_sources(root, partial / "sources")
    summary = build(root, partial / "output")
    (partial / "summary").write_bytes(pickle.dumps(summary))
    partial.rename(kept)


@contextmanager
def _locked() -> Iterator[None]:
    """Let one process at a time build."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
