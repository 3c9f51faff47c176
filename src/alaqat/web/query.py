"""The query page: a query to write, and its answer."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from flask import Response, request

from alaqat.dataset import Dataset
from alaqat.errors import AlaqatError
from alaqat.formats import ANSWER_FORMATS
from alaqat.library import Library
from alaqat.protocol import Query, Request, read
from alaqat.store import Store
from alaqat.store.interface import with_timeout
from alaqat.timeout import parse_timeout
from alaqat.web.answers import show
from alaqat.web.cells import Cells
from alaqat.web.labels import labels_of
from alaqat.web.rendering import language_of_request, render
from alaqat.web.settings import Settings
from alaqat.web.topics import topic_of, topics
from alaqat.web.values import with_headers_of


class QueryPage:
    """Answers anybody's query with a page.

    Args:
        store: what the queries go to.
        library: the questions beside the field.
        dataset: gives the current version, whose labels are shown.
        settings: how many rows a page shows, and which question comes first.
    """

    def __init__(
        self,
        store: Store,
        library: Library,
        dataset: Callable[[], Dataset],
        settings: Settings,
    ) -> None:
        self._store = store
        self._library = library
        self._dataset = dataset
        self._settings = settings

    def answer(self, asked: Request) -> Response:
        """The page for a request: its query, a saved question, or one to begin with."""
        query = read(asked) if "query" in request.args else None
        if query is not None:
            return self._page(query)
        name = request.args.get("question") or self._first()
        timeout = parse_timeout(request.args.getlist("timeout"))
        query = Query(self._library.get(name).sparql, timeout=timeout)
        return self._page(query, chosen=name)

    def _page(self, query: Query, chosen: str = "") -> Response:
        """The page with a query and its answer, or what is wrong with it."""
        cells = Cells(labels_of(self._dataset(), self._library), language_of_request())
        try:
            answer = with_timeout(self._store, query.timeout).query(
                query.text,
                default_graphs=query.default_graphs,
                named_graphs=query.named_graphs,
            )
            shown = show(answer, cells, self._settings.shown_rows)
        except AlaqatError as error:
            status = error.category.status
            page = self._rendered(query, status, error=error, chosen=chosen)
            return with_headers_of(error, page)
        return self._rendered(query, 200, shown=shown, chosen=chosen)

    def _rendered(self, query: Query, status: int, **values: Any) -> Response:
        """The page with what stands on it in any case."""
        digest = hashlib.sha256(query.text.encode()).hexdigest()
        return render(
            *("query.html", status),
            text=query.text.strip(),
            digest=digest[:16],
            topics=topics(self._library),
            topic_of=topic_of,
            settings=self._settings,
            answer_formats=ANSWER_FORMATS,
            **values,
        )

    def _first(self) -> str:
        """The question to begin with, or the figures if none is saved."""
        names = [question.name for question in self._library.of("questions")]
        preferred = self._settings.first_question
        return preferred if preferred in names else [*names, "figures"][0]
