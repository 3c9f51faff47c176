"""Lists of expected warnings, and drift: how a report differs from them.

Only advice can be expected: SHACL results of severity Warning or Info.
"""

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
ExpectedWarnings = Mapping[Pair, tuple[Path, int]]
"""The file and line that list each expected pair of a shape and a focus node."""


@dataclass(frozen=True)
class Drift:
    """The difference between the advice in a report and the expected warnings.

    Attributes:
        new: reported rows that no list has.
        stale: listed rows that were not reported, with their file and line.
    """

    new: tuple[str, ...]
    stale: Mapping[str, tuple[Path, int]]

    def lines(self, language: str) -> list[str]:
        """Return each difference as a line of text that quotes the row."""
        text = partial(translate, "validation")
        lines = [text("new", language, row) for row in self.new]
        return lines + [
            text("stale", language, f"{path}:{line}", row)
            for row, (path, line) in self.stale.items()
        ]

    def as_json(self) -> dict[str, Any]:
        """Return the differences as JSON values."""
        stale = [
            {"row": row, "file": str(path), "line": line}
            for row, (path, line) in self.stale.items()
        ]
        return {"new": list(self.new), "stale": stale}


def find_drift(report: ValidationReport, expected: ExpectedWarnings) -> Drift:
    """Compare the advice in a report with what is expected; ignore violations."""
    advice = ValidationReport(report.advice)
    return Drift(
        tuple(
            dict.fromkeys(_csv_row(found.key) for found in advice.unexpected(expected))
        ),
        {_csv_row(pair): expected[pair] for pair in advice.missing(expected)},
    )


def read_expected_warnings(path: Path) -> ExpectedWarnings:
    """Read the list of expected warnings of a document.

    The file is CSV with the columns ``shape`` (its local name) and ``focus`` (the IRI
    of the node relative to the base).

    Raises:
        InvalidData: a column or a value is missing.
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        if rows.fieldnames != ["shape", "focus"]:
            raise InvalidData(
                "The list of expected warnings must have the columns shape and focus.",
                path=path,
                line=1,
                remedy="Begin the file with the line: shape,focus",
            )
        return {
            _parse_row(row, rows.line_num, path): (path, rows.line_num) for row in rows
        }


def _parse_row(row: Mapping[str, str], line: int, path: Path) -> Pair:
    """Parse a row into a pair of IRIs."""
    if not row["shape"] or not row["focus"]:
        raise InvalidData(
            "A row lacks its shape or its focus.",
            path=path,
            line=line,
            remedy="Write both, with a comma between, or remove the row.",
        )
    return SHAPES + row["shape"], BASE + row["focus"]


def _csv_row(pair: Pair) -> str:
    """Return a pair of IRIs as a row of the file."""
    shape, focus = pair
    return f"{shape.removeprefix(SHAPES)},{focus.removeprefix(BASE)}"
