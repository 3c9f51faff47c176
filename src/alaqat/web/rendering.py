"""What pages say: a file for each part of the site, a table for each text.

Rendering a template in the language of the request.

What stands round every page: the site's sections and the version of its data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from importlib.resources import files
from typing import Any

from flask import Flask, Response, current_app, g, render_template, request
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
    LANGUAGES,
    LOCALES,
    NAMES,
    choose,
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
)


@cache
def all_texts() -> Mapping[str, Mapping[str, str]]:
    """Every text, by its key and language.

    Raises:
        InvalidData: two files have a text of the same key.
    """
    found: dict[str, Mapping[str, str]] = {}
    for path in sorted(files("alaqat.web.texts").iterdir(), key=lambda one: one.name):
        if path.name.endswith(".toml"):
            texts = read_texts(path.name.removesuffix(".toml"))
            if twice := sorted(found.keys() & texts.keys()):
                raise InvalidData(
                    f"The texts {', '.join(twice)} stand in two files.",
                    path=path.name,
                    remedy="Give one of them another key.",
                )
            found |= texts
    return found


@cache
def texts_in(language: str) -> Mapping[str, str]:
    """Every text in one language, or in the one that it falls back to."""
    return {key: localized(row, language) for key, row in all_texts().items()}


def request_language() -> str:
    """The language at the start of the path, else the one the browser likes best."""
    accepted = request.accept_languages.best_match(LANGUAGES)
    return choose(path_language(), accepted)


def render(template: str, status: int = 200, **values: Any) -> Response:
    """A page in the language of the request.

    Templates find ``t`` (texts), ``language``, ``direction``, ``directions``,
    ``locale``, ``languages``, ``origin`` (scheme and host), the functions ``asset`` and
    ``page_of``, and what the frame adds.
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
        languages={code: (NAMES[code], language_url(code)) for code in LANGUAGES},
        asset=asset_url,
        page_of=page_url,
        **values,
    )
    content, is_good = page.encode(), status == HTTPStatus.OK
    return represent(
        Representation(
            content,
            HTML.content_type,
            HTTPStatus(status),
            tag=content_tag(content) if is_good else "",
            cache_control=REVALIDATE if is_good else NO_STORE,
            vary=("Accept", "Accept-Language"),
            language=language,
            is_shared=False,
        )
    )


# The parts of the site in the order of the header, and what the footer adds; with the
# key of what each is called. One that this application does not have is left out.
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


@dataclass(frozen=True)
class SiteSection:
    """A part of the site that pages link.

    Attributes:
        path: its path below the mount point and the language.
        text: the key of what it is called.
        is_here: whether the page that is asked for belongs to it.
        is_exactly_here: whether it is that page.
    """

    path: str
    text: str
    is_here: bool = False
    is_exactly_here: bool = False


def site_url(path: str) -> str:
    """The address of a path of this site, in the language of the page."""
    return f"{request.script_root}{path}"


def add_page_context(app: Flask, dataset: Callable[[], Dataset]) -> None:
    """Give every template of an application what stands round its page.

    The page of a fault (``g.has_failed``) asks the dataset nothing: it may be at fault.
    """

    @app.context_processor
    def around() -> dict[str, Any]:
        sections, has_failed = _available_sections(_SECTIONS), g.get("has_failed")
        if not has_failed and not document_slugs(dataset().store.graphs()):
            sections = [one for one in sections if one.path != "/document"]
        return {
            "at": site_url,
            "sections": sections,
            "data_links": _available_sections(_DATA_SECTIONS),
            "has_search": _has_route("/search"),
            "version": "" if has_failed else dataset().version,
        }


def _available_sections(sections: dict[str, str]) -> list[SiteSection]:
    """The sections that the application has, with where the reader is."""
    here = request.path.rstrip("/")
    return [
        SiteSection(
            path, text, here == path or here.startswith(f"{path}/"), here == path
        )
        for path, text in sections.items()
        if _has_route(path)
    ]


def _has_route(path: str) -> bool:
    """Whether the application answers a path."""
    try:
        current_app.url_map.bind("").match(path, "GET")
    except HTTPException:
        return False
    return True
