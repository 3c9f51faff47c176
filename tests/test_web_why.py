"""GET /why: the proof of a triple as JSON and Turtle, and what can be wrong."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from rdflib import RDF, Graph

from alaqat.terms import AL, BASE

ASKED = {
    "subject": f"{BASE}id/state/AZE",
    "predicate": "al:hasDiplomaticRelationsWith",
    "object": "كازاخستان",
}


def test_a_proof_as_json(client: FlaskClient) -> None:
    """JSON is what a client without a wish gets."""
    reply = client.get("/why", query_string=ASKED)
    assert reply.status_code == 200
    assert reply.mimetype == "application/json"
    assert reply.vary.find("Accept") >= 0
    told = reply.get_json()
    assert told["status"] == "derived"
    assert told["proofs"][0]["rule"]["name"] == "prp-symp"


@pytest.mark.parametrize(
    ("headers", "more"),
    [({"Accept": "text/turtle"}, {}), ({}, {"format": "turtle"})],
)
def test_a_proof_as_turtle(
    client: FlaskClient, headers: dict[str, str], more: dict[str, str]
) -> None:
    """Turtle is negotiated, or asked for by name."""
    reply = client.get("/why", query_string={**ASKED, **more}, headers=headers)
    assert reply.mimetype == "text/turtle"
    graph = Graph().parse(data=reply.text, format="turtle")
    assert set(graph.objects(None, AL.byRule))
    assert (None, RDF.predicate, AL.hasDiplomaticRelationsWith) in graph


def test_all_proofs(client: FlaskClient) -> None:
    """`all=true` gives every shortest proof."""
    party = {"subject": "KAZ", "predicate": "a", "object": "al:Party"}
    assert client.get("/why", query_string=party).get_json()["more"]
    every = client.get("/why", query_string={**party, "all": "true"}).get_json()
    assert len(every["proofs"]) > 100


def test_what_is_not_there_is_404_with_what_is_said_against(
    client: FlaskClient,
) -> None:
    """The body still answers: absent, and the denial."""
    reply = client.get("/why", query_string={**ASKED, "subject": "BLZ"})
    assert reply.status_code == 404
    told = reply.get_json()
    assert told["status"] == "absent"
    assert told["denials"]


@pytest.mark.parametrize(
    ("query", "accept", "status"),
    [
        ("", "", 400),
        ("subject=KAZ&predicate=a", "", 400),
        ("subject=KAZ&predicate=a&object=al:Party&object=al:State", "", 400),
        ("subject=KAZ&predicate=a&object=al:Party&colour=red", "", 400),
        ("subject=%FF&predicate=a&object=al:Party", "", 400),
        ("subject=xyzzy&predicate=a&object=al:Party", "", 404),
        (f"subject={quote('لا أحد')}&predicate=a&object=al:Party", "", 404),
        ("subject=KAZ&predicate=a&object=al:Party", "image/png", 406),
        ("subject=KAZ&predicate=a&object=al:Party&format=docx", "", 406),
    ],
)
def test_what_is_wrong_is_a_problem(
    client: FlaskClient, query: str, accept: str, status: int
) -> None:
    """Errors are problems with a detail and a remedy (RFC 9457)."""
    reply = client.get(f"/why?{query}", headers={"Accept": accept} if accept else {})
    assert reply.status_code == status
    assert reply.mimetype == "application/problem+json"
    assert reply.get_json(force=True)["remedy"]


def test_other_methods_are_refused(client: FlaskClient) -> None:
    """Asking why changes nothing."""
    assert client.post("/why", data=ASKED).status_code == 405
    head = client.head("/why", query_string=ASKED)
    assert head.status_code == 200
    assert not head.data
