"""The catalogue of the data, its statistics, and the files that hold all of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, Response, request, url_for
from rdflib import DCTERMS, FOAF, VOID, Graph, URIRef

from alaqat.dataset import Dataset
from alaqat.describe.catalog import (
    CATALOG,
    DATASET,
    DCAT,
    PERIOD,
    PUBLISHER,
    VOID_FILE,
    CatalogContext,
    DistributionFile,
    catalog,
    void,
)
from alaqat.describe.literals import day_words
from alaqat.describe.schema_org import dataset_as_schema_org
from alaqat.errors import UnknownGraph
from alaqat.http.linked_data import (
    DESCRIPTION_FORMATS,
    DUMP_FORMATS,
    HTML,
    Link,
    RepresentationChoice,
    choose_representation,
    description_links,
)
from alaqat.rdf.formats import Format
from alaqat.web.rendering import (
    all_texts,
    render,
    request_language,
    texts_in,
)
from alaqat.web.urls import absolute_url, description_path
from alaqat.web.views.resources import (
    EntityViews,
    descriptions,
    dump,
    embedded,
    finished,
    licence_of,
    telling,
    write_description,
)

_NAMES = {f"dataset.{form.extension}": form for form in DUMP_FORMATS}
_COUNTS = (
    ("graph_triples", VOID.triples),
    ("catalog_entities", VOID.entities),
    ("catalog_classes", VOID.classes),
    ("catalog_properties", VOID.properties),
)


class Catalog:
    """Tells what the data is and where it can be had.

    Args:
        dataset: gives the version that is current.
        things: what templates of descriptions use.
    """

    def __init__(self, dataset: Callable[[], Dataset], things: EntityViews) -> None:
        self._dataset = dataset
        self._things = things

    def catalog(self, ending: str = "") -> Response:
        """The catalogue in a format."""
        return self._reply(CATALOG, ending, catalog)

    def void(self, ending: str = "") -> Response:
        """The statistics in a format."""
        return self._reply(VOID_FILE, ending, void)

    def file(self, name: str) -> Response:
        """The whole dataset as a file, or its checksum.

        Raises:
            UnknownGraph: no file has the name.
        """
        stem = name.removesuffix(".sha256")
        if stem not in _NAMES:
            raise UnknownGraph(
                f"There is no file {name}.", remedy=f"Files are: {', '.join(_NAMES)}."
            )
        form = _NAMES[stem]
        if name != stem:
            _, sha256 = self._dataset().cached(_digest, form)
            line = f"{sha256}  {stem}\n"
            return Response(line, mimetype="text/plain")
        choice = RepresentationChoice(f"dump/{stem}", form, is_fixed=True)
        links = (
            Link(absolute_url(description_path(CATALOG)), "collection"),
            Link(str(DATASET), "describes"),
            Link(licence_of(descriptions(self._dataset()), DATASET), "license"),
        )
        reply = finished(dump(self._dataset(), form), choice, links)
        reply.headers["Content-Disposition"] = f'attachment; filename="{stem}"'
        return reply

    def _reply(
        self,
        iri: URIRef,
        ending: str,
        make: Callable[[Any, str, CatalogContext], Graph],
    ) -> Response:
        current = self._dataset()
        name = description_path(iri, ending)
        choice = choose_representation(
            name, request.headers.get("Accept", ""), lambda _: False
        )
        if choice.name != description_path(iri):
            raise UnknownGraph(
                f"There is no {name}.", remedy=f"Take one of: {_endings()}."
            )
        served = self._served()
        if choice.form is HTML:
            body = self._page(iri, served).get_data()
        else:
            graph = make(descriptions(current), current.version, served)
            body = write_description(graph, choice.form)
        links = description_links(
            str(DATASET),
            lambda form: absolute_url(
                description_path(iri, form.extension if form else "")
            ),
            form=choice.form,
            licence=licence_of(descriptions(current), DATASET),
            kinds=(str(DCAT.Dataset),),
            items=(Link(one.address, "item", one.media_type) for one in served.files),
        )
        return finished(body, choice, links)

    def _served(self) -> CatalogContext:
        rows = all_texts()
        return CatalogContext(
            files=tuple(self._file(name, form) for name, form in _NAMES.items()),
            endpoint=absolute_url("sparql"),
            page=absolute_url(""),
            titles=rows["catalog_title"],
            descriptions=rows["catalog_description"],
            service=rows["catalog_service"],
        )

    def _file(self, name: str, form: Format) -> DistributionFile:
        size, sha256 = self._dataset().cached(_digest, form)
        return DistributionFile(
            name, absolute_url(f"dump/{name}"), form.media_type, size, sha256
        )

    def _page(self, iri: URIRef, served: CatalogContext) -> Response:
        current, language = self._dataset(), request_language()
        known, name = descriptions(current), telling(current, language).speaker.name
        told = catalog(known, current.version, served)
        counted = void(known, current.version, served)
        address = absolute_url(description_path(iri))
        about = dataset_as_schema_org(told, DATASET, address, language)
        return render(
            "catalog.html",
            iri=iri,
            heading=texts_in(language)["nav_catalog"],
            dumps=served.files,
            endpoint=served.endpoint,
            release=told.value(DATASET, DCAT.version),
            publisher=told.value(PUBLISHER, FOAF.name),
            licences=sorted(map(str, told.objects(DATASET, DCTERMS.license))),
            period=_period(told, language),
            subjects=[name(one) for one in told.objects(DATASET, DCTERMS.subject)],
            origins=[name(one) for one in told.objects(DATASET, DCTERMS.source)],
            counts=[
                (key, int(str(counted.value(DATASET, one)))) for key, one in _COUNTS
            ],
            graphs=list(known.sizes.items()),
            catalog_iri=str(CATALOG),
            void_iri=str(VOID_FILE),
            embedded=embedded(about),
            **self._things.around(language),
        )


def catalog_blueprint(catalog: Catalog) -> Blueprint:
    """The routes of the catalogue and of the files."""
    blueprint = Blueprint("catalog", __name__)
    for path, view in (("catalog", catalog.catalog), ("void", catalog.void)):
        blueprint.add_url_rule(f"/{path}", path, view)
        blueprint.add_url_rule(f"/{path}.<ending>", path, view)

    @blueprint.get("/.well-known/void")
    def well_known() -> Response:
        # VoID §7.2: the well-known address leads to the description.
        reply = Response(status=302)
        reply.headers["Location"] = url_for("catalog.void")
        return reply

    @blueprint.get("/dump")
    def dumps() -> Response:
        reply = Response(status=302)
        reply.headers["Location"] = f"{url_for('catalog.catalog')}#files"
        return reply

    @blueprint.get("/dump/<name>")
    def file(name: str) -> Response:
        return catalog.file(name)

    return blueprint


def _endings() -> str:
    return ", ".join(form.extension for form in DESCRIPTION_FORMATS)


def _digest(dataset: Dataset, form: Format) -> tuple[int, str]:
    """Return the size and the SHA-256 of the dataset in a format."""
    body = dump(dataset, form)
    return len(body), hashlib.sha256(body).hexdigest()


def _period(told: Graph, language: str) -> str:
    """The first and the last day that any fact may have been."""
    days = (told.value(PERIOD, one) for one in (DCAT.startDate, DCAT.endDate))
    return " – ".join(
        day_words(date.fromisoformat(str(day)), language) for day in days if day
    )
