"""The Flask application factory: blueprints, middleware and error handlers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from flask import Blueprint, Flask, Response, g, request
from flask_compress import Compress
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from alaqat.dataset import Dataset
from alaqat.errors import AlaqatError, StoreUnavailable
from alaqat.http.caching import ResponseCache
from alaqat.http.endpoint import Endpoint
from alaqat.http.messages import PROBLEM_TYPE
from alaqat.http.representation import problem_details, problem_response
from alaqat.log import log_error
from alaqat.queries.library import Library
from alaqat.rdf.formats import FORMATS
from alaqat.store.interface import Store, Writer
from alaqat.web.middleware.language import LanguageMiddleware, MountPointMiddleware
from alaqat.web.middleware.observability import (
    Metrics,
    MetricsSource,
    health_blueprint,
    observe_requests,
)
from alaqat.web.middleware.page_cache import cache_pages
from alaqat.web.middleware.public_address import PublicAddressMiddleware
from alaqat.web.rendering import add_page_context
from alaqat.web.responses import (
    flask_response,
    wants_page,
    with_error_headers,
)
from alaqat.web.settings import Settings
from alaqat.web.views.catalog import CatalogPages, catalog_blueprint
from alaqat.web.views.charts import ChartData, charts_blueprint
from alaqat.web.views.curation import CurationPages, curation_blueprint
from alaqat.web.views.day import asof_blueprint
from alaqat.web.views.document import Editions, document_blueprint
from alaqat.web.views.home import (
    HomePage,
    error_page,
    pages_blueprint,
)
from alaqat.web.views.proofs import proofs_blueprint
from alaqat.web.views.questions import QuestionPages, questions_blueprint
from alaqat.web.views.resources import ResourcePages, linked_data_blueprint
from alaqat.web.views.search import search_blueprint
from alaqat.web.views.sparql import (
    QueryPage,
    completions_blueprint,
    graph_store_blueprint,
    sparql_blueprint,
)
from alaqat.web.views.vocabulary import VocabularyPages, vocabulary_blueprint

_CurrentDataset = Callable[[], Dataset]
_CurrentAuthor = Callable[[], str | None]

_COMPRESSED_TYPES = (
    *("text/html", "text/css", "text/javascript", "text/plain", "image/svg+xml"),
    *("application/json", "application/geo+json", "application/graphml+xml"),
    *(PROBLEM_TYPE, *(form.media_type for form in FORMATS)),
)

# Pages load nothing from other sites and run no script but ours.
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
# The built assets, and the statuses that may be cached for good: an error may end.
_ASSETS, _CACHEABLE_STATUSES = "/static/assets/", (200, 206, 304)


def anonymous() -> None:
    """Return None: the author of requests where there is no authentication."""


def _no_seconds() -> float:
    return 0.0


def create_app(
    store: Store,
    library: Library,
    settings: Settings | None = None,
    *,
    dataset: Callable[[], Dataset] | None = None,
    writer: Writer | None = None,
    author: Callable[[], str | None] = anonymous,
    metrics: Sequence[MetricsSource] = (),
    cpu_seconds: Callable[[], float] = _no_seconds,
    cache: ResponseCache | None = None,
) -> Flask:
    """Create the application.

    Args:
        store: evaluates the queries of clients and the saved questions.
        library: the saved queries; its views feed the pages, its questions are shown.
        settings: the defaults if None.
        dataset: returns the current version, which pages read; if None, the store holds
            the only one.
        writer: commits changes; None if the dataset is read-only.
        author: returns the author of the current request; None if it has no token,
            empty if its token is unknown.
        metrics: further sources of metrics.
        cpu_seconds: returns the seconds that other processes worked for the current
            request.
        cache: of responses; one of its own if None.
    """
    settings = settings or Settings()
    only_dataset = Dataset(store)
    dataset = dataset or (lambda: only_dataset)
    app = Flask(__name__)
    app.jinja_env.add_extension("jinja2.ext.do")
    app.config["MAX_CONTENT_LENGTH"] = settings.largest_body
    _add_wsgi_middleware(app, settings)
    endpoint = Endpoint(
        *(store, library, lambda: dataset().version, writer),
        services=settings.services,
        cache=cache or ResponseCache(),
    )
    observe_requests(
        app,
        Metrics(*metrics, endpoint.cache.metrics),
        settings,
        cpu_seconds=cpu_seconds,
    )
    for blueprint in (
        *_data_blueprints(endpoint, dataset, settings, author),
        *_page_blueprints(endpoint, dataset, settings, author),
    ):
        app.register_blueprint(blueprint)
    add_page_context(app, dataset)
    app.after_request(_add_security_headers)
    compress_responses(app)
    app.after_request(_cache_assets)  # runs before the compression
    cache_pages(app, dataset)
    _add_error_handlers(app)
    return app


def _add_wsgi_middleware(app: Flask, settings: Settings) -> None:
    """Add the middleware for language prefixes, the host and reverse proxies."""
    app.wsgi_app = LanguageMiddleware(app.wsgi_app)  # type: ignore[method-assign] # as Flask's documentation does
    app.wsgi_app = PublicAddressMiddleware(  # type: ignore[method-assign] # as above
        app.wsgi_app,
        settings.public_url,
        settings.own_address,
        trusts_host=settings.proxies > 0,
    )
    if settings.proxies:
        app.wsgi_app = MountPointMiddleware(app.wsgi_app)  # type: ignore[method-assign] # as above
        hops = dict.fromkeys(
            ("x_for", "x_proto", "x_host", "x_prefix"), settings.proxies
        )
        app.wsgi_app = ProxyFix(app.wsgi_app, **hops)  # type: ignore[method-assign] # as above


def _data_blueprints(
    endpoint: Endpoint,
    dataset: _CurrentDataset,
    settings: Settings,
    author: _CurrentAuthor,
) -> Iterator[Blueprint]:
    """Yield the routes for programs and monitors."""
    yield graph_store_blueprint(endpoint, settings, author)
    yield completions_blueprint(endpoint.library, dataset)
    yield health_blueprint(dataset, endpoint, restarts=settings.restarts)


def _page_blueprints(
    endpoint: Endpoint,
    dataset: _CurrentDataset,
    settings: Settings,
    author: _CurrentAuthor,
) -> Iterator[Blueprint]:
    """Yield the routes of pages; most of them negotiate, and return data too."""
    library = endpoint.library
    query_page = QueryPage(endpoint.store, library, dataset, settings)
    editions, resources = Editions(), ResourcePages(dataset)
    chart_data = ChartData(dataset, library)
    yield pages_blueprint(HomePage(library, dataset, settings))
    yield sparql_blueprint(endpoint, query_page, author)
    questions = QuestionPages(endpoint.store, library, dataset, settings)
    yield questions_blueprint(questions, library)
    yield proofs_blueprint(dataset, editions)
    yield document_blueprint(dataset, editions)
    yield search_blueprint(dataset, library)
    yield curation_blueprint(CurationPages(dataset, editions, library, settings))
    yield charts_blueprint(chart_data)
    yield asof_blueprint(chart_data)
    yield linked_data_blueprint(dataset, resources)
    yield vocabulary_blueprint(VocabularyPages(dataset, library, resources))
    yield catalog_blueprint(CatalogPages(dataset, resources))


def compress_responses(app: Flask) -> None:
    """Compress text responses, except those so long that they are sent from disk.

    A compressed response has another tag than the plain one (RFC 9110 §8.8.3.3).
    """
    app.config["COMPRESS_MIMETYPES"] = list(_COMPRESSED_TYPES)
    app.config["COMPRESS_ALGORITHM"] = ["zstd", "br", "gzip"]
    app.config["COMPRESS_STREAMS"] = False
    Compress(app)


def _add_security_headers(response: Response) -> Response:
    """Add the headers that restrict what browsers do with a page."""
    for name, value in _SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def _cache_assets(response: Response) -> Response:
    """Let browsers cache built assets for good: their names change with their content.

    RFC 8246 defines ``immutable``.
    """
    is_asset = request.endpoint == "static" and request.path.startswith(_ASSETS)
    if is_asset and response.status_code in _CACHEABLE_STATUSES:
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        if response.status_code == 200 and (response.mimetype or "").startswith(
            "text/"
        ):
            response.direct_passthrough = False
            response.get_data()  # into memory: streams are not compressed
    return response


def _add_error_handlers(app: Flask) -> None:
    """Show every error as a page to people and as problem details to programs."""

    @app.errorhandler(AlaqatError)
    def handle_alaqat_error(error: AlaqatError) -> Response:
        if isinstance(error, StoreUnavailable):
            g.has_failed = True
            if error.path:  # the operator must repair what is there
                log_error(
                    "store unavailable",
                    error,
                    id=g.get("request_id", ""),
                    path=str(error.path),
                    reason=error.message,
                )
        if wants_page():
            text = "\n".join(filter(None, (error.message, error.remedy)))
            page = error_page(error.category.status, text)
            return with_error_headers(error, page)
        return flask_response(problem_response(error))

    @app.errorhandler(HTTPException)
    def handle_http_error(error: HTTPException) -> Response:
        status = error.code or 500
        problem = problem_details(status, error.description or error.name)
        response = error_page(status) if wants_page() else flask_response(problem)
        if allowed := dict(error.get_headers()).get("Allow"):
            response.headers["Allow"] = allowed
        return response

    @app.errorhandler(Exception)
    def handle_unexpected_error(error: Exception) -> Response:
        g.has_failed = True
        log_error("request failed", error, id=g.get("request_id", ""))
        problem = problem_details(500, "Internal error: the request is not at fault.")
        return error_page(500) if wants_page() else flask_response(problem)
