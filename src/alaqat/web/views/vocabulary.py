"""Pages of the ontology, its concept schemes and the SHACL shapes, and their files."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from flask import Blueprint, Response, request
from rdflib import DCTERMS, OWL, Graph, Literal, URIRef

from alaqat.dataset import Dataset
from alaqat.describe.literals import format_day
from alaqat.describe.resource import ONTOLOGY
from alaqat.describe.vocabulary import Vocabulary
from alaqat.errors import UnknownName
from alaqat.http.linked_data import (
    HTML,
    choose_representation,
    description_links,
)
from alaqat.http.representation import inexpressible_is_not_acceptable
from alaqat.lexical import read_day
from alaqat.locations import knowledge_root
from alaqat.queries.library import Library, topic_of
from alaqat.queries.query import SavedQuery
from alaqat.rdf.graphs import new_graph
from alaqat.rdf.reading import read_turtle
from alaqat.store.pool.dumps import serialize_graph
from alaqat.terms import BASE
from alaqat.web.rendering import render, request_language
from alaqat.web.urls import absolute_url, description_path
from alaqat.web.views.resources import (
    ResourcePages,
    describe,
    entity_pages,
    negotiate_path,
    send_representation,
)

SHAPES = URIRef(f"{BASE}shapes")
CONCEPT_SCHEMES = URIRef(f"{ONTOLOGY}/kinds")


@cache
def shapes() -> Graph:
    """Return the graph of all SHACL shapes, which are not part of any dataset."""
    graph = new_graph()
    for path in sorted((knowledge_root() / "ontology" / "shapes").glob("*.ttl")):
        graph += read_turtle(path)
    return graph


def vocabulary(dataset: Dataset, library: Library, language: str) -> Vocabulary:
    """Return the documentation of a version's ontology, cached with it."""
    return dataset.cached(_vocabulary, library, language)


def _vocabulary(dataset: Dataset, library: Library, language: str) -> Vocabulary:
    return Vocabulary(
        entity_pages(dataset, language),
        dataset.wording(language),
        dataset.prover.rules,
        shapes(),
        library.of("questions"),
    )


class VocabularyPages:
    """The pages of the ontology and of the shapes.

    Args:
        dataset: returns the current version.
        library: of the questions that use the terms.
        pages: for the variables of templates.
    """

    def __init__(
        self, dataset: Callable[[], Dataset], library: Library, pages: ResourcePages
    ) -> None:
        self._dataset, self._library, self._pages = dataset, library, pages

    def ontology(self, path: str) -> Response:
        """Return the ontology, one version or a part of it, by its path."""
        current = self._dataset()
        return describe(current, negotiate_path(current, path), self._page)

    def shapes(self, extension: str = "") -> Response:
        """Return the shapes in the format of an extension, else by negotiation.

        Raises:
            UnknownName: there is no such format.
        """
        name = description_path(SHAPES, extension)
        choice = choose_representation(
            name, request.headers.get("Accept", ""), lambda _: False
        )
        if choice.name != description_path(SHAPES):
            raise UnknownName(f"There is no {name}.", remedy="Request shapes.ttl.")
        licence = str(shapes().value(SHAPES, DCTERMS.license) or "")
        links = description_links(
            str(SHAPES),
            lambda form: absolute_url(
                description_path(SHAPES, form.extension if form else "")
            ),
            form=choice.form,
            licence=licence,
        )
        if choice.form is HTML:
            body = self._render("shapes.html", SHAPES).get_data()
        else:
            with inexpressible_is_not_acceptable():
                body = serialize_graph(shapes(), choice.form)
        return send_representation(body, choice, links)

    def _page(self, iri: URIRef) -> Response:
        """Render the page of the ontology or of its concept schemes."""
        if iri == CONCEPT_SCHEMES or iri.startswith(f"{CONCEPT_SCHEMES}/"):
            return self._render("concept_schemes.html", CONCEPT_SCHEMES)
        return self._render("ontology.html", ONTOLOGY, **self._header())

    def _header(self) -> dict[str, Any]:
        """Return the metadata that the ontology states about itself."""
        language = request_language()
        graph = vocabulary(self._dataset(), self._library, language).ontology
        days = map(read_day, graph.objects(ONTOLOGY, DCTERMS.modified))
        changed = max(filter(None, days), default=None)

        def text(property_: URIRef) -> str:
            texts = graph.objects(ONTOLOGY, property_)
            own = (t for t in texts if isinstance(t, Literal))
            return next((str(t) for t in own if t.language == language), "")

        return {
            "heading": text(DCTERMS.title),
            "description": text(DCTERMS.description),
            "release": graph.value(ONTOLOGY, OWL.versionInfo),
            "author": graph.value(ONTOLOGY, DCTERMS.creator),
            "licence": str(graph.value(ONTOLOGY, DCTERMS.license) or ""),
            "changed": format_day(changed, language) if changed else "",
        }

    def _render(self, template: str, iri: URIRef, **context: Any) -> Response:
        language = request_language()
        return render(
            template,
            iri=str(iri),
            vocabulary=vocabulary(self._dataset(), self._library, language),
            question_address=question_address,
            **context,
            **self._pages.template_context(language),
        )


def question_address(question: SavedQuery) -> str:
    """Return the address of the page of a question."""
    return f"{request.script_root}/queries/{topic_of(question)}/{question.name}"


def vocabulary_blueprint(pages: VocabularyPages) -> Blueprint:
    """Return the routes of the ontology and of the shapes."""
    blueprint = Blueprint("vocabulary", __name__)

    @blueprint.get("/ontology")
    def ontology() -> Response:
        return pages.ontology("ontology")

    @blueprint.get("/ontology.<extension>")
    def ontology_in(extension: str) -> Response:
        return pages.ontology(f"ontology.{extension}")

    @blueprint.get("/ontology/<path:name>")
    def part(name: str) -> Response:
        return pages.ontology(f"ontology/{name}")

    blueprint.add_url_rule("/shapes", "shapes", pages.shapes)
    blueprint.add_url_rule("/shapes.<extension>", "shapes", pages.shapes)
    return blueprint
