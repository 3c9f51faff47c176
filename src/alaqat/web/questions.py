"""The library of questions: its pages, and each question as a stable API."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Mapping
from functools import partial
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, request, url_for
from rdflib.term import Node
from werkzeug.exceptions import NotFound

from alaqat.dataset import Dataset
from alaqat.errors import AlaqatError, NotAcceptable
from alaqat.formats import FORMATS, Format, holding, negotiate
from alaqat.i18n import LANGUAGES
from alaqat.library import Library, Query
from alaqat.parameters import Parameters, each_once
from alaqat.protocol import status_of
from alaqat.store.label_columns import labelled
from alaqat.web.addresses import mount
from alaqat.web.answers import Shown, folded, show
from alaqat.web.cells import Cells
from alaqat.web.evidence import Evidence, Words, words_of_facts
from alaqat.web.fields import Field, field_of
from alaqat.web.labels import Labels
from alaqat.web.openapi import describe
from alaqat.web.recent import Recent
from alaqat.web.rendering import language_of_request, render
from alaqat.web.settings import Settings
from alaqat.web.topics import topic_of, topics
from alaqat.web.values import as_told, wants_page
from alaqat.web.versions import Once

# Where a page stands: at an address with its language, or at one without.
_PLACES = 2


class Questions:
    """Answers saved questions, as pages and as data.

    Args:
        library: the questions.
        dataset: gives the current version.
        labels: of every version.
        settings: how many rows a page shows.
    """

    def __init__(
        self,
        library: Library,
        dataset: Callable[[], Dataset],
        labels: Once[Labels],
        settings: Settings,
    ) -> None:
        self._library = library
        self._dataset = dataset
        self._labels = labels
        self._settings = settings
        self._parameters = Parameters(library)
        # As many as there are below one address; a proxy passes on what clients say.
        most = len(library.of("questions")) * len(LANGUAGES) * _PLACES
        self._kept: Once[Recent[Shown]] = Once(lambda _: Recent(most))
        self._words: Once[Words] = words_of_facts(library)

    def index(self, name: str = "") -> Response:
        """The page of all questions, or of those of one topic."""
        every = topics(self._library)
        chosen = [topic for topic in every if not name or topic.name == name]
        if not chosen:
            raise NotFound
        return render("questions.html", topics=every, chosen=chosen, name=name)

    def page(self, query: Query) -> Response:
        """The page of a question with its answer."""
        dataset, language = self._dataset(), language_of_request()
        terms: dict[str, Node] = {}
        shown, error = None, None
        try:
            terms = self._terms(dataset, query)
            shown = self._known(dataset, query, terms, language)
        except AlaqatError as fault:
            error = fault
        page = render(
            "question.html",
            200 if error is None else status_of(error),
            question=query,
            digest=hashlib.sha256(query.text.encode()).hexdigest()[:16],
            topic=topic_of(query),
            fields=self._fields(dataset, query, terms, language),
            given={name: value for name, value in request.args.items() if value},
            shown=shown,
            error=error,
            settings=self._settings,
        )
        return as_told(page, error) if error else page

    def data(self, query: Query, ending: str) -> Response:
        """The answer to a question as a file of a format, by its name or by Accept."""
        dataset = self._dataset()
        terms = self._terms(dataset, query)
        answer = dataset.store.query(labelled(query).text, bindings=terms)
        form = _chosen(ending, holding(answer.kind))
        out = io.BytesIO()
        answer.write(out, form)
        reply = Response(out.getvalue(), content_type=form.content_type)
        reply.headers["Vary"] = "Accept"
        return reply

    def _terms(self, dataset: Dataset, query: Query) -> dict[str, Node]:
        """What the request gives for the parameters of a question."""
        given = each_once(request.args.items(multi=True))
        return self._parameters.terms(dataset, query, given)

    def _known(
        self,
        dataset: Dataset,
        query: Query,
        terms: Mapping[str, Node],
        language: str,
    ) -> Shown:
        """The answer; kept while the version is current if it is of all values."""
        if terms:
            return self._shown(dataset, query, terms, language)
        key = query.name, language, request.script_root  # links hold the last
        make = partial(self._shown, dataset, query, terms, language)
        return self._kept.of(dataset).get(key, make)

    def _fields(
        self,
        dataset: Dataset,
        query: Query,
        terms: Mapping[str, Node],
        language: str,
    ) -> list[Field]:
        """The parameters of a question as a form has them."""
        cells = Cells(self._labels.of(dataset), language)
        return [
            field_of(
                *(name, self._parameters.choices(dataset, query, name)),
                *(terms.get(name), cells),
            )
            for name in query.params
        ]

    def _shown(
        self,
        dataset: Dataset,
        query: Query,
        terms: Mapping[str, Node],
        language: str,
    ) -> Shown:
        """As much of the answer as a page shows, with the words behind each row."""
        asked = labelled(query)
        answer = dataset.store.query(asked.text, bindings=terms)
        words = self._words.of(dataset)
        evidence = Evidence.of_query(words, asked, terms, dataset.store)
        cells = Cells(self._labels.of(dataset), language)
        return folded(
            show(answer, cells, self._settings.shown_rows, evidence), language
        )


def questions_blueprint(questions: Questions, library: Library) -> Blueprint:
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
        return jsonify(describe(library, f"{request.host_url.rstrip('/')}{mount()}"))

    @blueprint.after_request
    def share(reply: Response) -> Response:
        reply.headers["Access-Control-Allow-Origin"] = "*"
        return reply

    return blueprint


def _moved(query: Query, ending: str) -> Response:
    """Where a question stands that is asked for under another topic.

    Raises:
        NotFound: it has no file of that ending.
    """
    if ending and not any(form.answers_to(ending) for form in FORMATS):
        raise NotFound  # and nothing that is made up comes into a header
    there = url_for("questions.question", topic=topic_of(query), name=query.name)
    file = f".{ending}" if ending else ""
    args = urlencode(list(request.args.items(multi=True)))
    location = f"{there}{file}{'?' if args else ''}{args}"
    return Response(status=308, headers={"Location": location})


def _chosen(ending: str, offers: tuple[Format, ...]) -> Format:
    """The format that an ending stands for, else the one the client likes best.

    Raises:
        NotAcceptable: the answer is not written so.
    """
    if not ending:
        return negotiate(request.headers.get("Accept", ""), offers)
    for form in offers:
        if form.answers_to(ending):
            return form
    names = ", ".join(form.name for form in offers)
    raise NotAcceptable(
        f"This answer is not written as {ending}.", remedy=f"Take {names}."
    )
