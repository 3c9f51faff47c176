"""Where things are on this site: pages, files, and what an IRI leads to."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from urllib.parse import quote

from flask import request

from alaqat.i18n import LANGUAGES
from alaqat.terms import BASE
from alaqat.web.middleware.language import LANGUAGE_KEY, MOUNT_KEY

# What may stand in a path as it is (RFC 3986 §3.3).
_PATH_SAFE = "/:@!$&'()*+,;=~-._"


def mount_point() -> str:
    """The path that the site stands below, without a language; often empty."""
    return str(request.environ.get(MOUNT_KEY, request.script_root))


def asset_url(name: str) -> str:
    """The address of a file that pages load, by its name in the source of the pages."""
    built = _manifest().get(name)
    path = built["file"] if built else name
    return f"{mount_point()}/static/{quote(path, _PATH_SAFE)}"


def page_url(iri: str) -> str:
    """The page that describes what an IRI names; the IRI itself if it is not ours.

    Ours are below the base: /id/… is described at /doc/…, the rest at its own path.
    """
    if not iri.startswith(BASE):
        return iri
    fragment = iri.partition("#")[2]
    end = f"#{quote(fragment)}" if fragment else ""
    return f"{request.script_root}/{quote(description_path(iri), _PATH_SAFE)}{end}"


def description_path(iri: str, ending: str = "") -> str:
    """The path, below the mount point, of what describes an IRI of ours."""
    path = iri.removeprefix(BASE).partition("#")[0]
    if path.startswith("id/"):
        path = f"doc/{path.removeprefix('id/')}"
    return f"{path}.{ending}" if ending else path


def absolute_url(path: str) -> str:
    """The whole address of a path below the mount point, in no language."""
    return f"{request.host_url.rstrip('/')}{mount_point()}/{quote(path, _PATH_SAFE)}"


def language_url(code: str) -> str:
    """The address of the page that is asked for, in another language."""
    query = request.query_string.decode("ascii", "replace")
    path = quote(request.path, _PATH_SAFE)
    return f"{mount_point()}/{code}{path}{f'?{query}' if query else ''}"


def path_language() -> str | None:
    """The language at the start of the path, if there is one."""
    code = request.environ.get(LANGUAGE_KEY)
    return code if code in LANGUAGES else None


@cache
def _manifest() -> dict[str, dict[str, str]]:
    """What the files of the pages were built into; empty if they were not built."""
    path = files("alaqat.web") / "static" / ".vite" / "manifest.json"
    if not path.is_file():
        return {}
    found: dict[str, dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    return found
