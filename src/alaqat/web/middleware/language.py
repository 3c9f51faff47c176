"""What a path stands below: a language, as in /ar/sparql, and a proxy's mount point."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from alaqat.i18n import LANGUAGES

LANGUAGE_KEY, MOUNT_KEY = "alaqat.language", "alaqat.mount"

_WsgiEnviron = dict[str, Any]

# Segments of what needs no encoding (RFC 3986 §2.3), none of them empty.
_PLAIN_PATH = re.compile(r"(?:/[A-Za-z0-9._~-]+)*")


class LanguageMiddleware:
    """Moves a language from the path to the mount point of what is below it.

    So every address that the application makes for a page keeps the language, and
    routes need not know of it.

    Args:
        below: the WSGI application below.
    """

    def __init__(self, below: Any) -> None:
        self._below = below

    def __call__(self, environ: _WsgiEnviron, start_response: Any) -> Iterable[bytes]:
        """Answer a request."""
        mount, path = environ.get("SCRIPT_NAME", ""), environ.get("PATH_INFO", "")
        environ[MOUNT_KEY] = mount
        first, _, rest = path.removeprefix("/").partition("/")
        if first in LANGUAGES:
            environ |= {LANGUAGE_KEY: first, "SCRIPT_NAME": f"{mount}/{first}"}
            environ["PATH_INFO"] = f"/{rest}"
        answer: Iterable[bytes] = self._below(environ, start_response)
        return answer


class MountPointMiddleware:
    """Believes a mount point that a proxy tells only if it is a plain path.

    A proxy may pass on what a client says of it, and all links of a page begin with it:
    one that begins with // would lead to another server.

    Args:
        below: the WSGI application below.
    """

    def __init__(self, below: Any) -> None:
        self._below = below

    def __call__(self, environ: _WsgiEnviron, start_response: Any) -> Iterable[bytes]:
        """Answer a request."""
        told = environ.get("SCRIPT_NAME", "").removesuffix("/")
        environ["SCRIPT_NAME"] = told if _PLAIN_PATH.fullmatch(told) else ""
        answer: Iterable[bytes] = self._below(environ, start_response)
        return answer
