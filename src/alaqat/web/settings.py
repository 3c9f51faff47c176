"""What can be set about the web face."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """How the web face behaves.

    Attributes:
        first_question: the saved question that the query page begins with.
        shown_questions: those that the first page shows with the size of their answers.
        shown_rows: how many rows of an answer a page shows; files hold all.
        largest_body: how many bytes the body of a request may have.
    """

    first_question: str = "embassies-by-city"
    shown_questions: tuple[str, ...] = (
        "countries-without-relations",
        "visa-free-entry",
        "founding-members",
        "timeline",
        "figures-in-doubt",
        "where-the-document-is-silent",
    )
    shown_rows: int = 500
    largest_body: int = 1_000_000
