"""The first page: what this is, how large it is, and the doors to all of it.

The first page, and the page of what went wrong.
"""

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

_EXAMPLE = range(60, 170)  # how long the words of the example may be


@dataclass(frozen=True)
class AnsweredQuestion:
    """A question and how many rows answer it."""

    question: SavedQuery
    topic: str
    rows: int


@dataclass(frozen=True)
class Example:
    """A fact with the words that state it."""

    label: str
    words: str
    language: str
    fact: str

    @property
    def href(self) -> str:
        """The page of the fact."""
        return page_url(self.fact)

    @property
    def script(self) -> str:
        """The language of the words, by their letters."""
        return guess_language(self.words)


@dataclass(frozen=True)
class HomeSummary:
    """What the first page tells of a version of the dataset."""

    figures: dict[str, int]
    asked: list[AnsweredQuestion]
    examples: dict[str, Example]

    def example(self, language: str) -> Example | None:
        """Return the example in a language, or in the one that it falls back to."""
        codes = fallback_chain(language)
        return next((self.examples[one] for one in codes if one in self.examples), None)


class HomePage:
    """Renders the first page.

    Args:
        library: its figures are told, some of its questions are shown.
        dataset: gives the current version.
        settings: which questions are shown.
    """

    def __init__(
        self, library: Library, dataset: Callable[[], Dataset], settings: Settings
    ) -> None:
        self._library = library
        self._dataset = dataset
        self._settings = settings

    def page(self) -> Response:
        """The page in the language of the request."""
        summary = self._dataset().cached(self._summary)
        questions = len(self._library.of("questions"))
        return render("home.html", summary=summary, number_of_questions=questions)

    def _summary(self, dataset: Dataset) -> HomeSummary:
        """How large a version is, and how large the answers to some questions."""
        answer = dataset.store.query(self._library.get("figures").text)
        figures = {
            name: int(str(value))
            for row in answer
            for name, value in zip(answer.variables, row, strict=True)
        }
        questions = {one.name: one for one in self._library.of("questions")}
        asked = [
            AnsweredQuestion(question, topic_of(question), _size(dataset, question))
            for name in self._settings.shown_questions
            if (question := questions.get(name))
        ]
        return HomeSummary(figures, asked, self._examples(dataset))

    def _examples(self, dataset: Dataset) -> dict[str, Example]:
        """A fact with its words, told in each language."""
        found: dict[str, Example] = {}
        for fact, label, words in dataset.store.query(
            self._library.get("labelled-facts").text
        ):
            code = str(getattr(label, "language", ""))
            example = Example(str(label), str(words), code, str(fact))
            # A figure alone would show nothing of the document's own language.
            if example.script != LANGUAGES[0] and len(example.words) in _EXAMPLE:
                found.setdefault(code, example)
        return found


def _size(dataset: Dataset, question: SavedQuery) -> int:
    """How many rows answer a question."""
    return sum(1 for _ in dataset.store.query(question.text))


def error_page(status: int, detail: str = "") -> Response:
    """The page that tells what is wrong, which no one may keep."""
    key = f"error_{status}"
    known = key if key in texts_in(LANGUAGES[0]) else "error_other"
    return render("error.html", status, title=known, detail=detail)


def pages_blueprint(home_page: HomePage) -> Blueprint:
    """The routes that every site has."""
    blueprint = Blueprint("pages", __name__)

    @blueprint.get("/")
    def home() -> Response:
        return home_page.page()

    return blueprint
