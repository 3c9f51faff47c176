"""What to call nodes and terms when telling people of them.

Tell people, and programs, what a validation found.

Violations as an error that tells the first of them.
"""

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


def names(data: Graph, node: Node) -> dict[str, str]:
    """What to call a node in each language: its label, or itself."""
    itself = str(node) if isinstance(node, Literal) else short(str(node))
    labels = by_language(data.objects(node, RDFS.label))
    return {language: localized(labels, language) or itself for language in LANGUAGES}


@dataclass(frozen=True)
class Finding:
    """A result with what a person needs to mend it.

    Attributes:
        labels: the label of what the result is about, by language.
        values: the label of the value at fault, by language.
        place: the file and 1-based line where it is written.
        words: the words of the source that state it.
    """

    result: ValidationResult
    labels: Mapping[str, str]
    values: Mapping[str, str]
    place: tuple[Path, int] | None
    words: tuple[str, ...]

    def text(self, language: str) -> str:
        """The finding on a few lines: what, why, the words and the place."""
        words, value = texts("validation", language), self.values.get(language)
        lines = [
            f"{words[self.result.severity]}: {self.labels[language]}",
            localized(self.result.messages, language),
            f"{words['value']}: {value}" if value else "",
            *(f"«{quote}»" for quote in self.words),
            "{}:{}".format(*self.place) if self.place else str(self.result.focus),
        ]
        return "\n  ".join(line for line in lines if line)

    def as_json(self) -> dict[str, Any]:
        """The finding as plain values, in every language."""
        result = self.result
        return {
            "severity": result.severity,
            "shape": str(result.shape),
            "constraint": str(result.constraint),
            "focus": str(result.focus),
            "path": result.path or None,
            "value": None if result.value is None else result.value.n3(),
            "messages": dict(result.messages),
            "labels": dict(self.labels),
            "file": str(self.place[0]) if self.place else None,
            "line": self.place[1] if self.place else None,
            "words": list(self.words),
        }


def present(
    report: ValidationReport, data: Graph, where: SourceLocator
) -> tuple[Finding, ...]:
    """The results for people.

    Args:
        report: what was found.
        data: the graph that was validated, for labels and words.
        where: the file and line of a node.
    """
    return tuple(_finding(result, data, where) for result in report.results)


def to_json(report: ValidationReport, findings: Iterable[Finding]) -> dict[str, Any]:
    """The report for programs."""
    results = [finding.as_json() for finding in findings]
    return {"conforms": report.conforms, "results": results}


def _finding(result: ValidationResult, data: Graph, where: SourceLocator) -> Finding:
    """A result with labels, place and words; a claim stands for its fact."""
    node = URIRef(str(result.focus).partition("#")[0])
    body = min(data.objects(node, OA.hasBody), key=str, default=None)
    words = tuple(sorted(_words(data, node)))
    about = node if body is None else body
    sought = words[0] if body is not None and words else result.path
    return Finding(
        result=result,
        labels=names(data, about),
        values=names(data, result.value) if result.value else {},
        place=where(str(about), sought),
        words=words,
    )


def _words(data: Graph, node: Node) -> Iterator[str]:
    """The words of an annotation, or of the claims on a fact."""
    for annotation in (node, *data.subjects(OA.hasBody, node)):
        for target in data.objects(annotation, OA.hasTarget):
            for selector in data.objects(target, OA.hasSelector):
                yield from map(str, data.objects(selector, OA.exact))


_TOLD = 5
"""How many violations a message tells."""
_LISTED = 100
"""How many of them programs get."""


def nonconforming_error(
    report: ValidationReport,
    data: Graph,
    where: SourceLocator = unlocated,
    *,
    remedy: str = "Change the data so that the shapes allow it, and send it again.",
) -> Nonconforming:
    """What the shapes found wrong: the first findings, each with its place."""
    first = present(ValidationReport(report.violations[:_LISTED]), data, where)
    told = [finding.text("en") for finding in first[:_TOLD]]
    return Nonconforming(
        "\n".join((f"Violations of the shapes: {len(report.violations)}", *told)),
        results=[finding.as_json() for finding in first],
        remedy=remedy,
    )
