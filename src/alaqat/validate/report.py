"""Validation reports, and their RDF in the SHACL vocabulary (SHACL §3.6).

Results have a stable order and are named by it, so that equal reports give equal
graphs.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from rdflib import RDF, SH, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from alaqat.rdf.graphs import new_graph
from alaqat.terms import BASE

SEVERITIES = ("Violation", "Warning", "Info")

ExpectedPairs = Collection[tuple[str, str]]
"""IRIs of shapes and focus nodes whose results are expected."""


@dataclass(frozen=True)
class ValidationResult:
    """A node that violates a shape, or that a shape gives advice on.

    Attributes:
        path: the property path in the syntax of SPARQL; empty if the shape has none.
        value: the offending value, if there is one.
        constraint: the SPARQL constraint or the constraint component that failed.
        messages: the messages of the shape, by language.
    """

    severity: str
    shape: URIRef
    focus: Node
    path: str
    value: Node | None
    constraint: URIRef
    messages: Mapping[str, str]

    @property
    def sort_key(self) -> tuple[object, ...]:
        """The most severe first, then by name."""
        value = "" if self.value is None else self.value.n3()
        rank = SEVERITIES.index(self.severity)
        return rank, self.shape, self.focus.n3(), self.constraint, value

    @property
    def key(self) -> tuple[str, str]:
        """The pair of shape and focus node, as in lists of expected warnings."""
        return str(self.shape), str(self.focus)


@dataclass(frozen=True)
class ValidationReport:
    """The results of a validation, in a stable order."""

    results: tuple[ValidationResult, ...]

    @property
    def conforms(self) -> bool:
        """Whether there are no violations; advice is allowed."""
        return not self.violations

    @property
    def violations(self) -> tuple[ValidationResult, ...]:
        """The results that prevent publication."""
        return self._of("Violation")

    @property
    def warnings(self) -> tuple[ValidationResult, ...]:
        """The results that the source itself may cause."""
        return self._of("Warning")

    @property
    def infos(self) -> tuple[ValidationResult, ...]:
        """The results that are for information only."""
        return self._of("Info")

    def unexpected(self, expected: ExpectedPairs) -> tuple[ValidationResult, ...]:
        """Return the results that are not expected."""
        return tuple(result for result in self.results if result.key not in expected)

    @property
    def advice(self) -> tuple[ValidationResult, ...]:
        """The results that do not prevent publication."""
        return self.warnings + self.infos

    def missing(self, expected: ExpectedPairs) -> tuple[tuple[str, str], ...]:
        """Return the expected pairs of shape and focus node that have no result."""
        return tuple(sorted(set(expected) - {result.key for result in self.results}))

    def _of(self, severity: str) -> tuple[ValidationResult, ...]:
        return tuple(found for found in self.results if found.severity == severity)


REPORT = URIRef(f"{BASE}id/report")
_PATH = re.compile(r"<([^<>\s]+)>")


def report_as_rdf(report: ValidationReport) -> Graph:
    """Return a report as an sh:ValidationReport, without blank nodes."""
    graph = new_graph()
    graph.add((REPORT, RDF.type, SH.ValidationReport))
    graph.add((REPORT, SH.conforms, Literal(report.conforms)))
    for number, result in enumerate(report.results, 1):
        node = URIRef(f"{REPORT}/{number}")
        graph.add((REPORT, SH.result, node))
        _add_result(graph, node, result)
    return graph


def _add_result(graph: Graph, node: URIRef, result: ValidationResult) -> None:
    graph.add((node, RDF.type, SH.ValidationResult))
    graph.add((node, SH.resultSeverity, SH[result.severity]))
    graph.add((node, SH.sourceShape, result.shape))
    is_core = result.constraint.startswith(str(SH))
    constraint = SH.sourceConstraintComponent if is_core else SH.sourceConstraint
    graph.add((node, constraint, result.constraint))
    for code, message in result.messages.items():
        graph.add((node, SH.resultMessage, Literal(message, lang=code)))
    if path := _PATH.fullmatch(result.path):
        graph.add((node, SH.resultPath, URIRef(path[1])))
    for name, value in ((SH.focusNode, result.focus), (SH.value, result.value)):
        if value is not None and not isinstance(value, BNode):
            graph.add((node, name, value))
