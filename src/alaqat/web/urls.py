"""URLs of this site: pages, assets, and the descriptions of its IRIs."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from urllib.parse import quote

from flask import request

from alaqat.i18n import LANGUAGES
from alaqat.terms import BASE
from alaqat.web.middleware.language import LANGUAGE_KEY, MOUNT_KEY

# Characters that stand unencoded in a path (RFC 3986 §3.3).
_PATH_SAFE = "/:@!$&'()*+,;=~-._"

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
    return f"{mount_point()}/static/{quote(path, _PATH_SAFE)}"


def page_url(iri: str) -> str:
    """Return the URL of the page that describes an IRI; a foreign IRI as it is.

    Ours are below the base: /id/… is described at /doc/…, the rest at its own path.
    """
    if not iri.startswith(BASE):
        return iri
    fragment = iri.partition("#")[2]
    end = f"#{quote(fragment)}" if fragment else ""
    return f"{request.script_root}/{quote(description_path(iri), _PATH_SAFE)}{end}"


def description_path(iri: str, extension: str = "") -> str:
    """Return the path, below the mount point, of the description of an IRI of ours."""
    path = iri.removeprefix(BASE).partition("#")[0]
    if path.startswith("id/"):
        path = f"doc/{path.removeprefix('id/')}"
    return f"{path}.{extension}" if extension else path


def absolute_url(path: str) -> str:
    """Return the absolute URL of a path below the mount point, in no language."""
    return f"{request.host_url.rstrip('/')}{mount_point()}/{quote(path, _PATH_SAFE)}"


def language_url(code: str) -> str:
    """Return the URL of the current page in another language."""
    query = request.query_string.decode("ascii", "replace")
    path = quote(request.path, _PATH_SAFE)
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
