"""The cache of rendered pages, and 304 Not Modified for clients that have a reply.

A page is the same until the dataset changes, so it is rendered once per version.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import date
from http import HTTPStatus

from flask import Flask, Response, request

from alaqat.dataset import Dataset
from alaqat.errors import AlaqatError
from alaqat.http.messages import HttpResponse
from alaqat.http.representation import conditional
from alaqat.lru import LruCache
from alaqat.web.rendering import request_language
from alaqat.web.responses import flask_response

_MAX_CACHE_BYTES = 32_000_000  # bytes of all pages
_ENTRY_OVERHEAD = 2_000  # bytes that an entry costs besides its body
_READ_METHODS = ("GET", "HEAD")
# An answer may be new each time, and the builds are no part of the dataset.
_UNCACHED = frozenset({"sparql.sparql", "curation.validation"})


def page_cache(most: int = _MAX_CACHE_BYTES) -> LruCache[HttpResponse]:
    """Return a cache for pages of so many bytes."""
    return LruCache(most, lambda page: sum(map(len, page.body)) + _ENTRY_OVERHEAD)


def cache_pages(app: Flask, dataset: Callable[[], Dataset]) -> None:
    """Cache the pages of an application, and answer 304 where a tag is known.

    Args:
        app: the application.
        dataset: gives the current version; if that is nameless, nothing is cached.
    """
    pages = page_cache()

    @app.before_request
    def find() -> Response | None:
        if request.method not in _READ_METHODS or "text/html" not in _accept_header():
            return None
        request.environ[__name__] = key = _cache_key(_current_version(dataset))
        page = pages.get(key)
        return flask_response(page) if page else None

    @app.after_request
    def store(page: Response) -> Response:
        if request.method not in _READ_METHODS or page.status_code != HTTPStatus.OK:
            return page
        key = request.environ.get(__name__)
        is_cached = page.mimetype == "text/html" and request.endpoint not in _UNCACHED
        if is_cached and key and key == _cache_key(_current_version(dataset)):
            body = [page.get_data()]
            pages.put(key, HttpResponse(HTTPStatus.OK, dict(page.headers), body))
        found = conditional(
            HttpResponse(HTTPStatus.OK, dict(page.headers)),
            request.headers.get("If-None-Match", ""),
        )
        return page if found.status == HTTPStatus.OK else flask_response(found)


def _cache_key(version: str) -> Hashable:
    """All that a page depends on; nothing if the version has no name."""
    if not version:
        return None
    return (
        *(version, request.host_url, request.script_root, request.full_path),
        *(request_language(), _accept_header(), date.today()),
    )


def _current_version(dataset: Callable[[], Dataset]) -> str:
    """The version that is current; no name if there is none: a page tells the fault."""
    try:
        return dataset().version
    except AlaqatError:
        return ""


def _accept_header() -> str:
    return request.headers.get("Accept", "")
