"""A report as RDF, so that it can be published and queried like all else.

The vocabulary is SHACL's own (SHACL §3.6). Nodes are named by their place in the
report, which has a stable order, so that the same report is the same graph.
"""

from __future__ import annotations

import re

from rdflib import RDF, SH, BNode, Graph, Literal, URIRef

from alaqat.formats.graphs import new_graph
from alaqat.terms import BASE
from alaqat.validate.report import Report, Result

REPORT = URIRef(f"{BASE}id/report")
_PATH = re.compile(r"<([^<>\s]+)>")


def recorded(report: Report) -> Graph:
    """A report as an sh:ValidationReport; nodes without a name are left out."""
    graph = new_graph()
    graph.add((REPORT, RDF.type, SH.ValidationReport))
    graph.add((REPORT, SH.conforms, Literal(report.conforms)))
    for number, result in enumerate(report.results, 1):
        node = URIRef(f"{REPORT}/{number}")
        graph.add((REPORT, SH.result, node))
        _add(graph, node, result)
    return graph


def _add(graph: Graph, node: URIRef, result: Result) -> None:
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
