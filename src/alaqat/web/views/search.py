"""The search page, and search results as JSON for completion."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from flask import Blueprint, Response, request, url_for
from rdflib import Graph, URIRef
from rdflib.term import Node

from alaqat.dataset import Dataset
from alaqat.errors import InvalidQuery
from alaqat.http.representation import serialize_json
from alaqat.queries.library import Library, topic_of
from alaqat.search import (
    ENTRY_KINDS,
    MAX_QUERY_LENGTH,
    EntryKind,
    Hit,
    SearchIndex,
    SearchResults,
    dataset_entries,
    question_entries,
)
from alaqat.terms import (
    DOC,
    ENTITIES_GRAPH,
    short,
)
from alaqat.web.rendering import render, request_language
from alaqat.web.responses import represent
from alaqat.web.urls import page_url

_DEFAULT_LIMIT, _MAX_LIMIT = 8, 100  # hits of each kind
_MAX_DIGITS = len(str(_MAX_LIMIT))


@dataclass(frozen=True)
class TextSegment:
    """A part of a hit's text, and whether it matches the search."""

    text: str
    is_match: bool


@dataclass(frozen=True)
class SearchPage:
    """Search over the current dataset version and the saved questions."""

    dataset: Callable[[], Dataset]
    library: Library
    kinds: tuple[EntryKind, ...] = field(default=ENTRY_KINDS)

    def find(self, limit: int) -> SearchResults:
        """Return what the request searches for.

        Args:
            limit: of the hits of each kind.

        Raises:
            InvalidQuery: it names a kind that does not exist.
        """
        names = [name for name in request.args.get("kind", "").split(",") if name]
        if unknown := sorted(set(names) - set(ENTRY_KINDS)):
            raise InvalidQuery(
                f"There is no kind of result {', '.join(unknown)}.",
                remedy=f"Kinds are: {', '.join(ENTRY_KINDS)}.",
            )
        kinds = tuple(kind for kind in ENTRY_KINDS if not names or kind in names)
        index = self.dataset().cached(self._index)
        return index.find(request.args.get("q", ""), limit=limit, kinds=kinds)

    def address(self, hit: Hit) -> str:
        """Return the address of the page of a hit."""
        entry = hit.entry
        if entry.kind == "question":
            topic = topic_of(self.library.get(entry.name))
            return url_for("questions.question", topic=topic, name=entry.name)
        if entry.kind == "sentence":
            slug = entry.about.removeprefix(str(DOC))
            number = entry.name.rpartition("/")[2]
            return url_for("document.text", slug=slug, _anchor=f"sentence-{number}")
        return page_url(entry.name)

    def _index(self, dataset: Dataset) -> SearchIndex:
        saved = self.library.of("questions")
        return SearchIndex([*dataset_entries(dataset.graphs), *question_entries(saved)])


def search_blueprint(dataset: Callable[[], Dataset], library: Library) -> Blueprint:
    """Return the routes of search."""
    blueprint = Blueprint("search", __name__)
    search = SearchPage(dataset, library)

    @blueprint.get("/search")
    def page() -> Response:
        limit = _MAX_LIMIT if request.args.get("kind") else _DEFAULT_LIMIT
        q, results = request.args.get("q", ""), search.find(limit)
        return render(
            "search.html",
            q=q,
            results=results,
            suggestions=() if results.hits else _suggestions(dataset(), q),
            selected_kind=request.args.get("kind", ""),
            words=dataset().wording(request_language()),
            address=search.address,
            segments=_segments,
            iri=URIRef,
            short=short,
        )

    @blueprint.get("/search.json")
    def data() -> Response:
        results = search.find(_limit())
        body = {
            "query": request.args.get("q", ""),
            "counts": results.counts,
            "hits": [
                _hit_as_json(hit, search.address(hit))
                for hits in results.hits.values()
                for hit in hits
            ],
        }
        return represent(replace(serialize_json(body), vary=()))

    return blueprint


def _suggestions(dataset: Dataset, text: str) -> Sequence[URIRef]:
    """Return the entities with the names most similar to a text."""
    return dataset.resolver.similar(text[:MAX_QUERY_LENGTH], dataset.cached(_entities))


def _entities(dataset: Dataset) -> frozenset[Node]:
    """Return the subjects of the graph of entities."""
    return frozenset(dataset.graphs.get(ENTITIES_GRAPH, Graph()).subjects())


def _limit() -> int:
    """Return the requested number of hits of each kind.

    Raises:
        InvalidQuery: it is not a number, or too large.
    """
    text = request.args.get("limit", str(_DEFAULT_LIMIT))
    is_short = text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS
    if not is_short or not 1 <= int(text) <= _MAX_LIMIT:
        raise InvalidQuery(
            f"Not a valid limit: {text}.",
            remedy=f"Give a number from 1 to {_MAX_LIMIT}.",
        )
    return int(text)


def _hit_as_json(hit: Hit, page: str) -> dict[str, Any]:
    """Return a hit as JSON; its ranges are in code points of the text."""
    entry = hit.entry
    return {
        "kind": entry.kind,
        "name": entry.name if entry.kind == "question" else short(entry.name),
        "iri": None if entry.kind == "question" else entry.name,
        "labels": dict(entry.labels),
        "about": entry.about or None,
        "text": hit.text.text,
        "language": hit.text.language or None,
        "fit": hit.quality.name.lower(),
        "ranges": [list(one) for one in hit.ranges],
        "page": page,
    }


def _segments(hit: Hit) -> Iterator[TextSegment]:
    """Yield the text of a hit, split where matches begin and end."""
    text, at = hit.text.text, 0
    for start, end in hit.ranges:
        if at < start:
            yield TextSegment(text[at:start], False)
        yield TextSegment(text[start:end], True)
        at = end
    if at < len(text):
        yield TextSegment(text[at:], False)
