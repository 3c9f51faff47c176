"""The web face: one application over a store and a library of queries."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from flask import Blueprint, Flask, Response, g, request
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from alaqat.dataset import Dataset
from alaqat.errors import AlaqatError, StoreUnavailable
from alaqat.library import Library
from alaqat.protocol import Served, problem, told
from alaqat.store import Store
from alaqat.store.interface import Writer
from alaqat.web.asof import asof_blueprint
from alaqat.web.catalog import Catalog, catalog_blueprint
from alaqat.web.completions import completions_blueprint
from alaqat.web.compression import compress
from alaqat.web.curation import Curation, curation_blueprint
from alaqat.web.data import data_blueprint
from alaqat.web.document import Editions, document_blueprint
from alaqat.web.frame import frame
from alaqat.web.health import health_blueprint
from alaqat.web.home import HomePage
from alaqat.web.kept import cache_pages
from alaqat.web.linked import linked_blueprint
from alaqat.web.log import tell_fault
from alaqat.web.metrics import Figures, Metrics
from alaqat.web.pages import error_page, pages_blueprint
from alaqat.web.pictures import Pictures
from alaqat.web.prefix import LanguagePrefix, PlainMount
from alaqat.web.query import QueryPage
from alaqat.web.questions import Questions, questions_blueprint
from alaqat.web.search import search_blueprint
from alaqat.web.settings import Settings
from alaqat.web.sparql import sparql_blueprint
from alaqat.web.things import Things
from alaqat.web.values import response, wants_page, with_headers_of
from alaqat.web.visuals import visuals_blueprint
from alaqat.web.vocabulary import VocabularyPages, vocabulary_blueprint
from alaqat.web.watching import watch
from alaqat.web.why import why_blueprint

_Now = Callable[[], Dataset]
_Author = Callable[[], str | None]

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
# What is built, and the statuses of it that hold for good: an error may end.
_BUILT, _WHOLE = "/static/assets/", (200, 206, 304)


def nobody() -> None:
    """Who makes a request where nobody can show who they are."""


def _nothing() -> float:
    """What a request causes elsewhere where there is nothing else."""
    return 0.0


def create_app(
    store: Store,
    library: Library,
    settings: Settings | None = None,
    *,
    dataset: Callable[[], Dataset] | None = None,
    editor: Writer | None = None,
    author: Callable[[], str | None] = nobody,
    figures: Sequence[Figures] = (),
    evaluated: Callable[[], float] = _nothing,
) -> Flask:
    """Make the application.

    Args:
        store: what anybody's queries and updates go to.
        library: the saved queries; its views feed the pages, its questions are shown.
        settings: the defaults if None.
        dataset: gives the version that is current, which pages are made from; if None,
            the store holds the only one.
        editor: makes changes; None if the dataset is only read.
        author: tells who makes the current request, if they have shown it.
        figures: what other parts count, for /metrics.
        evaluated: gives the seconds of work that the current request caused elsewhere.
    """
    settings = settings or Settings()
    dataset = dataset or partial(_the_only, Dataset(store))
    app = Flask(__name__)
    app.jinja_env.add_extension("jinja2.ext.do")
    app.config["MAX_CONTENT_LENGTH"] = settings.largest_body
    _set_below(app, settings)
    served = Served(
        *(store, library, lambda: dataset().version, editor),
        services=settings.services,
    )
    metrics = Metrics(*figures, served.cache.figures)
    watch(app, metrics, settings, evaluated=evaluated)
    for blueprint in (
        *_for_programs(served, dataset, settings, author),
        *_for_people(served, dataset, settings, author),
    ):
        app.register_blueprint(blueprint)
    frame(app, dataset)
    app.after_request(_secure)
    compress(app)
    app.after_request(_keep)  # runs before what compresses
    cache_pages(app, dataset)
    _handle_errors(app)
    return app


def _set_below(app: Flask, settings: Settings) -> None:
    """Read from each request what it says of its language, and of proxies."""
    app.wsgi_app = LanguagePrefix(app.wsgi_app)  # type: ignore[method-assign] # as Flask's documentation does
    if settings.proxies:
        app.wsgi_app = PlainMount(app.wsgi_app)  # type: ignore[method-assign] # as above
        hops = dict.fromkeys(
            ("x_for", "x_proto", "x_host", "x_prefix"), settings.proxies
        )
        app.wsgi_app = ProxyFix(app.wsgi_app, **hops)  # type: ignore[method-assign] # as above


def _for_programs(
    served: Served, dataset: _Now, settings: Settings, author: _Author
) -> Iterator[Blueprint]:
    """The routes that programs and monitors ask."""
    yield data_blueprint(served, settings, author)
    yield completions_blueprint(served.library, dataset)
    yield health_blueprint(dataset, served)


def _for_people(
    served: Served, dataset: _Now, settings: Settings, author: _Author
) -> Iterator[Blueprint]:
    """The routes of pages; most of them are data for programs that ask for data."""
    library = served.library
    page = QueryPage(served.store, library, dataset, settings)
    editions, things = Editions(), Things(dataset)
    pictures = Pictures(dataset, library)
    yield pages_blueprint(HomePage(library, dataset, settings))
    yield sparql_blueprint(served, page, author)
    yield questions_blueprint(Questions(library, dataset, settings), library)
    yield why_blueprint(dataset, editions)
    yield document_blueprint(dataset, editions)
    yield search_blueprint(dataset, library)
    yield curation_blueprint(Curation(dataset, editions, library, settings))
    yield visuals_blueprint(pictures)
    yield asof_blueprint(pictures)
    yield linked_blueprint(dataset, things)
    yield vocabulary_blueprint(VocabularyPages(dataset, library, things))
    yield catalog_blueprint(Catalog(dataset, things))


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
    is_built = request.endpoint == "static" and request.path.startswith(_BUILT)
    if is_built and reply.status_code in _WHOLE:
        reply.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        if reply.status_code == 200 and (reply.mimetype or "").startswith("text/"):
            reply.direct_passthrough = False
            reply.get_data()  # what is not read from disk as it is sent is compressed
    return reply


def _handle_errors(app: Flask) -> None:
    """Tell every error as a page to people and as a problem to programs."""

    @app.errorhandler(AlaqatError)
    def known(error: AlaqatError) -> Response:
        if isinstance(error, StoreUnavailable):
            g.has_failed = True
            if error.path:  # what is wrong there is for the operator
                tell_fault("store unavailable", error, id=g.get("request_id", ""))
        if wants_page():
            words = "\n".join(filter(None, (error.message, error.remedy)))
            page = error_page(error.category.status, words)
            return with_headers_of(error, page)
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
        g.has_failed = True
        tell_fault("request failed", error, id=g.get("request_id", ""))
        detail = "This is a fault of the server, not of the request."
        return error_page(500) if wants_page() else response(problem(500, detail))
