"""The language at the start of a path, as in /ar/sparql."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from alaqat.language import LANGUAGES

LANGUAGE, MOUNT = "alaqat.language", "alaqat.mount"

_Environ = dict[str, Any]


class LanguagePrefix:
    """Moves a language from the path to the mount point of what is below it.

    So every address that the application makes for a page keeps the language, and
    routes need not know of it.

    Args:
        below: the WSGI application below.
    """

    def __init__(self, below: Any) -> None:
        self._below = below

    def __call__(self, environ: _Environ, start_response: Any) -> Iterable[bytes]:
        """Answer a request."""
        mount, path = environ.get("SCRIPT_NAME", ""), environ.get("PATH_INFO", "")
        environ[MOUNT] = mount
        first, _, rest = path.removeprefix("/").partition("/")
        if first in LANGUAGES:
            environ |= {LANGUAGE: first, "SCRIPT_NAME": f"{mount}/{first}"}
            environ["PATH_INFO"] = f"/{rest}"
        answer: Iterable[bytes] = self._below(environ, start_response)
        return answer
