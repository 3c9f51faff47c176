"""Files that are spoilt on the disk are reported with a message and exit code 3."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import alaqat
from alaqat.cli.main import run
from alaqat.curation.backup import create_writable_store
from alaqat.errors import StoreUnavailable
from alaqat.store.releases import (
    ENGINE_FILES,
    MANIFEST,
    STORE,
    current_release,
    publish_release,
)
from alaqat.web.write_settings import utc_now
from conftest import Built, published_graphs
from prepared import built_small

MANIFESTS = [
    *("", "null", "[]", "{}", "7", '"text"', '{"sha256": 7}', '{"version": []}', "{"),
    *('{"sha256": "a", "files": []}', '{"sha256": "a", "files": {"dataset.nq": 1}}'),
    *('{"version": "a", "files": {"none": "b"}}', '{"sha256": "a", "triples": 5}'),
    *('{"version": "a", "triples": {"g": "x"}}', "\x00\x00", '{"sha256": null}'),
    '{"version": "a", "number": "one"}',
]


@pytest.fixture(scope="module")
def small_build(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the output folder of the small world."""
    output = tmp_path_factory.mktemp("build") / "output"
    built_small(root, output)
    return output


@pytest.fixture(scope="module")
def working(small_build: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a writable store with the small world."""
    folder = tmp_path_factory.mktemp("working") / "store"
    create_writable_store(folder, current_release(small_build), utc_now())
    return folder


@pytest.fixture(params=["build", "working"])
def folder(
    request: pytest.FixtureRequest, small_build: Path, working: Path, tmp_path: Path
) -> Path:
    """Return a copy of a build or of a writable store, free to be spoilt."""
    source = small_build if request.param == "build" else working
    return Path(shutil.copytree(source, tmp_path / "copy", symlinks=True))


def flip(path: Path) -> None:
    """Change one bit in the middle of a file."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def truncate(path: Path) -> None:
    """Remove the second half of a file."""
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def overwrite(path: Path) -> None:
    """Replace a file by as many zeros."""
    path.write_bytes(bytes(path.stat().st_size))


def test_a_spoilt_table_is_reported(folder: Path) -> None:
    """By one bit in the largest one."""
    tables = (folder / "current").resolve().rglob("*.sst")
    flip(max(tables, key=lambda path: path.stat().st_size))
    with pytest.raises(StoreUnavailable, match="damaged"):
        alaqat.open(folder)


@pytest.mark.slow
@pytest.mark.parametrize("spoil", [flip, truncate, overwrite, Path.unlink])
def test_each_spoilt_file_is_reported(
    folder: Path, spoil: Callable[[Path], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """By what opens a dataset: the commands, the server and the Python API."""
    names = [
        path.relative_to(folder)
        for path in sorted((folder / "current").resolve().rglob("*"))
        if path.is_file() and path.name not in ENGINE_FILES and path.stat().st_size
    ]
    assert any(name.suffix == ".sst" for name in names)
    for name in names:
        path = folder / name
        if spoil is flip and path.name == MANIFEST:
            continue  # one bit of a text need not matter
        content = path.read_bytes()
        spoil(path)
        with pytest.raises(StoreUnavailable):
            alaqat.open(folder)
        commands = [["query", "embassies-by-city"], ["export"], ["info"]]
        for command in [*commands, ["serve", "--port", "0"]]:
            assert run([*command, "--output", str(folder)]) == 3, (name, command)
            shown = capsys.readouterr()
            assert "Traceback" not in shown.err
            assert "damaged" in shown.err
        path.write_bytes(content)
    alaqat.open(folder)


@pytest.mark.parametrize("text", MANIFESTS)
def test_a_manifest_of_another_shape_is_reported(
    folder: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """As a damaged dataset, whatever JSON it is."""
    (folder / "current" / MANIFEST).write_text(text)
    with pytest.raises(StoreUnavailable):
        alaqat.open(folder)
    assert run(["serve", "--port", "0", "--output", str(folder)]) == 3
    assert run(["serve", "--port", "0", "--writable", str(folder)]) in (2, 3)
    assert "Traceback" not in capsys.readouterr().err


def test_a_folder_without_tables_is_reported(folder: Path) -> None:
    """Also if the link leads nowhere."""
    shutil.rmtree((folder / "current").resolve() / STORE)
    with pytest.raises(StoreUnavailable):
        alaqat.open(folder)
    shutil.rmtree((folder / "current").resolve())
    with pytest.raises(StoreUnavailable):
        alaqat.open(folder)


def test_the_tables_of_a_build_have_hashes(built: Built, tmp_path: Path) -> None:
    """In its manifest, as those of a writable store have."""
    release = publish_release(published_graphs(built.folder), tmp_path, {})
    manifest = json.loads((release.folder / MANIFEST).read_bytes())
    tables = {f"{STORE}/{one.name}" for one in (release.folder / STORE).glob("*.sst")}
    assert tables <= manifest["files"].keys()
    assert manifest["files"]["dataset.nq"] == manifest["sha256"]
