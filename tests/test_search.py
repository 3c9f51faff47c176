"""Search: ranking, spelling variants in two languages, highlighting, the HTTP API."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from alaqat.search import (
    ENTRY_KINDS,
    SearchEntry,
    SearchIndex,
    SearchText,
)
from alaqat.text.normalize import fold


def entry(name: str, *texts: str, kind: str = "entity", weight: int = 0) -> SearchEntry:
    """Return an entry whose label is its first text."""
    found = tuple(
        SearchText(text, "", "other" if number else "label")
        for number, text in enumerate(texts)
    )
    return SearchEntry(kind, name, {"": texts[0]}, "", found, weight)  # type: ignore[arg-type]


def names(index: SearchIndex, query: str) -> list[str]:
    """Return the names of the results, in order."""
    hits = index.find(query).hits
    return [hit.entry.name for kind in hits for hit in hits[kind]]


def test_the_better_match_goes_first() -> None:
    """The whole text, its beginning, the beginning of a word, a substring."""
    index = SearchIndex(
        [
            entry("inside", "reunion"),
            entry("word", "the union"),
            entry("begins", "union of states"),
            entry("exact", "Union"),
        ]
    )
    assert names(index, "union") == ["exact", "begins", "word", "inside"]


def test_an_entry_with_more_references_goes_first() -> None:
    """Among texts that match equally well."""
    index = SearchIndex([entry("a", "Georgia"), entry("b", "Georgia", weight=9)])
    assert names(index, "georgia") == ["b", "a"]


def test_all_words_must_occur_in_any_order() -> None:
    """They must occur in one text."""
    index = SearchIndex([entry("a", "Embassy of Japan in Paris"), entry("b", "Japan")])
    assert names(index, "japan embassy") == ["a"]
    assert names(index, "japan consulate") == []


def test_one_entry_is_found_once_by_its_best_text() -> None:
    """However many of its texts match."""
    index = SearchIndex([entry("a", "Côte d'Ivoire", "Ivory Coast", "Cote")])
    (hit,) = index.find("cote").hits["entity"]
    assert hit.text.text == "Cote"
    assert hit.ranges == ((0, 4),)


def test_highlighted_ranges_are_offsets_in_the_original() -> None:
    """They count characters before normalization."""
    index = SearchIndex([entry("a", "سَفَارَةُ أذربيجان")])
    (hit,) = index.find("سفاره").hits["entity"]
    ((start, end),) = hit.ranges
    assert hit.text.text[start:end] == "سَفَارَةُ"


def test_the_arabic_article_is_dropped_without_results() -> None:
    """A text with the article still goes first."""
    index = SearchIndex(
        [entry("a", "سفارة أرمينيا"), entry("b", "اللغة"), entry("c", "لغة")]
    )
    assert names(index, "السفارة") == ["a"]
    assert names(index, "اللغة") == ["b"]


def test_one_letter_only_matches_the_beginning_of_a_word() -> None:
    """It would otherwise match almost every text."""
    index = SearchIndex([entry("a", "Oman"), entry("b", "Norway")])
    assert names(index, "o") == ["a"]


@pytest.mark.parametrize("query", ["", "   ", "\u064b", "\u0640"])
def test_an_empty_query_has_no_results(query: str) -> None:
    """Spaces, diacritics and tatweel count as empty."""
    assert not SearchIndex([entry("a", "Oman")]).find(query).hits


@given(st.lists(st.text(max_size=12), max_size=8), st.text(min_size=3, max_size=4))
def test_the_index_agrees_with_a_plain_scan(texts: list[str], query: str) -> None:
    """A text is found if and only if it contains each word of the query."""
    index = SearchIndex([entry(str(number), text) for number, text in enumerate(texts)])
    words = fold(query).split()
    expected = {
        str(number)
        for number, text in enumerate(texts)
        if words
        and all(
            (word if len(word) > 2 else f" {word}") in f" {fold(text)}"
            for word in words
        )
    }
    assert set(names(index, query)) == expected


def test_the_limit_applies_to_each_kind() -> None:
    """The counts are not limited."""
    entries = [entry(str(n), f"state {n}") for n in range(5)]
    found = SearchIndex([*entries, entry("t", "state", kind="term")]).find(
        "state", limit=2
    )
    assert {kind: len(hits) for kind, hits in found.hits.items()} == {
        "entity": 2,
        "term": 1,
    }
    assert found.counts == {"entity": 5, "term": 1}


@pytest.mark.parametrize(
    ("query", "kind", "name"),
    [
        ("Azerbaijan", "entity", "state:AZE"),
        ("أذربيجان", "entity", "state:AZE"),
        ("اذربيجان", "entity", "state:AZE"),
        ("أَذْرَبيـجان", "entity", "state:AZE"),
        ("AZE", "entity", "state:AZE"),
        ("state:AZE", "entity", "state:AZE"),
        ("031", "entity", "state:AZE"),
        ("٠٣١", "entity", "state:AZE"),
        ("al:memberOf", "term", "al:memberOf"),
        ("embassy", "term", "al:Embassy"),
        ("سفاره", "term", "al:Embassy"),
        ("embassies by city", "question", "embassies-by-city"),
    ],
)
def test_the_first_result_of_a_kind(
    client: FlaskClient, query: str, kind: str, name: str
) -> None:
    """It is found by names in two languages and many spellings, codes and IRIs."""
    reply = client.get("/search.json", query_string={"q": query, "kind": kind})
    assert reply.status_code == 200
    first = reply.get_json()["hits"][0]
    assert (first["kind"], first["name"]) == (kind, name)
    page = client.get(first["page"], headers={"Accept": "text/html"})
    assert page.status_code == 200


def test_words_of_the_document_lead_to_their_sentence(client: FlaskClient) -> None:
    """They also lead to the facts that quote them."""
    found = client.get("/ar/search.json", query_string={"q": "معاهده"}).get_json()
    kinds = {hit["kind"]: hit for hit in found["hits"]}
    assert "#sentence-" in kinds["sentence"]["page"]
    assert kinds["fact"]["iri"]
    hit = kinds["sentence"]
    (start, end), *_ = hit["ranges"]
    assert fold(hit["text"][start:end]) == "معاهده"


def test_the_page_groups_results_by_kind(client: FlaskClient) -> None:
    """Matches are highlighted, and each group links to more."""
    page = client.get("/en/search", query_string={"q": "kazakhstan"}).text
    places = [page.find(f'id="hits-{kind}"') for kind in ENTRY_KINDS]
    there = [place for place in places if place >= 0]
    assert len(there) >= 3
    assert there == sorted(there)
    assert "<mark>Kazakhstan</mark>" in page
    assert "kind=fact" in page
    more = client.get("/en/search", query_string={"q": "kazakhstan", "kind": "fact"})
    assert more.text.count('class="hit"') > page.count('class="hit"')


@pytest.mark.parametrize("typed", ["kazakstan", "كازخستان"])
def test_a_misspelt_name_leads_to_the_right_one(
    client: FlaskClient, typed: str
) -> None:
    """Without results, the page suggests similar names."""
    page = client.get("/en/search", query_string={"q": typed}).text
    assert "Did you mean" in page
    assert "/doc/state/KAZ" in page


def test_a_query_is_escaped_on_the_page(client: FlaskClient) -> None:
    """Its markup is shown as text."""
    page = client.get("/search", query_string={"q": '"><script>alert(1)</script>'}).text
    assert "<script>alert" not in page


@pytest.mark.parametrize(
    "query",
    [
        "q=x&limit=0",
        "q=x&limit=101",
        "q=x&limit=1000",
        "q=x&limit=00000000199999",
        "q=x&limit=²",
        "q=x&kind=colour",
    ],
)
def test_an_invalid_parameter_is_refused(client: FlaskClient, query: str) -> None:
    """An invalid limit or kind is an error with a remedy."""
    reply = client.get(f"/search.json?{query}")
    assert reply.status_code == 400
    assert reply.get_json(force=True)["remedy"]
