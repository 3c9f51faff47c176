"""What every reasoning engine is: a graph in, what follows from it out.

Which of the derived triples are worth keeping: those about things, in our words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from rdflib import OWL, RDF, RDFS, BNode, URIRef

from alaqat.terms import AL, KIND

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rdflib.term import Node

    from alaqat.reason.rules import Triple


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rdflib import Graph
    from rdflib.term import Node

    from alaqat.reason.rules import Rule, Triple

    Wanted = Callable[[Node, Node | None], bool]  # a property; for rdf:type, a class


class Closure(Protocol):
    """A graph and all that follows from it, as far as anybody asks."""

    @property
    def broken(self) -> tuple[Rule, ...] | None:
        """The rules that ended in `false`; None if the engine does not tell."""

    def news(self, wanted: Wanted) -> Iterator[Triple]:
        """What follows and was not given, of the wanted properties and classes."""

    def graph(self) -> Graph:
        """The graph given and all that follows.

        It may hold what RDF forbids, such as literal subjects; it need not say that a
        term is itself.
        """


class Engine(Protocol):
    """Something that closes a graph under OWL 2 RL."""

    def __call__(self, graph: Graph, /) -> Closure:
        """What follows from the graph, which is left alone.

        Raises InvalidData for axioms the engine cannot handle.
        """


_OURS = str(AL)
_SCHEMAS = (str(RDF), str(RDFS), str(OWL))
_VOCABULARIES = (str(AL), str(KIND))

# What a term of the schema is declared to be; nothing new is told about those.
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


def declared(types: Iterable[tuple[Node, Node]]) -> set[Node]:
    """The terms of the schema, of things and their classes."""
    return {subject for subject, kind in types if kind in _DECLARATIONS}


def is_ours(predicate: Node, kind: Node | None) -> bool:
    """Whether a property, or a class if it is rdf:type, is one of our words."""
    if predicate == RDF.type:
        return isinstance(kind, URIRef) and kind.startswith(_OURS)
    return predicate == OWL.sameAs or str(predicate).startswith(_OURS)


def is_any(predicate: Node, kind: Node | None) -> bool:
    """Whether it is a word of any vocabulary but those that schemas are written in."""
    if predicate == RDF.type:
        return isinstance(kind, URIRef) and not str(kind).startswith(_SCHEMAS)
    return predicate == OWL.sameAs or not str(predicate).startswith(_SCHEMAS)


def is_about_things(triple: Triple, schema: set[Node]) -> bool:
    """Whether a triple tells of a thing, by an IRI."""
    subject, predicate, value = triple
    if not isinstance(subject, URIRef) or subject in schema:
        return False
    if predicate == OWL.sameAs and not isinstance(value, URIRef):
        return False
    words = str(subject).startswith(_VOCABULARIES)
    return not (words or isinstance(value, BNode) or value == subject)
