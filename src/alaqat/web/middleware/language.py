"""WSGI middleware: language prefixes, as in /ar/sparql, and a proxy's mount point."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from alaqat.i18n import LANGUAGES

#: Keys of the WSGI environment.
LANGUAGE_KEY, MOUNT_KEY = "alaqat.language", "alaqat.mount"

_WsgiEnviron = dict[str, Any]

# Non-empty segments that need no encoding (RFC 3986 §2.3).
_PLAIN_PATH = re.compile(r"(?:/[A-Za-z0-9._~-]+)*")


class LanguageMiddleware:
    """Moves a language prefix from PATH_INFO to SCRIPT_NAME.

    So every URL that the application builds for a page keeps the language, and routes
    do not need to know about it.

    Args:
        app: the WSGI application.
    """

    def __init__(self, app: Any) -> None:
        self._app = app

    def __call__(self, environ: _WsgiEnviron, start_response: Any) -> Iterable[bytes]:
        """Answer a request."""
        mount, path = environ.get("SCRIPT_NAME", ""), environ.get("PATH_INFO", "")
        environ[MOUNT_KEY] = mount
        first, _, rest = path.removeprefix("/").partition("/")
        if first in LANGUAGES:
            environ |= {LANGUAGE_KEY: first, "SCRIPT_NAME": f"{mount}/{first}"}
            environ["PATH_INFO"] = f"/{rest}"
        response: Iterable[bytes] = self._app(environ, start_response)
        return response


class MountPointMiddleware:
    """Accepts the mount point that a proxy sets only if it is a plain path.

    A proxy may pass on what a client claims, and all links of a page begin with it: one
    that begins with // would lead to another server.

    Args:
        app: the WSGI application.
    """

    def __init__(self, app: Any) -> None:
        self._app = app

    def __call__(self, environ: _WsgiEnviron, start_response: Any) -> Iterable[bytes]:
        """Answer a request."""
        mount = environ.get("SCRIPT_NAME", "").removesuffix("/")
        environ["SCRIPT_NAME"] = mount if _PLAIN_PATH.fullmatch(mount) else ""
        response: Iterable[bytes] = self._app(environ, start_response)
        return response
