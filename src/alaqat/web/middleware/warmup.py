"""Memory of the server process: what the allocator keeps of what was freed.

What the first readers of a version would wait for, made before they ask.

Graphs, proofs, words, the index of the search and the editions of documents are made
when a page first needs them. So pages are made here, in the background, for nobody.
"""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Callable, Iterator
from threading import Event, Thread

from flask import Flask
from werkzeug.exceptions import HTTPException

from alaqat.dataset import Dataset
from alaqat.errors import AlaqatError
from alaqat.i18n import LANGUAGES
from alaqat.terms import document_slugs
from alaqat.web.middleware.language import LANGUAGE_KEY, MOUNT_KEY
from alaqat.web.middleware.observability import log_error
from alaqat.web.views.resources import descriptions

_M_ARENA_MAX = -8  # mallopt(3)
_MAX_ARENAS = 2


def limit_arenas() -> None:
    """Let threads share heaps: by default, each keeps what it freed in its own."""
    if sys.platform == "linux":
        _call_libc("mallopt", _M_ARENA_MAX, _MAX_ARENAS)


def release_memory() -> None:
    """Give back to the system what is not used any more."""
    gc.collect()
    if sys.platform == "linux":
        _call_libc("malloc_trim", 0)


def _call_libc(name: str, *arguments: int) -> None:
    """Call a function of the C library, if it has it: glibc does."""
    function = getattr(ctypes.CDLL(None), name, None)
    if function:
        function(*arguments)


_POLL_INTERVAL = (
    0.5  # seconds between two looks; a version that is gone by then was not read
)
# Pages that together need all that is made once for each version.
_FIRST_PATHS = ("/", "/queries", "/sparql", "/why", "/search?q=0", "/as-of", "/map")
_OTHER_PATHS = (
    "/timeline",
    "/network",
    "/missions",
    "/figures",
    "/ontology",
    "/shapes",
)
_LAST = ("/coverage", "/notes", "/validation", "/catalog")


def start_warmup(app: Flask, dataset: Callable[[], Dataset], ended: Event) -> None:
    """Prepare every version that stays, in a thread of its own, until the end."""
    Thread(target=_warm_versions, args=(app, dataset, ended), daemon=True).start()


def warm_pages(app: Flask, dataset: Dataset) -> None:
    """Make what pages need, and ask the application for one of each in each language.

    No such request is counted or logged, and what fails is told when somebody asks.
    """
    _ = dataset.names, dataset.plain_words, dataset.intervals, descriptions(dataset)
    for path in _paths(dataset):
        for code in LANGUAGES:
            _request_page(app, path, code)
    release_memory()


def _warm_versions(app: Flask, dataset: Callable[[], Dataset], ended: Event) -> None:
    """Look which version is current, and prepare one that was so at the last look."""
    seen = prepared = None
    while not ended.wait(_POLL_INTERVAL):
        try:
            now = dataset()
            if now is seen and now is not prepared:
                prepared = now
                warm_pages(app, now)
            seen = now
        except AlaqatError:
            seen = None  # there is no dataset, which requests are told
        except Exception as error:  # noqa: BLE001 # nothing may end the thread
            log_error("preparing failed", error)


def _paths(dataset: Dataset) -> Iterator[str]:
    """The paths to ask for, those first that most people begin with."""
    yield from _FIRST_PATHS
    yield from (f"/document/{slug}" for slug in document_slugs(dataset.store.graphs()))
    yield from (*_OTHER_PATHS, *_LAST)


def _request_page(app: Flask, path: str, code: str) -> None:
    """Make one page, as far as the application has it."""
    base = f"http://localhost/{code}"
    environ = {LANGUAGE_KEY: code, MOUNT_KEY: ""}
    with app.test_request_context(
        path, base_url=base, headers={"Accept": "text/html"}, environ_overrides=environ
    ):
        try:
            app.dispatch_request()
        except (AlaqatError, HTTPException):
            return
