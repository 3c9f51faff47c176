"""The first page, and the page of what went wrong."""

from __future__ import annotations

from flask import Blueprint, Response

from alaqat.i18n import LANGUAGES
from alaqat.web.home import HomePage
from alaqat.web.rendering import render
from alaqat.web.texts import texts


def error_page(status: int, detail: str = "") -> Response:
    """The page that tells what is wrong, which no one may keep."""
    key = f"error_{status}"
    known = key if key in texts(LANGUAGES[0]) else "error_other"
    return render("error.html", status, title=known, detail=detail)


def pages_blueprint(home_page: HomePage) -> Blueprint:
    """The routes that every site has."""
    blueprint = Blueprint("pages", __name__)

    @blueprint.get("/")
    def home() -> Response:
        return home_page.page()

    return blueprint
