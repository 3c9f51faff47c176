"""The advice that a document is known to give rise to, and what differs from it."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from alaqat.errors import InvalidData
from alaqat.i18n import translate
from alaqat.terms import BASE
from alaqat.validate.report import ValidationReport

SHAPES = BASE + "shapes#"

Pair = tuple[str, str]
Places = Mapping[Pair, tuple[Path, int]]
"""Where each pair of a shape and a node is expected: the file and its line."""


@dataclass(frozen=True)
class Drift:
    """What differs between the advice that came and the lists of what is expected.

    Attributes:
        new: rows that no list has.
        stale: rows that nothing came of, with their places.
    """

    new: tuple[str, ...]
    stale: Mapping[str, tuple[Path, int]]

    def lines(self, language: str) -> list[str]:
        """Each difference in a line, with the row as the list has it."""
        say = partial(translate, "validation")
        lines = [say("new", language, row) for row in self.new]
        return lines + [
            say("stale", language, f"{path}:{line}", row)
            for row, (path, line) in self.stale.items()
        ]

    def as_json(self) -> dict[str, Any]:
        """The differences as plain values."""
        stale = [
            {"row": row, "file": str(path), "line": line}
            for row, (path, line) in self.stale.items()
        ]
        return {"new": list(self.new), "stale": stale}


def drift(report: ValidationReport, expected: Places) -> Drift:
    """Hold what came against what was expected; violations are never expected."""
    advice = ValidationReport(report.advice)
    return Drift(
        tuple(dict.fromkeys(_row(found.key) for found in advice.unexpected(expected))),
        {_row(pair): expected[pair] for pair in advice.absent(expected)},
    )


def read_expected(path: Path) -> Places:
    """Read a list of the advice that a document is known to give rise to.

    The file is CSV with the columns ``shape`` (its local name) and ``focus`` (the IRI
    of the node after the base).

    Raises:
        InvalidData: a column or a value is missing.
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        if rows.fieldnames != ["shape", "focus"]:
            raise InvalidData(
                "The expected advice is not a table of shapes and nodes.",
                path=path,
                line=1,
                remedy="Begin the file with the line: shape,focus",
            )
        return {_pair(row, rows.line_num, path): (path, rows.line_num) for row in rows}


def _pair(row: Mapping[str, str], line: int, path: Path) -> Pair:
    """A row of the table as a pair of IRIs."""
    if not row["shape"] or not row["focus"]:
        raise InvalidData(
            "A row has no shape or no node.",
            path=path,
            line=line,
            remedy="Write both, with a comma between, or remove the row.",
        )
    return SHAPES + row["shape"], BASE + row["focus"]


def _row(pair: Pair) -> str:
    """A pair of IRIs as the table has it."""
    shape, focus = pair
    return f"{shape.removeprefix(SHAPES)},{focus.removeprefix(BASE)}"
