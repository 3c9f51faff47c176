"""What was made lately, at most so much of it: no request can make it grow.

Pages that were rendered already: they are the same until the dataset changes.

A page has the tag of its content. Whoever has it is told so (304), and whoever asks for
it again gets what is kept: neither costs a rendering.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from datetime import date
from http import HTTPStatus
from threading import Lock
from typing import Generic, TypeVar

from flask import Flask, Response, request
from werkzeug.datastructures import Headers

from alaqat.dataset import Dataset
from alaqat.errors import AlaqatError
from alaqat.http.caching import REVALIDATE, known_tag
from alaqat.http.linked_data import strong_tag
from alaqat.web.rendering import language_of_request

Made = TypeVar("Made")


class LruCache(Generic[Made]):
    """Keeps what was used last; what was used longest ago is forgotten first.

    Args:
        most: how many are kept.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, Made] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        """How many are kept now."""
        return len(self._kept)

    def get(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """What is kept by a key, or is made now.

        Nobody waits for another: two who ask at once may both make it.
        """
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = make()
        with self._lock:
            self._kept[key] = made
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return made


_MOST = 32_000_000  # bytes of all pages that are kept
_LARGEST = 4_000_000  # and of the largest one
_OVERHEAD = 2_000  # bytes that keeping a page costs besides its body
_READING = ("GET", "HEAD")
# An answer may be new each time, and the builds are no part of the dataset.
_UNKEPT = frozenset({"sparql.sparql", "curation.validation"})

_Page = tuple[bytes, Headers]


class PageCache:
    """Keeps the pages that were asked for last, within a budget of bytes.

    Args:
        most: how many bytes all of them may have.
    """

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._size = 0
        self._pages: OrderedDict[Hashable, _Page] = OrderedDict()
        self._lock = Lock()

    def find(self, key: Hashable) -> _Page | None:
        """The page of a key, if it is kept."""
        with self._lock:
            if key in self._pages:
                self._pages.move_to_end(key)
            return self._pages.get(key)

    def keep(self, key: Hashable, page: _Page) -> None:
        """Keep a page if it is not too large, and forget the oldest ones."""
        if len(page[0]) > min(_LARGEST, self._most):
            return
        with self._lock:
            if key not in self._pages:
                self._size += len(page[0]) + _OVERHEAD
                self._pages[key] = page
            while self._size > self._most:
                _, (body, _) = self._pages.popitem(last=False)
                self._size -= len(body) + _OVERHEAD


def cache_pages(app: Flask, dataset: Callable[[], Dataset]) -> None:
    """Let the pages of an application have tags, and keep them.

    Args:
        app: the application.
        dataset: gives the current version; if that is nameless, nothing is kept.
    """
    kept = PageCache()

    @app.before_request
    def known() -> Response | None:
        if request.method not in _READING or "text/html" not in _accepted():
            return None
        request.environ[__name__] = key = _key(_version(dataset))
        page = kept.find(key)
        return Response(page[0], headers=page[1].copy()) if page else None

    @app.after_request
    def tagged(reply: Response) -> Response:
        is_page = reply.mimetype == "text/html" and reply.status_code == HTTPStatus.OK
        if not is_page or request.method not in _READING:
            return reply
        if "ETag" not in reply.headers:
            reply.set_etag(strong_tag(reply.get_data()))
        reply.headers.setdefault("Cache-Control", REVALIDATE)
        key = request.environ.get(__name__)
        if key and request.endpoint not in _UNKEPT and key == _key(_version(dataset)):
            kept.keep(key, (reply.get_data(), reply.headers.copy()))
        return _unless_known(reply)


def _unless_known(reply: Response) -> Response:
    """The page, or 304 to a client that has it, under the tag that it has it by."""
    tag = known_tag(request.headers.get("If-None-Match", ""), reply.headers["ETag"])
    if not tag:
        return reply
    reply.status_code = HTTPStatus.NOT_MODIFIED
    reply.set_data(b"")
    reply.headers["ETag"] = tag
    for name in ("Content-Length", "Content-Type"):
        reply.headers.pop(name, None)
    return reply


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
