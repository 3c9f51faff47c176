"""Catalogue metadata of a dataset: its DCAT 3 catalogue and its VoID statistics."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rdflib import (
    DCTERMS,
    FOAF,
    OWL,
    RDF,
    RDFS,
    SKOS,
    VOID,
    XSD,
    BNode,
    Graph,
    Literal,
    Namespace,
    URIRef,
)

from alaqat.describe.resource import ONTOLOGY, is_term, sort_nodes
from alaqat.rdf.graphs import new_graph, union
from alaqat.temporal.edtf import BOUND_PROPERTIES
from alaqat.terms import AL, BASE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from rdflib.term import Node

    from alaqat.describe.resource import Descriptions


DCAT = Namespace("http://www.w3.org/ns/dcat#")
SPDX = Namespace("http://spdx.org/rdf/terms#")

DATASET = URIRef(f"{BASE}id/dataset")
CATALOG = URIRef(f"{BASE}catalog")
VOID_FILE = URIRef(f"{BASE}void")
SERVICE = URIRef(f"{CATALOG}#sparql")
PUBLISHER = URIRef(f"{CATALOG}#publisher")
PERIOD = URIRef(f"{CATALOG}#period")

_MEDIA = Namespace("https://www.iana.org/assignments/media-types/")
_LANGUAGE = Namespace("http://id.loc.gov/vocabulary/iso639-1/")
_DAY = 10  # characters of 2010-06-15
_EXAMPLES = 5


def statistics(descriptions: Descriptions) -> Graph:
    """Return the VoID statistics, counted in one pass over the whole dataset."""
    graph, counts = new_graph(), _Counts(descriptions)
    for property_, number in counts.totals.items():
        graph.add((DATASET, property_, Literal(number)))
    for example in counts.examples():
        graph.add((DATASET, VOID.exampleResource, example))
    for name, size in descriptions.graph_sizes.items():
        graph.add((DATASET, VOID.subset, name))
        graph.add((name, RDF.type, VOID.Dataset))
        graph.add((name, VOID.triples, Literal(size)))
    _partitions(graph, counts)
    _linksets(graph, counts.links)
    return graph


class _Counts:
    """Counts what VoID describes, in one pass.

    Attributes:
        totals: by VoID property.
        classes: number of instances of each class.
        properties: number of triples of each property, without the proofs.
        links: number of links to each other dataset.
    """

    def __init__(self, descriptions: Descriptions) -> None:
        union_graph, proofs = descriptions.union_graph, descriptions.proofs
        self.classes: Counter[Node] = Counter()
        self.properties: Counter[Node] = Counter()
        self.links: Counter[str] = Counter()
        self._examples: dict[Node, URIRef] = {}
        subjects: set[Node] = set()
        objects: set[Node] = set()
        entities: set[Node] = set()
        for subject, predicate, value in union_graph:
            subjects.add(subject)
            objects.add(value)
            self.properties[predicate] += 1
            if predicate == RDF.type:
                self._count_instance(subject, value)
                if _is_entity(subject):
                    entities.add(subject)
            elif predicate == SKOS.exactMatch:
                self.links[_uri_space(str(value))] += 1
        properties = set(self.properties)
        for subject, predicate, value in proofs:
            subjects.add(subject)
            properties.add(predicate)
            objects.add(value)
        self.totals: dict[URIRef, int] = {
            VOID.triples: len(union((union_graph, proofs))),
            VOID.entities: len(entities),
            VOID.distinctSubjects: len(subjects),
            VOID.distinctObjects: len(objects),
            VOID.classes: len(self.classes),
            VOID.properties: len(properties),
        }

    def examples(self) -> Iterator[Node]:
        """Yield an instance of each of the largest classes."""
        counts = ((k, count) for k, count in self.classes.items() if is_term(k))
        ranked = sorted(counts, key=lambda row: (-row[1], row[0]))
        for kind, _ in ranked[:_EXAMPLES]:
            yield self._examples.get(kind, DATASET)

    def _count_instance(self, node: Node, kind: Node) -> None:
        self.classes[kind] += 1
        if isinstance(node, URIRef):
            self._examples[kind] = min(node, self._examples.get(kind, node))


def _is_entity(node: Node) -> bool:
    """Return whether a node is an entity, named by an IRI below ``id/``."""
    is_own = isinstance(node, URIRef) and node.startswith(f"{BASE}id/")
    return is_own and "#" not in str(node)


def _uri_space(iri: str) -> str:
    """Return an IRI up to its host."""
    scheme, _, rest = iri.partition("//")
    return f"{scheme}//{rest.partition('/')[0]}/"


def _partitions(graph: Graph, counts: _Counts) -> None:
    """Add the class partitions and the property partitions (VoID §4.5)."""
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
    """Add a linkset for each dataset that is linked to (VoID §5)."""
    for target, count in sorted(links.items()):
        node = BNode(f"links{len(target)}x{count}")
        graph.add((node, RDF.type, VOID.Linkset))
        graph.add((node, VOID.subjectsTarget, DATASET))
        graph.add((node, VOID.objectsTarget, URIRef(target)))
        graph.add((node, VOID.linkPredicate, SKOS.exactMatch))
        graph.add((node, VOID.triples, Literal(count)))
        graph.add((DATASET, VOID.subset, node))


@dataclass(frozen=True)
class DistributionFile:
    """A dump: a file with the whole dataset.

    Attributes:
        name: with its extension.
        address: its URL.
        media_type: of its format.
        size: in bytes; 0 if it is not known.
        sha256: in hexadecimal digits; empty if it is not known.
    """

    name: str
    address: str
    media_type: str
    size: int = 0
    sha256: str = ""


@dataclass(frozen=True)
class CatalogContext:
    """The context of a catalogue: what it states besides the dataset's own contents.

    Attributes:
        files: the dumps.
        endpoint: URL of the SPARQL service.
        page: URL of the landing page.
        titles: of the dataset, by language.
        descriptions: of the dataset, by language.
        service: titles of the SPARQL service, by language.
        remarks: what is to be said about the dumps, by language.
    """

    files: tuple[DistributionFile, ...]
    endpoint: str
    page: str
    titles: Mapping[str, str]
    descriptions: Mapping[str, str]
    service: Mapping[str, str]
    remarks: Mapping[str, str]


def build_catalog(
    descriptions: Descriptions, version: str, context: CatalogContext
) -> Graph:
    """Return the DCAT catalogue: the dataset, its distributions and its service."""
    graph = new_graph()
    union_graph = descriptions.union_graph
    for title in _literals(context.titles):
        graph.add((CATALOG, DCTERMS.title, title))
        graph.add((DATASET, DCTERMS.title, title))
    for text in _literals(context.descriptions):
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
        (DATASET, DCAT.landingPage, URIRef(context.page)),
        (PUBLISHER, RDF.type, FOAF.Agent),
        *(
            (PUBLISHER, FOAF.name, name)
            for name in union_graph.objects(ONTOLOGY, DCTERMS.creator)
        ),
        *_release(union_graph, version),
        *_scope(union_graph),
        *_service(context),
    )
    for row in rows:
        graph.add(row)
    for file in context.files:
        _add_distribution(graph, file, _licences(union_graph))
        for remark in _literals(context.remarks):
            graph.add((URIRef(f"{CATALOG}#{file.name}"), RDFS.comment, remark))
    return graph


def build_void(
    descriptions: Descriptions, version: str, context: CatalogContext, counts: Graph
) -> Graph:
    """Return the VoID description of the dataset with its statistics."""
    graph = new_graph(counts)
    rows: list[tuple[URIRef, URIRef, Node]] = [
        (DATASET, RDF.type, VOID.Dataset),
        (DATASET, VOID.sparqlEndpoint, URIRef(context.endpoint)),
        (DATASET, VOID.uriSpace, Literal(f"{BASE}id/")),
        (DATASET, VOID.vocabulary, ONTOLOGY),
        (DATASET, FOAF.homepage, URIRef(context.page)),
        *((DATASET, DCTERMS.title, title) for title in _literals(context.titles)),
        *((DATASET, VOID.dataDump, URIRef(one.address)) for one in context.files),
        *_release(descriptions.union_graph, version),
    ]
    for row in rows:
        graph.add(row)
    return graph


def _literals(texts: Mapping[str, str]) -> Iterator[Literal]:
    return (Literal(text, lang=code) for code, text in texts.items())


def _licences(graph: Graph) -> list[Node]:
    """Return the licences of the documents, which apply to data derived from them."""
    documents = graph.subjects(RDF.type, AL.Document)
    return sort_nodes(
        {one for node in documents for one in graph.objects(node, DCTERMS.license)}
    )


def _release(graph: Graph, version: str) -> Iterator[tuple[URIRef, URIRef, Node]]:
    """Yield the version and the licences."""
    stated = [str(one) for one in graph.objects(DATASET, DCTERMS.hasVersion)]
    label = "+".join((*stated, version[:12])) if version else "".join(stated)
    yield DATASET, DCAT.version, Literal(label)
    yield DATASET, OWL.versionInfo, Literal(label)
    for licence in _licences(graph):
        yield DATASET, DCTERMS.license, licence


def _scope(graph: Graph) -> Iterator[tuple[URIRef, URIRef, Node]]:
    """Yield the sources, languages, subjects and temporal coverage of the data."""
    for document in sort_nodes(graph.subjects(RDF.type, AL.Document)):
        yield DATASET, DCTERMS.source, document
        for code in graph.objects(document, DCTERMS.language):
            yield DATASET, DCTERMS.language, _LANGUAGE[str(code)]
        for subject in graph.objects(document, AL.about):
            yield DATASET, DCTERMS.subject, subject
            if (subject, RDF.type, AL.SovereignEntity) in graph:
                yield DATASET, DCTERMS.spatial, subject
    days = sorted(
        str(day)[:_DAY]
        for property_ in BOUND_PROPERTIES.values()
        for day in graph.objects(None, property_)
    )
    if days:
        yield DATASET, DCTERMS.temporal, PERIOD
        yield PERIOD, RDF.type, DCTERMS.PeriodOfTime
        yield PERIOD, DCAT.startDate, Literal(days[0], datatype=XSD.date)
        yield PERIOD, DCAT.endDate, Literal(days[-1], datatype=XSD.date)


def _service(context: CatalogContext) -> Iterator[tuple[URIRef, URIRef, Node]]:
    """Yield the SPARQL endpoint as a data service."""
    yield SERVICE, RDF.type, DCAT.DataService
    for title in _literals(context.service):
        yield SERVICE, DCTERMS.title, title
    yield SERVICE, DCAT.endpointURL, URIRef(context.endpoint)
    yield SERVICE, DCAT.endpointDescription, URIRef(context.endpoint)
    yield SERVICE, DCAT.servesDataset, DATASET
    yield (
        SERVICE,
        DCTERMS.conformsTo,
        URIRef("http://www.w3.org/ns/sparql-service-description"),
    )


def _add_distribution(
    graph: Graph, file: DistributionFile, licences: Iterable[Node]
) -> None:
    """Add a dump as a distribution with its size and checksum."""
    node = URIRef(f"{CATALOG}#{file.name}")
    rows: list[tuple[URIRef, URIRef, Node]] = [
        (DATASET, DCAT.distribution, node),
        (node, RDF.type, DCAT.Distribution),
        (node, DCTERMS.title, Literal(file.name)),
        (node, DCAT.downloadURL, URIRef(file.address)),
        (node, DCAT.accessURL, URIRef(file.address)),
        (node, DCAT.mediaType, _MEDIA[file.media_type]),
        *(_checksum(node, file) if file.sha256 else ()),
        *((node, DCTERMS.license, licence) for licence in licences),
    ]
    for row in rows:
        graph.add(row)


def _checksum(
    node: URIRef, file: DistributionFile
) -> Iterator[tuple[URIRef, URIRef, Node]]:
    """Yield the size and the checksum of a dump."""
    checksum = URIRef(f"{node}-sha256")
    size = Literal(file.size, datatype=XSD.nonNegativeInteger)
    yield node, DCAT.byteSize, size
    yield node, SPDX.checksum, checksum
    yield checksum, RDF.type, SPDX.Checksum
    yield checksum, SPDX.algorithm, SPDX.checksumAlgorithm_sha256
    value = Literal(file.sha256, datatype=XSD.hexBinary)
    yield checksum, SPDX.checksumValue, value
