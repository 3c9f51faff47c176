"""Pages that were rendered already: they are the same until the dataset changes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock

from flask import Response, request

from alaqat.dataset import Dataset
from alaqat.web.rendering import language_of_request


class Kept:
    """Keeps the pages that were asked for last, up to so many of them.

    Two requests for a page that is not kept may both render it, and get the same.

    Args:
        most: how many are kept.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._pages: OrderedDict[Hashable, bytes] = OrderedDict()
        self._lock = Lock()

    def page(self, dataset: Dataset, make: Callable[[], Response]) -> Response:
        """The page at the address of the request; rendered if it is not kept.

        A query string has no effect on the pages that are kept here, and is not part
        of any of them but in the link to the other language: such are not kept.
        """
        language = language_of_request()
        if request.query_string:
            return make()
        key = (dataset, request.host_url, request.script_root, request.path, language)
        body = self._found(key)
        if body is None:
            body = make().get_data()
            self._keep(key, body)
        reply = Response(body, mimetype="text/html")
        reply.headers["Content-Language"] = language
        return reply

    def _found(self, key: Hashable) -> bytes | None:
        with self._lock:
            if key in self._pages:
                self._pages.move_to_end(key)
            return self._pages.get(key)

    def _keep(self, key: Hashable, body: bytes) -> None:
        with self._lock:
            self._pages[key] = body
            while len(self._pages) > self._most:
                self._pages.popitem(last=False)
