"""The graph of proofs of a release, queried with SPARQL."""

from __future__ import annotations

import pytest
from rdflib import RDF, URIRef

from alaqat.dataset import Dataset
from alaqat.store.interface import Store
from alaqat.terms import (
    AL,
    BASE,
    PROOFS_GRAPH,
    is_default_graph,
)
from conftest import Built

PREFIXES = f"""
PREFIX al: <{AL}>
PREFIX graph: <{BASE}graph/>
PREFIX oa: <http://www.w3.org/ns/oa#>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX rdf: <{RDF}>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX state: <{BASE}id/state/>
"""

RESTS_ON = """
SELECT ?rule ?words ?quote WHERE {
  GRAPH graph:proofs {
    ?proof rdf:subject state:AZE ; rdf:predicate al:hasDiplomaticRelationsWith ;
      rdf:object state:KAZ ; al:byRule ?plan ; al:restsOn ?claim .
    ?plan skos:notation ?rule ; rdfs:label ?words .
  }
  ?claim oa:hasTarget/oa:hasSelector/oa:exact ?quote .
  FILTER (LANG(?words) = "en")
}
"""

UNPROVED = """
SELECT ?s ?p ?o WHERE {
  GRAPH graph:inferred { ?s ?p ?o }
  FILTER NOT EXISTS {
    GRAPH graph:proofs {
      ?proof rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?o ; al:byRule ?plan
    }
  }
}
"""

CIRCULAR = """
ASK { GRAPH graph:proofs { ?proof prov:wasDerivedFrom+ ?proof } }
"""

UNGROUNDED = """
SELECT ?proof WHERE {
  GRAPH graph:proofs {
    ?proof rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?o .
    FILTER NOT EXISTS { ?proof al:byRule ?plan }
  }
  FILTER NOT EXISTS { GRAPH ?home { ?s ?p ?o } FILTER (?home != graph:inferred) }
}
"""


@pytest.fixture(scope="module")
def store(dataset: Dataset) -> Store:
    """Return the store of the project's own dataset."""
    return dataset.store


def test_the_rule_and_the_quotes_of_an_inference(store: Store) -> None:
    """One query returns the rule of a derived triple, its label and the quotes."""
    (row,) = store.query(PREFIXES + RESTS_ON)
    assert [str(term) for term in row] == [
        "prp-symp",
        "“has diplomatic relations with” holds in both directions",
        "بدأت العلاقات الدبلوماسية بتاريخ 27 أغسطس 1992",
    ]


@pytest.mark.parametrize("query", [UNPROVED, UNGROUNDED], ids=["unproved", "leaves"])
def test_every_inference_is_proved_from_asserted_triples(
    store: Store, query: str
) -> None:
    """No inference lacks a proof, and the leaves are asserted."""
    assert list(store.query(PREFIXES + query)) == []


def test_no_proof_is_circular(store: Store) -> None:
    """No statement is derived from itself, in any number of steps."""
    assert store.query(PREFIXES + CIRCULAR).truth is False


def test_proofs_are_not_in_the_default_graph(store: Store) -> None:
    """A query finds proofs only in their named graph."""
    assert not is_default_graph(PROOFS_GRAPH)
    assert PROOFS_GRAPH in store.graphs()
    plain = store.query(PREFIXES + "ASK { ?proof al:byRule ?plan }")
    assert plain.truth is False


def test_proofs_have_no_blank_nodes(built: Built) -> None:
    """So they can be merged with other graphs."""
    proofs = built.graphs[PROOFS_GRAPH]
    assert len(proofs) > 10_000
    assert all(isinstance(node, URIRef) for node in proofs.subjects())
    assert not [o for o in proofs.objects() if type(o).__name__ == "BNode"]
