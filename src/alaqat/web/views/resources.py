"""Linked data pages: IRIs that redirect to their descriptions, for people and programs.

An IRI of a resource redirects to a document of its own (httpRange-14), which is a page
or a serialization by content negotiation.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, request
from markupsafe import Markup
from rdflib import DCTERMS, RDF, URIRef

from alaqat.dataset import Dataset
from alaqat.describe.catalog import CATALOG
from alaqat.describe.entity_views import EntityViewBuilder
from alaqat.describe.grammar import plain_text
from alaqat.describe.resource import Descriptions
from alaqat.describe.schema_org import as_schema_org
from alaqat.describe.sentences import Verbalizer
from alaqat.describe.view_models import (
    DerivedFact,
    EntityView,
    supported_by,
)
from alaqat.http.linked_data import (
    GRAPH_FORMATS,
    HTML,
    Link,
    RepresentationChoice,
    choose_representation,
    description_links,
)
from alaqat.http.representation import (
    NO_CACHE,
    Representation,
    content_tag,
    digest_tag,
    empty_response,
    inexpressible_is_not_acceptable,
)
from alaqat.lru import LruCache
from alaqat.proofs.model import Citation
from alaqat.rdf.formats import Format
from alaqat.store.pool.dumps import Dump, serialize_graph
from alaqat.terms import (
    AL,
    BASE,
    DOC,
)
from alaqat.web.rendering import render, request_language
from alaqat.web.responses import flask_response, represent
from alaqat.web.urls import (
    PATH_SAFE,
    absolute_url,
    description_path,
    mount_point,
)

_CACHE_SIZE = 32  # serialized descriptions; the largest are requested most
_NOT_IN_SCRIPTS = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


def linked_data_blueprint(
    dataset: Callable[[], Dataset], pages: ResourcePages
) -> Blueprint:
    """Return the routes of resources and of named graphs."""
    blueprint = Blueprint("linked_data", __name__)
    blueprint.add_app_template_global(quote_address)

    @blueprint.get("/id/<path:name>")
    def thing(name: str) -> Response:
        choice = negotiate_path(dataset(), f"id/{name}")
        descriptions(dataset()).check(URIRef(BASE + choice.name))
        return see_other(choice)

    @blueprint.get("/doc/<path:name>")
    def document(name: str) -> Response:
        choice = negotiate_path(dataset(), f"id/{name}")
        return describe(dataset(), choice, pages.resource)

    @blueprint.get("/graph/<path:name>")
    def graph(name: str) -> Response:
        choice = negotiate_path(dataset(), f"graph/{name}")
        return describe(dataset(), choice, pages.graph)

    return blueprint


def negotiate_path(dataset: Dataset, path: str) -> RepresentationChoice:
    """Return the resource and the format that a path below the base stands for."""
    known = descriptions(dataset)
    accept = request.headers.get("Accept", "")
    return choose_representation(path, accept, lambda name: BASE + name in known)


def see_other(choice: RepresentationChoice) -> Response:
    """Redirect from a resource to its description (httpRange-14: 303).

    Browsers are sent to the document that negotiates, in the language of the path;
    programs to the document of their format, which has no language.
    """
    is_page = choice.form is HTML
    extension = choice.form.extension if choice.is_fixed or not is_page else ""
    root = request.script_root if is_page else mount_point()
    path = description_path(BASE + choice.name, extension)
    location = f"{root}/{quote(path, PATH_SAFE)}"
    vary = () if choice.is_fixed else ("Accept",)
    return flask_response(
        empty_response(HTTPStatus.SEE_OTHER, location=location, vary=vary)
    )


def describe(
    dataset: Dataset, choice: RepresentationChoice, page: Callable[[URIRef], Response]
) -> Response:
    """Return the description of a resource, as a page or in an RDF format.

    Args:
        dataset: the version.
        choice: the resource and the format.
        page: renders the page.

    Raises:
        UnknownName: the dataset does not know the resource.
    """
    iri, known = URIRef(BASE + choice.name), descriptions(dataset)
    known.check(iri)
    if choice.form is HTML:
        body = page(iri).get_data()
    else:
        body = serialized_description(dataset, iri, choice.form)
    replaced = known.replacements(iri)
    # RFC 9110 §15.5.11; the body describes what there was
    status = HTTPStatus.OK if replaced is None else HTTPStatus.GONE
    links = _links(known, iri, choice, replaced or ())
    return send_representation(body, choice, links, status)


def send_representation(
    body: bytes | Dump,
    choice: RepresentationChoice,
    links: Iterable[Link],
    status: HTTPStatus = HTTPStatus.OK,
) -> Response:
    """Return a description or a dump with its links and caching headers."""
    is_page = choice.form is HTML
    location = description_path(BASE + choice.name, choice.form.extension)
    negotiated = () if choice.is_fixed else ("Accept",)
    return represent(
        Representation(
            body,
            choice.form.content_type,
            status,
            tag=digest_tag(body.summary.sha256)
            if isinstance(body, Dump)
            else content_tag(body),
            cache_control=NO_CACHE,  # stored, and revalidated (RFC 9111 §5.2.2.4)
            vary=(*negotiated, "Accept-Language") if is_page else negotiated,
            language=request_language() if is_page else "",
            location="" if choice.is_fixed else absolute_url(location),
            links=tuple(links),
        )
    )


def _links(
    known: Descriptions,
    iri: URIRef,
    choice: RepresentationChoice,
    replaced: Iterable[URIRef],
) -> Iterable[Link]:
    return description_links(
        str(iri),
        lambda form: absolute_url(
            description_path(iri, form.extension if form else "")
        ),
        form=choice.form,
        licence=licence_of(known, iri),
        kinds=sorted(str(one) for one in known.union_graph.objects(iri, RDF.type)),
        more=(
            Link(absolute_url(description_path(CATALOG)), "collection"),
            *(Link(str(one), "successor-version") for one in replaced),
        ),
    )


def licence_of(known: Descriptions, iri: URIRef) -> str:
    """Return the licence of a resource, else of a source document; empty if unknown."""
    documents = known.union_graph.subjects(RDF.type, AL.Document)
    for node in (iri, *sorted(documents, key=str)):
        for licence in known.union_graph.objects(node, DCTERMS.license):
            return str(licence)
    return ""


def descriptions(dataset: Dataset) -> Descriptions:
    """Return the descriptions of a version, cached with it."""
    return dataset.cached(_descriptions)


def _descriptions(dataset: Dataset) -> Descriptions:
    return Descriptions(dataset.graphs)


def entity_pages(dataset: Dataset, language: str) -> EntityViewBuilder:
    """Return the view models of a version's resources in a language, cached with it."""
    return dataset.cached(_entity_pages, language)


def _entity_pages(dataset: Dataset, language: str) -> EntityViewBuilder:
    known = descriptions(dataset)
    return EntityViewBuilder(known, dataset.prover, Verbalizer(known, language))


def serialized_description(dataset: Dataset, iri: URIRef, form: Format) -> bytes:
    """Return a description in an RDF format, cached for the version."""
    known = descriptions(dataset)
    with inexpressible_is_not_acceptable():
        return dataset.cached(_description_cache).get_or_create(
            (iri, form), lambda: serialize_graph(known.describe(iri), form)
        )


def _description_cache(_: Dataset) -> LruCache[bytes]:
    return LruCache(_CACHE_SIZE)


class ResourcePages:
    """The HTML pages of resources and of named graphs.

    Args:
        dataset: returns the current version.
    """

    def __init__(self, dataset: Callable[[], Dataset]) -> None:
        self._dataset = dataset

    def resource(self, iri: URIRef) -> Response:
        """Render the page of a resource."""
        current, language = self._dataset(), request_language()
        pages, known = entity_pages(current, language), descriptions(current)
        entity = pages.entity(iri)
        address = absolute_url(description_path(iri))
        metadata = as_schema_org(known.union_graph, entity, language, address)
        return render(
            "entity.html",
            iri=iri,
            entity=entity,
            heading=entity.name.text,
            summary=_summary(entity),
            supported=self._supported(iri, pages) if entity.fact else (),
            replaced=known.replacements(iri),
            metadata=json_for_script(metadata),
            rdf_type=RDF.type,
            **self.template_context(language),
        )

    def graph(self, iri: URIRef) -> Response:
        """Render the page of a named graph."""
        current, language = self._dataset(), request_language()
        graph, speaker = current.graphs[iri], entity_pages(current, language).verbalizer
        counts = Counter(graph.objects(None, RDF.type))
        rows = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
        return render(
            "graph.html",
            iri=iri,
            heading=iri.removeprefix(BASE),
            size=len(graph),
            classes=[(speaker.name(kind), count) for kind, count in rows],
            **self.template_context(language),
        )

    def template_context(self, language: str) -> dict[str, Any]:
        """Return the variables that all templates of descriptions share."""
        return {
            "formats": GRAPH_FORMATS,
            "data_address": data_address,
            "words": self._dataset().wording(language),
            "plain": plain_text,
        }

    def _supported(self, iri: URIRef, pages: EntityViewBuilder) -> list[DerivedFact]:
        known = descriptions(self._dataset())
        rows = supported_by(known, known.claims(iri), iri)
        return [DerivedFact(row, pages.verbalizer.triple(*row)) for row in rows]


def _summary(entity: EntityView) -> str:
    """Return the text of a page's description for search engines."""
    if entity.fact:
        return plain_text(entity.fact.sentence)
    if entity.definition:
        return entity.definition
    facts = [fact for group in entity.groups + entity.denied for fact in group.facts]
    return " ".join(plain_text(fact.sentence) for fact in facts[:3]) or entity.name.text


def json_for_script(value: Mapping[str, Any]) -> Markup:
    """Return JSON that is safe within a script element: no markup can begin in it."""
    text = json.dumps(value, ensure_ascii=False).translate(_NOT_IN_SCRIPTS)
    return Markup(text)  # noqa: S704 # escaped above


def data_address(iri: str, extension: str) -> str:
    """Return the address of a description in a format."""
    return absolute_url(description_path(iri, extension))


def quote_address(citation: Citation) -> str:
    """Return the address of a quote on the page of its document."""
    slug = str(citation.document or "").removeprefix(str(DOC))
    span = f"?char={citation.start},{citation.end}#char-{citation.start}"
    return f"{request.script_root}/document/{quote(slug)}{span}"
