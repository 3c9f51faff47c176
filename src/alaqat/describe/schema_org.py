"""Things in the terms of schema.org, for search engines, from the dataset alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rdflib import DCTERMS, RDF, SKOS, Literal, URIRef

from alaqat.describe.grammar import plain_text
from alaqat.describe.resource import sort_nodes
from alaqat.terms import AL

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rdflib import Graph
    from rdflib.term import Node

    from alaqat.describe.view_models import EntityView


CONTEXT = "https://schema.org"

# The first class that fits; schema.org has no better one for the rest.
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
_DAY = 10


def as_schema_org(
    said: Graph, thing: EntityView, language: str, address: str
) -> dict[str, Any]:
    """A thing as a JSON-LD object; what the dataset does not say is left out.

    Args:
        said: what the dataset says.
        thing: as its page tells it.
        language: of the page.
        address: of the page.
    """
    classes = set(said.objects(thing.iri, RDF.type))
    kind = next((name for one, name in _TYPES.items() if one in classes), _OTHER)
    told: dict[str, Any] = {
        "@context": CONTEXT,
        "@type": kind,
        "@id": str(thing.iri),
        "name": thing.name.text,
        "url": address,
        "alternateName": list(dict.fromkeys(part.text for part in thing.names)),
        "identifier": [_code(part.text, code) for part, code in thing.codes],
        "sameAs": list(thing.matches),
        "description": _description(thing),
        "mainEntityOfPage": {
            "@type": "WebPage",
            "@id": address,
            "inLanguage": language,
        },
        **_SAID.get(kind, _nothing)(said, thing.iri),
    }
    if thing.place:
        latitude, longitude = thing.place
        told["geo"] = {
            "@type": "GeoCoordinates",
            "latitude": float(latitude),
            "longitude": float(longitude),
        }
    return {key: value for key, value in told.items() if value not in ("", [], {})}


def dataset_as_schema_org(
    catalog: Graph, dataset: Node, address: str, language: str
) -> dict[str, Any]:
    """The dataset, from its DCAT description."""
    dcat = "http://www.w3.org/ns/dcat#"
    titles, texts = (
        {
            t.language: str(t)
            for t in catalog.objects(dataset, one)
            if isinstance(t, Literal)
        }
        for one in (DCTERMS.title, DCTERMS.description)
    )
    files = sort_nodes(catalog.objects(dataset, URIRef(f"{dcat}distribution")))
    return {
        "@context": CONTEXT,
        "@type": "Dataset",
        "@id": str(dataset),
        "name": titles.get(language, ""),
        "description": texts.get(language, ""),
        "url": address,
        "version": str(catalog.value(dataset, URIRef(f"{dcat}version")) or ""),
        "license": [str(one) for one in catalog.objects(dataset, DCTERMS.license)],
        "distribution": [
            {
                "@type": "DataDownload",
                "contentUrl": str(catalog.value(one, URIRef(f"{dcat}downloadURL"))),
                "encodingFormat": str(
                    catalog.value(one, URIRef(f"{dcat}mediaType"))
                ).partition("media-types/")[2],
            }
            for one in files
        ],
    }


def _description(thing: EntityView) -> str:
    if thing.fact:
        return plain_text(thing.fact.sentence)
    return thing.definition


def _code(system: str, code: str) -> dict[str, str]:
    return {"@type": "PropertyValue", "propertyID": system, "value": code}


def _references(nodes: Iterable[Node]) -> list[dict[str, str]]:
    return [
        {"@id": str(one)} for one in sort_nodes(set(nodes)) if isinstance(one, URIRef)
    ]


def _member(said: Graph, iri: URIRef) -> Mapping[str, Any]:
    return {"memberOf": _references(said.objects(iri, AL.memberOf))}


def _organization(said: Graph, iri: URIRef) -> Mapping[str, Any]:
    return {
        **_member(said, iri),
        "member": _references(said.objects(iri, AL.hasMember)),
    }


def _person(said: Graph, iri: URIRef) -> Mapping[str, Any]:
    return {"hasOccupation": _references(said.objects(iri, AL.heldOffice))}


def _within(said: Graph, iri: URIRef) -> Mapping[str, Any]:
    return {"containedInPlace": _references(said.objects(iri, AL.location))}


def _event(said: Graph, iri: URIRef) -> Mapping[str, Any]:
    days = (said.value(iri, one) for one in (AL.startEarliest, AL.endLatest))
    start, end = (str(day)[:_DAY] if day else "" for day in days)
    return {
        "startDate": start,
        "endDate": end,
        "location": _references(said.objects(iri, AL.location)),
        "attendee": _references(said.objects(iri, AL.participant)),
        "about": _references(said.objects(iri, AL.about)),
    }


def _work(said: Graph, iri: URIRef) -> Mapping[str, Any]:
    return {
        "inLanguage": str(said.value(iri, DCTERMS.language) or ""),
        "license": str(said.value(iri, DCTERMS.license) or ""),
        "isPartOf": _references(said.objects(iri, DCTERMS.isPartOf)),
        "about": _references(said.objects(iri, AL.about)),
    }


def _quotation(said: Graph, iri: URIRef) -> Mapping[str, Any]:
    return {"text": str(said.value(iri, RDF.value) or ""), **_work(said, iri)}


def _term(said: Graph, iri: URIRef) -> Mapping[str, Any]:
    return {"inDefinedTermSet": [str(one) for one in said.objects(iri, SKOS.inScheme)]}


def _nothing(_said: Graph, _iri: URIRef) -> Mapping[str, Any]:
    return {}


_SAID = {
    "Country": _member,
    "Organization": _organization,
    "Person": _person,
    "Place": _within,
    "Event": _event,
    "CreativeWork": _work,
    "Quotation": _quotation,
    "DefinedTerm": _term,
}
