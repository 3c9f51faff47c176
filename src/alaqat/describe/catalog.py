"""What the dataset is and where it can be had: DCAT 3 and VoID, counted from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rdflib import (
    DCTERMS,
    FOAF,
    OWL,
    RDF,
    VOID,
    XSD,
    Graph,
    Literal,
    Namespace,
    URIRef,
)

from alaqat.describe.nodes import ordered
from alaqat.describe.resource import ONTOLOGY, Descriptions
from alaqat.describe.statistics import DATASET, statistics
from alaqat.formats.graphs import new_graph
from alaqat.terms import AL, BASE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from rdflib.term import Node

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
class File:
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
class Served:
    """Where the dataset is served, and what people read about it.

    Attributes:
        files: that hold all of it.
        endpoint: of the SPARQL service.
        page: for people.
        titles: of the dataset by language, and so the descriptions.
        descriptions: by language.
        service: what the SPARQL service is called, by language.
    """

    files: tuple[File, ...]
    endpoint: str
    page: str
    titles: Mapping[str, str]
    descriptions: Mapping[str, str]
    service: Mapping[str, str]


def catalog(descriptions: Descriptions, version: str, served: Served) -> Graph:
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


def void(descriptions: Descriptions, version: str, served: Served) -> Graph:
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


def _service(served: Served) -> Iterator[tuple[URIRef, URIRef, Node]]:
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


def _distribution(graph: Graph, file: File, licences: Iterable[Node]) -> None:
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
