"""The pages of the ontology, its kinds and the shapes, and the same as data."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Any

from flask import Blueprint, Response, request
from rdflib import DCTERMS, OWL, Graph, Literal, URIRef

from alaqat.dataset import Dataset
from alaqat.describe.literals import day_words
from alaqat.describe.resource import ONTOLOGY
from alaqat.describe.vocabulary import Vocabulary
from alaqat.errors import UnknownName
from alaqat.http.linked_data import (
    HTML,
    choose_representation,
    description_links,
)
from alaqat.queries.library import Library, topic_of
from alaqat.queries.query import SavedQuery
from alaqat.rdf.graphs import new_graph
from alaqat.rdf.reading import read_turtle
from alaqat.sources import knowledge_root
from alaqat.terms import BASE
from alaqat.web.rendering import render, request_language
from alaqat.web.urls import absolute_url, description_path
from alaqat.web.views.resources import (
    EntityViews,
    chosen,
    described,
    finished,
    telling,
    write_description,
)

SHAPES = URIRef(f"{BASE}shapes")
KINDS = URIRef(f"{ONTOLOGY}/kinds")


@cache
def shapes() -> Graph:
    """All shapes, which are no part of any dataset: they judge it."""
    graph = new_graph()
    for path in sorted((knowledge_root() / "ontology" / "shapes").glob("*.ttl")):
        graph += read_turtle(path)
    return graph


def vocabulary(dataset: Dataset, library: Library, language: str) -> Vocabulary:
    """Return the documentation of a version's ontology in a language."""
    return dataset.cached(_vocabulary, library, language)


def _vocabulary(dataset: Dataset, library: Library, language: str) -> Vocabulary:
    return Vocabulary(
        telling(dataset, language),
        dataset.wording(language),
        dataset.prover.rules,
        shapes(),
        library.of("questions"),
    )


class VocabularyPages:
    """Makes the pages of the ontology and of the shapes.

    Args:
        dataset: gives the version that is current.
        library: whose questions use the terms.
        things: what templates of descriptions use.
    """

    def __init__(
        self, dataset: Callable[[], Dataset], library: Library, things: EntityViews
    ) -> None:
        self._dataset, self._library, self._things = dataset, library, things

    def ontology(self, path: str) -> Response:
        """The ontology at one of its addresses: its own, its version's, a part's."""
        current = self._dataset()
        return described(current, chosen(current, path), self._page)

    def shapes(self, ending: str = "") -> Response:
        """The shapes in a format.

        Raises:
            UnknownName: there is no such format.
        """
        name = description_path(SHAPES, ending)
        choice = choose_representation(
            name, request.headers.get("Accept", ""), lambda _: False
        )
        if choice.name != description_path(SHAPES):
            raise UnknownName(f"There is no {name}.", remedy="Take shapes.ttl.")
        is_page = choice.form is HTML
        licence = str(shapes().value(SHAPES, DCTERMS.license) or "")
        links = description_links(
            str(SHAPES),
            lambda form: absolute_url(
                description_path(SHAPES, form.extension if form else "")
            ),
            form=choice.form,
            licence=licence,
        )
        body = (
            self._rendered("shapes.html", SHAPES).get_data()
            if is_page
            else write_description(shapes(), choice.form)
        )
        return finished(body, choice, links)

    def _page(self, iri: URIRef) -> Response:
        """The page of the ontology, or of the part that an address is for."""
        if iri == KINDS or iri.startswith(f"{KINDS}/"):
            return self._rendered("kinds.html", KINDS)
        return self._rendered("ontology.html", ONTOLOGY, **self._header())

    def _header(self) -> dict[str, Any]:
        """What the ontology says of itself."""
        language = request_language()
        graph = vocabulary(self._dataset(), self._library, language).ontology
        texts = {
            key: {
                t.language: str(t)
                for t in graph.objects(ONTOLOGY, one)
                if isinstance(t, Literal)
            }
            for key, one in (
                ("heading", DCTERMS.title),
                ("description", DCTERMS.description),
            )
        }
        changed = graph.value(ONTOLOGY, DCTERMS.modified)
        return {
            **{key: found.get(language, "") for key, found in texts.items()},
            "release": graph.value(ONTOLOGY, OWL.versionInfo),
            "author": graph.value(ONTOLOGY, DCTERMS.creator),
            "licence": graph.value(ONTOLOGY, DCTERMS.license),
            "changed": day_words(date.fromisoformat(str(changed)), language)
            if changed
            else "",
        }

    def _rendered(self, template: str, iri: URIRef, **values: Any) -> Response:
        language = request_language()
        return render(
            template,
            iri=str(iri),
            vocabulary=vocabulary(self._dataset(), self._library, language),
            question_at=question_at,
            **values,
            **self._things.around(language),
        )


def question_at(question: SavedQuery) -> str:
    """The address of the page of a question."""
    return f"{request.script_root}/queries/{topic_of(question)}/{question.name}"


def vocabulary_blueprint(pages: VocabularyPages) -> Blueprint:
    """The routes of the ontology and of the shapes."""
    blueprint = Blueprint("vocabulary", __name__)

    @blueprint.get("/ontology")
    def ontology() -> Response:
        return pages.ontology("ontology")

    @blueprint.get("/ontology.<ending>")
    def ontology_in(ending: str) -> Response:
        return pages.ontology(f"ontology.{ending}")

    @blueprint.get("/ontology/<path:name>")
    def part(name: str) -> Response:
        return pages.ontology(f"ontology/{name}")

    blueprint.add_url_rule("/shapes", "shapes", pages.shapes)
    blueprint.add_url_rule("/shapes.<ending>", "shapes", pages.shapes)
    return blueprint
