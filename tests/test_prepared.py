"""What tests share: kept datasets are never stale, absent suites are named."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from alaqat.build import is_current
from alaqat.store.releases import current_release
from prepared import SMALL, built_small, digest_of, small_sources

SUITES = ("test_owl_suites.py", "test_sparql_suites.py", "test_protocol_suites.py")


def test_a_copied_dataset_is_what_its_sources_give(root: Path, tmp_path: Path) -> None:
    """A copy is whole, is current, and is where its summary says."""
    sources, output = small_sources(root, tmp_path / "small"), tmp_path / "output"
    summary = built_small(root, output)
    assert current_release(output).folder.resolve() == summary.folder.resolve()
    assert current_release(output).sha256 == summary.sha256
    assert is_current(sources, output)


def test_any_change_of_an_input_names_another_dataset(tmp_path: Path) -> None:
    """A byte more, a file more, a file less or by another name."""
    folder = tmp_path / "data"
    shutil.copytree(SMALL, folder)
    digests = [digest_of(folder)]
    assert digests == [digest_of(SMALL)]
    path = next(folder.rglob("*.ttl"))
    path.write_bytes(path.read_bytes() + b"\n")
    digests.append(digest_of(folder))
    path.rename(path.with_name("other.ttl"))
    digests.append(digest_of(folder))
    shutil.copy(path.with_name("other.ttl"), path.with_name("more.ttl"))
    digests.append(digest_of(folder))
    path.with_name("other.ttl").unlink()
    digests.append(digest_of(folder))
    assert len(set(digests)) == 5


@pytest.mark.slow
def test_an_absent_suite_is_one_skip_with_its_name(tmp_path: Path) -> None:
    """The summary says once what was not tested, and how to have it tested."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, *(str(Path(__file__).with_name(name)) for name in SUITES)],
        env={**os.environ, "ALAQAT_W3C": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    skips = [line for line in done.stdout.splitlines() if line.startswith("SKIPPED")]
    assert len(skips) == len(SUITES)
    assert all("SKIPPED [1]" in line and "(set ALAQAT_W3C)" in line for line in skips)
