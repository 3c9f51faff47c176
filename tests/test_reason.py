"""Inference: exactly what the axioms entail, and every contradiction."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from owlrl.OWLRL import OWLRL_Semantics
from rdflib import OWL, RDF, RDFS, XSD, BNode, Graph, Literal, URIRef

from alaqat.errors import (
    Inconsistent,
    InvalidData,
    UnknownEngine,
)
from alaqat.reason.datatypes import values_differ
from alaqat.reason.inference import ENGINES, infer
from alaqat.reason.owlrl_engine import UNSUPPORTED
from alaqat.reason.rules import AXIOM_RULES as TABLE
from alaqat.reason.rules import EQUALITY_RULES
from alaqat.terms import (
    AL,
    BASE,
    EDTF,
)

ROOT = Path(__file__).parent.parent
DATA = Path(__file__).parent / "data" / "reason"
FOLLOWS = sorted((DATA / "follows").glob("*.ttl"))
CONTRADICTS = sorted((DATA / "contradicts").glob("*.ttl"))
ONTOLOGY = Graph().parse(ROOT / "ontology" / "alaqat.ttl")
AXIOMS = [  # without texts: owlrl as it comes takes a second for those
    triple
    for triple in ONTOLOGY
    if not isinstance(triple[2], Literal) and triple[1] != RDFS.isDefinedBy
]

# Contradictions that unmodified owlrl does not find, or fails on.
OWLRL_MISSES = {
    "all-different-distinct-members",
    "all-different-members",
    "all-disjoint-properties",
    "two-values",
    "value-outside-its-datatype",
}
OWLRL_FALLS = {"ill-typed-decimal"}  # decimal.InvalidOperation escapes
BROKEN = {"ill-typed-date", "ill-typed-decimal"}  # withheld from owlrl

ARMENIA, KAZAKHSTAN = (URIRef(f"{BASE}id/state/{code}") for code in ("ARM", "KAZ"))
EMBASSY = URIRef(f"{BASE}id/fact/sample/embassy")


slow = pytest.mark.slow


def expected(path: Path) -> set:
    """Return all triples that follow from a file."""
    return set(Graph().parse(DATA / "expected" / path.name))


def gather(*parts) -> Graph:
    """Return one graph of all triples."""
    graph = Graph()
    for triple in chain.from_iterable(parts):
        graph.add(triple)
    return graph


def close_with_unmodified_owlrl(graph: Graph) -> tuple[Graph, list[str]]:
    """Return the closure by unmodified owlrl, and its complaints."""
    copy = gather(graph)
    rules = OWLRL_Semantics(copy, False, False)
    rules.closure()
    return copy, [str(message) for message in rules.error_messages]


def without_reflexive_triples(graph: Graph) -> set:
    """Return the triples except reflexive owl:sameAs and owlrl's complaints."""
    return {
        triple
        for triple in graph
        if not (triple[1] == OWL.sameAs and triple[0] == triple[2])
        and "agent-ont" not in triple[1] + triple[2]
    }


def test_fixtures_are_found():
    """An empty folder would let every test below pass."""
    assert len(FOLLOWS) >= 10
    assert len(CONTRADICTS) >= 21


@pytest.mark.parametrize("engine", ["nemo", "owlrl"])
@pytest.mark.parametrize("path", FOLLOWS, ids=lambda path: path.stem)
def test_each_axiom_entails_exactly_its_triples(path, engine):
    """The file of expected triples is the whole result."""
    assert set(infer(Graph().parse(path), engine=engine)) == expected(path)


def engines(path: Path) -> Iterator[ParameterSet]:
    """Yield both engines; owlrl reads the ontology slowly, so most of it is slow."""
    yield pytest.param(path, "nemo", id=f"{path.stem}-nemo")
    marks = () if path.stem in {"embassy-and-consulate", "two-values"} else (slow,)
    yield pytest.param(path, "owlrl", id=f"{path.stem}-owlrl", marks=marks)


@pytest.mark.parametrize(
    ("path", "engine"), [one for path in CONTRADICTS for one in engines(path)]
)
def test_each_contradiction_is_reported_with_its_facts(path, engine):
    """The message names rule, axiom, individuals and asserted triples, verbatim."""
    found = contradiction(path, engine)
    assert f"{found}\n" == path.with_suffix(".txt").read_text("utf-8")


@cache
def contradiction(path: Path, engine: str) -> Inconsistent:
    """Return what an engine raises for a file of facts."""
    with pytest.raises(Inconsistent) as caught:
        infer(contradictory(path), engine=engine)
    return caught.value


@cache
def contradictory(path: Path) -> Graph:
    """Return the ontology and a file of facts."""
    return gather(ONTOLOGY, Graph().parse(path))


def test_there_is_a_fixture_for_every_rule_with_the_head_false():
    """All of OWL 2 Profiles §4.3; dt-diff implies eq-diff1 and is reported itself."""
    found = {
        rule
        for path in CONTRADICTS
        for rule in re.findall(r"\(rule (.*)\)", path.with_suffix(".txt").read_text())
    }
    assert found == {
        *("eq-diff1", "eq-diff2", "eq-diff3"),
        *("prp-irp", "prp-asyp", "prp-pdw", "prp-adp", "prp-npa1", "prp-npa2"),
        *("cls-nothing2", "cls-com", "cls-maxc1", "cls-maxqc1", "cls-maxqc2"),
        *("cax-dw", "cax-adc", "dt-diff", "dt-not-type"),
    }
    assert found - {"dt-diff", "dt-not-type"} == {
        row.name for row in (*TABLE, *EQUALITY_RULES) if row.head is None
    }


@pytest.mark.parametrize("path", CONTRADICTS, ids=lambda path: path.stem)
def test_a_contradiction_is_traced_to_asserted_triples(path):
    """Its facts and axioms are in the graph, and removing any fact resolves it."""
    graph = contradictory(path)
    for one in contradiction(path, "nemo").contradictions:
        assert set(one.triples) | set(one.axioms) <= set(graph)
        assert not set(one.triples) & set(one.axioms)
        for triple in one.triples:
            assert one.message not in messages(graph - gather([triple]))


def messages(graph: Graph) -> set[str]:
    """Return the messages of a graph's contradictions."""
    try:
        infer(graph)
    except Inconsistent as error:
        return {one.message for one in error.contradictions}
    return set()


def test_a_contradiction_has_its_parts_as_terms():
    """A program can read the rule, the classes, the node and the triples."""
    graph = Graph().parse(DATA / "contradicts" / "embassy-and-consulate.ttl")
    with pytest.raises(Inconsistent) as caught:
        infer(gather(ONTOLOGY, graph))
    (one,) = caught.value.contradictions
    assert set(one.axioms) == {
        (AL.Consulate, OWL.disjointWith, AL.Embassy),
        (AL.hasConsulate, RDFS.range, AL.Consulate),
        (AL.hasEmbassy, RDFS.range, AL.Embassy),
    }
    node = URIRef(f"{BASE}id/fact/sample/mission")
    assert (one.rule, one.terms) == ("cax-dw", (AL.Consulate, AL.Embassy))
    assert one.nodes == (node,)
    assert one.triples == (
        (KAZAKHSTAN, AL.hasConsulate, node),
        (KAZAKHSTAN, AL.hasEmbassy, node),
    )


@slow
@pytest.mark.parametrize(
    "path",
    [path for path in CONTRADICTS if path.stem not in OWLRL_FALLS],
    ids=lambda path: path.stem,
)
def test_owlrl_alone_complains_of_the_same_files(path):
    """It misses those listed above, and no others."""
    _, complaints = close_with_unmodified_owlrl(gather(AXIOMS, Graph().parse(path)))
    assert bool(complaints) == (path.stem not in OWLRL_MISSES)


def test_many_contradictions_are_truncated_in_the_message_only():
    """Thirty invalid dates give thirty contradictions and a short text."""
    bad = Literal("1992-13-01", datatype=XSD.date)
    triples = [
        (URIRef(f"{BASE}id/fact/s/{n}"), AL.startEarliest, bad) for n in range(30)
    ]
    with pytest.raises(Inconsistent, match="and 10 more") as caught:
        infer(gather(ONTOLOGY, triples))
    assert len(caught.value.contradictions) == 30


def test_the_chosen_engine_runs(monkeypatch):
    """An engine that derives nothing returns nothing; owlrl does not."""
    path = DATA / "follows" / "chain.ttl"
    graph = Graph().parse(path)
    monkeypatch.setitem(ENGINES, "idle", lambda _: ENGINES["owlrl"](Graph()))
    assert set(infer(graph, engine="idle")) == set()
    assert set(infer(graph, engine="owlrl")) == expected(path)


def test_an_unknown_engine_is_refused_with_the_known_ones():
    """The message lists the engines."""
    with pytest.raises(UnknownEngine, match=r"'hermit'\n.*owlrl"):
        infer(Graph(), engine="hermit")


@pytest.mark.parametrize("construct", UNSUPPORTED, ids=lambda iri: iri.fragment)
@pytest.mark.parametrize("place", ["predicate", "class"])
def test_axioms_that_owlrl_does_not_support_are_refused(construct, place):
    """No construct is ignored silently."""
    triple = (AL.Party, construct, BNode())
    if place == "class":
        triple = (AL.Party, RDF.type, construct)
    with pytest.raises(InvalidData, match=construct.fragment):
        infer(Graph().add(triple), engine="owlrl", strict=True)


def test_the_graph_given_is_not_changed(capfd):
    """Neither triples nor prefixes are added, and nothing is printed."""
    graph = gather(ONTOLOGY, [(ARMENIA, AL.hasEmbassy, EMBASSY)])
    before = set(graph), sorted(graph.namespaces())
    infer(graph)
    assert (set(graph), sorted(graph.namespaces())) == before
    assert capfd.readouterr() == ("", "")


def test_the_conversions_of_rdflib_are_not_replaced():
    """Owlrl's public entry point would replace them in the whole process."""
    infer(gather(ONTOLOGY, [(ARMENIA, AL.hasEmbassy, EMBASSY)]))
    assert Literal("1", datatype=XSD.boolean).toPython() is True
    assert isinstance(Literal("1.5", datatype=XSD.double).toPython(), float)


def test_an_embassy_entails_its_shortcuts():
    """The example of the model, on the project's own ontology."""
    given_triples = [
        (ARMENIA, AL.hasEmbassy, EMBASSY),
        (EMBASSY, AL["with"], KAZAKHSTAN),
    ]
    kinds = (AL.Embassy, AL.Mission, AL.DatedRelation, AL.Fact)
    assert set(infer(gather(ONTOLOGY, given_triples))) == {
        *((EMBASSY, RDF.type, kind) for kind in kinds),
        (ARMENIA, RDF.type, AL.Party),
        (KAZAKHSTAN, RDF.type, AL.Party),
        (ARMENIA, AL.hasMission, EMBASSY),
        (ARMENIA, AL.hasRelation, EMBASSY),
        (ARMENIA, AL.hasEmbassyIn, KAZAKHSTAN),
        (ARMENIA, AL.hasMissionIn, KAZAKHSTAN),
    }


@pytest.mark.parametrize("text", ["0", "0.0E0", "INF"])
def test_floating_point_zero_is_a_number(text):
    """Owlrl denies it; its complaint is ignored."""
    value = Literal(text, datatype=XSD.double, normalize=False)
    infer(gather(ONTOLOGY, [(EMBASSY, AL.probe, value)]), engine="owlrl")
    infer(gather(ONTOLOGY, [(EMBASSY, AL.probe, value)]), engine="nemo")


def test_contradictions_through_equality_are_traced_to_its_facts():
    """What follows from owl:sameAs is traced to the facts of the other individual."""
    mission = Graph().parse(DATA / "contradicts" / "embassy-and-consulate.ttl")
    same = (EMBASSY, OWL.sameAs, URIRef(f"{BASE}id/fact/sample/mission"))
    with pytest.raises(Inconsistent) as caught:
        infer(gather(ONTOLOGY, mission, [same]))
    by_node = {one.nodes: one.triples for one in caught.value.contradictions}
    assert by_node[(EMBASSY,)] == (
        same,
        *sorted(t for t in mission if t[1] != AL["with"]),
    )


@pytest.mark.parametrize(
    ("one", "other", "differing"),
    [
        (Literal(5), Literal(6), True),
        (Literal(5), Literal("5.0", datatype=XSD.decimal), False),
        (Literal(5), Literal("6"), True),
        (Literal("a", datatype=XSD.token), Literal("a"), False),
        (Literal("5"), Literal("5", datatype=XSD.string), False),
        (Literal("خمسة", lang="ar"), Literal("five", lang="en"), True),
        (
            Literal("1992", datatype=EDTF.EDTF),
            Literal("1993", datatype=EDTF.EDTF),
            False,
        ),
        (ARMENIA, Literal("5"), False),
    ],
)
def test_values_differ_only_if_that_is_certain(one, other, differing):
    """Numbers are compared by value; unknown datatypes never differ."""
    assert values_differ(one, other) is differing


def test_the_result_does_not_depend_on_the_hash_seed():
    """Messages and triples are the same for any order of sets."""
    script = (
        "import sys; from rdflib import Graph\n"
        "from alaqat.reason.inference import infer\n"
        "try: print(sorted(infer(Graph().parse(sys.argv[1]).parse(sys.argv[2]))))\n"
        "except Exception as error: print(error)"
    )
    path = DATA / "contradicts" / "membership-of-a-state.ttl"
    command = [sys.executable, "-c", script, ROOT / "ontology" / "alaqat.ttl", path]
    answers = {
        subprocess.run(
            command,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(answers) == 1


NODES = [URIRef(f"{BASE}id/fact/sample/{letter}") for letter in "abcd"]
RELATIONS = sorted(
    {p for p in ONTOLOGY.subjects(RDF.type, OWL.ObjectProperty) if p.startswith(AL)}
)
CLASSES = sorted(
    c for c in ONTOLOGY.subjects(RDF.type, OWL.Class) if isinstance(c, URIRef)
)
# The axioms without disjointness, so that nothing contradicts.
LAX = [t for t in AXIOMS if not {OWL.disjointWith, OWL.AllDisjointClasses} & {*t}]

facts = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from([*NODES, BNode("b")]),
            st.sampled_from([*RELATIONS, OWL.sameAs]),
            st.sampled_from([*NODES, BNode("b")]),
        ),
        st.tuples(st.sampled_from(NODES), st.just(RDF.type), st.sampled_from(CLASSES)),
        st.tuples(
            st.sampled_from(NODES),
            st.sampled_from([AL.value, AL.content, RDFS.label]),
            st.sampled_from([Literal(5), Literal("1.0", datatype=XSD.decimal)]),
        ),
    ),
    max_size=8,
)
few = settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


@slow
@few
@given(facts)
def test_the_closure_is_owlrls_own(triples):
    """The steps left out derive nothing: the same triples, on any small graph."""
    graph = gather(LAX, triples)
    untouched, _ = close_with_unmodified_owlrl(graph)
    ours = ENGINES["owlrl"](graph).graph()
    assert without_reflexive_triples(ours) == without_reflexive_triples(untouched)


@pytest.mark.parametrize(
    "path",
    [path for path in (*FOLLOWS, *CONTRADICTS) if path.stem not in BROKEN],
    ids=lambda path: path.stem,
)
def test_the_closure_of_each_fixture_is_owlrls_own(path):
    """The same triples on every axiom and every contradiction."""
    graph = Graph().parse(path)
    untouched, _ = close_with_unmodified_owlrl(graph)
    ours = ENGINES["owlrl"](graph).graph()
    assert without_reflexive_triples(ours) == without_reflexive_triples(untouched)


@slow
@few
@given(facts)
def test_a_graph_contradicts_itself_where_owlrl_complains(triples):
    """The rules with the head `false` agree with owlrl's, on any small graph."""
    graph = gather(AXIOMS, triples)
    _, complaints = close_with_unmodified_owlrl(graph)
    try:
        infer(graph)
    except Inconsistent:
        assert complaints
    else:
        assert not complaints


@few
@given(facts)
def test_inference_is_idempotent(triples):
    """Nothing new follows from the result."""
    graph = gather(LAX, triples)
    assert set(infer(graph + infer(graph))) == set()


@few
@given(facts, facts)
def test_inference_is_monotone(some, more):
    """More facts never retract a conclusion."""
    less, larger = gather(LAX, some), gather(LAX, some, more)
    assert set(infer(less)) <= set(infer(larger)) | set(larger)


@few
@given(facts, st.randoms(use_true_random=False))
def test_inference_does_not_depend_on_order(triples, random):
    """The order of the triples changes nothing."""
    shuffled = random.sample(triples, len(triples))
    assert set(infer(gather(LAX, triples))) == set(infer(gather(LAX, shuffled)))


@few
@given(facts)
def test_new_triples_are_about_named_individuals_in_project_terms(triples):
    """No blank node, literal subject, reflexive owl:sameAs or asserted triple."""
    graph = gather(LAX, triples)
    for subject, predicate, value in infer(graph):
        assert type(subject) is URIRef
        assert not isinstance(value, BNode)
        assert subject not in {*RELATIONS, *CLASSES}
        assert predicate.startswith(AL) or value.startswith(AL) or subject != value
        assert (subject, predicate, value) not in graph


@pytest.mark.parametrize("value", ["", 0, False])
def test_a_literal_in_place_of_a_class_is_a_value_like_any_other(value: object) -> None:
    """Also one that Python takes for false."""
    one, other = URIRef("http://e/one"), URIRef("http://e/other")
    graph = gather([(one, RDF.type, Literal(value)), (one, OWL.sameAs, other)])
    found = infer(graph, output_filter=None)
    assert set(found) == {
        (other, RDF.type, Literal(value)),
        (other, OWL.sameAs, one),
    }
