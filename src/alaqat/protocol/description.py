"""What the endpoint tells of itself (SPARQL 1.1 Service Description)."""

from __future__ import annotations

from rdflib import RDF, Graph, Namespace, URIRef

from alaqat.formats import FORMATS
from alaqat.store import Store

SD = Namespace("http://www.w3.org/ns/sparql-service-description#")


def describe(store: Store, url: str) -> Graph:
    """What the endpoint is and does (SPARQL 1.1 Service Description)."""
    service, dataset, default = (
        URIRef(f"{url}#{part}") for part in ("service", "dataset", "default")
    )
    graph = Graph()
    graph.add((service, RDF.type, SD.Service))
    graph.add((service, SD.endpoint, URIRef(url)))
    graph.add((service, SD.supportedLanguage, SD.SPARQL11Query))
    for form in FORMATS:
        if form.kinds - {"dataset"}:
            graph.add((service, SD.resultFormat, URIRef(form.iri)))
    graph.add((service, SD.defaultDataset, dataset))
    graph.add((dataset, RDF.type, SD.Dataset))
    graph.add((dataset, SD.defaultGraph, default))
    graph.add((default, RDF.type, SD.Graph))
    for number, name in enumerate(store.graphs(), 1):
        node = URIRef(f"{url}#graph-{number}")
        graph.add((dataset, SD.namedGraph, node))
        graph.add((node, RDF.type, SD.NamedGraph))
        graph.add((node, SD.name, name))
    return graph
