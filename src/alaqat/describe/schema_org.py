"""schema.org metadata for search engines: entities and the dataset as JSON-LD."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rdflib import DCTERMS, RDF, SKOS, URIRef

from alaqat.describe.catalog import DCAT
from alaqat.describe.grammar import plain_text
from alaqat.describe.resource import sort_nodes
from alaqat.i18n import by_language
from alaqat.lexical import read_coordinate, read_day
from alaqat.terms import AL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from rdflib import Graph
    from rdflib.term import Node

    from alaqat.describe.view_models import EntityView


CONTEXT = "https://schema.org"

# An entity has the type of the first of its classes in this table.
_TYPES: dict[Node, str] = {
    AL.State: "Country",
    AL.InternationalOrganization: "Organization",
    AL.Institution: "Organization",
    AL.Party: "Organization",
    AL.Person: "Person",
    AL.Place: "Place",
    AL.Document: "CreativeWork",
    AL.Reference: "CreativeWork",
    AL.Section: "CreativeWork",
    AL.Sentence: "Quotation",
    AL.Agreement: "CreativeWork",
    AL.Event: "Event",
    AL.Claim: "Claim",
    AL.Note: "Comment",
    AL.Fact: "Statement",
    AL.Office: "Role",
    SKOS.Concept: "DefinedTerm",
    SKOS.ConceptScheme: "DefinedTermSet",
}
_OTHER = "Thing"


def as_schema_org(
    graph: Graph, entity: EntityView, language: str, address: str
) -> dict[str, Any]:
    """Return an entity as a JSON-LD object, without empty properties.

    Args:
        graph: of the whole dataset.
        entity: the view model of the page.
        language: of the page.
        address: of the page.
    """
    classes = set(graph.objects(entity.iri, RDF.type))
    kind = next((name for one, name in _TYPES.items() if one in classes), _OTHER)
    add_properties = _PROPERTIES.get(kind)
    found: dict[str, Any] = {
        "@context": CONTEXT,
        "@type": kind,
        "@id": str(entity.iri),
        "name": entity.name.text,
        "url": address,
        "alternateName": list(dict.fromkeys(part.text for part in entity.other_names)),
        "identifier": [
            {"@type": "PropertyValue", "propertyID": system.text, "value": code}
            for system, code in entity.codes
        ],
        "sameAs": list(entity.matches),
        "description": plain_text(entity.fact.sentence)
        if entity.fact
        else entity.definition,
        "mainEntityOfPage": {
            "@type": "WebPage",
            "@id": address,
            "inLanguage": language,
        },
        **(add_properties(graph, entity.iri) if add_properties else {}),
    }
    latitude, longitude = (
        read_coordinate(degrees, limit)
        for degrees, limit in zip(
            entity.coordinates or ("", ""), (90, 180), strict=True
        )
    )
    if latitude is not None and longitude is not None:
        found["geo"] = {
            "@type": "GeoCoordinates",
            "latitude": latitude,
            "longitude": longitude,
        }
    return {key: value for key, value in found.items() if value not in ("", [], {})}


def dataset_as_schema_org(
    catalog: Graph, dataset: Node, address: str, language: str
) -> dict[str, Any]:
    """Return the dataset as a JSON-LD object, from its DCAT catalogue.

    Args:
        catalog: the DCAT catalogue.
        dataset: its dataset.
        address: of the page.
        language: of the page.
    """
    titles = by_language(catalog.objects(dataset, DCTERMS.title))
    descriptions = by_language(catalog.objects(dataset, DCTERMS.description))
    return {
        "@context": CONTEXT,
        "@type": "Dataset",
        "@id": str(dataset),
        "name": titles.get(language, ""),
        "description": descriptions.get(language, ""),
        "url": address,
        "version": str(catalog.value(dataset, DCAT.version) or ""),
        "license": [str(one) for one in catalog.objects(dataset, DCTERMS.license)],
        "distribution": [
            {
                "@type": "DataDownload",
                "contentUrl": str(catalog.value(file, DCAT.downloadURL)),
                "encodingFormat": str(catalog.value(file, DCAT.mediaType)).partition(
                    "media-types/"
                )[2],
            }
            for file in sort_nodes(catalog.objects(dataset, DCAT.distribution))
        ],
    }


def _references(nodes: Iterable[Node]) -> list[dict[str, str]]:
    return [
        {"@id": str(one)} for one in sort_nodes(set(nodes)) if isinstance(one, URIRef)
    ]


def _member(graph: Graph, iri: URIRef) -> Mapping[str, Any]:
    return {"memberOf": _references(graph.objects(iri, AL.memberOf))}


def _organization(graph: Graph, iri: URIRef) -> Mapping[str, Any]:
    return {
        **_member(graph, iri),
        "member": _references(graph.objects(iri, AL.hasMember)),
    }


def _person(graph: Graph, iri: URIRef) -> Mapping[str, Any]:
    return {"hasOccupation": _references(graph.objects(iri, AL.heldOffice))}


def _place(graph: Graph, iri: URIRef) -> Mapping[str, Any]:
    return {"containedInPlace": _references(graph.objects(iri, AL.location))}


def _event(graph: Graph, iri: URIRef) -> Mapping[str, Any]:
    days = (graph.value(iri, one) for one in (AL.startEarliest, AL.endLatest))
    start, end = (day.isoformat() if day else "" for day in map(read_day, days))
    return {
        "startDate": start,
        "endDate": end,
        "location": _references(graph.objects(iri, AL.location)),
        "attendee": _references(graph.objects(iri, AL.participant)),
        "about": _references(graph.objects(iri, AL.about)),
    }


def _work(graph: Graph, iri: URIRef) -> Mapping[str, Any]:
    return {
        "inLanguage": str(graph.value(iri, DCTERMS.language) or ""),
        "license": str(graph.value(iri, DCTERMS.license) or ""),
        "isPartOf": _references(graph.objects(iri, DCTERMS.isPartOf)),
        "about": _references(graph.objects(iri, AL.about)),
    }


def _quotation(graph: Graph, iri: URIRef) -> Mapping[str, Any]:
    return {"text": str(graph.value(iri, RDF.value) or ""), **_work(graph, iri)}


def _term(graph: Graph, iri: URIRef) -> Mapping[str, Any]:
    return {"inDefinedTermSet": [str(one) for one in graph.objects(iri, SKOS.inScheme)]}


_PROPERTIES: dict[str, Callable[[Graph, URIRef], Mapping[str, Any]]] = {
    "Country": _member,
    "Organization": _organization,
    "Person": _person,
    "Place": _place,
    "Event": _event,
    "CreativeWork": _work,
    "Quotation": _quotation,
    "DefinedTerm": _term,
}
