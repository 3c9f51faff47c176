"""The home page and the error page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, Response

from alaqat.dataset import Dataset
from alaqat.i18n import (
    LANGUAGES,
    fallback_chain,
    guess_language,
)
from alaqat.queries.library import Library, topic_of
from alaqat.queries.query import SavedQuery
from alaqat.web.rendering import render, texts_in
from alaqat.web.settings import Settings
from alaqat.web.urls import page_url

_EXAMPLE_LENGTH = range(60, 170)  # characters of the quote of an example


@dataclass(frozen=True)
class AnsweredQuestion:
    """A saved question and the number of rows in its result."""

    question: SavedQuery
    topic: str
    rows: int


@dataclass(frozen=True)
class Example:
    """A fact with the quote that states it.

    Attributes:
        label: of the fact.
        quote: from the document.
        language: of the label.
        fact: its IRI.
    """

    label: str
    quote: str
    language: str
    fact: str

    @property
    def href(self) -> str:
        """The address of the fact's page."""
        return page_url(self.fact)

    @property
    def script(self) -> str:
        """The language of the quote, judged by its letters."""
        return guess_language(self.quote)


@dataclass(frozen=True)
class HomeSummary:
    """The content of the home page for a dataset version.

    Attributes:
        figures: the size of the dataset.
        questions: the featured questions.
        examples: a fact for each language of its label.
    """

    figures: dict[str, int]
    questions: list[AnsweredQuestion]
    examples: dict[str, Example]

    def example(self, language: str) -> Example | None:
        """Return the example in a language or its fallback, if there is one."""
        codes = fallback_chain(language)
        return next((self.examples[one] for one in codes if one in self.examples), None)


class HomePage:
    """The home page.

    Args:
        library: of the queries for figures and questions.
        dataset: returns the current version.
        settings: with the names of the featured questions.
    """

    def __init__(
        self, library: Library, dataset: Callable[[], Dataset], settings: Settings
    ) -> None:
        self._library = library
        self._dataset = dataset
        self._settings = settings

    def page(self) -> Response:
        """Render the page in the language of the request."""
        summary = self._dataset().cached(self._summary)
        questions = len(self._library.of("questions"))
        return render("home.html", summary=summary, number_of_questions=questions)

    def _summary(self, dataset: Dataset) -> HomeSummary:
        result = dataset.store.query(self._library.get("figures").text)
        figures = {
            name: int(str(value))
            for row in result
            for name, value in zip(result.variables, row, strict=True)
        }
        saved = {one.name: one for one in self._library.of("questions")}
        questions = [
            AnsweredQuestion(
                question, topic_of(question), _row_count(dataset, question)
            )
            for name in self._settings.shown_questions
            if (question := saved.get(name))
        ]
        return HomeSummary(figures, questions, self._examples(dataset))

    def _examples(self, dataset: Dataset) -> dict[str, Example]:
        """Return the first suitable fact for each language of its label."""
        found: dict[str, Example] = {}
        for fact, label, quote in dataset.store.query(
            self._library.get("labelled-facts").text
        ):
            code = str(getattr(label, "language", ""))
            example = Example(str(label), str(quote), code, str(fact))
            # A quote of figures alone would not show the language of the document.
            if example.script != LANGUAGES[0] and len(example.quote) in _EXAMPLE_LENGTH:
                found.setdefault(code, example)
        return found


def _row_count(dataset: Dataset, question: SavedQuery) -> int:
    return sum(1 for _ in dataset.store.query(question.text))


def error_page(status: int, detail: str = "") -> Response:
    """Render the page of an error, which must not be cached."""
    key = f"error_{status}"
    title = key if key in texts_in(LANGUAGES[0]) else "error_other"
    return render("error.html", status, title=title, detail=detail)


def pages_blueprint(home_page: HomePage) -> Blueprint:
    """Return the route of the home page."""
    blueprint = Blueprint("pages", __name__)

    @blueprint.get("/")
    def home() -> Response:
        return home_page.page()

    return blueprint
