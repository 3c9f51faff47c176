"""Rendering of templates in the language of the request, and their shared context.

Translations are in ``web/texts``: a file for each part of the site, a table for each
text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from importlib.resources import files
from typing import Any

from flask import (
    Flask,
    Response,
    current_app,
    g,
    has_request_context,
    render_template,
    request,
)
from markupsafe import Markup
from werkzeug.exceptions import HTTPException

from alaqat.dataset import Dataset
from alaqat.errors import InvalidData
from alaqat.http.linked_data import HTML
from alaqat.http.representation import (
    NO_STORE,
    REVALIDATE,
    Representation,
    content_tag,
)
from alaqat.i18n import (
    DIRECTIONS,
    LANGUAGE_NAMES,
    LANGUAGES,
    LOCALES,
    choose_language,
    localized,
    read_texts,
)
from alaqat.terms import document_slugs
from alaqat.web.responses import represent
from alaqat.web.urls import (
    asset_url,
    language_url,
    page_url,
    path_language,
    site_url,
)

# The sections in the order of the header, and those of the footer, each with the key of
# its title. One whose route the application does not have is left out.
_SECTIONS = {
    "/document": "nav_document",
    "/queries": "nav_questions",
    "/map": "nav_map",
    "/as-of": "nav_asof",
    "/timeline": "nav_timeline",
    "/network": "nav_network",
    "/figures": "nav_figures",
    "/sparql": "nav_query",
    "/ontology": "nav_ontology",
    "/about": "nav_about",
}
_DATA_SECTIONS = {
    "/coverage": "nav_coverage",
    "/validation": "nav_validation",
    "/notes": "nav_notes",
    "/catalog": "nav_catalog",
    "/dump": "nav_downloads",
    "/openapi.json": "nav_api",
}


@cache
def all_texts() -> Mapping[str, Mapping[str, str]]:
    """Return every text of the pages, by its key and language.

    Raises:
        InvalidData: two files have a text of the same key.
    """
    found: dict[str, Mapping[str, str]] = {}
    for path in sorted(files("alaqat.web.texts").iterdir(), key=lambda one: one.name):
        if path.name.endswith(".toml"):
            texts = read_texts(path.name.removesuffix(".toml"))
            if duplicates := sorted(found.keys() & texts.keys()):
                raise InvalidData(
                    f"The texts {', '.join(duplicates)} are in two files.",
                    path=path.name,
                    remedy="Give one of them another key.",
                )
            found |= texts
    return found


@cache
def texts_in(language: str) -> Mapping[str, str]:
    """Return every text of the pages in a language or its fallback."""
    return {key: localized(row, language) for key, row in all_texts().items()}


def request_language() -> str:
    """Return the language of the path, else the one that the browser prefers."""
    accepted = request.accept_languages.best_match(LANGUAGES)
    return choose_language(path_language(), accepted)


def render(template: str, status: int = 200, **context: Any) -> Response:
    """Render a page in the language of the request.

    Besides the shared context, templates have ``t`` (texts), ``language``,
    ``direction``, ``directions``, ``locale``, ``languages``, ``origin`` (scheme and
    host) and the functions ``asset``, ``at`` (the URL of a path) and ``page_of`` (the
    URL of the page of an IRI).
    """
    language = request_language()
    page = render_template(
        template,
        t=texts_in(language),
        language=language,
        direction=DIRECTIONS[language],
        locale=LOCALES[language].replace("_", "-"),
        directions=DIRECTIONS,
        origin=request.host_url.rstrip("/"),
        languages={
            code: (LANGUAGE_NAMES[code], language_url(code)) for code in LANGUAGES
        },
        asset=asset_url,
        at=site_url,
        page_of=page_url,
        **context,
    )
    body, is_ok = page.encode(), status == HTTPStatus.OK
    return represent(
        Representation(
            body,
            HTML.content_type,
            HTTPStatus(status),
            tag=content_tag(body) if is_ok else "",
            cache_control=REVALIDATE if is_ok else NO_STORE,
            vary=("Accept", "Accept-Language"),
            language=language,
            is_shared=False,
        )
    )


@dataclass(frozen=True)
class SiteSection:
    """A section of the site, as navigation links it.

    Attributes:
        path: its path below the mount point and the language.
        text: the key of its title.
        is_here: whether the current page belongs to it.
        is_exactly_here: whether it is the current page.
    """

    path: str
    text: str
    is_here: bool = False
    is_exactly_here: bool = False


def add_page_context(app: Flask, dataset: Callable[[], Dataset]) -> None:
    """Give every template of an application the shared context.

    The page of a server error (``g.has_failed``) does not read the dataset, which may
    be the cause.
    """
    app.jinja_env.finalize = shorten_text

    @app.context_processor
    def page_context() -> dict[str, Any]:
        sections, has_failed = _available_sections(_SECTIONS), g.get("has_failed")
        if not has_failed and not document_slugs(dataset().store.graphs()):
            sections = [one for one in sections if one.path != "/document"]
        return {
            "sections": sections,
            "data_links": _available_sections(_DATA_SECTIONS),
            "has_search": _has_route("/search"),
            "version": "" if has_failed else dataset().version,
        }


#: Characters of one text on a page, and of all long ones together.
MAX_TEXT, MAX_LONG_TEXTS = 100_000, 4_000_000

_SHORT_TEXT = 1000  # characters of a text that is always shown whole


def shorten_text(value: Any) -> Any:
    """Return what a template prints: a text beyond the bounds of a page is cut.

    Whatever page shows a value, it may be as long as the data has it. Markup that
    templates made of such texts is not cut again.
    """
    is_long = isinstance(value, str) and len(value) > _SHORT_TEXT
    if not is_long or isinstance(value, Markup) or not has_request_context():
        return value
    left = g.setdefault("characters_left", MAX_LONG_TEXTS)
    room = max(_SHORT_TEXT, min(MAX_TEXT, left))
    g.characters_left = left - min(room, len(value))
    if len(value) <= room:
        return value
    remark = texts_in(request_language())["cut_value"].format(f"{len(value):,}")
    return f"{value[:room]}… ({remark})"


def _available_sections(titles: Mapping[str, str]) -> list[SiteSection]:
    """Return the sections that the application has, the current one marked."""
    current = request.path.rstrip("/")
    return [
        SiteSection(
            *(path, text),
            is_here=current == path or current.startswith(f"{path}/"),
            is_exactly_here=current == path,
        )
        for path, text in titles.items()
        if _has_route(path)
    ]


def _has_route(path: str) -> bool:
    """Return whether the application has a route for a path."""
    try:
        current_app.url_map.bind("").match(path, "GET")
    except HTTPException:
        return False
    return True
