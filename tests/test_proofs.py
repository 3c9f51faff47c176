"""Derivations: every derived triple has a proof that ends in asserted triples."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

import pytest
from rdflib import OWL, RDF, RDFS, XSD, BNode, Graph, Literal, Namespace, URIRef

from alaqat.proofs.as_json import triple_as_json
from alaqat.proofs.check import proof_flaws
from alaqat.proofs.model import Proof
from alaqat.reason.derivations import DerivationIndex, derivation_rules
from alaqat.reason.inference import ENGINES
from alaqat.terms import AL, BASE
from synthetic import facts

ROOT = Path(__file__).parent.parent
DATA = Path(__file__).parent / "data" / "reason"
ONTOLOGY = Graph().parse(ROOT / "ontology" / "alaqat.ttl")
FOLLOWS = sorted((DATA / "follows").glob("*.ttl"))
EX = Namespace("http://example.org/")


def gather(*parts) -> Graph:
    """Return one graph of all triples."""
    graph = Graph()
    for triple in chain.from_iterable(parts):
        graph.add(triple)
    return graph


def unproven(given: Graph) -> set:
    """Return the triples of the Nemo engine's closure without a valid proof.

    The derivations are independent of the engine.
    """
    derivations = DerivationIndex(given, derivation_rules(given))
    proofs: dict = {triple: Proof(triple) for triple in given}

    def proof(triple) -> Proof | None:
        if triple not in proofs and derivations.steps(triple):
            step = derivations.steps(triple)[0]
            parts = (tuple(map(proof, p)) for p in (step.premises, step.rule.axiom))
            proofs[triple] = Proof(triple, step.rule, *parts)
        return proofs.get(triple)

    found = {triple: proof(triple) for triple in ENGINES["nemo"](given).graph()}
    asserted = set(given)
    wrong = {
        t for t, p in found.items() if p and list(proof_flaws(p, asserted.__contains__))
    }
    return wrong | {triple for triple, one in found.items() if one is None}


@pytest.mark.parametrize("path", FOLLOWS, ids=lambda path: path.stem)
def test_every_triple_of_a_fixture_has_a_proof(path):
    """The rules of each construct derive the closure of the engine."""
    assert unproven(Graph().parse(path)) == set()


def test_every_triple_of_synthetic_facts_has_a_proof():
    """The project's own ontology with facts of every relation."""
    assert unproven(gather(ONTOLOGY, facts(2_000))) == set()


@pytest.mark.parametrize(
    "given",
    [*(Graph().parse(path) for path in FOLLOWS), gather(ONTOLOGY, facts(2_000))],
    ids=[*(path.stem for path in FOLLOWS), "synthetic"],
)
def test_derivations_equal_the_closure(given):
    """Except reflexive owl:sameAs, which the closure leaves out (RULE eq-ref)."""
    derived = DerivationIndex(given, derivation_rules(given)).derived()
    expected = {t for t in derived if t[1] != OWL.sameAs or t[0] != t[2]}
    assert expected | set(given) == set(ENGINES["nemo"](given).graph())


def test_equal_values_and_equal_individuals_have_proofs():
    """A functional property equates individuals; 5 and 5.0 are one value."""
    given = gather(
        [
            (EX.p, RDF.type, OWL.FunctionalProperty),
            (EX.a, EX.p, EX.b),
            (EX.a, EX.p, EX.c),
            (EX.b, EX.size, Literal(5)),
            (EX.c, EX.size, Literal("5.0", datatype=Literal(1.5).datatype)),
            (EX.five, OWL.hasValue, Literal("05", datatype=Literal(5).datatype)),
            (EX.five, OWL.onProperty, EX.size),
        ]
    )
    assert unproven(given) == set()
    assert (EX.c, RDF.type, EX.five) in ENGINES["nemo"](given).graph()


def test_a_step_names_rule_axiom_and_premises():
    """The embassy's shortcut follows by the property chain from two triples."""
    holder, node, other = EX.a, EX.embassy, EX.b
    given = gather(ONTOLOGY, [(holder, AL.hasEmbassy, node), (node, AL["with"], other)])
    derivations = DerivationIndex(given, derivation_rules(given))
    (step,) = derivations.steps((holder, AL.hasEmbassyIn, other))
    assert step.rule.name == "prp-spo2"
    assert step.premises == (
        (holder, AL.hasEmbassy, node),
        (node, AL["with"], other),
    )
    assert step.rule.axiom[0][:2] == (AL.hasEmbassyIn, OWL.propertyChainAxiom)
    assert derivations.leaves((holder, AL.hasEmbassyIn, other)) == {
        **dict.fromkeys(step.premises, False),
        **dict.fromkeys(step.rule.axiom, True),
    }


def test_what_does_not_follow_has_no_step():
    """No step derives a triple that is not in the closure."""
    given = gather(ONTOLOGY, facts(500))
    derivations = DerivationIndex(given, derivation_rules(given))
    assert derivations.steps((EX.a, AL.hasEmbassyIn, EX.b)) == ()
    assert derivations.cost((EX.a, AL.hasEmbassyIn, EX.b)) is None


def test_redundant_axioms_give_no_rules():
    """Only direct subclasses give rules, equivalent classes included."""
    ladder = [(EX[str(n)], RDFS.subClassOf, EX[str(n + 1)]) for n in range(20)]
    ladder.append((EX["10"], RDFS.subClassOf, EX["9"]))
    given = gather(ladder, [(URIRef(f"{BASE}x"), RDF.type, EX["0"])])
    closed = ENGINES["nemo"](given)
    assert len([r for r in closed.rules if r.name == "cax-sco"]) == 21
    types = set(closed.graph().objects(URIRef(f"{BASE}x"), RDF.type))
    assert types == {EX[str(n)] for n in range(21)}


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        (EX.a, {"type": "uri", "value": str(EX.a)}),
        (BNode("b"), {"type": "bnode", "value": "b"}),
        (Literal("x"), {"type": "literal", "value": "x"}),
        (Literal("x", lang="ar"), {"type": "literal", "value": "x", "xml:lang": "ar"}),
        (
            Literal("1", datatype=XSD.integer),
            {"type": "literal", "value": "1", "datatype": str(XSD.integer)},
        ),
    ],
)
def test_a_term_is_as_in_query_results(term, expected):
    """SPARQL 1.1 Query Results JSON Format §3.2.2."""
    assert triple_as_json((EX.a, EX.b, term), {})["object"] == expected
