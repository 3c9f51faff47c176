"""What follows from the facts by OWL 2 RL, and where they contradict the ontology."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rdflib import OWL, RDF, RDFS, BNode, Graph, URIRef

from alaqat.errors import Inconsistent, UnknownEngine
from alaqat.reason import fast, reference
from alaqat.reason.contradictions import find, told
from alaqat.terms import AL, KIND

if TYPE_CHECKING:
    from rdflib.term import Node

    from alaqat.reason.interface import Closure, Engine, Triple

__all__ = ["DEFAULT_ENGINE", "ENGINES", "infer"]

DEFAULT_ENGINE = "nemo"
ENGINES: dict[str, Engine] = {"nemo": fast.close, "owlrl": reference.close}

_VOCABULARIES = (str(AL), str(KIND))

# What a term of the schema is declared to be; nothing new is told about those.
_DECLARATIONS = (
    OWL.AnnotationProperty,
    OWL.Class,
    OWL.DatatypeProperty,
    OWL.ObjectProperty,
    OWL.Ontology,
    RDF.Property,
    RDFS.Class,
    RDFS.Datatype,
)


def infer(graph: Graph, *, engine: str = DEFAULT_ENGINE) -> Graph:
    """The new triples about the things in a graph that follow from it.

    Kept are triples with an IRI for a subject that is no term of the schema, and
    a property of ours, a class of ours as rdf:type, or an owl:sameAs that says more
    than that a thing is itself. The graph given is left alone.

    Raises Inconsistent with every contradiction, InvalidData for a construct the
    engine does not handle, UnknownEngine.
    """
    closure = _engine(engine)(graph)
    if closure.broken is None or closure.broken:
        contradictions = find(closure.graph(), graph) or told(closure.broken or ())
        if contradictions:
            raise Inconsistent(contradictions)
    return _news(closure, graph)


def _engine(name: str) -> Engine:
    """The engine of that name, or UnknownEngine with the names there are."""
    if name not in ENGINES:
        raise UnknownEngine(
            f"no reasoning engine is called {name!r}",
            remedy=f"Choose one of: {', '.join(sorted(ENGINES))}.",
        )
    return ENGINES[name]


def _news(closure: Closure, given: Graph) -> Graph:
    """The triples that are worth keeping beside the given graph."""
    schema = {s for kind in _DECLARATIONS for s in given.subjects(RDF.type, kind)}
    news = Graph(store="SimpleMemory", bind_namespaces="none")
    for triple in closure.news(_is_ours):
        if _is_about_things(triple, schema):
            news.add(triple)
    return news


def _is_ours(predicate: Node, kind: Node | None) -> bool:
    """Whether a property, or a class if it is rdf:type, is one of our words."""
    if predicate == RDF.type:
        return isinstance(kind, URIRef) and kind.startswith(AL)
    return predicate == OWL.sameAs or str(predicate).startswith(AL)


def _is_about_things(triple: Triple, schema: set[Node]) -> bool:
    """Whether a triple tells of a thing, by an IRI."""
    subject, predicate, value = triple
    if not isinstance(subject, URIRef) or subject in schema:
        return False
    if predicate == OWL.sameAs and not isinstance(value, URIRef):
        return False
    words = str(subject).startswith(_VOCABULARIES)
    return not (words or isinstance(value, BNode) or value == subject)
