"""The interface of reasoning engines, and filters of the triples they derive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from rdflib import OWL, RDF, RDFS, XSD, BNode, URIRef

from alaqat.terms import AL, KIND

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rdflib import Graph
    from rdflib.term import Node

    from alaqat.reason.rules import Rule, Triple

    # Takes a property; for rdf:type, a class too.
    OutputFilter = Callable[[Node, Node | None], bool]


class Closure(Protocol):
    """A graph and everything that follows from it, computed on demand."""

    @property
    def violated_rules(self) -> tuple[Rule, ...] | None:
        """The rules with the head `false` that fired; None if unknown."""

    def new_triples(self, output_filter: OutputFilter) -> Iterator[Triple]:
        """Yield what follows and was not given, as far as it passes the filter."""

    def graph(self) -> Graph:
        """Return the graph given and everything that follows.

        It may hold triples that RDF forbids, such as those with literal subjects, and
        need not state that a term is the same as itself.
        """


class Engine(Protocol):
    """A function that closes a graph under the rules of OWL 2 RL."""

    def __call__(self, graph: Graph, /) -> Closure:
        """Return the closure of a graph, which is not changed.

        Raises:
            InvalidData: the engine does not support an axiom.
        """


_PROJECT = str(AL)
_SCHEMAS = (str(RDF), str(RDFS), str(OWL))
_BUILT_IN = (*_SCHEMAS, str(XSD))
_VOCABULARIES = (str(AL), str(KIND))

# The classes of schema terms, about which nothing new is derived.
_DECLARATIONS = {
    OWL.AnnotationProperty,
    OWL.Class,
    OWL.DatatypeProperty,
    OWL.ObjectProperty,
    OWL.Ontology,
    RDF.Property,
    RDFS.Class,
    RDFS.Datatype,
}


def declared_terms(types: Iterable[tuple[Node, Node]]) -> set[Node]:
    """Return the terms of the schema, given the rdf:type pairs of a graph."""
    return {subject for subject, kind in types if kind in _DECLARATIONS}


def is_project_term(predicate: Node, kind: Node | None) -> bool:
    """Check for owl:sameAs, or a property (a class, for rdf:type) of this project."""
    if predicate == RDF.type:
        return isinstance(kind, URIRef) and kind.startswith(_PROJECT)
    return predicate == OWL.sameAs or str(predicate).startswith(_PROJECT)


def is_domain_term(predicate: Node, kind: Node | None) -> bool:
    """Check for a property (a class, for rdf:type) outside RDF, RDFS and OWL."""
    if predicate == RDF.type:
        return isinstance(kind, URIRef) and not str(kind).startswith(_SCHEMAS)
    return predicate == OWL.sameAs or not str(predicate).startswith(_SCHEMAS)


def is_about_individual(triple: Triple, schema: set[Node]) -> bool:
    """Check whether a triple describes an individual that has an IRI."""
    subject, predicate, value = triple
    if not isinstance(subject, URIRef) or subject in schema:
        return False
    if predicate == OWL.sameAs and not isinstance(value, URIRef):
        return False
    is_term = str(subject).startswith(_VOCABULARIES)
    return not (is_term or isinstance(value, BNode) or value == subject)


def is_statement(triple: Triple) -> bool:
    """Check whether a derived triple is one to print.

    Not those with a blank node, a literal as the subject, or a term of RDF, RDFS, OWL
    or XSD as the subject: these hold in every graph.
    """
    subject, _, value = triple
    return (
        isinstance(subject, URIRef)
        and not isinstance(value, BNode)
        and not str(subject).startswith(_BUILT_IN)
    )


def selection(
    schema: set[Node], output_filter: OutputFilter
) -> Callable[[Triple], bool]:
    """Return a check for triples about individuals that pass a filter.

    Args:
        schema: the terms that are no individuals.
        output_filter: the properties and classes.
    """

    def selects(triple: Triple) -> bool:
        _, predicate, value = triple
        kind = value if predicate == RDF.type else None
        return output_filter(predicate, kind) and is_about_individual(triple, schema)

    return selects
