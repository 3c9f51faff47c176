"""The document page: the text, and beside it the facts that its sentences state."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from flask import Blueprint, Response, render_template, request, url_for
from rdflib import URIRef

from alaqat.dataset import Dataset
from alaqat.describe.edition import build_edition
from alaqat.describe.edition_model import Edition, EditionSection
from alaqat.errors import InvalidQuery, UnknownName
from alaqat.i18n import DIRECTIONS
from alaqat.lru import LruCache
from alaqat.terms import document_slugs, local
from alaqat.text.segments import Span
from alaqat.web.rendering import (
    render,
    request_language,
    texts_in,
)
from alaqat.web.urls import PREFIXES_PER_PAGE, page_url

_RANGE = re.compile(r"(\d{0,7}),(\d{0,7})")


@dataclass(frozen=True)
class KindFilter:
    """A class of facts in the legend, to show it alone."""

    iri: URIRef
    name: str
    count: int


@dataclass(frozen=True)
class DocumentView:
    """An edition of a document with its rendered sections.

    The HTML of a section depends on the language, the path prefix and the kind of facts
    that are marked, and is cached by them. The cache is as large as one mount point
    needs, because clients may send any in X-Forwarded-Prefix.
    """

    edition: Edition
    kinds: tuple[KindFilter, ...]
    rendered: LruCache[str]

    @classmethod
    def of(cls, edition: Edition) -> DocumentView:
        """Return the view of an edition, with nothing rendered yet."""
        kinds = tuple(_kind_filters(edition))
        variants = (1 + len(kinds)) * len(DIRECTIONS) * PREFIXES_PER_PAGE
        return cls(edition, kinds, LruCache(len(edition.sections) * variants))

    def sections(
        self, dataset: Dataset, kind: str, highlight: Span | None
    ) -> Iterator[str]:
        """Yield the sections as HTML.

        Args:
            dataset: for the names of resources.
            kind: of the facts to mark; empty for all.
            highlight: the characters to highlight.
        """
        language = request_language()
        for section in self.edition.sections:
            if highlight and _overlaps(section, highlight):
                yield self._render(dataset, section, kind, highlight)
                continue
            key = (language, request.script_root, kind, section.anchor)
            compute = partial(self._render, dataset, section, kind, None)
            yield self.rendered.get_or_create(key, compute)

    def _render(
        self,
        dataset: Dataset,
        section: EditionSection,
        kind: str,
        highlight: Span | None,
    ) -> str:
        language = request_language()
        other = next(code for code in DIRECTIONS if code != language)
        return render_template(
            "document_section.html",
            t=texts_in(language),
            language=language,
            page_of=page_url,
            edition=self.edition,
            section=section,
            selected_kind=kind,
            kind_iris={one.iri for one in self.kinds if one.name == kind},
            highlight=highlight,
            local=local,
            words=dataset.wording(language),
            other=dataset.wording(other),
            directions=DIRECTIONS,
            text_direction=DIRECTIONS.get(self.edition.language, "auto"),
        )


class Editions:
    """The editions of the documents of each version of a dataset."""

    def of(self, dataset: Dataset, slug: str) -> DocumentView:
        """Return a document by its slug.

        Raises:
            UnknownName: the dataset has no such document.
        """
        return dataset.cached(_document_view, slug)


def _document_view(dataset: Dataset, slug: str) -> DocumentView:
    return DocumentView.of(build_edition(dataset.prover, slug))


def document_blueprint(dataset: Callable[[], Dataset], editions: Editions) -> Blueprint:
    """Return the routes of the documents."""
    blueprint = Blueprint("document", __name__)

    @blueprint.get("/document", strict_slashes=False)
    def first() -> Response:
        slugs = document_slugs(dataset().store.graphs())
        if not slugs:
            raise UnknownName("The dataset has no document.")
        address = url_for("document.text", slug=slugs[0])
        return Response("", 303, {"Location": address})

    @blueprint.get("/document/<slug>")
    def text(slug: str) -> Response:
        current = dataset()
        return _page(current, slug, editions.of(current, slug))

    return blueprint


def _page(dataset: Dataset, slug: str, view: DocumentView) -> Response:
    """Render a document with the facts of all kinds marked, or of the requested one.

    Raises:
        InvalidQuery: the document has no facts of the requested kind.
    """
    edition = view.edition
    highlight = _char_range(request.args.get("char", ""), len(edition.document.text))
    kind = request.args.get("kind", "")
    names = [one.name for one in view.kinds]
    if kind and kind not in names:
        raise InvalidQuery(
            f"No fact of this document is of the kind “{kind}”.",
            remedy=f"Kinds are: {', '.join(names)}.",
        )
    return render(
        "document.html",
        edition=edition,
        slug=slug,
        highlight=highlight,
        kinds=view.kinds,
        selected_kind=kind,
        rendered_sections=view.sections(dataset, kind, highlight),
        words=dataset.wording(request_language()),
    )


def _kind_filters(edition: Edition) -> Iterator[KindFilter]:
    """Yield the kinds of facts of a document, the most frequent first."""
    facts = {one.fact: one.family for one in edition.claims if one.family}
    for iri, count in Counter(facts.values()).most_common():
        yield KindFilter(iri, local(iri), count)


def _overlaps(section: EditionSection, span: Span) -> bool:
    """Return whether a span has characters in a section's own lines."""
    runs = [run for line in section.lines for run in line.runs]
    if not runs:
        return False
    first, last = runs[0].spans[0], runs[-1].spans[-1]
    return first.start < span.end and span.start < last.start + len(last.text)


def _char_range(text: str, length: int) -> Span | None:
    """Parse a character range (RFC 5147 §2.2.1); None if the text is empty.

    Raises:
        InvalidQuery: it is not a range of a text of this length.
    """
    if not text:
        return None
    found = _RANGE.fullmatch(text)
    start, end = (int(found[1] or 0), int(found[2] or length)) if found else (0, 0)
    if not start < end <= length:
        raise InvalidQuery(
            f"Not a character range of the text: {text}.",
            remedy=f"Give two offsets from 0 to {length}: char=10,20.",
        )
    return Span(start, end)
