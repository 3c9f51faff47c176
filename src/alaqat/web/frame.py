"""What stands round every page: the site's sections and the version of its data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, g, request
from werkzeug.exceptions import HTTPException

from alaqat.dataset import Dataset
from alaqat.terms import document_slugs

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
_DATA = {
    "/coverage": "nav_coverage",
    "/validation": "nav_validation",
    "/notes": "nav_notes",
    "/catalog": "nav_catalog",
    "/dump": "nav_downloads",
    "/openapi.json": "nav_api",
}


@dataclass(frozen=True)
class Section:
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


def at(path: str) -> str:
    """The address of a path of this site, in the language of the page."""
    return f"{request.script_root}{path}"


def frame(app: Flask, dataset: Callable[[], Dataset]) -> None:
    """Give every template of an application what stands round its page.

    The page of a fault (``g.has_failed``) asks the dataset nothing: it may be at fault.
    """

    @app.context_processor
    def around() -> dict[str, Any]:
        sections, has_failed = _those_that_are(_SECTIONS), g.get("has_failed")
        if not has_failed and not document_slugs(dataset().store.graphs()):
            sections = [one for one in sections if one.path != "/document"]
        return {
            "at": at,
            "sections": sections,
            "data_links": _those_that_are(_DATA),
            "has_search": _is("/search"),
            "version": "" if has_failed else dataset().version,
        }


def _those_that_are(sections: dict[str, str]) -> list[Section]:
    """The sections that the application has, with where the reader is."""
    here = request.path.rstrip("/")
    return [
        Section(path, text, here == path or here.startswith(f"{path}/"), here == path)
        for path, text in sections.items()
        if _is(path)
    ]


def _is(path: str) -> bool:
    """Whether the application answers a path."""
    try:
        current_app.url_map.bind("").match(path, "GET")
    except HTTPException:
        return False
    return True
