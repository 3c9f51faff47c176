"""The pages /why and /check: derived, stated, denied and silent triples; the form."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

PAGE = {"Accept": "text/html"}
DERIVED = {
    "subject": "AZE",
    "predicate": "al:hasDiplomaticRelationsWith",
    "object": "KAZ",
}
STATED = {
    "subject": "KAZ",
    "predicate": "al:hasDiplomaticRelation",
    "object": "fact:relations-kazakhstan-azerbaijan",
}
EMBASSY = {"subject": "AZE", "predicate": "al:hasEmbassyIn", "object": "KAZ"}
DENIED = {**DERIVED, "subject": "BLZ"}
MEMBER = {"subject": "KAZ", "predicate": "al:memberOf", "object": "org:osce"}
SILENT = {"subject": "AZE", "predicate": "al:hasEmbassyIn", "object": "place:baku"}


@pytest.mark.parametrize(
    ("triple", "status", "parts"),
    [
        (DERIVED, 200, ("Derived: it follows", "Is it so? Yes.", "prp-symp", "<mark>")),
        (
            STATED,
            200,
            ("Stated in the document,", "in these words.", "<mark>", "#char-"),
        ),
        (DENIED, 404, ("Not in the graph.", "holds the opposite", "No, it is denied")),
        (SILENT, 404, ("Not in the graph.", "The documents are silent")),
    ],
    ids=["derived", "stated", "denied", "silent"],
)
def test_a_triple_is_explained(
    client: FlaskClient, triple: dict[str, str], status: int, parts: tuple[str, ...]
) -> None:
    """The page has the status, the answer, the rule and the quote in its sentence."""
    reply = client.get("/en/why", query_string=triple, headers=PAGE)
    assert reply.status_code == status
    assert reply.mimetype == "text/html"
    assert [one for one in parts if one not in reply.text] == []


@pytest.mark.parametrize(
    "name", ["أذربيجان", "اذربيجان", "أَذْرَبيـجان", "AZERBAIJAN", "031"]
)
def test_a_name_may_be_written_in_many_ways(client: FlaskClient, name: str) -> None:
    """It is normalized as in search if no label is equal."""
    query = {**DERIVED, "subject": name}
    answer = client.get("/why", query_string=query).get_json()
    assert answer["triple"]["subject"]["value"].endswith("/AZE")


def test_a_proof_in_arabic(client: FlaskClient) -> None:
    """Rules are verbalized in the language of the page."""
    reply = client.get("/ar/why", query_string=DERIVED, headers=PAGE)
    assert 'dir="rtl"' in reply.text
    assert "تصح في الاتجاهين" in reply.text
    assert "تقول الوثيقة:" in reply.text


def test_all_shortest_proofs_are_one_link_away(client: FlaskClient) -> None:
    """The link adds proofs."""
    party = {"subject": "KAZ", "predicate": "a", "object": "al:Party"}
    one = client.get("/en/why", query_string=party, headers=PAGE).text
    assert "All proofs of this length" in one
    every = client.get("/en/why", query_string={**party, "all": "true"}, headers=PAGE)
    assert every.text.count("tree proof") > one.count("tree proof")


def test_the_form_alone(client: FlaskClient) -> None:
    """Without a triple, browsers get a form with examples."""
    page = client.get("/en/why", headers=PAGE)
    assert page.status_code == 200
    assert 'name="subject"' in page.text
    assert "/en/why?subject=" in page.text
    assert client.get("/why").status_code == 400


@pytest.mark.parametrize(
    ("query", "status", "message"),
    [
        ({**DERIVED, "subject": "xyzzy"}, 404, "Nothing here is called"),
        ({"subject": "KAZ"}, 400, "Missing, unknown or repeated parameters"),
        ({**DERIVED, "colour": "red"}, 400, "Missing, unknown or repeated parameters"),
    ],
)
def test_an_error_is_shown_above_the_form(
    client: FlaskClient, query: dict[str, str], status: int, message: str
) -> None:
    """The input stays in the form."""
    reply = client.get("/en/why", query_string=query, headers=PAGE)
    assert reply.status_code == status
    assert message in reply.text
    assert f'value="{query["subject"]}"' in reply.text


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        (DERIVED, "yes"),
        (DENIED, "no"),
        (SILENT, "silent"),
        ({**MEMBER, "at": "2014-12-31"}, "yes"),
        ({**DERIVED, "at": "2010-06-15"}, "yes"),
        ({**DERIVED, "at": "1980-01-01"}, "silent"),
    ],
)
def test_the_verdict_on_a_triple(
    client: FlaskClient, query: dict[str, str], answer: str
) -> None:
    """It is the same as JSON and as a page."""
    verdict = client.get("/check", query_string=query).get_json()
    assert verdict["answer"] == answer
    assert verdict["at"] == query.get("at")
    page = client.get("/en/check", query_string=query, headers=PAGE)
    assert page.status_code == 200
    assert f"answer-{answer}" in page.text


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/ar/why", "لأذربيجان سفارة لدى كازاخستان"),
        ("/ar/check", "لأذربيجان سفارة لدى كازاخستان"),
        ("/en/why", "Azerbaijan has an embassy to Kazakhstan"),
    ],
)
def test_the_heading_is_a_sentence(
    client: FlaskClient, path: str, sentence: str
) -> None:
    """In the language of the page, with the grammatical gender of each state."""
    page = client.get(path, query_string=EMBASSY, headers=PAGE).text
    (heading,) = re.findall(r'<h1 class="triple-heading">(.*?)</h1>', page, re.DOTALL)
    assert re.sub(r"<[^>]+>", "", heading).strip() == sentence


@pytest.mark.parametrize("day", ["2010-13-01", "yesterday", "2010", "20100615"])
def test_an_invalid_date_is_refused(client: FlaskClient, day: str) -> None:
    """The error has a remedy."""
    reply = client.get("/check", query_string={**DERIVED, "at": day})
    assert reply.status_code == 400
    assert reply.get_json(force=True)["remedy"]


def test_check_refuses_post(client: FlaskClient) -> None:
    """Nothing changes by it, so POST is not allowed."""
    assert client.post("/check", data=DERIVED).status_code == 405
