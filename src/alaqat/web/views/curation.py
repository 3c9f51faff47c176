"""The pages that curators read: what is covered, what is doubted, what was found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, request, url_for
from rdflib import RDF, SH, Graph, Literal, URIRef
from rdflib.term import Node

from alaqat.dataset import Dataset
from alaqat.describe.edition_model import Edition
from alaqat.errors import InvalidQuery
from alaqat.i18n import DIRECTIONS
from alaqat.queries.library import Library
from alaqat.sparql.rewrite import with_label_columns
from alaqat.store.releases import read_builds
from alaqat.terms import (
    META_GRAPH,
    document_graph,
    document_slugs,
    facts_graph,
    local,
    notes_graph,
)
from alaqat.text.coverage import (
    Coverage,
    SentenceCoverage,
    coverage,
    covered_share,
)
from alaqat.web.rendering import render, request_language
from alaqat.web.settings import Settings
from alaqat.web.views.document import Editions

_DRAWN = 30
"""How many builds the line shows."""


@dataclass(frozen=True)
class FindingsView:
    """A result of the shapes, as the page shows it."""

    severity: str
    shape: URIRef
    focus: Node | None
    value: Node | None
    messages: dict[str, str]


@dataclass(frozen=True)
class CoverageView:
    """The coverage of a document, with its text as it is edited."""

    slug: str
    edition: Edition
    rows: tuple[Coverage, ...]

    @property
    def share(self) -> tuple[int, int]:
        """How many sentences something stands on, and how many there are."""
        return covered_share(self.rows)

    @property
    def counts(self) -> dict[str, int]:
        """How many sentences there are of each standing."""
        found = Counter(row.standing for row in self.rows)
        return {str(standing): found[standing] for standing in SentenceCoverage}


class Curation:
    """The pages that curators read.

    Args:
        dataset: gives the version that is current.
        editions: of its documents.
        library: has the views that give the same as files.
        settings: tell where the builds are written down.
    """

    def __init__(
        self,
        dataset: Callable[[], Dataset],
        editions: Editions,
        library: Library,
        settings: Settings,
    ) -> None:
        self._dataset = dataset
        self._editions = editions
        self._library = library
        self._settings = settings

    def coverage(self) -> Response:
        """Each sentence with what stands on it and what of it is not said."""
        asked = _one_of("standing", [str(standing) for standing in SentenceCoverage])
        documents = self._dataset().cached(self._covered)
        return self._page("coverage.html", "coverage", documents=documents, asked=asked)

    def notes(self) -> Response:
        """Every note, of one kind or section if one is asked for."""
        now = self._dataset()
        found = [
            self._editions.of(now, slug).edition for slug in document_slugs(now.graphs)
        ]
        every = [(edition, one) for edition in found for one in edition.remarks]
        kinds = Counter(_named(one.kind) for _, one in every)
        sections = list(dict.fromkeys(_sections(found)))
        kind = _one_of("kind", list(kinds))
        section = _one_of("section", [local(one) for one in sections])
        shown = [
            (edition, one)
            for edition, one in every
            if kind in ("", _named(one.kind)) and section in ("", _named(one.section))
        ]
        return self._page(
            *("notes.html", "notes"),
            notes=shown,
            total=len(every),
            kinds=kinds.most_common(),
            kind_iris={_named(one.kind): one.kind for _, one in every},
            noted_sections=sections,
            kind=kind,
            section=section,
            texts_at={
                one.iri: url_for("document.text", slug=one.document.slug)
                for one in found
            },
        )

    def validation(self) -> Response:
        """What the shapes found at the build, and the builds before it."""
        found = self._dataset().cached(_found)
        path = self._settings.builds
        builds = read_builds(path) if path else []
        return self._page(
            *("validation.html", "findings"),
            found=found,
            counts=Counter(one.severity for one in found),
            builds=builds,
            line=_line([sum(one["triples"].values()) for one in builds[:_DRAWN]]),
        )

    def _page(self, template: str, view: str, **values: Any) -> Response:
        """A page, with the saved query that gives the same as a file."""
        view_query = self._library.get(view)
        table = with_label_columns(view_query).text
        language = request_language()
        return render(
            template,
            files={
                form: url_for("sparql.sparql", query=table, format=form)
                for form in ("json", "csv")
            },
            query=url_for("sparql.sparql", query=view_query.text),
            words=self._dataset().wording(language),
            local=local,
            iri=URIRef,
            text_directions=DIRECTIONS,
            **values,
        )

    def _covered(self, dataset: Dataset) -> list[CoverageView]:
        return [self._of(dataset, slug) for slug in document_slugs(dataset.graphs)]

    def _of(self, dataset: Dataset, slug: str) -> CoverageView:
        edition, graphs = self._editions.of(dataset, slug).edition, dataset.graphs
        parts = (name(slug) for name in (document_graph, facts_graph, notes_graph))
        layout, facts, notes = (graphs.get(name, Graph()) for name in parts)
        rows = coverage(edition.document, layout, facts, notes)
        return CoverageView(slug, edition, rows)


def curation_blueprint(curation: Curation) -> Blueprint:
    """The routes of the pages that curators read."""
    blueprint = Blueprint("curation", __name__)
    blueprint.add_url_rule("/coverage", "coverage", curation.coverage)
    blueprint.add_url_rule("/notes", "notes", curation.notes)
    blueprint.add_url_rule("/validation", "validation", curation.validation)
    return blueprint


def _one_of(name: str, known: list[str]) -> str:
    """The value of a filter; empty if there is none.

    Raises:
        InvalidQuery: it is none of those known.
    """
    value = request.args.get(name, "")
    if value and value not in known:
        raise InvalidQuery(
            f"There is no {name} “{value}”.",
            remedy=f"Take one of: {', '.join(sorted(known))}.",
        )
    return value


def _named(iri: URIRef | None) -> str:
    return local(iri) if iri else ""


def _sections(editions: list[Edition]) -> Iterator[URIRef]:
    """The sections that have notes, in the order of the text."""
    for edition in editions:
        noted = {one.section for one in edition.remarks}
        yield from (one.iri for one in edition.sections if one.iri in noted)


def _found(dataset: Dataset) -> list[FindingsView]:
    """The results in the published report, the gravest first."""
    meta = dataset.graphs.get(META_GRAPH, Graph())
    found = [
        FindingsView(
            severity=local(str(meta.value(node, SH.resultSeverity))),
            shape=URIRef(str(meta.value(node, SH.sourceShape))),
            focus=meta.value(node, SH.focusNode),
            value=meta.value(node, SH.value),
            messages={
                one.language or "": str(one)
                for one in meta.objects(node, SH.resultMessage)
                if isinstance(one, Literal)
            },
        )
        for node in meta.subjects(RDF.type, SH.ValidationResult)
    ]
    order = ("Violation", "Warning", "Info")
    return sorted(
        found, key=lambda one: (order.index(one.severity), one.shape, str(one.focus))
    )


def _line(newest_first: list[int]) -> str:
    """The points of a line through some numbers, the oldest first, in 100 by 24."""
    numbers = newest_first[::-1]
    if len(numbers) < 2:
        return ""
    low, high = min(numbers), max(numbers)
    step = 100 / (len(numbers) - 1)
    height = (high - low) or 1
    return " ".join(
        f"{number * step:.1f},{22 - 20 * (one - low) / height:.1f}"
        for number, one in enumerate(numbers)
    )
