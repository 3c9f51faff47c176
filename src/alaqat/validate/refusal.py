"""Violations as an error that tells the first of them."""

from __future__ import annotations

from rdflib import Graph

from alaqat.errors import Nonconforming, Where
from alaqat.validate.present import present
from alaqat.validate.report import Report

_TOLD = 5
"""How many violations a message tells."""
_LISTED = 100
"""How many of them programs get."""


def _nowhere(_iri: str, _words: str) -> None:
    """No place: what is refused stands in no file."""


def refusal(
    report: Report,
    data: Graph,
    where: Where = _nowhere,
    *,
    remedy: str = "Change the data so that the shapes allow it, and send it again.",
) -> Nonconforming:
    """What the shapes found wrong: the first findings, each with its place."""
    first = present(Report(report.violations[:_LISTED]), data, where)
    told = [finding.text("en") for finding in first[:_TOLD]]
    return Nonconforming(
        "\n".join((f"Violations of the shapes: {len(report.violations)}", *told)),
        results=[finding.as_json() for finding in first],
        remedy=remedy,
    )
