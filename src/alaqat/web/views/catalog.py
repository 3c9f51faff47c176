"""Catalogue pages: DCAT and VoID descriptions of the dataset, and its dumps."""

from __future__ import annotations

from collections.abc import Callable, Mapping

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
    build_catalog,
    build_void,
    statistics,
)
from alaqat.describe.literals import format_day
from alaqat.describe.schema_org import dataset_as_schema_org
from alaqat.errors import LimitReached, UnknownGraph
from alaqat.http.linked_data import (
    DESCRIPTION_FORMATS,
    DUMP_FORMATS,
    HTML,
    Link,
    RepresentationChoice,
    choose_representation,
    description_links,
)
from alaqat.http.representation import inexpressible_is_not_acceptable
from alaqat.i18n import localized
from alaqat.lexical import read_day
from alaqat.rdf.formats import Format
from alaqat.rdf.writing import nquads
from alaqat.store.pool.dumps import Dump, create_dumps, serialize_graph
from alaqat.web.rendering import (
    all_texts,
    render,
    request_language,
    texts_in,
)
from alaqat.web.urls import absolute_url, description_path
from alaqat.web.views.resources import (
    ResourcePages,
    descriptions,
    entity_pages,
    json_for_script,
    licence_of,
    send_representation,
)

_DUMP_FORMATS = {f"dataset.{form.extension}": form for form in DUMP_FORMATS}
_COUNTS = (
    ("graph_triples", VOID.triples),
    ("catalog_entities", VOID.entities),
    ("catalog_classes", VOID.classes),
    ("catalog_properties", VOID.properties),
)


class CatalogPages:
    """The catalogue (DCAT), the statistics (VoID) and the dumps of the dataset.

    Args:
        dataset: returns the current version.
        pages: for the variables of templates.
    """

    def __init__(self, dataset: Callable[[], Dataset], pages: ResourcePages) -> None:
        self._dataset = dataset
        self._pages = pages

    def catalog(self, extension: str = "") -> Response:
        """Return the catalogue in the format of an extension, else by negotiation."""
        return self._describe(CATALOG, extension, _catalog)

    def void(self, extension: str = "") -> Response:
        """Return the statistics in the format of an extension, else by negotiation."""
        return self._describe(VOID_FILE, extension, _void)

    def file(self, name: str) -> Response:
        """Return a dump of the dataset, or its SHA-256 checksum.

        Raises:
            UnknownGraph: no file has the name.
        """
        dump_name = name.removesuffix(".sha256")
        if dump_name not in _DUMP_FORMATS:
            files = ", ".join(_DUMP_FORMATS)
            raise UnknownGraph(
                f"There is no file {name}.", remedy=f"Files are: {files}."
            )
        form = _DUMP_FORMATS[dump_name]
        dump = dumps_of(self._dataset())[form]
        if name != dump_name:
            line = f"{dump.summary.sha256}  {dump_name}\n"
            return Response(line, mimetype="text/plain")
        choice = RepresentationChoice(f"dump/{dump_name}", form, is_fixed=True)
        licence = licence_of(descriptions(self._dataset()), DATASET)
        links = (
            Link(absolute_url(description_path(CATALOG)), "collection"),
            Link(str(DATASET), "describes"),
            Link(licence, "license"),
        )
        reply = send_representation(dump, choice, links)
        reply.headers["Content-Disposition"] = f'attachment; filename="{dump_name}"'
        return reply

    def _describe(
        self,
        iri: URIRef,
        extension: str,
        build: Callable[[Dataset, CatalogContext], Graph],
    ) -> Response:
        """Return the page of the catalogue, or a graph of it in a format."""
        current = self._dataset()
        name = description_path(iri, extension)
        choice = choose_representation(
            name, request.headers.get("Accept", ""), lambda _: False
        )
        if choice.name != description_path(iri):
            extensions = ", ".join(form.extension for form in DESCRIPTION_FORMATS)
            raise UnknownGraph(
                f"There is no {name}.", remedy=f"Request one of: {extensions}."
            )
        context = self._context()
        if choice.form is HTML:
            body = self._page(iri, context).get_data()
        else:
            graph = build(current, context)
            with inexpressible_is_not_acceptable():
                body = serialize_graph(graph, choice.form)
        links = description_links(
            str(DATASET),
            lambda form: absolute_url(
                description_path(iri, form.extension if form else "")
            ),
            form=choice.form,
            licence=licence_of(descriptions(current), DATASET),
            kinds=(str(DCAT.Dataset),),
            items=(
                Link(file.address, "item", file.media_type) for file in context.files
            ),
        )
        return send_representation(body, choice, links)

    def _context(self) -> CatalogContext:
        rows, dataset = all_texts(), self._dataset()
        files = tuple(
            _file(dataset, name, form) for name, form in _DUMP_FORMATS.items()
        )
        return CatalogContext(
            files=files,
            remarks=rows[key] if (key := _remark(dataset)) else {},
            endpoint=absolute_url("sparql"),
            page=absolute_url(""),
            titles=rows["catalog_title"],
            descriptions=rows["catalog_description"],
            service=rows["catalog_service"],
        )

    def _page(self, iri: URIRef, context: CatalogContext) -> Response:
        current, language = self._dataset(), request_language()
        known = descriptions(current)
        name = entity_pages(current, language).verbalizer.name
        graph, void = _catalog(current, context), _void(current, context)
        address = absolute_url(description_path(iri))
        metadata = dataset_as_schema_org(graph, DATASET, address, language)
        return render(
            "catalog.html",
            iri=iri,
            heading=texts_in(language)["nav_catalog"],
            dumps=context.files,
            remark=localized(context.remarks, language),
            endpoint=context.endpoint,
            release=graph.value(DATASET, DCAT.version),
            publisher=graph.value(PUBLISHER, FOAF.name),
            licences=sorted(map(str, graph.objects(DATASET, DCTERMS.license))),
            period=_period(graph, language),
            subjects=[name(one) for one in graph.objects(DATASET, DCTERMS.subject)],
            origins=[name(one) for one in graph.objects(DATASET, DCTERMS.source)],
            counts=[(key, int(str(void.value(DATASET, one)))) for key, one in _COUNTS],
            graphs=list(known.graph_sizes.items()),
            catalog_iri=str(CATALOG),
            void_iri=str(VOID_FILE),
            metadata=json_for_script(metadata),
            **self._pages.template_context(language),
        )


def catalog_blueprint(pages: CatalogPages) -> Blueprint:
    """Return the routes of the catalogue, the statistics and the dumps."""
    blueprint = Blueprint("catalog", __name__)
    for path, view in (("catalog", pages.catalog), ("void", pages.void)):
        blueprint.add_url_rule(f"/{path}", path, view)
        blueprint.add_url_rule(f"/{path}.<extension>", path, view)

    @blueprint.get("/.well-known/void")
    def well_known() -> Response:
        # VoID §7.2: the well-known address redirects to the description.
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
        return pages.file(name)

    return blueprint


def _catalog(dataset: Dataset, context: CatalogContext) -> Graph:
    """Return the DCAT catalogue."""
    return build_catalog(descriptions(dataset), dataset.version, context)


def _void(dataset: Dataset, context: CatalogContext) -> Graph:
    """Return the VoID description; its statistics are counted once per version."""
    counts = dataset.cached(_statistics)
    return build_void(descriptions(dataset), dataset.version, context, counts)


def _statistics(dataset: Dataset) -> Graph:
    return statistics(descriptions(dataset))


def dumps_of(dataset: Dataset) -> Mapping[Format, Dump]:
    """Return the dumps of a version, which are written once.

    Raises:
        LimitReached: they take too long or too much memory; that, too, is found once.
    """
    found = dataset.cached(_dumps)
    if isinstance(found, LimitReached):
        raise found
    return found


def _dumps(dataset: Dataset) -> Mapping[Format, Dump] | LimitReached:
    """Return the dumps, or the error for too large a dataset."""
    source = dataset.folder or nquads(dataset.graphs)
    try:
        return create_dumps(source, DUMP_FORMATS)
    except LimitReached as error:
        return error


def _file(dataset: Dataset, name: str, form: Format) -> DistributionFile:
    """Return a dump as the catalogue describes it; without a size if it failed."""
    found, address = dataset.cached(_dumps), absolute_url(f"dump/{name}")
    if isinstance(found, LimitReached):
        return DistributionFile(name, address, form.media_type)
    summary = found[form].summary
    return DistributionFile(
        *(name, address, form.media_type, summary.size, summary.sha256)
    )


def _remark(dataset: Dataset) -> str:
    """Return the key of what is to be said about the dumps; empty for nothing."""
    found = dataset.cached(_dumps)
    if isinstance(found, LimitReached):
        return "catalog_no_dumps"
    are_canonical = all(dump.summary.is_canonical for dump in found.values())
    return "" if are_canonical else "catalog_not_canonical"


def _period(graph: Graph, language: str) -> str:
    """Return the temporal coverage of the catalogue in words."""
    ends = (graph.value(PERIOD, one) for one in (DCAT.startDate, DCAT.endDate))
    days = filter(None, map(read_day, ends))
    return " – ".join(format_day(day, language) for day in days)
