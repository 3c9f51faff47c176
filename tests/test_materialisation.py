"""Materialised inferences after additions and removals of facts and axioms."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import OWL, RDF, RDFS, BNode, Graph, URIRef
from rdflib.collection import Collection

from alaqat.errors import Inconsistent
from alaqat.proofs.as_rdf import ProofGraphBuilder
from alaqat.proofs.check import proof_flaws
from alaqat.proofs.contradictions import materialise
from alaqat.proofs.prover import Prover
from alaqat.reason.inference import infer
from alaqat.terms import (
    AL,
    BASE,
    INFERRED_GRAPH,
    ONTOLOGY_GRAPH,
    PROOFS_GRAPH,
    facts_graph,
)

FACTS = facts_graph("changing")
ENTITIES = [URIRef(f"{BASE}id/entity/{letter}") for letter in "abcd"]
RELATIONS = [AL.hasTie, AL["with"], AL.tiedTo, OWL.sameAs]


def schema() -> list:
    """Return a chain, a symmetric property, a domain and a subclass."""
    graph, steps = Graph(), BNode("steps")
    Collection(graph, steps, [AL.hasTie, AL["with"]])
    return [
        *graph,
        (AL.tiedTo, OWL.propertyChainAxiom, steps),
        (AL.tiedTo, RDF.type, OWL.SymmetricProperty),
        (AL.hasTie, RDFS.domain, AL.Party),
        (AL.Party, RDFS.subClassOf, AL.Agent),
    ]


def infer_and_prove(graphs: dict) -> dict:
    """Return the graphs of inferences and proofs, as after a commit."""
    follows = {INFERRED_GRAPH: materialise(graphs)}
    proofs = ProofGraphBuilder(Prover({**graphs, **follows})).all_inferred()
    return {**follows, PROOFS_GRAPH: proofs}


facts = st.tuples(*map(st.sampled_from, (ENTITIES, RELATIONS, ENTITIES)))
# The cells of a list are not axioms: all are needed (RDF Schema §5.2).
whole = [triple for triple in schema() if triple[1] not in (RDF.first, RDF.rest)]
axioms = st.sampled_from(sorted(whole, key=str))
changes = st.lists(st.tuples(st.booleans(), st.one_of(facts, axioms)), max_size=12)


@settings(max_examples=25, deadline=None)
@given(changes)
def test_any_changes_match_the_reference_engine(steps) -> None:
    """After each step the inferences equal those of owlrl, and all have proofs."""
    graphs = {FACTS: Graph(), ONTOLOGY_GRAPH: Graph()}
    for triple in schema():
        graphs[ONTOLOGY_GRAPH].add(triple)
    for adds, triple in steps:
        is_fact = triple[0] in ENTITIES
        graph = graphs[FACTS if is_fact else ONTOLOGY_GRAPH]
        (graph.add if adds else graph.remove)(triple)
        graphs |= infer_and_prove(graphs)
        asserted = graphs[FACTS] + graphs[ONTOLOGY_GRAPH]
        assert set(graphs[INFERRED_GRAPH]) == set(infer(asserted, engine="owlrl"))
    prover = Prover(graphs)
    for triple in prover.inferred:
        proof = prover.derived_proof(triple)
        assert proof is not None
        assert not list(proof_flaws(proof, prover.is_asserted))


def test_a_removed_fact_leaves_no_trace() -> None:
    """Inferences and proofs are the same before adding a fact and after removing it."""
    graphs = {FACTS: Graph(), ONTOLOGY_GRAPH: Graph()}
    for triple in schema():
        graphs[ONTOLOGY_GRAPH].add(triple)
    graphs[FACTS].add((ENTITIES[0], AL.hasTie, ENTITIES[1]))
    before = infer_and_prove(graphs)
    graphs[FACTS].add((ENTITIES[1], AL["with"], ENTITIES[2]))
    between = infer_and_prove(graphs)
    assert (ENTITIES[2], AL.tiedTo, ENTITIES[0]) in between[INFERRED_GRAPH]
    graphs[FACTS].remove((ENTITIES[1], AL["with"], ENTITIES[2]))
    after = infer_and_prove({**graphs, **between})  # earlier inferences are ignored
    for name in (INFERRED_GRAPH, PROOFS_GRAPH):
        assert set(after[name]) == set(before[name]) != set(between[name])


def test_a_contradiction_changes_nothing() -> None:
    """The error names the rule, and the given graphs are not changed."""
    graphs = {FACTS: Graph(), ONTOLOGY_GRAPH: Graph()}
    graphs[ONTOLOGY_GRAPH].add((AL.hasTie, RDF.type, OWL.IrreflexiveProperty))
    graphs[FACTS].add((ENTITIES[0], AL.hasTie, ENTITIES[0]))
    sizes = [len(graph) for graph in graphs.values()]
    with pytest.raises(Inconsistent, match="prp-irp"):
        infer_and_prove(graphs)
    assert [len(graph) for graph in graphs.values()] == sizes
