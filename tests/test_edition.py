"""Editions of documents: their text, its annotations and the document page."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from rdflib import RDF, Graph

from alaqat.dataset import Dataset
from alaqat.describe.edition import build_edition
from alaqat.describe.edition_model import Edition, TextSpan
from alaqat.errors import UnknownName
from alaqat.locations import knowledge_root
from alaqat.terms import (
    AL,
    OA,
    document_slugs,
    facts_graph,
)
from alaqat.text.segments import Span, split_at_spans
from conftest import Built

PATHS = ["/en/document/", "/ar/document/"]


@st.composite
def covered(draw: st.DrawFn) -> tuple[Span, list[Span]]:
    """Draw a stretch of text, and spans that may overlap, nest, repeat or exceed it."""
    ends = st.integers(0, 40)
    spans = draw(st.lists(st.tuples(ends, ends).map(lambda at: Span(*at))))
    start = draw(ends)
    return Span(start, start + draw(ends)), spans


@given(covered())
def test_pieces_cover_the_whole(case: tuple[Span, list[Span]]) -> None:
    """Pieces follow one another from the start of the whole to its end."""
    whole, spans = case
    found = list(split_at_spans(whole, spans))
    ends = [whole.start, *(piece.span.end for piece in found)]
    assert [piece.span.start for piece in found] == ends[:-1]
    assert ends[-1] == whole.end
    assert all(piece.span.start < piece.span.end for piece in found)


@given(covered())
def test_a_piece_has_the_spans_that_cover_it(case: tuple[Span, list[Span]]) -> None:
    """Every character is covered by the same spans as its piece."""
    whole, spans = case
    for piece in split_at_spans(whole, spans):
        for at in range(piece.span.start, piece.span.end):
            over = [n for n, one in enumerate(spans) if one.start <= at < one.end]
            assert list(piece.covers) == over


@given(st.text(max_size=12), st.integers(0, 9), st.integers(0, 20), st.integers(1, 20))
def test_highlighting_preserves_the_text(
    text: str, start: int, first: int, size: int
) -> None:
    """The parts of a span are its text, and highlighted ones are in the highlight."""
    parts = list(TextSpan(start, text).split(Span(first, first + size)))
    assert "".join(words for words, _ in parts) == text
    highlighted = "".join(words for words, is_lit in parts if is_lit)
    assert highlighted == text[max(first - start, 0) : max(first + size - start, 0)]


@pytest.fixture(scope="module")
def slug(dataset: Dataset) -> str:
    """Return the slug of the document."""
    return document_slugs(dataset.graphs)[0]


@pytest.fixture(scope="module")
def edition(dataset: Dataset, slug: str) -> Edition:
    """Return the edition of the document."""
    return build_edition(dataset.prover, slug)


@pytest.fixture(scope="module")
def source(slug: str) -> str:
    """Return the text of the source file."""
    path: Path = knowledge_root() / "data" / slug / "document.txt"
    return path.read_bytes().decode()


class Words(HTMLParser):
    """Collect the text in the parts of a page that show the document."""

    def __init__(self) -> None:
        super().__init__()
        self.depth, self.text = 0, ""
        self.ids: list[str] = []
        self.links: list[str] = []
        self.claims: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect ids, links and claims, and track the depth inside document text."""
        found = dict(attrs)
        self.ids += [found["id"] or ""] if "id" in found else []
        self.links += [found["href"] or ""] if "href" in found else []
        if self.depth and tag not in ("br", "img"):
            self.depth += 1
            self.claims.update((found.get("data-claims") or "").split())
        elif "data-words" in found:
            self.depth = 1

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 # the parser's own
        """Leave an element."""
        self.depth -= bool(self.depth)

    def handle_data(self, data: str) -> None:
        """Collect the text inside."""
        self.text += data if self.depth else ""


def read(client: FlaskClient, url: str) -> Words:
    """Return a parsed page."""
    reply = client.get(url, headers={"Accept": "text/html"})
    assert reply.status_code == 200
    parser = Words()
    parser.feed(reply.text)
    return parser


def test_the_spans_are_the_text(edition: Edition, source: str) -> None:
    """In order and letter for letter."""
    assert "".join(one.text for one in edition.spans()) == source
    starts = [one.start for one in edition.spans()]
    assert starts == sorted(starts)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("query", ["", "?char=2500,2700", "?kind=Event"])
def test_the_page_shows_the_text(
    client: FlaskClient, slug: str, source: str, path: str, query: str
) -> None:
    """Whatever is marked, it equals the file, character for character."""
    assert read(client, f"{path}{slug}{query}").text == source


def test_the_graph_has_the_text(edition: Edition, source: str) -> None:
    """An edition needs nothing but the dataset."""
    assert edition.document.text == source


def test_claims_and_their_words_link_each_other(
    client: FlaskClient, dataset: Dataset, slug: str, edition: Edition
) -> None:
    """Words list all claims on them; claims link their words."""
    page = read(client, f"/en/document/{slug}")
    claims = set(dataset.graphs[facts_graph(slug)].subjects(RDF.type, AL.Claim))
    anchors = {one.anchor for one in edition.claims}
    assert {one.citation.iri for one in edition.claims} == claims
    assert page.claims == anchors
    assert anchors <= set(page.ids)
    for one in edition.claims:
        assert f"char-{one.citation.start}" in page.ids
        assert f"#char-{one.citation.start}" in page.links
        quoted = "".join(part.text for part in edition.spans() if one in part.claims)
        assert quoted == one.citation.quote


def test_anchors_of_the_page_exist_once(client: FlaskClient, slug: str) -> None:
    """None is missing and none is repeated."""
    page = read(client, f"/ar/document/{slug}")
    assert len(page.ids) == len(set(page.ids))
    inside = {link[1:] for link in page.links if link.startswith("#")}
    assert inside
    assert not inside - set(page.ids)


def test_footnotes_and_references_link_each_other(
    client: FlaskClient, edition: Edition, slug: str
) -> None:
    """Each marker links its reference, which links back."""
    page = read(client, f"/en/document/{slug}")
    markers = edition.document.markers
    assert markers
    for number, marker in enumerate(markers, 1):
        assert f"#reference-{marker.number}" in page.links
        assert f"#footnote-{number}" in page.links


def test_every_note_is_on_the_page(edition: Edition, client: FlaskClient) -> None:
    """Whether on words, sections or references."""
    page = read(client, f"/en/document/{edition.document.slug}")
    assert edition.notes
    assert {one.anchor for one in edition.notes} <= set(page.ids)


def test_an_empty_section_has_a_notice(edition: Edition, client: FlaskClient) -> None:
    """It says that the document is silent there."""
    text = client.get(
        f"/en/document/{edition.document.slug}", headers={"Accept": "text/html"}
    ).text
    silent = sum(section.is_empty for section in edition.sections)
    assert silent
    assert (
        text.count("This section is empty: the document is silent on its subject")
        == silent
    )


def test_an_edition_is_the_same_in_any_store(edition: Edition, built: Built) -> None:
    """Published quotes equal those of the edition."""
    graph: Graph = built.graphs[facts_graph(edition.document.slug)]
    published = sorted(str(quote) for quote in graph.objects(None, OA.exact))
    assert sorted(one.citation.quote for one in edition.claims) == published


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?char=10,20", 200),
        ("?char=,20", 200),
        ("?char=20,10", 400),
        ("?char=0,99999999", 400),
        ("?char=x", 400),
        ("?kind=Event", 200),
        ("?kind=Colour", 400),
    ],
)
def test_invalid_ranges_and_kinds_are_refused(
    client: FlaskClient, slug: str, query: str, status: int
) -> None:
    """Ranges beyond the text, kinds without facts."""
    url = f"/document/{slug}{query}"
    reply = client.get(url, headers={"Accept": "text/html"})
    assert reply.status_code == status
    assert ("<mark>" in reply.text) == (status == 200 and "char" in query)


def test_an_unknown_document_is_an_error(client: FlaskClient, dataset: Dataset) -> None:
    """Of the page, and of the function behind it."""
    assert client.get("/document/atlantis").status_code == 404
    with pytest.raises(UnknownName, match="atlantis"):
        build_edition(dataset.prover, "atlantis")


def test_the_first_document_is_shown_by_default(client: FlaskClient, slug: str) -> None:
    """/document redirects to it."""
    reply = client.get("/ar/document")
    assert reply.status_code == 303
    assert reply.headers["Location"] == f"/ar/document/{slug}"
