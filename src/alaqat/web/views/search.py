"""One box for everything: as a page, and as JSON for completion."""

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

_FEW, _MANY = 8, 100
"""How many hits of each kind are shown together, and of one kind alone."""

_DIGITS = len(str(_MANY))


@dataclass(frozen=True)
class SearchSection:
    """Some characters of a hit's text, and whether they are what was sought."""

    text: str
    is_sought: bool


@dataclass(frozen=True)
class SearchPage:
    """Search over the versions of a dataset and the saved questions."""

    dataset: Callable[[], Dataset]
    library: Library
    kinds: tuple[EntryKind, ...] = field(default=ENTRY_KINDS)

    def find(self, limit: int) -> SearchResults:
        """What the request looks for.

        Raises:
            InvalidQuery: it wants a kind that there is not.
        """
        asked = [name for name in request.args.get("kind", "").split(",") if name]
        if wrong := sorted(set(asked) - set(ENTRY_KINDS)):
            raise InvalidQuery(
                f"Nothing of the kind {', '.join(wrong)} can be found.",
                remedy=f"Kinds are: {', '.join(ENTRY_KINDS)}.",
            )
        kinds = tuple(kind for kind in ENTRY_KINDS if not asked or kind in asked)
        index = self.dataset().cached(self._index)
        return index.find(request.args.get("q", ""), limit=limit, kinds=kinds)

    def address(self, hit: Hit) -> str:
        """The page of what was found."""
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
    """The routes of search."""
    blueprint = Blueprint("search", __name__)
    search = SearchPage(dataset, library)

    @blueprint.get("/search")
    def page() -> Response:
        limit = _MANY if request.args.get("kind") else _FEW
        q, found = request.args.get("q", ""), search.find(limit)
        return render(
            "search.html",
            q=q,
            found=found,
            near=() if found.hits else _near(dataset(), q),
            asked=request.args.get("kind", ""),
            words=dataset().wording(request_language()),
            address=search.address,
            parts=_parts,
            iri=URIRef,
            short=short,
        )

    @blueprint.get("/search.json")
    def data() -> Response:
        found = search.find(_limit())
        told = {
            "query": request.args.get("q", ""),
            "counts": found.counts,
            "hits": [
                _plain(hit, search.address(hit))
                for hits in found.hits.values()
                for hit in hits
            ],
        }
        return represent(replace(serialize_json(told), vary=()))

    return blueprint


def _near(dataset: Dataset, text: str) -> Sequence[URIRef]:
    """Things whose names look like a text that found nothing."""
    return dataset.resolver.similar(text[:MAX_QUERY_LENGTH], dataset.cached(_entities))


def _entities(dataset: Dataset) -> frozenset[Node]:
    """What the graph of entities says anything of."""
    return frozenset(dataset.graphs.get(ENTITIES_GRAPH, Graph()).subjects())


def _limit() -> int:
    """How many hits of each kind are wanted.

    Raises:
        InvalidQuery: it is no number, or too large.
    """
    text = request.args.get("limit", str(_FEW))
    is_short = text.isascii() and text.isdigit() and len(text) <= _DIGITS
    if not is_short or not 1 <= int(text) <= _MANY:
        raise InvalidQuery(
            f"“{text}” is no limit.", remedy=f"Give a number from 1 to {_MANY}."
        )
    return int(text)


def _plain(hit: Hit, page: str) -> dict[str, Any]:
    """A hit for programs; the ranges count code points of the text."""
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


def _parts(hit: Hit) -> Iterator[SearchSection]:
    """The text of a hit, cut where what was sought begins and ends."""
    text, at = hit.text.text, 0
    for start, end in hit.ranges:
        if at < start:
            yield SearchSection(text[at:start], False)
        yield SearchSection(text[start:end], True)
        at = end
    if at < len(text):
        yield SearchSection(text[at:], False)
