"""Terms of SHACL in shapes: an engine ignores one that it does not know, or fails."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from rdflib import RDF, SH, Graph, URIRef

from alaqat.errors import InvalidData
from alaqat.terms import local, short

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rdflib.term import Node

    from alaqat.errors import SourceLocator

# rdflib lists the words that are no names in Python apart from the others.
_KNOWN = sorted({*(local(str(term)) for term in dir(SH)), *SH._extras})
_SEVERITIES = (SH.Violation, SH.Warning, SH.Info)


def check_shape_terms(shapes: Graph, where: SourceLocator) -> None:
    """Check that shapes use only terms of SHACL, and its own severities.

    Args:
        shapes: the shapes.
        where: returns the file and line of a subject, for error messages.

    Raises:
        InvalidData: a term of the namespace is unknown, or a severity is not one of
            SHACL §2.1.4; the message lists all such errors.
    """
    errors = [*_unknown_terms(shapes, where), *_other_severities(shapes, where)]
    if errors:
        raise InvalidData("\n".join(map(str, errors)))


def _unknown_terms(shapes: Graph, where: SourceLocator) -> Iterator[InvalidData]:
    for subject, predicate, value in sorted(shapes, key=str):
        kinds = (value,) if predicate == RDF.type else ()
        for term in (predicate, *kinds):
            name = str(term).removeprefix(str(SH))
            if name == str(term) or name in _KNOWN:
                continue
            near = get_close_matches(name, _KNOWN, n=1)
            yield _error(
                f"SHACL has no sh:{name}.",
                f"Did you mean sh:{near[0]}?" if near else "Use a term of SHACL.",
                *(subject, name, where),
            )


def _other_severities(shapes: Graph, where: SourceLocator) -> Iterator[InvalidData]:
    for subject, severity in sorted(shapes.subject_objects(SH.severity)):
        if severity not in _SEVERITIES:
            yield _error(
                f"The severity {_shown(severity)} is not supported.",
                "Use sh:Violation, sh:Warning or sh:Info.",
                *(subject, local(str(severity)), where),
            )


def _error(
    message: str, remedy: str, subject: Node, text: str, where: SourceLocator
) -> InvalidData:
    path, line = where(str(subject), text) or (None, None)
    return InvalidData(message, path=path, line=line, remedy=remedy)


def _shown(node: Node) -> str:
    return short(str(node)) if isinstance(node, URIRef) else node.n3()
