"""What a validation found, in a stable order, and what of it was expected."""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from rdflib import URIRef
from rdflib.term import Node

from alaqat.errors import InvalidData
from alaqat.terms import BASE

SHAPES = BASE + "shapes#"
SEVERITIES = ("Violation", "Warning", "Info")

#: A shape and a focus node that are known not to agree, as IRIs.
Expected = Collection[tuple[str, str]]


@dataclass(frozen=True)
class Result:
    """One node that does not keep to one shape.

    Attributes:
        path: the property path in SPARQL's syntax, empty if the shape has none.
        value: the value that is at fault, if one is.
        constraint: the SPARQL constraint, or the constraint component, that failed.
        messages: the message of the shape, by language.
    """

    severity: str
    shape: URIRef
    focus: Node
    path: str
    value: Node | None
    constraint: URIRef
    messages: Mapping[str, str]

    @property
    def order(self) -> tuple[object, ...]:
        """What results are sorted by: the gravest first, then by name."""
        value = "" if self.value is None else self.value.n3()
        rank = SEVERITIES.index(self.severity)
        return rank, self.shape, self.focus.n3(), self.constraint, value

    @property
    def key(self) -> tuple[str, str]:
        """What the list of expected advice knows a result by."""
        return str(self.shape), str(self.focus)


@dataclass(frozen=True)
class Report:
    """Every result of a validation, in a stable order."""

    results: tuple[Result, ...]

    @property
    def conforms(self) -> bool:
        """Whether there are no violations; advice does not count."""
        return not self.violations

    @property
    def violations(self) -> tuple[Result, ...]:
        """The results that forbid to publish."""
        return self._of("Violation")

    @property
    def warnings(self) -> tuple[Result, ...]:
        """The results that the source itself may be the cause of."""
        return self._of("Warning")

    @property
    def infos(self) -> tuple[Result, ...]:
        """The results that are only worth knowing."""
        return self._of("Info")

    def unexpected(self, expected: Expected) -> tuple[Result, ...]:
        """The results that nobody has looked at yet: all that are not expected."""
        return tuple(result for result in self.results if result.key not in expected)

    def absent(self, expected: Expected) -> tuple[tuple[str, str], ...]:
        """The expected pairs of shape and node that did not come."""
        return tuple(sorted(set(expected) - {result.key for result in self.results}))

    def _of(self, severity: str) -> tuple[Result, ...]:
        return tuple(found for found in self.results if found.severity == severity)


def read_expected(path: Path) -> frozenset[tuple[str, str]]:
    """Read a list of the advice that a document is known to give rise to.

    The file is CSV with the columns ``shape`` (its local name) and ``focus`` (the IRI
    of the node after the base).

    Raises:
        InvalidData: a column is missing.
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
        return frozenset(_expected_row(row, rows.line_num, path) for row in rows)


def _expected_row(row: dict[str, str], line: int, path: Path) -> tuple[str, str]:
    """A row of the table as a pair of IRIs."""
    if not row["shape"] or not row["focus"]:
        raise InvalidData(
            "A row has no shape or no node.",
            path=path,
            line=line,
            remedy="Write both, with a comma between, or remove the row.",
        )
    return SHAPES + row["shape"], BASE + row["focus"]
