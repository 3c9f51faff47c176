"""Replies are compressed for clients that can read that.

The web face: one application over a store and a library of queries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from flask import Blueprint, Flask, Response, g, request
from flask_compress import Compress
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from alaqat.dataset import Dataset
from alaqat.errors import AlaqatError, StoreUnavailable
from alaqat.http.endpoint import Endpoint
from alaqat.http.messages import PROBLEM_TYPE
from alaqat.http.representation import problem_details, problem_response
from alaqat.queries.library import Library
from alaqat.rdf.formats import FORMATS
from alaqat.store.interface import Store, Writer
from alaqat.web.middleware.language import LanguageMiddleware, MountPointMiddleware
from alaqat.web.middleware.observability import (
    Metrics,
    MetricsSource,
    health_blueprint,
    log_error,
    observe_requests,
)
from alaqat.web.middleware.page_cache import cache_pages
from alaqat.web.rendering import add_page_context
from alaqat.web.responses import (
    flask_response,
    wants_page,
    with_error_headers,
)
from alaqat.web.settings import Settings
from alaqat.web.views.catalog import Catalog, catalog_blueprint
from alaqat.web.views.charts import ChartData, visuals_blueprint
from alaqat.web.views.curation import Curation, curation_blueprint
from alaqat.web.views.day import asof_blueprint
from alaqat.web.views.document import Editions, document_blueprint
from alaqat.web.views.home import (
    HomePage,
    error_page,
    pages_blueprint,
)
from alaqat.web.views.proofs import why_blueprint
from alaqat.web.views.questions import QuestionPages, questions_blueprint
from alaqat.web.views.resources import EntityViews, linked_blueprint
from alaqat.web.views.search import search_blueprint
from alaqat.web.views.sparql import (
    QueryPage,
    completions_blueprint,
    data_blueprint,
    sparql_blueprint,
)
from alaqat.web.views.vocabulary import VocabularyPages, vocabulary_blueprint

_COMPRESSED_TYPES = (
    *("text/html", "text/css", "text/javascript", "text/plain", "image/svg+xml"),
    *(
        "application/json",
        "application/geo+json",
        "application/graphml+xml",
        PROBLEM_TYPE,
    ),
)


def compress(app: Flask) -> None:
    """Compress texts, but for answers so long that they are sent from disk.

    A compressed reply has another tag than the plain one (RFC 9110 §8.8.3.3).
    """
    app.config["COMPRESS_MIMETYPES"] = [
        *_COMPRESSED_TYPES,
        *(f.media_type for f in FORMATS),
    ]
    app.config["COMPRESS_ALGORITHM"] = ["zstd", "br", "gzip"]
    app.config["COMPRESS_STREAMS"] = False
    Compress(app)


_CurrentDataset = Callable[[], Dataset]
_CurrentAuthor = Callable[[], str | None]


# Pages load nothing from elsewhere and run no script but ours.
_CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_SECURITY_HEADERS = {
    "Content-Security-Policy": _CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
# What is built, and the statuses of it that hold for good: an error may end.
_ASSETS, _CACHEABLE_STATUSES = "/static/assets/", (200, 206, 304)


def anonymous() -> None:
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
    author: Callable[[], str | None] = anonymous,
    figures: Sequence[MetricsSource] = (),
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
    _add_wsgi_middleware(app, settings)
    served = Endpoint(
        *(store, library, lambda: dataset().version, editor),
        services=settings.services,
    )
    metrics = Metrics(*figures, served.cache.figures)
    observe_requests(app, metrics, settings, evaluated=evaluated)
    for blueprint in (
        *_data_blueprints(served, dataset, settings, author),
        *_page_blueprints(served, dataset, settings, author),
    ):
        app.register_blueprint(blueprint)
    add_page_context(app, dataset)
    app.after_request(_add_security_headers)
    compress(app)
    app.after_request(_cache_assets)  # runs before what compresses
    cache_pages(app, dataset)
    _add_error_handlers(app)
    return app


def _add_wsgi_middleware(app: Flask, settings: Settings) -> None:
    """Read from each request what it says of its language, and of proxies."""
    app.wsgi_app = LanguageMiddleware(app.wsgi_app)  # type: ignore[method-assign] # as Flask's documentation does
    if settings.proxies:
        app.wsgi_app = MountPointMiddleware(app.wsgi_app)  # type: ignore[method-assign] # as above
        hops = dict.fromkeys(
            ("x_for", "x_proto", "x_host", "x_prefix"), settings.proxies
        )
        app.wsgi_app = ProxyFix(app.wsgi_app, **hops)  # type: ignore[method-assign] # as above


def _data_blueprints(
    served: Endpoint,
    dataset: _CurrentDataset,
    settings: Settings,
    author: _CurrentAuthor,
) -> Iterator[Blueprint]:
    """The routes that programs and monitors ask."""
    yield data_blueprint(served, settings, author)
    yield completions_blueprint(served.library, dataset)
    yield health_blueprint(dataset, served)


def _page_blueprints(
    served: Endpoint,
    dataset: _CurrentDataset,
    settings: Settings,
    author: _CurrentAuthor,
) -> Iterator[Blueprint]:
    """The routes of pages; most of them are data for programs that ask for data."""
    library = served.library
    page = QueryPage(served.store, library, dataset, settings)
    editions, things = Editions(), EntityViews(dataset)
    pictures = ChartData(dataset, library)
    yield pages_blueprint(HomePage(library, dataset, settings))
    yield sparql_blueprint(served, page, author)
    yield questions_blueprint(QuestionPages(library, dataset, settings), library)
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


def _add_security_headers(reply: Response) -> Response:
    """Add the headers that keep browsers from doing more than they should."""
    for name, value in _SECURITY_HEADERS.items():
        reply.headers.setdefault(name, value)
    return reply


def _cache_assets(reply: Response) -> Response:
    """Let browsers keep what is built: its name tells its content (RFC 8246)."""
    is_built = request.endpoint == "static" and request.path.startswith(_ASSETS)
    if is_built and reply.status_code in _CACHEABLE_STATUSES:
        reply.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        if reply.status_code == 200 and (reply.mimetype or "").startswith("text/"):
            reply.direct_passthrough = False
            reply.get_data()  # what is not read from disk as it is sent is compressed
    return reply


def _add_error_handlers(app: Flask) -> None:
    """Tell every error as a page to people and as a problem to programs."""

    @app.errorhandler(AlaqatError)
    def known(error: AlaqatError) -> Response:
        if isinstance(error, StoreUnavailable):
            g.has_failed = True
            if error.path:  # what is wrong there is for the operator
                log_error("store unavailable", error, id=g.get("request_id", ""))
        if wants_page():
            words = "\n".join(filter(None, (error.message, error.remedy)))
            page = error_page(error.category.status, words)
            return with_error_headers(error, page)
        return flask_response(problem_response(error))

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        status = error.code or 500
        told = problem_details(status, error.description or error.name)
        reply = error_page(status) if wants_page() else flask_response(told)
        if allowed := dict(error.get_headers()).get("Allow"):
            reply.headers["Allow"] = allowed
        return reply

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        g.has_failed = True
        log_error("request failed", error, id=g.get("request_id", ""))
        detail = "This is a fault of the server, not of the request."
        return (
            error_page(500)
            if wants_page()
            else flask_response(problem_details(500, detail))
        )
