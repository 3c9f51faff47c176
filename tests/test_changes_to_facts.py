"""After facts and axioms come and go, what is derived is what follows from the rest."""

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
THINGS = [URIRef(f"{BASE}id/entity/{letter}") for letter in "abcd"]
RELATIONS = [AL.hasTie, AL["with"], AL.tiedTo, OWL.sameAs]


def schema() -> list:
    """A chain, a symmetric property, a domain and a subclass."""
    graph, steps = Graph(), BNode("steps")
    Collection(graph, steps, [AL.hasTie, AL["with"]])
    return [
        *graph,
        (AL.tiedTo, OWL.propertyChainAxiom, steps),
        (AL.tiedTo, RDF.type, OWL.SymmetricProperty),
        (AL.hasTie, RDFS.domain, AL.Party),
        (AL.Party, RDFS.subClassOf, AL.Agent),
    ]


def derive(graphs: dict) -> dict:
    """The inferences and the proofs that belong to graphs, as after a write."""
    follows = {INFERRED_GRAPH: materialise(graphs)}
    proofs = ProofGraphBuilder(Prover({**graphs, **follows})).all_inferred()
    return {**follows, PROOFS_GRAPH: proofs}


facts = st.tuples(*map(st.sampled_from, (THINGS, RELATIONS, THINGS)))
# The cells of a list are no axioms: without one it is no list (RDF Schema §5.2).
whole = [triple for triple in schema() if triple[1] not in (RDF.first, RDF.rest)]
axioms = st.sampled_from(sorted(whole, key=str))
changes = st.lists(st.tuples(st.booleans(), st.one_of(facts, axioms)), max_size=12)


@settings(max_examples=25, deadline=None)
@given(changes)
def test_any_changes_leave_what_follows_from_the_rest(steps) -> None:
    """After each step the inferences are the reference engine's, all with proofs."""
    graphs = {FACTS: Graph(), ONTOLOGY_GRAPH: Graph()}
    for triple in schema():
        graphs[ONTOLOGY_GRAPH].add(triple)
    for adds, triple in steps:
        is_fact = triple[0] in THINGS
        graph = graphs[FACTS if is_fact else ONTOLOGY_GRAPH]
        (graph.add if adds else graph.remove)(triple)
        graphs |= derive(graphs)
        asserted = graphs[FACTS] + graphs[ONTOLOGY_GRAPH]
        assert set(graphs[INFERRED_GRAPH]) == set(infer(asserted, engine="owlrl"))
    prover = Prover(graphs)
    for triple in prover.inferred:
        proof = prover.derived_proof(triple)
        assert proof is not None
        assert not list(proof_flaws(proof, prover.is_asserted))


def test_what_is_taken_back_leaves_nothing() -> None:
    """Inferences and proofs before a fact came and after it went are the same."""
    graphs = {FACTS: Graph(), ONTOLOGY_GRAPH: Graph()}
    for triple in schema():
        graphs[ONTOLOGY_GRAPH].add(triple)
    graphs[FACTS].add((THINGS[0], AL.hasTie, THINGS[1]))
    before = derive(graphs)
    graphs[FACTS].add((THINGS[1], AL["with"], THINGS[2]))
    between = derive(graphs)
    assert (THINGS[2], AL.tiedTo, THINGS[0]) in between[INFERRED_GRAPH]
    graphs[FACTS].remove((THINGS[1], AL["with"], THINGS[2]))
    after = derive({**graphs, **between})  # what was derived earlier is not read
    for name in (INFERRED_GRAPH, PROOFS_GRAPH):
        assert set(after[name]) == set(before[name]) != set(between[name])


def test_a_contradiction_is_told_and_changes_nothing() -> None:
    """The graphs given are left alone."""
    graphs = {FACTS: Graph(), ONTOLOGY_GRAPH: Graph()}
    graphs[ONTOLOGY_GRAPH].add((AL.hasTie, RDF.type, OWL.IrreflexiveProperty))
    graphs[FACTS].add((THINGS[0], AL.hasTie, THINGS[0]))
    sizes = [len(graph) for graph in graphs.values()]
    with pytest.raises(Inconsistent, match="prp-irp"):
        derive(graphs)
    assert [len(graph) for graph in graphs.values()] == sizes
