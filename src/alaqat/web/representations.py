"""Descriptions as responses: their bytes, links, tags and languages."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus
from io import BytesIO
from zlib import compress, decompress

from flask import Response
from rdflib import DCTERMS, RDF, Graph, URIRef

from alaqat.dataset import Dataset
from alaqat.describe import CATALOG, Descriptions
from alaqat.formats import N_QUADS, Format, canonical_nquads
from alaqat.formats.dataset import rewritten, write_graph
from alaqat.lru import LruCache
from alaqat.protocol.linked import (
    DUMPS,
    HTML,
    Choice,
    Link,
    description_links,
)
from alaqat.protocol.representation import NO_CACHE, Representation, content_tag
from alaqat.terms import AL, BASE
from alaqat.web.addresses import absolute, document_of
from alaqat.web.rendering import language_of_request
from alaqat.web.values import send


def descriptions(dataset: Dataset) -> Descriptions:
    """The descriptions of a version."""
    return dataset.cached(_descriptions)


def triples(dataset: Dataset, iri: URIRef, form: Format) -> bytes:
    """A description in a format; the largest ones are asked for most."""
    known = descriptions(dataset)
    kept = dataset.cached(_written)
    return kept.get_or_create((iri, form), lambda: written(known.of(iri), form))


def dump(dataset: Dataset, form: Format) -> bytes:
    """The whole dataset in a format, in the order of RDFC-1.0."""

    def make() -> bytes:
        if form is N_QUADS:
            body = canonical_nquads(dataset.graphs)
        else:
            body = rewritten(dump(dataset, N_QUADS), form)
        return compress(body, 1)

    return decompress(dataset.cached(_dumps).get_or_create(form, make))


# What is made of a version is kept in it, so that it is forgotten with it.


def _descriptions(dataset: Dataset) -> Descriptions:
    return Descriptions(dataset.graphs)


def _dumps(_: Dataset) -> LruCache[bytes]:
    return LruCache(len(DUMPS))


def _written(_: Dataset) -> LruCache[bytes]:
    return LruCache(32)


def written(graph: Graph, form: Format) -> bytes:
    """A graph in a format."""
    out = BytesIO()
    write_graph(graph, out, form)
    return out.getvalue()


def described(
    dataset: Dataset, choice: Choice, page: Callable[[URIRef], Response]
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
    known: Descriptions, iri: URIRef, choice: Choice, replaced: Iterable[URIRef]
) -> Iterable[Link]:
    """What belongs to a description."""
    return description_links(
        str(iri),
        lambda form: absolute(document_of(iri, form.extension if form else "")),
        form=choice.form,
        licence=licence_of(known, iri),
        kinds=_kinds(known, iri),
        more=(
            Link(absolute(document_of(CATALOG)), "collection"),
            *(Link(str(one), "successor-version") for one in replaced),
        ),
    )


def finished(
    body: bytes,
    choice: Choice,
    links: Iterable[Link],
    status: HTTPStatus = HTTPStatus.OK,
) -> Response:
    """Return a description or a dump in the format that was chosen, with its links."""
    is_page = choice.form is HTML
    where = document_of(BASE + choice.name, choice.form.extension)
    asked = () if choice.is_fixed else ("Accept",)
    return send(
        Representation(
            body,
            choice.form.content_type,
            status,
            tag=content_tag(body),
            cache_control=NO_CACHE,  # stored, and revalidated (RFC 9111 §5.2.2.4)
            vary=(*asked, "Accept-Language") if is_page else asked,
            language=language_of_request() if is_page else "",
            location="" if choice.is_fixed else absolute(where),
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
