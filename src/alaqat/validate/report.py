"""What a validation found, in a stable order, and what of it was expected."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from rdflib import URIRef
from rdflib.term import Node

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

    @property
    def advice(self) -> tuple[Result, ...]:
        """The results that do not forbid to publish."""
        return self.warnings + self.infos

    def absent(self, expected: Expected) -> tuple[tuple[str, str], ...]:
        """The expected pairs of shape and node that did not come."""
        return tuple(sorted(set(expected) - {result.key for result in self.results}))

    def _of(self, severity: str) -> tuple[Result, ...]:
        return tuple(found for found in self.results if found.severity == severity)
