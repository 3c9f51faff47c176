"""URLs of this site: pages, assets, and the descriptions of its IRIs."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from urllib.parse import quote

from flask import request
from markupsafe import Markup

from alaqat.http.linked_data import is_followable
from alaqat.i18n import LANGUAGES
from alaqat.terms import BASE
from alaqat.web.middleware.language import LANGUAGE_KEY, MOUNT_KEY

# A path of this site, not of another (//host); or a query or fragment of this page.
_OWN_PATH = re.compile(r"/(?![/\\])|[?#]")

#: Characters that stand unencoded in a path (RFC 3986 §3.3).
PATH_SAFE = "/:@!$&'()*+,;=~-._"

PREFIXES_PER_PAGE = 2
"""Language prefixes that a page is served at: its own, and none by negotiation."""


def mount_point() -> str:
    """Return the path that the site is mounted at, without a language; often empty."""
    return str(request.environ.get(MOUNT_KEY, request.script_root))


def site_url(path: str) -> str:
    """Return the URL of a path of this site, in the language of the page."""
    return f"{request.script_root}{path}"


def asset_url(name: str) -> str:
    """Return the URL of an asset, by the name of its source file."""
    built = _manifest().get(name)
    path = built["file"] if built else name
    return f"{mount_point()}/static/{quote(path, PATH_SAFE)}"


def followable_url(url: str) -> str:
    """Return a URL if it may be the target of a link; empty if it may not.

    It may if it is a path of this site or an absolute IRI that is harmless to follow.
    """
    is_own = _OWN_PATH.match(url) is not None
    return url if is_own or is_followable(url) else ""


def href(url: str, rel: str = "") -> Markup:
    """Return the attribute ``href`` of a link, with a space before it.

    The one way by which templates link an address that is stored data. An element ``a``
    without the attribute is text.

    Args:
        url: of a page, from ``page_url``, or a foreign IRI.
        rel: the attribute of this name, which only a link may have.
    """
    target = followable_url(url)
    if not target:
        return Markup()
    attribute = Markup(' href="{}"').format(target)
    return attribute + Markup(' rel="{}"').format(rel) if rel else attribute


def page_url(iri: str) -> str:
    """Return the URL of the page that describes an IRI.

    Ours are below the base: /id/… is described at /doc/…, the rest at its own path. A
    foreign IRI is its own page; if it may not be followed, the answer is empty.
    """
    if not iri.startswith(BASE) or iri.startswith(f"{BASE}/"):
        return followable_url(iri)
    fragment = iri.partition("#")[2]
    end = f"#{quote(fragment)}" if fragment else ""
    return f"{request.script_root}/{quote(description_path(iri), PATH_SAFE)}{end}"


def description_path(iri: str, extension: str = "") -> str:
    """Return the path, below the mount point, of the description of an IRI of ours."""
    path = iri.removeprefix(BASE).partition("#")[0]
    if path.startswith("id/"):
        path = f"doc/{path.removeprefix('id/')}"
    return f"{path}.{extension}" if extension else path


def absolute_url(path: str) -> str:
    """Return the absolute URL of a path below the mount point, in no language."""
    return f"{request.host_url.rstrip('/')}{mount_point()}/{quote(path, PATH_SAFE)}"


def language_url(code: str) -> str:
    """Return the URL of the current page in another language."""
    query = request.query_string.decode("ascii", "replace")
    path = quote(request.path, PATH_SAFE)
    return f"{mount_point()}/{code}{path}{f'?{query}' if query else ''}"


def path_language() -> str | None:
    """Return the language at the start of the path; None if there is none."""
    code = request.environ.get(LANGUAGE_KEY)
    return code if code in LANGUAGES else None


@cache
def _manifest() -> dict[str, dict[str, str]]:
    """Return Vite's manifest of built assets; empty if they were not built."""
    path = files("alaqat.web") / "static" / ".vite" / "manifest.json"
    if not path.is_file():
        return {}
    manifest: dict[str, dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    return manifest
