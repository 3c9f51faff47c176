"""The pages on one triple: derived, asserted, denied, absent; and the form."""

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
    ("asked", "status", "said"),
    [
        (DERIVED, 200, ("Derived: it follows", "Is it so? Yes.", "prp-symp", "<mark>")),
        (
            STATED,
            200,
            ("Stated in the document", "words of the document", "<mark>", "#char-"),
        ),
        (DENIED, 404, ("Not in the graph", "holds the opposite", "No, it is denied")),
        (SILENT, 404, ("Not in the graph", "The documents are silent")),
    ],
    ids=["derived", "stated", "denied", "silent"],
)
def test_a_triple_is_explained(
    client: FlaskClient, asked: dict[str, str], status: int, said: tuple[str, ...]
) -> None:
    """What it is, the answer, the rule, and the words in their sentence."""
    reply = client.get("/en/why", query_string=asked, headers=PAGE)
    assert reply.status_code == status
    assert reply.mimetype == "text/html"
    assert [one for one in said if one not in reply.text] == []


@pytest.mark.parametrize(
    "name", ["أذربيجان", "اذربيجان", "أَذْرَبيـجان", "AZERBAIJAN", "031"]
)
def test_a_name_may_be_written_in_many_ways(client: FlaskClient, name: str) -> None:
    """As search folds it, where nothing is called just that."""
    asked = {**DERIVED, "subject": name}
    told = client.get("/why", query_string=asked).get_json()
    assert told["triple"]["subject"]["value"].endswith("/AZE")


def test_a_proof_in_arabic(client: FlaskClient) -> None:
    """The rules in words, in the language of the page."""
    reply = client.get("/ar/why", query_string=DERIVED, headers=PAGE)
    assert 'dir="rtl"' in reply.text
    assert "تصح في الاتجاهين" in reply.text
    assert "تقول الوثيقة:" in reply.text


def test_all_shortest_proofs_are_one_link_away(client: FlaskClient) -> None:
    """And each has its heading."""
    party = {"subject": "KAZ", "predicate": "a", "object": "al:Party"}
    one = client.get("/en/why", query_string=party, headers=PAGE).text
    assert "All proofs of this length" in one
    every = client.get("/en/why", query_string={**party, "all": "true"}, headers=PAGE)
    assert every.text.count("tree proof") > one.count("tree proof")


def test_the_form_alone(client: FlaskClient) -> None:
    """Without a triple, browsers get the form with examples that work."""
    page = client.get("/en/why", headers=PAGE)
    assert page.status_code == 200
    assert 'name="subject"' in page.text
    assert "/en/why?subject=" in page.text
    assert client.get("/why").status_code == 400


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        ({**DERIVED, "subject": "xyzzy"}, 404, "Nothing here is called"),
        ({"subject": "KAZ"}, 400, "Missing, unknown or repeated parameters"),
        ({**DERIVED, "colour": "red"}, 400, "Missing, unknown or repeated parameters"),
    ],
)
def test_a_fault_is_told_beside_the_form(
    client: FlaskClient, asked: dict[str, str], status: int, said: str
) -> None:
    """What was typed is still there."""
    reply = client.get("/en/why", query_string=asked, headers=PAGE)
    assert reply.status_code == status
    assert said in reply.text
    assert f'value="{asked["subject"]}"' in reply.text


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        (DERIVED, "yes"),
        (DENIED, "no"),
        (SILENT, "silent"),
        ({**MEMBER, "at": "2014-12-31"}, "yes"),
        ({**DERIVED, "at": "2010-06-15"}, "silent"),
        ({**DERIVED, "at": "1980-01-01"}, "silent"),
    ],
)
def test_whether_it_is_so(
    client: FlaskClient, asked: dict[str, str], answer: str
) -> None:
    """The same answer as JSON and as a page."""
    told = client.get("/check", query_string=asked).get_json()
    assert told["answer"] == answer
    assert told["at"] == asked.get("at")
    page = client.get("/en/check", query_string=asked, headers=PAGE)
    assert page.status_code == 200
    assert f"answer-{answer}" in page.text


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/ar/why", "لأذربيجان سفارة لدى كازاخستان"),
        ("/ar/check", "لأذربيجان سفارة لدى كازاخستان"),
        ("/en/why", "Azerbaijan has an embassy to Kazakhstan"),
    ],
)
def test_what_is_asked_about_is_told_as_the_language_tells_it(
    client: FlaskClient, path: str, told: str
) -> None:
    """A sentence, in which a state has the gender that it has."""
    page = client.get(path, query_string=EMBASSY, headers=PAGE).text
    (heading,) = re.findall(r'<h1 class="asked">(.*?)</h1>', page, re.DOTALL)
    assert re.sub(r"<[^>]+>", "", heading).strip() == told


@pytest.mark.parametrize("day", ["2010-13-01", "yesterday", "2010", "20100615"])
def test_a_day_must_be_a_day(client: FlaskClient, day: str) -> None:
    """The fault comes with a remedy."""
    reply = client.get("/check", query_string={**DERIVED, "at": day})
    assert reply.status_code == 400
    assert reply.get_json(force=True)["remedy"]


def test_checking_changes_nothing(client: FlaskClient) -> None:
    """So nobody posts."""
    assert client.post("/check", data=DERIVED).status_code == 405
