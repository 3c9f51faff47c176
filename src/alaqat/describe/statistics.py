"""How much of what a dataset holds: the counts of VoID."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from rdflib import RDF, SKOS, VOID, BNode, Graph, Literal, URIRef

from alaqat.describe.nodes import is_term
from alaqat.formats.graphs import new_graph, union
from alaqat.terms import BASE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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
    graph, counts = new_graph(), _Counts(descriptions)
    for property_, number in counts.totals.items():
        graph.add((DATASET, property_, Literal(number)))
    for example in counts.examples():
        graph.add((DATASET, VOID.exampleResource, example))
    for name, size in descriptions.sizes.items():
        graph.add((DATASET, VOID.subset, name))
        graph.add((name, RDF.type, VOID.Dataset))
        graph.add((name, VOID.triples, Literal(size)))
    _partitions(graph, counts)
    _linksets(graph, counts.links)
    return graph


class _Counts:
    """What is counted, in one pass over everything.

    Attributes:
        totals: by the property of VoID that tells each.
        classes: how many things each class has.
        properties: how many triples each property has, but for those of proofs.
        links: how many links lead to each other dataset.
    """

    def __init__(self, descriptions: Descriptions) -> None:
        said, proofs = descriptions.said, descriptions.proofs
        self.classes: Counter[Node] = Counter()
        self.properties: Counter[Node] = Counter()
        self.links: Counter[str] = Counter()
        self._first: dict[Node, URIRef] = {}
        subjects: set[Node] = set()
        objects: set[Node] = set()
        entities: set[Node] = set()
        for subject, predicate, value in said:
            subjects.add(subject)
            objects.add(value)
            self.properties[predicate] += 1
            if predicate == RDF.type:
                self._classify(subject, value)
                entities.update(filter(_is_entity, (subject,)))
            elif predicate == SKOS.exactMatch:
                self.links[_space(str(value))] += 1
        properties = set(self.properties)
        for subject, predicate, value in proofs:
            subjects.add(subject)
            properties.add(predicate)
            objects.add(value)
        self.totals: dict[URIRef, int] = {
            VOID.triples: len(union((said, proofs))),
            VOID.entities: len(entities),
            VOID.distinctSubjects: len(subjects),
            VOID.distinctObjects: len(objects),
            VOID.classes: len(self.classes),
            VOID.properties: len(properties),
        }

    def examples(self) -> Iterator[Node]:
        """One thing of each of the first classes that have the most."""
        counts = ((k, count) for k, count in self.classes.items() if is_term(k))
        ranked = sorted(counts, key=lambda row: (-row[1], row[0]))
        for kind, _ in ranked[:_EXAMPLES]:
            yield self._first.get(kind, DATASET)

    def _classify(self, thing: Node, kind: Node) -> None:
        self.classes[kind] += 1
        if isinstance(thing, URIRef):
            self._first[kind] = min(thing, self._first.get(kind, thing))


def _is_entity(node: Node) -> bool:
    """Whether a thing has an IRI of its own in the space of things."""
    is_ours = isinstance(node, URIRef) and node.startswith(f"{BASE}id/")
    return is_ours and "#" not in str(node)


def _space(iri: str) -> str:
    """The beginning of an IRI up to its host."""
    scheme, _, rest = iri.partition("//")
    return f"{scheme}//{rest.partition('/')[0]}/"


def _partitions(graph: Graph, counts: _Counts) -> None:
    """How many things each class has, and how many triples each property."""
    for number, (kind, count) in enumerate(sorted(counts.classes.items())):
        if isinstance(kind, URIRef):
            node = BNode(f"class{number}")
            graph.add((DATASET, VOID.classPartition, node))
            graph.add((node, VOID["class"], kind))
            graph.add((node, VOID.entities, Literal(count)))
    for number, (predicate, count) in enumerate(sorted(counts.properties.items())):
        node = BNode(f"property{number}")
        graph.add((DATASET, VOID.propertyPartition, node))
        graph.add((node, VOID.property, predicate))
        graph.add((node, VOID.triples, Literal(count)))


def _linksets(graph: Graph, links: Mapping[str, int]) -> None:
    """How many links lead to each other dataset."""
    for target, count in sorted(links.items()):
        node = BNode(f"links{len(target)}x{count}")
        graph.add((node, RDF.type, VOID.Linkset))
        graph.add((node, VOID.subjectsTarget, DATASET))
        graph.add((node, VOID.objectsTarget, URIRef(target)))
        graph.add((node, VOID.linkPredicate, SKOS.exactMatch))
        graph.add((node, VOID.triples, Literal(count)))
        graph.add((DATASET, VOID.subset, node))
