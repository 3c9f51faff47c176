"""Search: ranking and normalization of the index, its page and its JSON."""

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
    """Return an entry labelled with its first text."""
    found = tuple(
        SearchText(text, "", "other" if number else "label")
        for number, text in enumerate(texts)
    )
    return SearchEntry(kind, name, {"": texts[0]}, "", found, weight)  # type: ignore[arg-type]


def names(index: SearchIndex, query: str) -> list[str]:
    """Return the names of the hits in order."""
    hits = index.find(query).hits
    return [hit.entry.name for kind in hits for hit in hits[kind]]


def test_the_better_match_is_first() -> None:
    """The whole name, its start, the start of a word, then letters inside."""
    index = SearchIndex(
        [
            entry("inside", "reunion"),
            entry("word", "the union"),
            entry("begins", "union of states"),
            entry("exact", "Union"),
        ]
    )
    assert names(index, "union") == ["exact", "begins", "word", "inside"]


def test_the_greater_weight_is_first() -> None:
    """Among equally good matches."""
    index = SearchIndex([entry("a", "Georgia"), entry("b", "Georgia", weight=9)])
    assert names(index, "georgia") == ["b", "a"]


def test_all_words_must_match_in_any_order() -> None:
    """In one text."""
    index = SearchIndex([entry("a", "Embassy of Japan in Paris"), entry("b", "Japan")])
    assert names(index, "japan embassy") == ["a"]
    assert names(index, "japan consulate") == []


def test_an_entry_is_found_once_by_its_best_text() -> None:
    """However many of its texts match."""
    index = SearchIndex([entry("a", "Côte d'Ivoire", "Ivory Coast", "Cote")])
    (hit,) = index.find("cote").hits["entity"]
    assert hit.text.text == "Cote"
    assert hit.ranges == ((0, 4),)


def test_ranges_are_those_of_the_original_text() -> None:
    """Not of its normalized form."""
    index = SearchIndex([entry("a", "سَفَارَةُ أذربيجان")])
    (hit,) = index.find("سفاره").hits["entity"]
    ((start, end),) = hit.ranges
    assert hit.text.text[start:end] == "سَفَارَةُ"


def test_ranges_that_touch_are_merged() -> None:
    """A letter is marked once, whichever words it belongs to."""
    index = SearchIndex([entry("a", "Montenegro")])
    (hit,) = index.find("monte tene").hits["entity"]
    assert hit.ranges == ((0, 7),)


def test_the_arabic_article_is_optional() -> None:
    """It is dropped if nothing matches with it; names with the article come first."""
    index = SearchIndex(
        [entry("a", "سفارة أرمينيا"), entry("b", "اللغة"), entry("c", "لغة")]
    )
    assert names(index, "السفارة") == ["a"]
    assert names(index, "اللغة") == ["b"]


def test_one_letter_matches_the_start_of_words() -> None:
    """Otherwise it would match almost everything."""
    index = SearchIndex([entry("a", "Oman"), entry("b", "Norway")])
    assert names(index, "o") == ["a"]


@pytest.mark.parametrize("query", ["", "   ", "\u064b", "\u0640"])
def test_an_empty_query_has_no_hits(query: str) -> None:
    """So has one of spaces, marks or tatweel only."""
    assert not SearchIndex([entry("a", "Oman")]).find(query).hits


@given(st.lists(st.text(max_size=12), max_size=8), st.text(min_size=3, max_size=4))
def test_the_index_finds_what_a_linear_search_finds(
    texts: list[str], query: str
) -> None:
    """A text matches if and only if it has each word of the query."""
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


def test_hits_are_limited_and_counts_are_not() -> None:
    """The limit applies to each kind."""
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
def test_the_first_hit_of_a_kind(
    client: FlaskClient, query: str, kind: str, name: str
) -> None:
    """By names in two languages and many spellings, codes, prefixed names, titles."""
    reply = client.get("/search.json", query_string={"q": query, "kind": kind})
    assert reply.status_code == 200
    first = reply.get_json()["hits"][0]
    assert (first["kind"], first["name"]) == (kind, name)
    page = client.get(first["page"], headers={"Accept": "text/html"})
    assert page.status_code == 200


def test_words_of_the_document_find_their_sentence(client: FlaskClient) -> None:
    """And the facts that quote them."""
    results = client.get("/ar/search.json", query_string={"q": "معاهده"}).get_json()
    kinds = {hit["kind"]: hit for hit in results["hits"]}
    assert "#sentence-" in kinds["sentence"]["page"]
    assert kinds["fact"]["iri"]
    hit = kinds["sentence"]
    (start, end), *_ = hit["ranges"]
    assert fold(hit["text"][start:end]) == "معاهده"


def test_the_page_groups_hits_and_marks_matches(client: FlaskClient) -> None:
    """Groups are in the order of the kinds, with a link to more hits."""
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
def test_a_misspelt_name_has_suggestions(client: FlaskClient, typed: str) -> None:
    """If nothing is found, entities with similar names are suggested."""
    page = client.get("/en/search", query_string={"q": typed}).text
    assert "Did you mean" in page
    assert "/doc/state/KAZ" in page


def test_the_query_is_escaped(client: FlaskClient) -> None:
    """Markup in it is not markup of the page."""
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
def test_invalid_parameters_are_refused(client: FlaskClient, query: str) -> None:
    """Limits and kinds that do not exist."""
    reply = client.get(f"/search.json?{query}")
    assert reply.status_code == 400
    assert reply.get_json(force=True)["remedy"]
