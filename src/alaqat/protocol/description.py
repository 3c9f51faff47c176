"""What the endpoint tells of itself (SPARQL 1.1 Service Description)."""

from __future__ import annotations

from rdflib import DCTERMS, RDF, RDFS, VOID, Graph, Literal, Namespace, URIRef

from alaqat.formats import ANSWER_FORMATS, holding
from alaqat.i18n import read_texts
from alaqat.protocol.served import Served
from alaqat.terms import OWN_GRAPH, is_default_graph

SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
ENTAILMENT = Namespace("http://www.w3.org/ns/entailment/")


def describe(served: Served, url: str) -> Graph:
    """What the endpoint at an address is and does."""
    graph = Graph()
    service, dataset = URIRef(f"{url}#service"), URIRef(f"{url}#dataset")
    graph.add((service, RDF.type, SD.Service))
    graph.add((service, SD.endpoint, URIRef(url)))
    graph.add((service, SD.defaultEntailmentRegime, ENTAILMENT.Simple))
    graph.add((service, SD.supportedLanguage, SD.SPARQL10Query))
    graph.add((service, SD.supportedLanguage, SD.SPARQL11Query))
    for form in ANSWER_FORMATS:
        if form.iri:
            graph.add((service, SD.resultFormat, URIRef(form.iri)))
    if served.services:
        graph.add((service, SD.feature, SD.BasicFederatedQuery))
    if served.editor is not None:
        _describe_writing(graph, service)
    graph.add((service, SD.defaultDataset, dataset))
    _describe_dataset(graph, dataset, served, url)
    return graph


def _describe_writing(graph: Graph, service: URIRef) -> None:
    """Add what can be changed, and how."""
    graph.add((service, SD.supportedLanguage, SD.SPARQL11Update))
    graph.add((service, SD.feature, SD.EmptyGraphs))
    for form in holding("graph"):
        graph.add((service, SD.inputFormat, URIRef(form.iri)))


def _describe_dataset(graph: Graph, dataset: URIRef, served: Served, url: str) -> None:
    """Add the graphs with their sizes."""
    default, sizes = URIRef(f"{url}#default"), _sizes(served)
    graph.add((dataset, RDF.type, SD.Dataset))
    graph.add((dataset, SD.defaultGraph, default))
    graph.add((default, RDF.type, SD.Graph))
    graph.add((default, VOID.triples, _size(served)))
    graph.add((default, DCTERMS.hasPart, OWN_GRAPH))
    for language, words in read_texts("service")["default_graph"].items():
        graph.add((default, RDFS.comment, Literal(words, lang=language)))
    for number, name in enumerate(served.store.graphs(), 1):
        node = URIRef(f"{url}#graph-{number}")
        graph.add((dataset, SD.namedGraph, node))
        graph.add((node, RDF.type, SD.NamedGraph))
        graph.add((node, SD.name, name))
        graph.add((node, SD.graph, URIRef(f"{node}-content")))
        graph.add((URIRef(f"{node}-content"), RDF.type, SD.Graph))
        count = sizes.get(name, Literal(0))
        graph.add((URIRef(f"{node}-content"), VOID.triples, count))
        if is_default_graph(name):
            graph.add((default, DCTERMS.hasPart, name))


def _sizes(served: Served) -> dict[URIRef, Literal]:
    """How many triples each named graph has that is not empty."""
    rows = served.store.query(served.library.get("graph-sizes").text)
    return {URIRef(str(name)): Literal(int(str(size))) for name, size in rows}


def _size(served: Served) -> Literal:
    """How many triples the default graph has."""
    ((size,),) = served.store.query(served.library.get("size").text)
    return Literal(int(str(size)))
