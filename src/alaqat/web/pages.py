"""The pages for people, in Arabic and English."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

from flask import Blueprint, Response, request
from rdflib import BNode, Literal, URIRef
from rdflib.term import Node

from alaqat.errors import AlaqatError
from alaqat.formats import Format, holding
from alaqat.language import LANGUAGES
from alaqat.library import Library
from alaqat.protocol import Query, Request, read, status_of
from alaqat.store import Answer, Store
from alaqat.terms import BASE, short
from alaqat.web.rendering import render
from alaqat.web.settings import Settings
from alaqat.web.texts import texts

_TRIPLE = ("subject", "predicate", "object")


@dataclass(frozen=True)
class Cell:
    """A term as a page shows it.

    Attributes:
        text: what is shown.
        iri: what it stands for, if it is an IRI.
        language: of a text that tells it.
        note: the datatype or the whole IRI, shown on demand.
    """

    text: str
    iri: str = ""
    language: str = ""
    note: str = ""


@dataclass(frozen=True)
class Shown:
    """An answer as a page shows it."""

    kind: str
    columns: tuple[str, ...]
    rows: list[list[Cell]]
    truth: bool | None
    is_cut: bool
    formats: tuple[Format, ...]


class Pages:
    """Renders pages over a store and a library."""

    def __init__(self, store: Store, library: Library, settings: Settings) -> None:
        self._store = store
        self._library = library
        self._settings = settings

    @cached_property
    def figures(self) -> dict[str, int]:
        """How large the dataset is; it does not change while it is served."""
        answer = self._store.query(self._library.get("figures").text)
        return {
            name: int(str(value))
            for row in answer
            for name, value in zip(answer.variables, row, strict=True)
        }

    def home(self) -> Response:
        """The query page with the answer to the saved question that is chosen."""
        name = request.args.get("question", "") or self._first()
        text = self._library.get(name).text
        return self._with_answer(Query(text), chosen=name)

    def answer(self, asked: Request) -> Response:
        """The query page with the answer to the query that was asked, if any."""
        query = read(asked) if "query" in request.args else None
        return self._with_answer(query) if query else self.home()

    def error(self, status: int, detail: str = "") -> Response:
        """The page that tells what is wrong."""
        key = f"error_{status}"
        known = key if key in texts(LANGUAGES[0]) else "error_other"
        return render("error.html", status, title=known, detail=detail)

    def is_alive(self) -> bool:
        """Whether the store answers a query with data in it."""
        answer = self._store.query(self._library.get("anything").text)
        return bool(answer.truth)

    def _with_answer(self, query: Query, chosen: str = "") -> Response:
        """The query page with the answer to a query, or what is wrong with it."""
        try:
            answer = self._store.query(
                query.text,
                default_graphs=query.default_graphs,
                named_graphs=query.named_graphs,
            )
            shown = self._shown(answer)
        except AlaqatError as error:
            status = status_of(error)
            return self._query_page(query.text, status, error=error, chosen=chosen)
        return self._query_page(query.text, shown=shown, chosen=chosen)

    def _shown(self, answer: Answer) -> Shown:
        """As much of an answer as a page shows."""
        limit = self._settings.shown_rows
        rows = [[_cell(term) for term in row] for row in islice(answer, limit + 1)]
        return Shown(
            kind=answer.kind,
            columns=_TRIPLE if answer.kind == "graph" else tuple(answer.variables),
            rows=rows[:limit],
            truth=answer.truth,
            is_cut=len(rows) > limit,
            formats=holding(answer.kind),
        )

    def _first(self) -> str:
        """The question to begin with, or the figures if none is saved."""
        names = [question.name for question in self._library.of("questions")]
        preferred = self._settings.first_question
        return preferred if preferred in names else [*names, "figures"][0]

    def _query_page(self, text: str, status: int = 200, **values: Any) -> Response:
        """The query page with a query in it."""
        return render(
            *("query.html", status),
            text=_without_front_matter(text),
            questions=self._library.of("questions"),
            settings=self._settings,
            figures=self.figures,
            **values,
        )


def pages_blueprint(pages: Pages) -> Blueprint:
    """The routes of the pages."""
    blueprint = Blueprint("pages", __name__)

    @blueprint.get("/")
    def home() -> Response:
        return pages.home()

    @blueprint.get("/health")
    def health() -> Response:
        alive = pages.is_alive()
        reply = Response(b'{"status":"pass"}' if alive else b'{"status":"fail"}')
        reply.status_code = 200 if alive else 503
        reply.mimetype = "application/health+json"
        return reply

    return blueprint


def _without_front_matter(text: str) -> str:
    """A query without the lines that tell what it asks, which the page says itself."""
    lines = (line for line in text.splitlines() if not line.startswith("#+"))
    return "\n".join(lines).strip()


def _cell(term: Node | None) -> Cell:
    """A term as a page shows it; an unbound variable is an empty cell."""
    if isinstance(term, URIRef):
        text = short(term).removeprefix(BASE + "id/")
        return Cell(text, iri=str(term), note=str(term))
    if isinstance(term, Literal):
        return Cell(
            *(str(term), "", term.language or ""),
            note=short(term.datatype) if term.datatype else "",
        )
    return Cell(f"_:{term}" if isinstance(term, BNode) else "")
