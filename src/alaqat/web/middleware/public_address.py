"""The public address of the server, which all absolute addresses begin with.

A client may claim any host, so the application never sees a claimed one: it is replaced
before routing. Links, headers, catalogues and the names of new graphs are built from a
host that is trusted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

_WsgiEnviron = dict[str, Any]

# RFC 3986 §3.2.2, with a port; a name in ASCII, or an IP address.
_HOST = re.compile(
    r"(?:[A-Za-z0-9][A-Za-z0-9.-]{0,252}|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?"
)
_LOOPBACK = re.compile(r"(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d{1,5})?")
_SCHEMES = ("http", "https")


def is_public_url(url: str) -> bool:
    """Return whether a text is the address of a site: scheme, host, perhaps a path."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    is_plain = not (parts.query or parts.fragment) and parts.scheme in _SCHEMES
    return is_plain and _HOST.fullmatch(parts.netloc) is not None


class PublicAddressMiddleware:
    """Replaces a host that is not trusted, before the application sees it.

    Args:
        app: the WSGI application.
        public_url: the address at which the site is published; empty if unknown.
        own_address: the address that the server listens on.
        trusts_host: whether a proxy has set the host.
    """

    def __init__(
        self, app: Any, public_url: str, own_address: str, *, trusts_host: bool
    ) -> None:
        self._app = app
        self._public = urlsplit(public_url) if public_url else None
        self._own = urlsplit(own_address)
        self._trusts_host = trusts_host

    def __call__(self, environ: _WsgiEnviron, start_response: Any) -> Iterable[bytes]:
        """Answer a request."""
        if self._public:
            _set_host(environ, self._public.scheme, self._public.netloc)
            environ["SCRIPT_NAME"] = self._public.path.rstrip("/")
        elif not self._is_trusted(environ):
            _set_host(environ, self._own.scheme, self._own.netloc)
        response: Iterable[bytes] = self._app(environ, start_response)
        return response

    def _is_trusted(self, environ: _WsgiEnviron) -> bool:
        """Return whether the host is one that a proxy or this machine gives."""
        host = environ.get("HTTP_HOST", "")
        if environ.get("wsgi.url_scheme") not in _SCHEMES:
            return False
        if self._trusts_host:
            return _HOST.fullmatch(host) is not None
        return host == self._own.netloc or _LOOPBACK.fullmatch(host) is not None


def _set_host(environ: _WsgiEnviron, scheme: str, host: str) -> None:
    environ |= {"wsgi.url_scheme": scheme, "HTTP_HOST": host}
