"""How much of what a dataset holds: the counts of VoID."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from rdflib import RDF, SKOS, VOID, BNode, Graph, Literal, URIRef

from alaqat.describe.nodes import is_term
from alaqat.formats.graphs import new_graph
from alaqat.terms import BASE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from rdflib.term import Node

    from alaqat.describe.resource import Descriptions

DATASET = URIRef(f"{BASE}id/dataset")

_EXAMPLES = 5


# Forgotten with the descriptions, which hold all graphs of a version.
_MADE: WeakKeyDictionary[Descriptions, Graph] = WeakKeyDictionary()


def statistics(descriptions: Descriptions) -> Graph:
    """What VoID counts, which takes a while and never changes."""
    if descriptions not in _MADE:
        _MADE[descriptions] = _counted(descriptions)
    return _MADE[descriptions]


def _counted(descriptions: Descriptions) -> Graph:
    graph = Graph(bind_namespaces="none")
    said, proofs = new_graph(descriptions.said), new_graph(descriptions.proofs)
    triples = {*said, *proofs}
    counts: dict[URIRef, Collection[object]] = {
        VOID.triples: triples,
        VOID.entities: set(_entities(said)),
        VOID.distinctSubjects: {subject for subject, _, _ in triples},
        VOID.distinctObjects: {value for _, _, value in triples},
        VOID.classes: set(said.objects(None, RDF.type)),
        VOID.properties: {predicate for _, predicate, _ in triples},
    }
    for property_, counted in counts.items():
        graph.add((DATASET, property_, Literal(len(counted))))
    for example in _examples(said):
        graph.add((DATASET, VOID.exampleResource, example))
    for name, size in descriptions.sizes.items():
        graph.add((DATASET, VOID.subset, name))
        graph.add((name, RDF.type, VOID.Dataset))
        graph.add((name, VOID.triples, Literal(size)))
    _partitions(graph, said)
    _linksets(graph, said)
    return graph


def _entities(said: Graph) -> Iterator[Node]:
    """What has an IRI of its own in the space of things."""
    for node in said.subjects(RDF.type, None, unique=True):
        if (
            isinstance(node, URIRef)
            and node.startswith(f"{BASE}id/")
            and "#" not in node
        ):
            yield node


def _examples(said: Graph) -> Iterator[Node]:
    """One thing of each of the first classes that have the most."""
    counts = Counter(kind for kind in said.objects(None, RDF.type) if is_term(kind))
    for kind, _ in sorted(counts.items(), key=lambda row: (-row[1], row[0]))[
        :_EXAMPLES
    ]:
        found = (n for n in said.subjects(RDF.type, kind) if isinstance(n, URIRef))
        yield min(found, default=DATASET)


def _partitions(graph: Graph, said: Graph) -> None:
    """How many things each class has, and how many triples each property."""
    classes = Counter(kind for kind in said.objects(None, RDF.type))
    properties = Counter(predicate for predicate in said.predicates())
    for number, (kind, count) in enumerate(sorted(classes.items())):
        if isinstance(kind, URIRef):
            node = BNode(f"class{number}")
            graph.add((DATASET, VOID.classPartition, node))
            graph.add((node, VOID["class"], kind))
            graph.add((node, VOID.entities, Literal(count)))
    for number, (predicate, count) in enumerate(sorted(properties.items())):
        node = BNode(f"property{number}")
        graph.add((DATASET, VOID.propertyPartition, node))
        graph.add((node, VOID.property, predicate))
        graph.add((node, VOID.triples, Literal(count)))


def _linksets(graph: Graph, said: Graph) -> None:
    """How many links lead to each other dataset."""
    counts: Counter[str] = Counter()
    for value in said.objects(None, SKOS.exactMatch):
        scheme, _, rest = str(value).partition("//")
        counts[f"{scheme}//{rest.partition('/')[0]}/"] += 1
    for target, count in sorted(counts.items()):
        node = BNode(f"links{len(target)}x{count}")
        graph.add((node, RDF.type, VOID.Linkset))
        graph.add((node, VOID.subjectsTarget, DATASET))
        graph.add((node, VOID.objectsTarget, URIRef(target)))
        graph.add((node, VOID.linkPredicate, SKOS.exactMatch))
        graph.add((node, VOID.triples, Literal(count)))
        graph.add((DATASET, VOID.subset, node))
