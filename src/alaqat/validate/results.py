"""Validation results with labels, locations and quotes: as text, JSON or an error."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rdflib import RDFS, Graph, Literal, URIRef
from rdflib.term import Node

from alaqat.errors import Nonconforming, SourceLocator, unlocated
from alaqat.i18n import (
    LANGUAGES,
    by_language,
    localized,
    texts,
)
from alaqat.terms import OA, short
from alaqat.validate.report import ValidationReport, ValidationResult


def labels_of(data: Graph, node: Node) -> dict[str, str]:
    """Return the label of a node in each language; without one, the node itself."""
    fallback = str(node) if isinstance(node, Literal) else short(str(node))
    labels = by_language(data.objects(node, RDFS.label))
    return {language: localized(labels, language) or fallback for language in LANGUAGES}


@dataclass(frozen=True)
class Finding:
    """A result with what a curator needs to correct it.

    Attributes:
        labels: the label of the node that the result is about, by language.
        values: the label of the offending value, by language.
        location: the file and 1-based line where the node is described.
        quotes: the words of the source that state it.
    """

    result: ValidationResult
    labels: Mapping[str, str]
    values: Mapping[str, str]
    location: tuple[Path, int] | None
    quotes: tuple[str, ...]

    def text(self, language: str) -> str:
        """Return the finding in a few lines: node, message, quotes and location."""
        words, value = texts("validation", language), self.values.get(language)
        lines = [
            f"{words[self.result.severity]}: {self.labels[language]}",
            localized(self.result.messages, language),
            f"{words['value']}: {value}" if value else "",
            *(f"«{quote}»" for quote in self.quotes),
            "{}:{}".format(*self.location) if self.location else str(self.result.focus),
        ]
        return "\n  ".join(line for line in lines if line)

    def as_json(self) -> dict[str, Any]:
        """Return the finding as JSON values, in every language."""
        result, location = self.result, self.location
        return {
            "severity": result.severity,
            "shape": str(result.shape),
            "constraint": str(result.constraint),
            "focus": str(result.focus),
            "path": result.path or None,
            "value": None if result.value is None else result.value.n3(),
            "messages": dict(result.messages),
            "labels": dict(self.labels),
            "file": str(location[0]) if location else None,
            "line": location[1] if location else None,
            "words": list(self.quotes),
        }


def findings_of(
    report: ValidationReport, data: Graph, where: SourceLocator
) -> tuple[Finding, ...]:
    """Return the results of a report as findings.

    Args:
        report: the report of the validation.
        data: the validated graph, for labels and quotes.
        where: returns the file and line of a node, searched by its IRI and some words.
    """
    return tuple(_finding(result, data, where) for result in report.results)


def report_as_json(
    report: ValidationReport, findings: Iterable[Finding]
) -> dict[str, Any]:
    """Return a report with its findings as JSON values."""
    results = [finding.as_json() for finding in findings]
    return {"conforms": report.conforms, "results": results}


def _finding(result: ValidationResult, data: Graph, where: SourceLocator) -> Finding:
    """Return the finding of a result; one about a claim is shown at its fact."""
    node = URIRef(str(result.focus).partition("#")[0])
    body = min(data.objects(node, OA.hasBody), key=str, default=None)
    quotes = tuple(sorted(_quotes(data, node)))
    about = node if body is None else body
    sought = quotes[0] if body is not None and quotes else result.path
    return Finding(
        result=result,
        labels=labels_of(data, about),
        values=labels_of(data, result.value) if result.value else {},
        location=where(str(about), sought),
        quotes=quotes,
    )


def _quotes(data: Graph, node: Node) -> Iterator[str]:
    """Yield the quotes of an annotation, or of the claims on a fact."""
    for annotation in (node, *data.subjects(OA.hasBody, node)):
        for target in data.objects(annotation, OA.hasTarget):
            for selector in data.objects(target, OA.hasSelector):
                yield from map(str, data.objects(selector, OA.exact))


_MAX_IN_MESSAGE = 5  # violations described in the message of an error
_MAX_IN_RESULTS = 100  # violations in its JSON


def nonconforming_error(
    report: ValidationReport,
    data: Graph,
    where: SourceLocator = unlocated,
    *,
    remedy: str = "Change the data so that the shapes allow it, and send it again.",
) -> Nonconforming:
    """Return the error of a report with violations, with the first findings."""
    first = findings_of(
        ValidationReport(report.violations[:_MAX_IN_RESULTS]), data, where
    )
    described = [finding.text("en") for finding in first[:_MAX_IN_MESSAGE]]
    return Nonconforming(
        "\n".join((f"Violations of the shapes: {len(report.violations)}", *described)),
        results=[finding.as_json() for finding in first],
        remedy=remedy,
    )
