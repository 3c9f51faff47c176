"""Curation pages: sentence coverage, curators' notes, and SHACL results with builds."""

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

_SPARKLINE_BUILDS = 30


@dataclass(frozen=True)
class ValidationFinding:
    """A SHACL validation result."""

    severity: str
    shape: URIRef
    focus: Node | None
    messages: dict[str, str]


@dataclass(frozen=True)
class CoverageView:
    """The coverage of a document's sentences, with its edition."""

    slug: str
    edition: Edition
    rows: tuple[Coverage, ...]

    @property
    def share(self) -> tuple[int, int]:
        """The number of sentences with a claim or note, and of all sentences."""
        return covered_share(self.rows)

    @property
    def counts(self) -> dict[str, int]:
        """The number of sentences by coverage."""
        found = Counter(row.standing for row in self.rows)
        return {str(standing): found[standing] for standing in SentenceCoverage}


class CurationPages:
    """The pages for curators.

    Args:
        dataset: returns the current version.
        editions: of its documents.
        library: of the views that return the same as files.
        settings: with the path of the build log.
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
        """Render every sentence with its facts, notes and the words no fact uses."""
        standing = _filter_value(
            "standing", [str(standing) for standing in SentenceCoverage]
        )
        documents = self._dataset().cached(self._coverage)
        return self._page(
            "coverage.html", "coverage", documents=documents, selected=standing
        )

    def notes(self) -> Response:
        """Render the notes, filtered by kind and section."""
        current = self._dataset()
        editions = [
            self._editions.of(current, slug).edition
            for slug in document_slugs(current.graphs)
        ]
        every = [(edition, one) for edition in editions for one in edition.notes]
        kinds = Counter(_local_name(one.kind) for _, one in every)
        sections = list(dict.fromkeys(_noted_sections(editions)))
        kind = _filter_value("kind", list(kinds))
        section = _filter_value("section", [local(one) for one in sections])
        selected = [
            (edition, one)
            for edition, one in every
            if kind in ("", _local_name(one.kind))
            and section in ("", _local_name(one.section))
        ]
        return self._page(
            *("notes.html", "notes"),
            notes=selected,
            total=len(every),
            kinds=kinds.most_common(),
            kind_iris={_local_name(one.kind): one.kind for _, one in every},
            noted_sections=sections,
            kind=kind,
            section=section,
            text_addresses={
                one.iri: url_for("document.text", slug=one.document.slug)
                for one in editions
            },
        )

    def validation(self) -> Response:
        """Render the SHACL results of this build, and the log of builds."""
        findings = self._dataset().cached(_findings)
        path = self._settings.builds
        builds = read_builds(path) if path else []
        return self._page(
            *("validation.html", "findings"),
            findings=findings,
            counts=Counter(one.severity for one in findings),
            builds=builds,
            points=_sparkline(
                [sum(one["triples"].values()) for one in builds[:_SPARKLINE_BUILDS]]
            ),
        )

    def _page(self, template: str, view: str, **context: Any) -> Response:
        """Render a page with links to its saved view, as a query and as files."""
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
            **context,
        )

    def _coverage(self, dataset: Dataset) -> list[CoverageView]:
        return [
            self._document(dataset, slug) for slug in document_slugs(dataset.graphs)
        ]

    def _document(self, dataset: Dataset, slug: str) -> CoverageView:
        edition, graphs = self._editions.of(dataset, slug).edition, dataset.graphs
        parts = (name(slug) for name in (document_graph, facts_graph, notes_graph))
        layout, facts, notes = (graphs.get(name, Graph()) for name in parts)
        rows = coverage(edition.document, layout, facts, notes)
        return CoverageView(slug, edition, rows)


def curation_blueprint(curation: CurationPages) -> Blueprint:
    """Return the routes of the curation pages."""
    blueprint = Blueprint("curation", __name__)
    blueprint.add_url_rule("/coverage", "coverage", curation.coverage)
    blueprint.add_url_rule("/notes", "notes", curation.notes)
    blueprint.add_url_rule("/validation", "validation", curation.validation)
    return blueprint


def _filter_value(name: str, known: list[str]) -> str:
    """Return the value of a filter parameter; empty if it is not given.

    Raises:
        InvalidQuery: it is not one of the known values.
    """
    value = request.args.get(name, "")
    if value and value not in known:
        raise InvalidQuery(
            f"There is no {name} “{value}”.",
            remedy=f"Use one of: {', '.join(sorted(known))}.",
        )
    return value


def _local_name(iri: URIRef | None) -> str:
    return local(iri) if iri else ""


def _noted_sections(editions: list[Edition]) -> Iterator[URIRef]:
    """Yield the sections that have notes, in the order of the text."""
    for edition in editions:
        noted = {one.section for one in edition.notes}
        yield from (one.iri for one in edition.sections if one.iri in noted)


def _findings(dataset: Dataset) -> list[ValidationFinding]:
    """Return the results of the validation report, the most severe first."""
    meta = dataset.graphs.get(META_GRAPH, Graph())
    found = [
        ValidationFinding(
            severity=local(str(meta.value(node, SH.resultSeverity))),
            shape=URIRef(str(meta.value(node, SH.sourceShape))),
            focus=meta.value(node, SH.focusNode),
            messages={
                one.language or "": str(one)
                for one in meta.objects(node, SH.resultMessage)
                if isinstance(one, Literal)
            },
        )
        for node in meta.subjects(RDF.type, SH.ValidationResult)
    ]
    ranks = {"Violation": 0, "Warning": 1, "Info": 2}
    return sorted(
        found,
        key=lambda one: (
            *(ranks.get(one.severity, len(ranks)), one.shape, str(one.focus)),
        ),
    )


def _sparkline(newest_first: list[int]) -> str:
    """Return the points of an SVG polyline through numbers, in a box of 100 by 24."""
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
