"""The first page, the health of the server, and the page of what went wrong."""

from __future__ import annotations

from flask import Blueprint, Response

from alaqat.language import LANGUAGES
from alaqat.library import Library
from alaqat.store import Store
from alaqat.web.home import HomePage
from alaqat.web.rendering import render
from alaqat.web.texts import texts


def error_page(status: int, detail: str = "") -> Response:
    """The page that tells what is wrong."""
    key = f"error_{status}"
    known = key if key in texts(LANGUAGES[0]) else "error_other"
    return render("error.html", status, title=known, detail=detail)


def pages_blueprint(store: Store, library: Library, home_page: HomePage) -> Blueprint:
    """The routes that every site has."""
    blueprint = Blueprint("pages", __name__)

    @blueprint.get("/")
    def home() -> Response:
        return home_page.page()

    @blueprint.get("/health")
    def health() -> Response:
        alive = bool(store.query(library.get("anything").text).truth)
        reply = Response(b'{"status":"pass"}' if alive else b'{"status":"fail"}')
        reply.status_code = 200 if alive else 503
        reply.mimetype = "application/health+json"
        return reply

    return blueprint
