"""The web face: one application over a store and a library of queries."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from alaqat.dataset import Dataset
from alaqat.errors import AlaqatError
from alaqat.library import Library
from alaqat.protocol import problem, told
from alaqat.store import Store
from alaqat.web.completions import completions_blueprint
from alaqat.web.frame import frame
from alaqat.web.home import HomePage
from alaqat.web.labels import labels_of
from alaqat.web.pages import error_page, pages_blueprint
from alaqat.web.prefix import LanguagePrefix
from alaqat.web.query import QueryPage
from alaqat.web.questions import Questions, questions_blueprint
from alaqat.web.settings import Settings
from alaqat.web.sparql import sparql_blueprint
from alaqat.web.values import response, wants_page
from alaqat.web.why import why_blueprint

__all__ = ["Settings", "create_app"]

# Pages load nothing from elsewhere and run no script but ours.
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


def create_app(
    store: Store,
    library: Library,
    settings: Settings | None = None,
    *,
    dataset: Callable[[], Dataset] | None = None,
) -> Flask:
    """Make the application.

    Args:
        store: what anybody's queries and updates go to.
        library: the saved queries; its views feed the pages, its questions are shown.
        settings: the defaults if None.
        dataset: gives the version that is current, which pages are made from; if None,
            the store holds the only one.
    """
    settings = settings or Settings()
    dataset = dataset or partial(_the_only, Dataset(store))
    app = Flask(__name__)
    app.wsgi_app = LanguagePrefix(app.wsgi_app)  # type: ignore[method-assign] # as Flask's documentation does
    app.config["MAX_CONTENT_LENGTH"] = settings.largest_body
    labels = labels_of(library)
    home = HomePage(library, dataset, settings)
    page = QueryPage(store, library, dataset, labels, settings)
    questions = Questions(library, dataset, labels, settings)
    app.register_blueprint(pages_blueprint(store, library, home))
    app.register_blueprint(sparql_blueprint(store, page))
    app.register_blueprint(questions_blueprint(questions, library))
    app.register_blueprint(completions_blueprint(library, dataset))
    app.register_blueprint(why_blueprint(dataset))
    frame(app, dataset)
    app.after_request(_secure)
    app.after_request(_keep)
    _handle_errors(app)
    return app


def _the_only(dataset: Dataset) -> Dataset:
    """The dataset of a store that never changes."""
    return dataset


def _secure(reply: Response) -> Response:
    """Add the headers that keep browsers from doing more than they should."""
    for name, value in _HEADERS.items():
        reply.headers.setdefault(name, value)
    return reply


def _keep(reply: Response) -> Response:
    """Let browsers keep what is built: its name tells its content (RFC 8246)."""
    if request.endpoint == "static" and request.path.startswith("/static/assets/"):
        reply.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return reply


def _handle_errors(app: Flask) -> None:
    """Tell every error as a page to people and as a problem to programs."""

    @app.errorhandler(AlaqatError)
    def known(error: AlaqatError) -> Response:
        if wants_page():
            return error_page(int(told(error).status), str(error))
        return response(told(error))

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        status = error.code or 500
        told = problem(status, error.description or error.name)
        reply = error_page(status) if wants_page() else response(told)
        if allowed := dict(error.get_headers()).get("Allow"):
            reply.headers["Allow"] = allowed
        return reply

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        logging.getLogger(__name__).error("A request failed.", exc_info=error)
        detail = "This is a fault of the server, not of the request."
        return error_page(500) if wants_page() else response(problem(500, detail))
