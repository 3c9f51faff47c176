"""The parameters of a saved question as a form has them.

The library of questions: its pages, and each question as a stable API.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus
from urllib.parse import urlencode

from flask import Blueprint, Response, request, url_for
from rdflib import XSD
from rdflib.term import Node
from werkzeug.exceptions import NotFound

from alaqat.dataset import Dataset
from alaqat.errors import AlaqatError, LimitReached, TooBusy
from alaqat.http.representation import (
    empty_response,
    serialize,
    serialize_json,
)
from alaqat.i18n import LANGUAGES
from alaqat.lru import LruCache
from alaqat.parameters import (
    Parameters,
    short_form,
    single_values,
)
from alaqat.queries.library import (
    Library,
    topic_of,
    topics,
)
from alaqat.queries.query import PARAMETER_TYPES, SavedQuery
from alaqat.rdf.formats import (
    FORMATS,
    choose_format,
    formats_for,
)
from alaqat.sparql.rewrite import with_label_columns
from alaqat.store.interface import Store, with_timeout
from alaqat.timeout import parse_timeout
from alaqat.web.rendering import render, request_language
from alaqat.web.responses import (
    flask_response,
    represent,
    wants_page,
    with_error_headers,
)
from alaqat.web.settings import Settings
from alaqat.web.tables import (
    ResultTable,
    RowEvidence,
    TermRenderer,
    fact_quotes,
    labels_of,
    merge_label_columns,
    result_table,
)
from alaqat.web.urls import mount_point
from alaqat.web.views.openapi import describe

_MOST = 500  # choices in a form; a longer list is a field to type in


@dataclass(frozen=True)
class FieldOption:
    """A value that a parameter may take."""

    value: str
    text: str
    language: str
    is_chosen: bool


@dataclass(frozen=True)
class FormField:
    """A parameter as a form has it.

    Attributes:
        name: of the parameter.
        kind: choice, date or text.
        value: what was given; empty means all.
        choices: what it may be, if that is known.
    """

    name: str
    kind: str
    value: str
    choices: list[FieldOption]


def field_of(
    name: str, choices: tuple[Node, ...], chosen: Node | None, renderer: TermRenderer
) -> FormField:
    """One parameter: what it may be, and what was chosen if something was."""
    value = "" if chosen is None else short_form(chosen)
    if not choices:
        kind = PARAMETER_TYPES.get(name)
        is_date = kind is not None and kind.datatype == XSD.date
        return FormField(name, "date" if is_date else "text", value, [])
    if len(choices) > _MOST:
        return FormField(name, "text", value, [])
    known = choices if chosen is None or chosen in choices else (*choices, chosen)
    offered = []
    for term in known:
        cell = renderer.render(term)
        is_chosen = term == chosen
        offered.append(
            FieldOption(short_form(term), cell.text, cell.language, is_chosen)
        )
    return FormField(name, "choice", value, sorted(offered, key=lambda one: one.text))


# Where a page stands: at an address with its language, or at one without.
_PLACES = 2
_TIMEOUT = "timeout"  # the parameter beside those of the question


class QuestionPages:
    """Answers saved questions, as pages and as data.

    Args:
        store: evaluates the questions, within its limits.
        library: the questions.
        dataset: returns the current version, which is read for labels and quotes.
        settings: how many rows a page shows.
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
        self._parameters = Parameters(library)

    def index(self, name: str = "") -> Response:
        """The page of all questions, or of those of one topic."""
        every = topics(self._library)
        chosen = [topic for topic in every if not name or topic.name == name]
        if not chosen:
            raise NotFound
        return render("questions.html", topics=every, chosen=chosen, name=name)

    def page(self, query: SavedQuery) -> Response:
        """Return the page of a question with its result.

        If another version has become current meanwhile, the rows may be from either;
        the page then states no version.
        """
        dataset, store, language = self._dataset(), self._store, request_language()
        terms: Mapping[str, Node] = {}
        choices: Mapping[str, tuple[Node, ...]] = {}
        table, error = None, None
        try:
            store = with_timeout(store, _timeout())
            terms = self._terms(dataset, query, store)
            table = self._table(dataset, query, terms, language, store)
        except AlaqatError as caught:
            error = caught
        if not isinstance(error, LimitReached | TooBusy):  # it would be so again
            with suppress(LimitReached, TooBusy):
                choices = self._parameters.choices(dataset, query, store)
        renderer = TermRenderer(labels_of(dataset, self._library), language)
        is_current = self._dataset().version == dataset.version
        page = render(
            "question.html",
            200 if error is None else error.category.status,
            question=query,
            digest=hashlib.sha256(query.text.encode()).hexdigest()[:16],
            topic=topic_of(query),
            fields=[
                field_of(name, choices.get(name, ()), terms.get(name), renderer)
                for name in query.params
            ],
            given={name: value for name, value in request.args.items() if value},
            shown=table,
            error=error,
            settings=self._settings,
            version=dataset.version if is_current else "",
        )
        return with_error_headers(error, page) if error else page

    def data(self, query: SavedQuery, ending: str) -> Response:
        """Return the result of a question in the format of an extension or Accept."""
        store = with_timeout(self._store, _timeout())
        terms = self._terms(self._dataset(), query, store)
        result = store.query(with_label_columns(query).text, bindings=terms)
        form = choose_format(
            ending, request.headers.get("Accept", ""), formats_for(result.kind)
        )
        return represent(serialize(form, lambda out: result.write(out, form)))

    def _terms(
        self, dataset: Dataset, query: SavedQuery, store: Store
    ) -> Mapping[str, Node]:
        """Return the values that the request gives for the parameters of a question."""
        given = single_values(
            (name, value)
            for name, value in request.args.items(multi=True)
            if name != _TIMEOUT
        )
        return self._parameters.terms(dataset, query, given, store)

    def _table(
        self,
        dataset: Dataset,
        query: SavedQuery,
        terms: Mapping[str, Node],
        language: str,
        store: Store,
    ) -> ResultTable:
        """Return the rows that a page shows; cached if they are those of all values."""
        create = partial(self._create_table, dataset, query, terms, language, store)
        if terms:
            return create()
        key = query.name, language, request.script_root  # which is in the links
        return dataset.cached(self._tables).get_or_create(key, create)

    def _tables(self, _: Dataset) -> LruCache[ResultTable]:
        """Return a cache for the tables below one address; clients may name others."""
        return LruCache(len(self._library.of("questions")) * len(LANGUAGES) * _PLACES)

    def _create_table(
        self,
        dataset: Dataset,
        query: SavedQuery,
        terms: Mapping[str, Node],
        language: str,
        store: Store,
    ) -> ResultTable:
        """Return the rows that a page shows, with the quotes that support each.

        The quotes are read first: a result holds a worker until it is read, and to wait
        for a second one meanwhile could exhaust the pool.
        """
        labelled = with_label_columns(query)
        quotes = fact_quotes(dataset, self._library)
        evidence = RowEvidence.of_query(quotes, labelled, terms, store)
        result = store.query(labelled.text, bindings=terms)
        renderer = TermRenderer(labels_of(dataset, self._library), language)
        return merge_label_columns(
            result_table(result, renderer, self._settings.shown_rows, evidence),
            language,
        )


def _timeout() -> float | None:
    """Return the seconds that the request gives for its query."""
    return parse_timeout(request.args.getlist(_TIMEOUT))


def questions_blueprint(questions: QuestionPages, library: Library) -> Blueprint:
    """The routes of the library."""
    blueprint = Blueprint("questions", __name__)

    @blueprint.get("/queries")
    def index() -> Response:
        return questions.index()

    @blueprint.get("/queries/<topic>")
    def of_topic(topic: str) -> Response:
        return questions.index(topic)

    @blueprint.get("/queries/<topic>/<name>")
    @blueprint.get("/queries/<topic>/<name>.<ending>")
    def question(topic: str, name: str, ending: str = "") -> Response:
        query = library.get(name)
        if topic != topic_of(query):
            return _moved(query, ending)
        if ending or not wants_page():
            return questions.data(query, ending)
        return questions.page(query)

    @blueprint.get("/openapi.json")
    def openapi() -> Response:
        told = describe(library, f"{request.host_url.rstrip('/')}{mount_point()}")
        return represent(replace(serialize_json(told), vary=()))

    return blueprint


def _moved(query: SavedQuery, ending: str) -> Response:
    """Where a question stands that is asked for under another topic.

    Raises:
        NotFound: it has no file of that ending.
    """
    if ending and not any(form.matches(ending) for form in FORMATS):
        raise NotFound  # and nothing that is made up comes into a header
    there = url_for("questions.question", topic=topic_of(query), name=query.name)
    file = f".{ending}" if ending else ""
    args = urlencode(list(request.args.items(multi=True)))
    location = f"{there}{file}{'?' if args else ''}{args}"
    return flask_response(
        empty_response(HTTPStatus.PERMANENT_REDIRECT, location=location)
    )
