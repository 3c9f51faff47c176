"""How much of what a dataset holds: the counts of VoID.

What the dataset is and where it can be had: DCAT 3 and VoID, counted from it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from rdflib import (
    DCTERMS,
    FOAF,
    OWL,
    RDF,
    SKOS,
    VOID,
    XSD,
    BNode,
    Graph,
    Literal,
    Namespace,
    URIRef,
)

from alaqat.describe.resource import (
    ONTOLOGY,
    Descriptions,
    is_term,
    ordered,
)
from alaqat.rdf.graphs import new_graph, union
from alaqat.terms import AL, BASE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

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


DCAT = Namespace("http://www.w3.org/ns/dcat#")
SPDX = Namespace("http://spdx.org/rdf/terms#")

CATALOG = URIRef(f"{BASE}catalog")
VOID_FILE = URIRef(f"{BASE}void")
SERVICE = URIRef(f"{CATALOG}#sparql")
PUBLISHER = URIRef(f"{CATALOG}#publisher")
PERIOD = URIRef(f"{CATALOG}#period")

_MEDIA = Namespace("https://www.iana.org/assignments/media-types/")
_LANGUAGE = Namespace("http://id.loc.gov/vocabulary/iso639-1/")
_BOUNDS = (AL.startEarliest, AL.startLatest, AL.endEarliest, AL.endLatest)
_DAY = 10  # letters of 2010-06-15


@dataclass(frozen=True)
class DistributionFile:
    """A file that holds the whole dataset.

    Attributes:
        name: with its ending.
        address: where it is served.
        media_type: of its format.
        size: in bytes.
        sha256: in hexadecimal digits.
    """

    name: str
    address: str
    media_type: str
    size: int
    sha256: str


@dataclass(frozen=True)
class CatalogContext:
    """Where the dataset is served, and what people read about it.

    Attributes:
        files: that hold all of it.
        endpoint: of the SPARQL service.
        page: for people.
        titles: of the dataset by language, and so the descriptions.
        descriptions: by language.
        service: what the SPARQL service is called, by language.
    """

    files: tuple[DistributionFile, ...]
    endpoint: str
    page: str
    titles: Mapping[str, str]
    descriptions: Mapping[str, str]
    service: Mapping[str, str]


def catalog(descriptions: Descriptions, version: str, served: CatalogContext) -> Graph:
    """The catalogue: one dataset, its distributions and the service that queries it."""
    graph = new_graph()
    said = descriptions.said
    for title in _texts(served.titles):
        graph.add((CATALOG, DCTERMS.title, title))
        graph.add((DATASET, DCTERMS.title, title))
    for text in _texts(served.descriptions):
        graph.add((CATALOG, DCTERMS.description, text))
        graph.add((DATASET, DCTERMS.description, text))
    rows = (
        (CATALOG, RDF.type, DCAT.Catalog),
        (CATALOG, DCAT.dataset, DATASET),
        (CATALOG, DCAT.service, SERVICE),
        (CATALOG, DCTERMS.publisher, PUBLISHER),
        (DATASET, RDF.type, DCAT.Dataset),
        (DATASET, DCTERMS.publisher, PUBLISHER),
        (DATASET, DCTERMS.conformsTo, ONTOLOGY),
        (DATASET, DCTERMS.identifier, Literal(DATASET)),
        (DATASET, DCAT.landingPage, URIRef(served.page)),
        (PUBLISHER, RDF.type, FOAF.Agent),
        *(
            (PUBLISHER, FOAF.name, name)
            for name in said.objects(ONTOLOGY, DCTERMS.creator)
        ),
        *_released(said, version),
        *_covered(said),
        *_service(served),
    )
    for row in rows:
        graph.add(row)
    for file in served.files:
        _distribution(graph, file, _licences(said))
    return graph


def void(descriptions: Descriptions, version: str, served: CatalogContext) -> Graph:
    """The statistics of the dataset, and where it can be queried and had."""
    graph = new_graph()
    said = descriptions.said
    graph += statistics(descriptions)
    rows: list[tuple[URIRef, URIRef, Node]] = [
        (DATASET, RDF.type, VOID.Dataset),
        (DATASET, VOID.sparqlEndpoint, URIRef(served.endpoint)),
        (DATASET, VOID.uriSpace, Literal(f"{BASE}id/")),
        (DATASET, VOID.vocabulary, ONTOLOGY),
        (DATASET, FOAF.homepage, URIRef(served.page)),
        *((DATASET, DCTERMS.title, title) for title in _texts(served.titles)),
        *((DATASET, VOID.dataDump, URIRef(one.address)) for one in served.files),
        *_released(said, version),
    ]
    for row in rows:
        graph.add(row)
    return graph


def _texts(texts: Mapping[str, str]) -> Iterator[Literal]:
    return (Literal(text, lang=code) for code, text in texts.items())


def _licences(said: Graph) -> tuple[Node, ...]:
    """Those of the documents: what is made of their words shares them."""
    documents = said.subjects(RDF.type, AL.Document)
    found = {one for node in documents for one in said.objects(node, DCTERMS.license)}
    return tuple(ordered(found))


def _released(said: Graph, version: str) -> Iterator[tuple[URIRef, URIRef, Node]]:
    """The version, and the licences."""
    stated = [str(one) for one in said.objects(DATASET, DCTERMS.hasVersion)]
    named = "+".join((*stated, version[:12])) if version else "".join(stated)
    yield DATASET, DCAT.version, Literal(named)
    yield DATASET, OWL.versionInfo, Literal(named)
    for licence in _licences(said):
        yield DATASET, DCTERMS.license, licence


def _covered(said: Graph) -> Iterator[tuple[URIRef, URIRef, Node]]:
    """The languages, subjects and time that the data is about."""
    for document in ordered(said.subjects(RDF.type, AL.Document)):
        yield DATASET, DCTERMS.source, document
        for code in said.objects(document, DCTERMS.language):
            yield DATASET, DCTERMS.language, _LANGUAGE[str(code)]
        for subject in said.objects(document, AL.about):
            yield DATASET, DCTERMS.subject, subject
            if (subject, RDF.type, AL.SovereignEntity) in said:
                yield DATASET, DCTERMS.spatial, subject
    days = sorted(str(day)[:_DAY] for one in _BOUNDS for day in said.objects(None, one))
    if days:
        yield DATASET, DCTERMS.temporal, PERIOD
        yield PERIOD, RDF.type, DCTERMS.PeriodOfTime
        yield PERIOD, DCAT.startDate, Literal(days[0], datatype=XSD.date)
        yield PERIOD, DCAT.endDate, Literal(days[-1], datatype=XSD.date)


def _service(served: CatalogContext) -> Iterator[tuple[URIRef, URIRef, Node]]:
    """The SPARQL endpoint as a data service."""
    yield SERVICE, RDF.type, DCAT.DataService
    for title in _texts(served.service):
        yield SERVICE, DCTERMS.title, title
    yield SERVICE, DCAT.endpointURL, URIRef(served.endpoint)
    yield SERVICE, DCAT.endpointDescription, URIRef(served.endpoint)
    yield SERVICE, DCAT.servesDataset, DATASET
    yield (
        SERVICE,
        DCTERMS.conformsTo,
        URIRef("http://www.w3.org/ns/sparql-service-description"),
    )


def _distribution(
    graph: Graph, file: DistributionFile, licences: Iterable[Node]
) -> None:
    """One file as a distribution, with its size and checksum."""
    node, checksum = (
        URIRef(f"{CATALOG}#{file.name}"),
        URIRef(f"{CATALOG}#{file.name}-sha256"),
    )
    graph.add((DATASET, DCAT.distribution, node))
    graph.add((node, RDF.type, DCAT.Distribution))
    graph.add((node, DCTERMS.title, Literal(file.name)))
    graph.add((node, DCAT.downloadURL, URIRef(file.address)))
    graph.add((node, DCAT.accessURL, URIRef(file.address)))
    graph.add((node, DCAT.mediaType, _MEDIA[file.media_type]))
    graph.add(
        (node, DCAT.byteSize, Literal(file.size, datatype=XSD.nonNegativeInteger))
    )
    graph.add((node, SPDX.checksum, checksum))
    graph.add((checksum, RDF.type, SPDX.Checksum))
    graph.add((checksum, SPDX.algorithm, SPDX.checksumAlgorithm_sha256))
    graph.add(
        (checksum, SPDX.checksumValue, Literal(file.sha256, datatype=XSD.hexBinary))
    )
    for licence in licences:
        graph.add((node, DCTERMS.license, licence))
