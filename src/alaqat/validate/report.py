"""What a validation found, in a stable order, and what of it was expected.

A report as RDF, so that it can be published and queried like all else.

The vocabulary is SHACL's own (SHACL §3.6). Nodes are named by their place in the
report, which has a stable order, so that the same report is the same graph.
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

#: A shape and a focus node that are known not to agree, as IRIs.
ExpectedPairs = Collection[tuple[str, str]]


@dataclass(frozen=True)
class ValidationResult:
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
class ValidationReport:
    """Every result of a validation, in a stable order."""

    results: tuple[ValidationResult, ...]

    @property
    def conforms(self) -> bool:
        """Whether there are no violations; advice does not count."""
        return not self.violations

    @property
    def violations(self) -> tuple[ValidationResult, ...]:
        """The results that forbid to publish."""
        return self._of("Violation")

    @property
    def warnings(self) -> tuple[ValidationResult, ...]:
        """The results that the source itself may be the cause of."""
        return self._of("Warning")

    @property
    def infos(self) -> tuple[ValidationResult, ...]:
        """The results that are only worth knowing."""
        return self._of("Info")

    def unexpected(self, expected: ExpectedPairs) -> tuple[ValidationResult, ...]:
        """The results that nobody has looked at yet: all that are not expected."""
        return tuple(result for result in self.results if result.key not in expected)

    @property
    def advice(self) -> tuple[ValidationResult, ...]:
        """The results that do not forbid to publish."""
        return self.warnings + self.infos

    def absent(self, expected: ExpectedPairs) -> tuple[tuple[str, str], ...]:
        """The expected pairs of shape and node that did not come."""
        return tuple(sorted(set(expected) - {result.key for result in self.results}))

    def _of(self, severity: str) -> tuple[ValidationResult, ...]:
        return tuple(found for found in self.results if found.severity == severity)


REPORT = URIRef(f"{BASE}id/report")
_PATH = re.compile(r"<([^<>\s]+)>")


def report_as_rdf(report: ValidationReport) -> Graph:
    """A report as an sh:ValidationReport; nodes without a name are left out."""
    graph = new_graph()
    graph.add((REPORT, RDF.type, SH.ValidationReport))
    graph.add((REPORT, SH.conforms, Literal(report.conforms)))
    for number, result in enumerate(report.results, 1):
        node = URIRef(f"{REPORT}/{number}")
        graph.add((REPORT, SH.result, node))
        _add_result(graph, node, result)
    return graph


def _add_result(graph: Graph, node: URIRef, result: ValidationResult) -> None:
    """One result."""
    graph.add((node, RDF.type, SH.ValidationResult))
    graph.add((node, SH.resultSeverity, SH[result.severity]))
    graph.add((node, SH.sourceShape, result.shape))
    core = result.constraint.startswith(str(SH))
    constraint = SH.sourceConstraintComponent if core else SH.sourceConstraint
    graph.add((node, constraint, result.constraint))
    for code, message in result.messages.items():
        graph.add((node, SH.resultMessage, Literal(message, lang=code)))
    if path := _PATH.fullmatch(result.path):
        graph.add((node, SH.resultPath, URIRef(path[1])))
    for name, value in ((SH.focusNode, result.focus), (SH.value, result.value)):
        if value is not None and not isinstance(value, BNode):
            graph.add((node, name, value))
