"""GET /why for programs: proofs as JSON and Turtle, and errors."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from rdflib import RDF, Graph

from alaqat.terms import AL, BASE

TRIPLE = {
    "subject": f"{BASE}id/state/AZE",
    "predicate": "al:hasDiplomaticRelationsWith",
    "object": "كازاخستان",
}


def test_a_proof_as_json(client: FlaskClient) -> None:
    """JSON is the default format."""
    reply = client.get("/why", query_string=TRIPLE)
    assert reply.status_code == 200
    assert reply.mimetype == "application/json"
    assert reply.vary.find("Accept") >= 0
    answer = reply.get_json()
    assert answer["status"] == "derived"
    assert answer["proofs"][0]["rule"]["name"] == "prp-symp"


@pytest.mark.parametrize(
    ("headers", "parameters"),
    [({"Accept": "text/turtle"}, {}), ({}, {"format": "turtle"})],
)
def test_a_proof_as_turtle(
    client: FlaskClient, headers: dict[str, str], parameters: dict[str, str]
) -> None:
    """Turtle is negotiated, or selected by `format`."""
    reply = client.get("/why", query_string={**TRIPLE, **parameters}, headers=headers)
    assert reply.mimetype == "text/turtle"
    graph = Graph().parse(data=reply.text, format="turtle")
    assert set(graph.objects(None, AL.byRule))
    assert (None, RDF.predicate, AL.hasDiplomaticRelationsWith) in graph


def test_all_proofs(client: FlaskClient) -> None:
    """`all=true` returns every shortest proof."""
    party = {"subject": "KAZ", "predicate": "a", "object": "al:Party"}
    assert client.get("/why", query_string=party).get_json()["more"]
    every = client.get("/why", query_string={**party, "all": "true"}).get_json()
    assert len(every["proofs"]) > 100


def test_an_absent_triple_is_404_with_its_denials(
    client: FlaskClient,
) -> None:
    """The body still has the status and the denials."""
    reply = client.get("/why", query_string={**TRIPLE, "subject": "BLZ"})
    assert reply.status_code == 404
    answer = reply.get_json()
    assert answer["status"] == "absent"
    assert answer["denials"]


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
def test_errors_are_problems(
    client: FlaskClient, query: str, accept: str, status: int
) -> None:
    """They have a detail and a remedy (RFC 9457)."""
    reply = client.get(f"/why?{query}", headers={"Accept": accept} if accept else {})
    assert reply.status_code == status
    assert reply.mimetype == "application/problem+json"
    assert reply.get_json(force=True)["remedy"]


def test_other_methods_are_refused(client: FlaskClient) -> None:
    """Only GET and HEAD are allowed."""
    assert client.post("/why", data=TRIPLE).status_code == 405
    head = client.head("/why", query_string=TRIPLE)
    assert head.status_code == 200
    assert not head.data
