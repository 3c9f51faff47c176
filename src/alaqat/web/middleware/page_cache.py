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
from alaqat.http.messages import Reply
from alaqat.http.representation import conditional
from alaqat.lru import LruCache
from alaqat.web.rendering import language_of_request
from alaqat.web.responses import response

_LARGEST = 32_000_000  # bytes of all pages
_OVERHEAD = 2_000  # bytes that an entry costs besides its body
_READING = ("GET", "HEAD")
# An answer may be new each time, and the builds are no part of the dataset.
_UNCACHED = frozenset({"sparql.sparql", "curation.validation"})


def page_cache(most: int = _LARGEST) -> LruCache[Reply]:
    """Return a cache for pages of so many bytes."""
    return LruCache(most, lambda page: sum(map(len, page.body)) + _OVERHEAD)


def cache_pages(app: Flask, dataset: Callable[[], Dataset]) -> None:
    """Cache the pages of an application, and answer 304 where a tag is known.

    Args:
        app: the application.
        dataset: gives the current version; if that is nameless, nothing is cached.
    """
    pages = page_cache()

    @app.before_request
    def find() -> Response | None:
        if request.method not in _READING or "text/html" not in _accepted():
            return None
        request.environ[__name__] = key = _key(_version(dataset))
        page = pages.get(key)
        return response(page) if page else None

    @app.after_request
    def store(page: Response) -> Response:
        if request.method not in _READING or page.status_code != HTTPStatus.OK:
            return page
        key = request.environ.get(__name__)
        is_cached = page.mimetype == "text/html" and request.endpoint not in _UNCACHED
        if is_cached and key and key == _key(_version(dataset)):
            body = [page.get_data()]
            pages.set(key, Reply(HTTPStatus.OK, dict(page.headers), body))
        found = conditional(
            Reply(HTTPStatus.OK, dict(page.headers)),
            request.headers.get("If-None-Match", ""),
        )
        return page if found.status == HTTPStatus.OK else response(found)


def _key(version: str) -> Hashable:
    """All that a page depends on; nothing if the version has no name."""
    if not version:
        return None
    return (
        *(version, request.host_url, request.script_root, request.full_path),
        *(language_of_request(), _accepted(), date.today()),
    )


def _version(dataset: Callable[[], Dataset]) -> str:
    """The version that is current; no name if there is none: a page tells the fault."""
    try:
        return dataset().version
    except AlaqatError:
        return ""


def _accepted() -> str:
    return request.headers.get("Accept", "")
