"""Descriptions as responses: their bytes, links, tags and languages.

The pages of things and of graphs.

Linked data: what an IRI names is described at an address of its own.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from io import BytesIO
from typing import Any
from urllib.parse import quote
from zlib import compress, decompress

from flask import Blueprint, Response, request
from markupsafe import Markup
from rdflib import DCTERMS, RDF, Graph, URIRef

from alaqat.dataset import Dataset
from alaqat.describe.catalog import CATALOG
from alaqat.describe.entity_pages import EntityPages
from alaqat.describe.grammar import plain
from alaqat.describe.resource import Descriptions
from alaqat.describe.schema_org import as_schema_org
from alaqat.describe.sentences import Verbalizer
from alaqat.describe.view_models import (
    DerivedFact,
    EntityView,
    supported_by,
)
from alaqat.http.linked_data import (
    DUMP_FORMATS,
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
    empty_response,
)
from alaqat.lru import LruCache
from alaqat.proofs.model import Citation
from alaqat.rdf.formats import N_QUADS, Format
from alaqat.rdf.writing import canonical_nquads, transcode_nquads, write_graph
from alaqat.terms import (
    AL,
    BASE,
    DOC,
)
from alaqat.web.rendering import render, request_language
from alaqat.web.responses import flask_response, represent
from alaqat.web.urls import (
    absolute_url,
    description_path,
    mount_point,
)


def descriptions(dataset: Dataset) -> Descriptions:
    """The descriptions of a version."""
    return dataset.cached(_descriptions)


def triples(dataset: Dataset, iri: URIRef, form: Format) -> bytes:
    """A description in a format; the largest ones are asked for most."""
    known = descriptions(dataset)
    kept = dataset.cached(_written)
    return kept.get_or_create(
        (iri, form), lambda: write_description(known.of(iri), form)
    )


def dump(dataset: Dataset, form: Format) -> bytes:
    """The whole dataset in a format, in the order of RDFC-1.0."""

    def make() -> bytes:
        if form is N_QUADS:
            body = canonical_nquads(dataset.graphs)
        else:
            body = transcode_nquads(dump(dataset, N_QUADS), form)
        return compress(body, 1)

    return decompress(dataset.cached(_dumps).get_or_create(form, make))


# What is made of a version is kept in it, so that it is forgotten with it.


def _descriptions(dataset: Dataset) -> Descriptions:
    return Descriptions(dataset.graphs)


def _dumps(_: Dataset) -> LruCache[bytes]:
    return LruCache(len(DUMP_FORMATS))


def _written(_: Dataset) -> LruCache[bytes]:
    return LruCache(32)


def write_description(graph: Graph, form: Format) -> bytes:
    """A graph in a format."""
    out = BytesIO()
    write_graph(graph, out, form)
    return out.getvalue()


def described(
    dataset: Dataset, choice: RepresentationChoice, page: Callable[[URIRef], Response]
) -> Response:
    """A description as a response: the page for people, or its triples.

    Args:
        dataset: the version that is described.
        choice: of the thing and the format.
        page: makes the page.

    Raises:
        UnknownName: the dataset does not know the thing.
    """
    iri, known = URIRef(BASE + choice.name), descriptions(dataset)
    known.check(iri)
    is_page = choice.form is HTML
    body = page(iri).get_data() if is_page else triples(dataset, iri, choice.form)
    replaced = known.replacements(iri)
    # RFC 9110 §15.5.11; the body says what there was
    status = HTTPStatus.OK if replaced is None else HTTPStatus.GONE
    links = _links(known, iri, choice, replaced or ())
    return finished(body, choice, links, status)


def _links(
    known: Descriptions,
    iri: URIRef,
    choice: RepresentationChoice,
    replaced: Iterable[URIRef],
) -> Iterable[Link]:
    """What belongs to a description."""
    return description_links(
        str(iri),
        lambda form: absolute_url(
            description_path(iri, form.extension if form else "")
        ),
        form=choice.form,
        licence=licence_of(known, iri),
        kinds=_kinds(known, iri),
        more=(
            Link(absolute_url(description_path(CATALOG)), "collection"),
            *(Link(str(one), "successor-version") for one in replaced),
        ),
    )


def finished(
    body: bytes,
    choice: RepresentationChoice,
    links: Iterable[Link],
    status: HTTPStatus = HTTPStatus.OK,
) -> Response:
    """Return a description or a dump in the format that was chosen, with its links."""
    is_page = choice.form is HTML
    where = description_path(BASE + choice.name, choice.form.extension)
    asked = () if choice.is_fixed else ("Accept",)
    return represent(
        Representation(
            body,
            choice.form.content_type,
            status,
            tag=content_tag(body),
            cache_control=NO_CACHE,  # stored, and revalidated (RFC 9111 §5.2.2.4)
            vary=(*asked, "Accept-Language") if is_page else asked,
            language=request_language() if is_page else "",
            location="" if choice.is_fixed else absolute_url(where),
            links=tuple(links),
        )
    )


def licence_of(known: Descriptions, iri: URIRef) -> str:
    """The licence that the data states of a thing, or of the documents it is from."""
    documents = known.said.subjects(RDF.type, AL.Document)
    for node in (iri, *sorted(documents, key=str)):
        for licence in known.said.objects(node, DCTERMS.license):
            return str(licence)
    return ""


def _kinds(known: Descriptions, iri: URIRef) -> Iterable[str]:
    """The classes that a thing was given."""
    return sorted(str(one) for one in known.said.objects(iri, RDF.type))


_NOT_IN_SCRIPTS = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


def telling(dataset: Dataset, language: str) -> EntityPages:
    """What makes the pages of a version in a language."""
    return dataset.cached(_telling, language)


def _telling(dataset: Dataset, language: str) -> EntityPages:
    known = descriptions(dataset)
    return EntityPages(known, dataset.prover, Verbalizer(known, language))


def embedded(value: Mapping[str, Any]) -> Markup:
    """JSON that stands within a page; no markup can begin in it."""
    told = json.dumps(value, ensure_ascii=False).translate(_NOT_IN_SCRIPTS)
    return Markup(told)  # noqa: S704 # see above


def data_of(iri: str, ending: str) -> str:
    """The address of a description in a format."""
    return absolute_url(description_path(iri, ending))


def words_at(citation: Citation) -> str:
    """The address of quoted words on the page of their document."""
    slug = str(citation.document or "").removeprefix(str(DOC))
    where = f"?char={citation.start},{citation.end}#char-{citation.start}"
    return f"{request.script_root}/document/{quote(slug)}{where}"


class EntityViews:
    """Makes pages of what a dataset describes.

    Args:
        dataset: gives the version that is current.
    """

    def __init__(self, dataset: Callable[[], Dataset]) -> None:
        self._dataset = dataset

    def page(self, iri: URIRef) -> Response:
        """The page of a thing."""
        current, language = self._dataset(), request_language()
        pages, known = telling(current, language), descriptions(current)
        thing = pages.thing(iri)
        address = absolute_url(description_path(iri))
        return render(
            "thing.html",
            iri=iri,
            thing=thing,
            heading=thing.name.text,
            summary=_summary(thing),
            resting=self._resting(iri, pages) if thing.fact else (),
            replaced=known.replacements(iri),
            embedded=embedded(as_schema_org(known.said, thing, language, address)),
            rdf_type=RDF.type,
            **self.around(language),
        )

    def graph(self, iri: URIRef) -> Response:
        """The page of a named graph."""
        current, language = self._dataset(), request_language()
        graph, speaker = current.graphs[iri], telling(current, language).speaker
        counts = Counter(graph.objects(None, RDF.type))
        rows = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
        return render(
            "graph.html",
            iri=iri,
            heading=iri.removeprefix(BASE),
            size=len(graph),
            classes=[(speaker.name(kind), count) for kind, count in rows],
            **self.around(language),
        )

    def around(self, language: str) -> dict[str, Any]:
        """What the templates of descriptions use."""
        return {
            "formats": GRAPH_FORMATS,
            "data_of": data_of,
            "words_at": words_at,
            "words": self._dataset().wording(language),
            "plain": plain,
        }

    def _resting(self, iri: URIRef, pages: EntityPages) -> list[DerivedFact]:
        known = descriptions(self._dataset())
        rows = supported_by(known, known.claims(iri), iri)
        return [DerivedFact(row, pages.speaker.triple(*row)) for row in rows]


def _summary(thing: EntityView) -> str:
    """A line on a thing for lists of pages."""
    if thing.fact:
        return plain(thing.fact.sentence)
    if thing.definition:
        return thing.definition
    facts = [fact for group in thing.groups + thing.denied for fact in group.facts]
    return " ".join(plain(fact.sentence) for fact in facts[:3]) or thing.name.text


def linked_blueprint(dataset: Callable[[], Dataset], things: EntityViews) -> Blueprint:
    """The routes of things and of graphs."""
    blueprint = Blueprint("linked", __name__)

    @blueprint.get("/id/<path:name>")
    def thing(name: str) -> Response:
        choice = chosen(dataset(), f"id/{name}")
        descriptions(dataset()).check(URIRef(BASE + choice.name))
        return see_other(choice)

    @blueprint.get("/doc/<path:name>")
    def document(name: str) -> Response:
        choice = chosen(dataset(), f"id/{name}")
        return described(dataset(), choice, things.page)

    @blueprint.get("/graph/<path:name>")
    def graph(name: str) -> Response:
        choice = chosen(dataset(), f"graph/{name}")
        return described(dataset(), choice, things.graph)

    return blueprint


def chosen(dataset: Dataset, path: str) -> RepresentationChoice:
    """What a path below the base asks for: a description, in a format."""
    known = descriptions(dataset)
    accept = request.headers.get("Accept", "")
    return choose_representation(path, accept, lambda name: BASE + name in known)


def see_other(choice: RepresentationChoice) -> Response:
    """The way from a thing to its description (httpRange-14: 303).

    People are led to the address that negotiates, in the language of the path;
    programs to the one of the format they like, in no language.
    """
    is_page = choice.form is HTML
    ending = choice.form.extension if choice.is_fixed or not is_page else ""
    root = request.script_root if is_page else mount_point()
    location = f"{root}/{description_path(BASE + choice.name, ending)}"
    vary = () if choice.is_fixed else ("Accept",)
    return flask_response(
        empty_response(HTTPStatus.SEE_OTHER, location=location, vary=vary)
    )
