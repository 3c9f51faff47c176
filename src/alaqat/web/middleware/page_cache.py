"""The cache of rendered pages, and 304 Not Modified for clients that have a response.

A page changes only with the dataset, so it is rendered once per version.
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

_MAX_CACHE_BYTES = 32_000_000
_ENTRY_OVERHEAD = 2_000  # bytes that an entry costs besides its body
_READ_METHODS = ("GET", "HEAD")
# A query result may differ each time, and the list of builds is outside the dataset.
_UNCACHED = frozenset({"sparql.sparql", "curation.validation"})


def page_cache(max_bytes: int = _MAX_CACHE_BYTES) -> LruCache[HttpResponse]:
    """Return a cache of pages that is bounded in bytes."""
    return LruCache(max_bytes, lambda page: sum(map(len, page.body)) + _ENTRY_OVERHEAD)


def cache_pages(app: Flask, dataset: Callable[[], Dataset]) -> None:
    """Cache the pages of an application, and answer 304 where a tag matches.

    Args:
        app: the application.
        dataset: returns the current version; if it is unnamed, nothing is cached.
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
    def store(response: Response) -> Response:
        is_read = request.method in _READ_METHODS
        if not is_read or response.status_code != HTTPStatus.OK:
            return response
        key = request.environ.get(__name__)
        is_cacheable = (
            response.mimetype == "text/html" and request.endpoint not in _UNCACHED
        )
        headers = dict(response.headers)
        if is_cacheable and key and key == _cache_key(_current_version(dataset)):
            body = [response.get_data()]
            pages.set(key, HttpResponse(HTTPStatus.OK, headers, body))
        checked = conditional(
            HttpResponse(HTTPStatus.OK, headers),
            request.headers.get("If-None-Match", ""),
        )
        return response if checked.status == HTTPStatus.OK else flask_response(checked)


def _cache_key(version: str) -> Hashable:
    """Return all that a page depends on; None if the version is unnamed."""
    if not version:
        return None
    return (
        *(version, request.host_url, request.script_root, request.full_path),
        *(request_language(), _accept_header(), date.today()),
    )


def _current_version(dataset: Callable[[], Dataset]) -> str:
    """Return the current version; empty if there is none, which the page reports."""
    try:
        return dataset().version
    except AlaqatError:
        return ""


def _accept_header() -> str:
    return request.headers.get("Accept", "")
