"""Where things are on this site: pages, files, and what an IRI leads to."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from urllib.parse import quote

from flask import request

from alaqat.i18n import LANGUAGES
from alaqat.terms import BASE
from alaqat.web.middleware.language import LANGUAGE, MOUNT

# What may stand in a path as it is (RFC 3986 §3.3).
_PATH = "/:@!$&'()*+,;=~-._"

PREFIXES_PER_PAGE = 2
"""Language prefixes that a page is served at: its own, and none by negotiation."""


def mount() -> str:
    """The path that the site stands below, without a language; often empty."""
    return str(request.environ.get(MOUNT, request.script_root))


def asset(name: str) -> str:
    """The address of a file that pages load, by its name in the source of the pages."""
    built = _manifest().get(name)
    path = built["file"] if built else name
    return f"{mount()}/static/{quote(path, _PATH)}"


def page_of(iri: str) -> str:
    """The page that describes what an IRI names; the IRI itself if it is not ours.

    Ours are below the base: /id/… is described at /doc/…, the rest at its own path.
    """
    if not iri.startswith(BASE):
        return iri
    fragment = iri.partition("#")[2]
    end = f"#{quote(fragment)}" if fragment else ""
    return f"{request.script_root}/{quote(document_of(iri), _PATH)}{end}"


def document_of(iri: str, ending: str = "") -> str:
    """The path, below the mount point, of what describes an IRI of ours."""
    path = iri.removeprefix(BASE).partition("#")[0]
    if path.startswith("id/"):
        path = f"doc/{path.removeprefix('id/')}"
    return f"{path}.{ending}" if ending else path


def absolute(path: str) -> str:
    """The whole address of a path below the mount point, in no language."""
    return f"{request.host_url.rstrip('/')}{mount()}/{quote(path, _PATH)}"


def in_language(code: str) -> str:
    """The address of the page that is asked for, in another language."""
    query = request.query_string.decode("ascii", "replace")
    path = quote(request.path, _PATH)
    return f"{mount()}/{code}{path}{f'?{query}' if query else ''}"


def asked_language() -> str | None:
    """The language at the start of the path, if there is one."""
    code = request.environ.get(LANGUAGE)
    return code if code in LANGUAGES else None


@cache
def _manifest() -> dict[str, dict[str, str]]:
    """What the files of the pages were built into; empty if they were not built."""
    path = files("alaqat.web") / "static" / ".vite" / "manifest.json"
    if not path.is_file():
        return {}
    found: dict[str, dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    return found
