"""The page of a document: its text, and beside it what its words state."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from flask import Blueprint, Response, render_template, request, url_for
from rdflib import URIRef

from alaqat.dataset import Dataset
from alaqat.describe.edition import edit
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
from alaqat.web.urls import page_url

# RFC 5147 §2.2.1: positions between characters, counted from 0.
_RANGE = re.compile(r"(\d{0,7}),(\d{0,7})")

# Where a page stands: at an address with its language, or at one without.
_PLACES = 2


@dataclass(frozen=True)
class KindFilter:
    """A family of facts in the legend."""

    iri: URIRef
    name: str
    count: int


@dataclass(frozen=True)
class DocumentView:
    """An edition, and the sections of it that were rendered already.

    A section is the same for everybody who reads it in one language below one address
    with one kind of fact marked, so each is rendered once. As many are kept as there
    are below one address: a proxy passes on what a client says of it.
    """

    edition: Edition
    kinds: tuple[KindFilter, ...]
    rendered: LruCache[str]

    @classmethod
    def of(cls, edition: Edition) -> DocumentView:
        """An edition of which nothing was rendered yet."""
        kinds = tuple(_kinds(edition))
        marked = 1 + len(kinds)
        most = len(edition.sections) * marked * len(DIRECTIONS) * _PLACES
        return cls(edition, kinds, LruCache(most))

    def passages(self, dataset: Dataset, asked: str, lit: Span | None) -> Iterator[str]:
        """The sections as HTML.

        Args:
            dataset: gives the words.
            asked: the one kind of fact to mark; empty for all.
            lit: the characters to mark.
        """
        language = request_language()
        for section in self.edition.sections:
            if lit and _overlaps(section, lit):
                yield self._render(dataset, section, asked, lit)
                continue
            key = (language, request.script_root, asked, section.anchor)
            make = partial(self._render, dataset, section, asked, None)
            yield self.rendered.get_or_create(key, make)

    def _render(
        self, dataset: Dataset, section: EditionSection, asked: str, lit: Span | None
    ) -> str:
        language = request_language()
        other = next(code for code in DIRECTIONS if code != language)
        return render_template(
            "passage.html",
            t=texts_in(language),
            language=language,
            page_of=page_url,
            edition=self.edition,
            section=section,
            asked=asked,
            shown_kinds={kind.iri for kind in self.kinds if kind.name == asked},
            lit=lit,
            local=local,
            words=dataset.wording(language),
            other=dataset.wording(other),
            directions=DIRECTIONS,
            text_direction=DIRECTIONS.get(self.edition.language, "auto"),
        )


class Editions:
    """The editions of the documents of each version of a dataset."""

    def of(self, dataset: Dataset, slug: str) -> DocumentView:
        """A document; UnknownName if there is none of that name."""
        return dataset.cached(_shown, slug)


def _shown(dataset: Dataset, slug: str) -> DocumentView:
    return DocumentView.of(edit(dataset.prover, slug))


def document_blueprint(dataset: Callable[[], Dataset], editions: Editions) -> Blueprint:
    """The routes of the texts."""
    blueprint = Blueprint("document", __name__)

    @blueprint.get("/document", strict_slashes=False)
    def first() -> Response:
        known = document_slugs(dataset().store.graphs())
        if not known:
            raise UnknownName("There is no document here.")
        address = url_for("document.text", slug=known[0])
        return Response("", 303, {"Location": address})

    @blueprint.get("/document/<slug>")
    def text(slug: str) -> Response:
        now = dataset()
        return _page(now, slug, editions.of(now, slug))

    return blueprint


def _page(dataset: Dataset, slug: str, shown: DocumentView) -> Response:
    """A document, with all its facts marked or only those of one kind."""
    edition = shown.edition
    lit = _range(request.args.get("char", ""), len(edition.document.text))
    asked = request.args.get("kind", "")
    names = [kind.name for kind in shown.kinds]
    if asked and asked not in names:
        raise InvalidQuery(
            f"No fact of this document is of the kind “{asked}”.",
            remedy=f"Kinds are: {', '.join(names)}.",
        )
    return render(
        "document.html",
        edition=edition,
        slug=slug,
        lit=lit,
        kinds=shown.kinds,
        asked=asked,
        passages=shown.passages(dataset, asked, lit),
        words=dataset.wording(request_language()),
    )


def _kinds(edition: Edition) -> Iterator[KindFilter]:
    """The families of facts of a document, the most frequent first."""
    facts = {one.fact: one.kind for one in edition.statements if one.kind}
    for iri, count in Counter(facts.values()).most_common():
        yield KindFilter(iri, local(iri), count)


def _overlaps(section: EditionSection, lit: Span) -> bool:
    """Whether some of the characters to mark stand in a section's own lines."""
    runs = [run for line in section.lines for run in line.runs]
    first, last = runs[0].stretches[0], runs[-1].stretches[-1]
    return first.start < lit.end and lit.start < last.start + len(last.text)


def _range(text: str, length: int) -> Span | None:
    """The span that a character range names; None if none is asked for.

    Raises:
        InvalidQuery: it is no range of the text.
    """
    if not text:
        return None
    found = _RANGE.fullmatch(text)
    start, end = (int(found[1] or 0), int(found[2] or length)) if found else (0, 0)
    if not start < end <= length:
        raise InvalidQuery(
            f"The text has no characters {text}.",
            remedy=f"Give two offsets from 0 to {length}: char=10,20.",
        )
    return Span(start, end)
