"""Pages of the saved questions, and each question as a stable API."""

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
from alaqat.web.urls import PREFIXES_PER_PAGE, mount_point
from alaqat.web.views.openapi import openapi_document

_MAX_CHOICES = 500  # options of a select; a longer list becomes a text input
_TIMEOUT = "timeout"  # a parameter of every question


@dataclass(frozen=True)
class FieldOption:
    """An option of a select."""

    value: str
    text: str
    language: str
    is_selected: bool


@dataclass(frozen=True)
class FormField:
    """The field of a parameter in a form.

    Attributes:
        name: of the parameter.
        kind: select, date or text.
        value: as given; empty means any.
        options: of a select.
    """

    name: str
    kind: str
    value: str
    options: list[FieldOption]


def form_field(
    name: str, choices: tuple[Node, ...], selected: Node | None, renderer: TermRenderer
) -> FormField:
    """Return the field of a parameter: a select if its values are few and known."""
    value = "" if selected is None else short_form(selected)
    if not choices:
        kind = PARAMETER_TYPES.get(name)
        is_date = kind is not None and kind.datatype == XSD.date
        return FormField(name, "date" if is_date else "text", value, [])
    if len(choices) > _MAX_CHOICES:
        return FormField(name, "text", value, [])
    if selected is not None and selected not in choices:
        choices = (*choices, selected)
    options = []
    for term in choices:
        cell = renderer.render(term)
        is_selected = term == selected
        options.append(
            FieldOption(short_form(term), cell.text, cell.language, is_selected)
        )
    return FormField(name, "select", value, sorted(options, key=lambda one: one.text))


class QuestionPages:
    """The library of questions and their results, as pages and as files.

    Args:
        store: evaluates the questions, within its limits.
        library: of the questions.
        dataset: returns the current version, which is read for labels and quotes.
        settings: with the number of rows on a page.
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
        """Render the list of all questions, or of those of one topic.

        Raises:
            NotFound: there is no such topic.
        """
        every = topics(self._library)
        selected = [topic for topic in every if not name or topic.name == name]
        if not selected:
            raise NotFound
        return render("questions.html", topics=every, selected=selected, name=name)

    def page(self, query: SavedQuery) -> Response:
        """Render the page of a question with its result or the error.

        If another version has become current meanwhile, the rows may be from either;
        the page then states no version.
        """
        dataset, store, language = self._dataset(), self._store, request_language()
        bindings: Mapping[str, Node] = {}
        choices: Mapping[str, tuple[Node, ...]] = {}
        result, error = None, None
        try:
            store = with_timeout(store, _timeout())
            bindings = self._bindings(dataset, query, store)
            result = self._cached_result(dataset, query, bindings, language, store)
        except AlaqatError as raised:
            error = raised
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
                form_field(name, choices.get(name, ()), bindings.get(name), renderer)
                for name in query.params
            ],
            given={name: value for name, value in request.args.items() if value},
            result=result,
            error=error,
            settings=self._settings,
            version=dataset.version if is_current else "",
        )
        return with_error_headers(error, page) if error else page

    def file(self, query: SavedQuery, extension: str) -> Response:
        """Return the result in the format of an extension, else by negotiation."""
        store = with_timeout(self._store, _timeout())
        bindings = self._bindings(self._dataset(), query, store)
        result = store.query(with_label_columns(query).text, bindings=bindings)
        form = choose_format(
            extension, request.headers.get("Accept", ""), formats_for(result.kind)
        )
        return represent(serialize(form, lambda out: result.write(out, form)))

    def _bindings(
        self, dataset: Dataset, query: SavedQuery, store: Store
    ) -> Mapping[str, Node]:
        """Return the values that the request gives for the parameters of a question."""
        given = single_values(
            (name, value)
            for name, value in request.args.items(multi=True)
            if name != _TIMEOUT
        )
        return self._parameters.terms(dataset, query, given, store)

    def _cached_result(
        self,
        dataset: Dataset,
        query: SavedQuery,
        bindings: Mapping[str, Node],
        language: str,
        store: Store,
    ) -> ResultTable:
        """Return the result, cached for the version if no parameter is given."""
        compute = partial(self._result, dataset, query, bindings, language, store)
        if bindings:
            return compute()
        key = query.name, language, request.script_root  # in the links of the result
        return dataset.cached(self._result_cache).get_or_create(key, compute)

    def _result_cache(self, _: Dataset) -> LruCache[ResultTable]:
        # for one mount point: clients may send any in X-Forwarded-Prefix
        questions = len(self._library.of("questions"))
        return LruCache(questions * len(LANGUAGES) * PREFIXES_PER_PAGE)

    def _result(
        self,
        dataset: Dataset,
        query: SavedQuery,
        bindings: Mapping[str, Node],
        language: str,
        store: Store,
    ) -> ResultTable:
        """Return the rows that fit on a page, each with the quotes it rests on.

        The quotes are read first: a result holds a worker until it is read, and to wait
        for a second one meanwhile could exhaust the pool.
        """
        labelled = with_label_columns(query)
        quotes = fact_quotes(dataset, self._library)
        evidence = RowEvidence.of_query(quotes, labelled, bindings, store)
        result = store.query(labelled.text, bindings=bindings)
        renderer = TermRenderer(labels_of(dataset, self._library), language)
        table = result_table(result, renderer, self._settings.shown_rows, evidence)
        return merge_label_columns(table, language)


def _timeout() -> float | None:
    """Return the requested timeout in seconds."""
    return parse_timeout(request.args.getlist(_TIMEOUT))


def questions_blueprint(questions: QuestionPages, library: Library) -> Blueprint:
    """Return the routes of the questions."""
    blueprint = Blueprint("questions", __name__)

    @blueprint.get("/queries")
    def index() -> Response:
        return questions.index()

    @blueprint.get("/queries/<topic>")
    def of_topic(topic: str) -> Response:
        return questions.index(topic)

    @blueprint.get("/queries/<topic>/<name>")
    @blueprint.get("/queries/<topic>/<name>.<extension>")
    def question(topic: str, name: str, extension: str = "") -> Response:
        query = library.get(name)
        if topic != topic_of(query):
            return _redirect_to_topic(query, extension)
        if extension or not wants_page():
            return questions.file(query, extension)
        return questions.page(query)

    @blueprint.get("/openapi.json")
    def openapi() -> Response:
        address = f"{request.host_url.rstrip('/')}{mount_point()}"
        description = serialize_json(openapi_document(library, address))
        return represent(replace(description, vary=()))

    return blueprint


def _redirect_to_topic(query: SavedQuery, extension: str) -> Response:
    """Redirect from another topic to the one of the question.

    Raises:
        NotFound: no format has the extension.
    """
    if extension and not any(form.matches(extension) for form in FORMATS):
        raise NotFound  # nothing of the client's own gets into the Location header
    page = url_for("questions.question", topic=topic_of(query), name=query.name)
    suffix = f".{extension}" if extension else ""
    args = urlencode(list(request.args.items(multi=True)))
    location = f"{page}{suffix}{'?' if args else ''}{args}"
    return flask_response(
        empty_response(HTTPStatus.PERMANENT_REDIRECT, location=location)
    )
