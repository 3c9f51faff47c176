"""SHACL validation by one of several engines.

Messages are read from the shapes rather than from the engine's report, because an
engine may drop the language of a message (SHACL §2.1.5, §5.3.2).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from pyparsing import ParseException
from rdflib import RDF, SH, Graph, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from alaqat.errors import InvalidData, SourceLocator, unlocated
from alaqat.i18n import by_language
from alaqat.terms import short
from alaqat.validate.report import ValidationReport, ValidationResult
from alaqat.validate.shape_terms import check_shape_terms

_PREFIXED = re.compile(r"\w+:[\w-]+")


def validate(
    data: Graph,
    shapes: Graph,
    *,
    engine: str = "pyshacl-turbo",
    where: SourceLocator = unlocated,
) -> ValidationReport:
    """Validate data with SHACL; neither graph is changed.

    Args:
        data: facts with claims, entities, document, notes, ontology and inferences;
            nothing is inferred here.
        shapes: the shapes; each that can fail has an IRI and messages.
        engine: a name in ``ENGINES``; all give the same report.
        where: returns the file and line of a shape, for error messages.

    Raises:
        InvalidData: a shape, or a query in it, is not valid or not supported.
    """
    check_shape_terms(shapes, where)
    raw = ENGINES[engine](data, shapes)
    nodes = raw.subjects(RDF.type, SH.ValidationResult)
    results = (_read_result(raw, node, shapes) for node in nodes)
    # An engine may report a result twice, for two solutions of one query.
    found = {result.sort_key: result for result in results}
    return ValidationReport(tuple(found[key] for key in sorted(found)))


def _pyshacl(data: Graph, shapes: Graph) -> Graph:
    """Run pySHACL on a copy of the shapes, because it writes to them."""
    from pyshacl import validate  # imported here because it is slow
    from pyshacl.errors import ReportableRuntimeError

    copy = Graph()
    copy += shapes
    try:
        _, found, _ = validate(data, shacl_graph=copy, inference="none")
    except (ParseException, ReportableRuntimeError, NotImplementedError) as error:
        raise _shapes_error(error) from None
    return _report_graph(found)


def _pyshacl_turbo(data: Graph, shapes: Graph) -> Graph:
    """Run pyshacl-turbo."""
    from pyshacl_turbo import ReportableRuntimeError, validate

    try:
        _, found, _ = validate(data, shacl_graph=shapes, inference="none")
    except (ValueError, ReportableRuntimeError, NotImplementedError) as error:
        raise _shapes_error(error) from None
    return _report_graph(found)


ENGINES: Mapping[str, Callable[[Graph, Graph], Graph]] = {
    "pyshacl": _pyshacl,
    "pyshacl-turbo": _pyshacl_turbo,
}
"""The SHACL engines by name; the first is the reference."""


def _report_graph(found: object) -> Graph:
    """Return the report graph; engines return some failures in its place."""
    if isinstance(found, Graph):
        return found
    raise _shapes_error(found)


def _shapes_error(failure: object) -> InvalidData:
    """Return the error of shapes that an engine cannot run."""
    return InvalidData(
        f"The shapes could not be run: {failure}",
        remedy="Fix the shape that the message names, in ontology/shapes.",
    )


def _read_result(raw: Graph, node: Node, shapes: Graph) -> ValidationResult:
    """Read a result of the report graph, with the messages and path of its shape."""
    severity, shape, focus, component = (
        next(raw.objects(node, part))
        for part in (
            SH.resultSeverity,
            SH.sourceShape,
            SH.focusNode,
            SH.sourceConstraintComponent,
        )
    )
    query = raw.value(node, SH.sourceConstraint)
    return ValidationResult(
        severity=str(severity).rpartition("#")[2],
        shape=URIRef(str(shape)),
        focus=focus,
        path=_sparql_path(shapes, shapes.value(shape, SH.path)),
        value=raw.value(node, SH.value),
        constraint=URIRef(str(query or component)),
        messages=by_language(shapes.objects(query or shape, SH.message)),
    )


_REPEATED_PATHS = {
    SH.zeroOrMorePath: "*",
    SH.oneOrMorePath: "+",
    SH.zeroOrOnePath: "?",
}


def _sparql_path(shapes: Graph, path: Node | None, *, is_part: bool = False) -> str:
    """Return a SHACL property path (§2.3.1) in the syntax of SPARQL.

    Args:
        shapes: the graph that describes it.
        path: an IRI or a blank node; None for none.
        is_part: whether it is part of another path, and is set in brackets if it has
            several parts of its own.
    """
    if path is None:
        return ""
    if isinstance(path, URIRef):
        return _sparql_iri(path)
    if inverse := shapes.value(path, SH.inversePath):
        return f"^{_sparql_path(shapes, inverse, is_part=True)}"
    for kind, sign in _REPEATED_PATHS.items():
        if repeated := shapes.value(path, kind):
            return f"{_sparql_path(shapes, repeated, is_part=True)}{sign}"
    alternatives = shapes.value(path, SH.alternativePath)
    members, sign = (path, "/") if alternatives is None else (alternatives, "|")
    parts = (
        _sparql_path(shapes, part, is_part=True) for part in Collection(shapes, members)
    )
    return f"({sign.join(parts)})" if is_part else sign.join(parts)


def _sparql_iri(iri: URIRef) -> str:
    """Return an IRI in the syntax of SPARQL: prefixed where possible."""
    name = short(iri)
    return name if _PREFIXED.fullmatch(name) else f"<{iri}>"
