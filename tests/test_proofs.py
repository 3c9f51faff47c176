"""Every derived triple follows by a rule from others, down to what was given."""

from __future__ import annotations

import statistics
import time
from itertools import chain
from pathlib import Path

import pytest
from rdflib import OWL, RDF, RDFS, Graph, Literal, Namespace, URIRef

from alaqat.reason import ENGINES
from alaqat.reason.proofs import Steps, holds, match
from alaqat.synthetic import facts
from alaqat.terms import AL, BASE

ROOT = Path(__file__).parent.parent
DATA = Path(__file__).parent / "data" / "reason"
ONTOLOGY = Graph().parse(ROOT / "ontology" / "alaqat.ttl")
FOLLOWS = sorted((DATA / "follows").glob("*.ttl"))
EX = Namespace("http://example.org/")


def gather(*parts) -> Graph:
    """One graph of all these triples."""
    graph = Graph()
    for triple in chain.from_iterable(parts):
        graph.add(triple)
    return graph


def unproven(given: Graph) -> set:
    """The triples of the closure that no chain of steps leads to from the given."""
    closed = ENGINES["nemo"](given)
    closure = closed.graph()
    steps = Steps(closed.rules, closure)
    proven = set(given)
    waiting = {triple: list(steps.to(triple)) for triple in set(closure) - proven}
    assert all(holds(step) for step in chain.from_iterable(waiting.values()))
    while True:
        found = {
            triple
            for triple, ways in waiting.items()
            if any(proven.issuperset(step.premises) for step in ways)
        }
        if not found:
            return set(waiting)
        proven |= found
        for triple in found:
            del waiting[triple]


@pytest.mark.parametrize("path", FOLLOWS, ids=lambda path: path.stem)
def test_every_triple_of_a_fixture_has_a_proof(path):
    """Each construct gives rules whose steps are found again."""
    assert unproven(Graph().parse(path)) == set()


def test_every_triple_of_made_up_facts_has_a_proof():
    """The project's own ontology with facts of every relation."""
    assert unproven(gather(ONTOLOGY, facts(2_000))) == set()


def test_equal_values_and_equal_things_have_proofs():
    """A functional property makes things the same; 5 and 5.0 are one value."""
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
    """The embassy's shortcut follows by the chain, from two triples and the axiom."""
    holder, node, other = EX.a, EX.embassy, EX.b
    given = gather(ONTOLOGY, [(holder, AL.hasEmbassy, node), (node, AL["with"], other)])
    closed = ENGINES["nemo"](given)
    steps = Steps(closed.rules, closed.graph())
    (step,) = steps.to((holder, AL.hasEmbassyIn, other))
    assert step.rule.name == "prp-spo2"
    assert step.premises[:2] == (
        (holder, AL.hasEmbassy, node),
        (node, AL["with"], other),
    )
    assert step.rule.axiom[0][:2] == (AL.hasEmbassyIn, OWL.propertyChainAxiom)
    assert list(match(step.rule, (other, AL.hasEmbassyIn, holder), given)) == []


def test_what_does_not_follow_has_no_step():
    """Nothing leads to a triple that is not in the closure."""
    closed = ENGINES["nemo"](gather(ONTOLOGY, facts(500)))
    steps = Steps(closed.rules, closed.graph())
    assert list(steps.to((EX.a, AL.hasEmbassyIn, EX.b))) == []


def test_contradictions_are_steps_too():
    """The rule that ends in false is found with its premises."""
    both = [(EX.a, RDF.type, AL.Embassy), (EX.a, RDF.type, AL.Consulate)]
    closed = ENGINES["nemo"](gather(ONTOLOGY, both))
    (step,) = (
        step
        for step in Steps(closed.rules, closed.graph()).to_contradictions()
        if step.rule.name == "cax-dw"
    )
    assert set(step.premises[:2]) == set(both)
    assert {rule.name for rule in closed.broken} == {"cax-dw"}


def test_a_step_is_found_quickly():
    """Under ten milliseconds in the middle of eight thousand triples, usually far."""
    closed = ENGINES["nemo"](gather(ONTOLOGY, facts(8_000)))
    closure = closed.graph()
    steps = Steps(closed.rules, closure)
    taken = []
    for triple in list(closure.triples((None, AL.hasMissionIn, None)))[:50]:
        start = time.perf_counter()
        assert list(steps.to(triple))
        taken.append(time.perf_counter() - start)
    assert statistics.median(taken) < 0.01


def test_redundant_axioms_give_no_rules():
    """Of a ladder of classes only the rungs are rules, equal classes included."""
    ladder = [(EX[str(n)], RDFS.subClassOf, EX[str(n + 1)]) for n in range(20)]
    ladder.append((EX["10"], RDFS.subClassOf, EX["9"]))
    given = gather(ladder, [(URIRef(f"{BASE}x"), RDF.type, EX["0"])])
    closed = ENGINES["nemo"](given)
    assert len([r for r in closed.rules if r.name == "cax-sco"]) == 21
    types = set(closed.graph().objects(URIRef(f"{BASE}x"), RDF.type))
    assert types == {EX[str(n)] for n in range(21)}
