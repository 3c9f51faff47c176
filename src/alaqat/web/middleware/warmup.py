"""Cache warm-up of new dataset versions, and memory tuning of the server process.

Labels, proofs, the search index and the editions of documents are created when a page
first needs them. So after a change the pages are requested once, in the background.
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
from alaqat.log import log_error
from alaqat.terms import document_slugs
from alaqat.web.middleware.language import LANGUAGE_KEY, MOUNT_KEY
from alaqat.web.views.resources import descriptions

# Seconds between two checks; a version that is gone by the next one is not warmed up.
_POLL_INTERVAL = 0.5
# Pages that together need all that is cached per version, the likeliest first.
_FIRST_PATHS = ("/", "/queries", "/sparql", "/why", "/search?q=0", "/as-of", "/map")
_OTHER_PATHS = (
    *("/timeline", "/network", "/missions", "/figures", "/ontology", "/shapes"),
    *("/coverage", "/notes", "/validation", "/catalog"),
)

_M_ARENA_MAX = -8  # mallopt(3)
_MAX_ARENAS = 2


def start_warmup(app: Flask, dataset: Callable[[], Dataset], stopped: Event) -> None:
    """Warm up every version that stays current, in a thread of its own."""
    Thread(target=_warm_versions, args=(app, dataset, stopped), daemon=True).start()


def warm_pages(app: Flask, dataset: Dataset) -> None:
    """Create what pages need, and request one of each in every language.

    These requests are neither counted nor logged, and errors are left to whoever
    requests the page.
    """
    _ = (
        dataset.resolver,
        dataset.plain_wordings,
        dataset.intervals,
        descriptions(dataset),
    )
    for path in _paths(dataset):
        for code in LANGUAGES:
            _request_page(app, path, code)
    release_memory()


def _warm_versions(app: Flask, dataset: Callable[[], Dataset], stopped: Event) -> None:
    """Poll the current version, and warm up one that has stayed for an interval."""
    seen = warmed = None
    while not stopped.wait(_POLL_INTERVAL):
        try:
            current = dataset()
            if current is seen and current is not warmed:
                warmed = current
                warm_pages(app, current)
            seen = current
        except AlaqatError:
            seen = None  # there is no dataset, which requests report
        except Exception as error:  # noqa: BLE001 # nothing may end the thread
            log_error("warm-up failed", error)


def _paths(dataset: Dataset) -> Iterator[str]:
    yield from _FIRST_PATHS
    yield from (f"/document/{slug}" for slug in document_slugs(dataset.store.graphs()))
    yield from _OTHER_PATHS


def _request_page(app: Flask, path: str, code: str) -> None:
    """Request one page, if the application has it."""
    base = f"http://localhost/{code}"
    environ = {LANGUAGE_KEY: code, MOUNT_KEY: ""}
    with app.test_request_context(
        path, base_url=base, headers={"Accept": "text/html"}, environ_overrides=environ
    ):
        try:
            app.dispatch_request()
        except (AlaqatError, HTTPException):
            return


def limit_arenas() -> None:
    """Let threads share heaps: by default, each keeps what it freed in its own."""
    if sys.platform == "linux":
        _call_libc("mallopt", _M_ARENA_MAX, _MAX_ARENAS)


def release_memory() -> None:
    """Return unused memory to the operating system."""
    gc.collect()
    if sys.platform == "linux":
        _call_libc("malloc_trim", 0)


def _call_libc(name: str, *arguments: int) -> None:
    """Call a function of the C library if it has it, as glibc does."""
    function = getattr(ctypes.CDLL(None), name, None)
    if function:
        function(*arguments)
