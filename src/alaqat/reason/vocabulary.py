"""The words by which a schema speaks, and what is true of them in every graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rdflib import OWL, RDF, RDFS

from alaqat.reason.datatypes import DATATYPES, is_part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rdflib.term import Node

    from alaqat.reason.rules import Triple


# Properties of RDFS and OWL that are about things, or that no rule reads.
_NO_AXIOMS = frozenset(
    {
        RDFS.comment,
        RDFS.isDefinedBy,
        RDFS.label,
        RDFS.member,
        RDFS.seeAlso,
        OWL.deprecated,
        OWL.differentFrom,
        OWL.imports,
        OWL.priorVersion,
        OWL.sameAs,
        OWL.versionIRI,
        OWL.versionInfo,
    }
)
_NO_KINDS = frozenset({OWL.NamedIndividual, OWL.Nothing, OWL.Thing, RDFS.Resource})
_LISTS = frozenset({RDF.first, RDF.rest})

ANNOTATIONS = (
    RDFS.label,
    RDFS.comment,
    RDFS.seeAlso,
    RDFS.isDefinedBy,
    OWL.deprecated,
    OWL.versionInfo,
    OWL.priorVersion,
    OWL.backwardCompatibleWith,
    OWL.incompatibleWith,
)


def is_axiom_property(node: Node) -> bool:
    """Whether triples with this property belong to the schema."""
    if node in _LISTS:
        return True
    return node not in _NO_AXIOMS and str(node).startswith((str(RDFS), str(OWL)))


def is_axiom_class(node: Node) -> bool:
    """Whether being of this class is said of terms of the schema."""
    if node == RDF.Property:
        return True
    ours = str(node).startswith((str(RDFS), str(OWL)))
    return ours and node not in _NO_KINDS and node != RDFS.Literal


def axiomatic_triples() -> Iterator[Triple]:
    """What holds even in the empty graph (prp-ap, cls-thing, cls-nothing1, dt-type1).

    Also, which datatypes are part of which.
    """
    for name in ANNOTATIONS:
        yield name, RDF.type, OWL.AnnotationProperty
    for kind in (OWL.Thing, OWL.Nothing):
        yield kind, RDF.type, OWL.Class
    for datatype in DATATYPES:
        yield datatype, RDF.type, RDFS.Datatype
        for other in DATATYPES:
            if other != datatype and is_part(datatype, other):
                yield datatype, RDFS.subClassOf, other
