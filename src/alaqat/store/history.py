"""The builds of a folder of datasets: one line of JSON for each, never changed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from alaqat.errors import CannotWrite

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
