"""Property-based comparison of the two engines on generated OWL 2 RL ontologies."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from owlrl.OWLRL import OWLRL_Semantics
from rdflib import OWL, RDF, RDFS, XSD, BNode, Graph, Literal, URIRef
from rdflib.collection import Collection

from alaqat.errors import Inconsistent, InvalidData
from alaqat.reason.inference import ENGINES, infer
from alaqat.reason.profile import unsupported_axioms
from alaqat.terms import AL, BASE
from synthetic import facts

CLASSES = [AL[f"C{n}"] for n in range(4)]
PROPERTIES = [AL[f"p{n}"] for n in range(4)]
INDIVIDUALS = [URIRef(f"{BASE}id/place/{n}") for n in range(4)]
DATA_VALUES = [Literal(5), Literal("five")]

classes, properties, individuals = map(
    st.sampled_from, (CLASSES, PROPERTIES, INDIVIDUALS)
)
lists = st.lists(classes, min_size=1, max_size=3, unique=True)


def triple(*parts):
    """Return a strategy of triples from strategies and terms."""
    return st.tuples(
        *(p if isinstance(p, st.SearchStrategy) else st.just(p) for p in parts)
    )


data = st.one_of(
    triple(individuals, properties, individuals),
    triple(individuals, properties, individuals),
    triple(individuals, RDF.type, classes),
    triple(individuals, RDF.type, classes),
    triple(individuals, OWL.sameAs, individuals),
    triple(individuals, AL.value, st.sampled_from(DATA_VALUES)),
)
simple = st.one_of(
    triple(classes, st.sampled_from([RDFS.subClassOf, OWL.equivalentClass]), classes),
    triple(
        properties,
        st.sampled_from([RDFS.subPropertyOf, OWL.equivalentProperty, OWL.inverseOf]),
        properties,
    ),
    triple(properties, st.sampled_from([RDFS.domain, RDFS.range]), classes),
    triple(
        properties,
        RDF.type,
        st.sampled_from(
            [
                OWL.SymmetricProperty,
                OWL.TransitiveProperty,
                OWL.FunctionalProperty,
                OWL.InverseFunctionalProperty,
            ]
        ),
    ),
    triple(classes, OWL.disjointWith, classes),
    triple(properties, OWL.propertyDisjointWith, properties),
    triple(properties, RDF.type, st.just(OWL.IrreflexiveProperty)),
    triple(individuals, OWL.differentFrom, individuals),
    triple(properties, OWL.sameAs, properties),
    triple(classes, OWL.sameAs, classes),
    triple(classes, RDF.type, OWL.Class),
)
with_lists = st.one_of(
    st.tuples(classes, st.sampled_from([OWL.intersectionOf, OWL.unionOf]), lists),
    st.tuples(
        properties,
        st.just(OWL.propertyChainAxiom),
        st.lists(properties, min_size=1, max_size=3),
    ),
    st.tuples(
        classes, st.just(OWL.oneOf), st.lists(individuals, min_size=1, max_size=2)
    ),
)
restrictions = st.one_of(
    st.tuples(
        classes,
        st.sampled_from([OWL.someValuesFrom, OWL.allValuesFrom]),
        properties,
        st.one_of(classes, st.just(OWL.Thing)),
    ),
    st.tuples(classes, st.just(OWL.hasValue), properties, individuals),
    st.tuples(
        classes,
        st.just(OWL.maxCardinality),
        properties,
        st.sampled_from(
            [Literal(n, datatype=XSD.nonNegativeInteger) for n in ("0", "1")]
        ),
    ),
)
ontologies = st.tuples(
    st.lists(simple, max_size=6),
    st.lists(with_lists, max_size=2),
    st.lists(restrictions, max_size=2),
    st.lists(data, max_size=8),
)
many = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


def graph_of(parts) -> Graph:
    """Return a graph of axioms and data."""
    plain, listed, restricted, statements = parts
    graph = Graph()
    for one in (*plain, *statements):
        graph.add(one)
    for number, (subject, predicate, members) in enumerate(listed):
        head = BNode(f"list{number}")
        Collection(graph, head, members)
        graph.add((subject, predicate, head))
    for number, (narrower, construct, relation, filler) in enumerate(restricted):
        node = BNode(f"restriction{number}")
        for kind in (RDFS.subClassOf, OWL.equivalentClass)[: 1 + number]:
            graph.add((narrower, kind, node))
        graph.add((node, construct, filler))
        graph.add((node, OWL.onProperty, relation))
    return graph


def answer(graph: Graph, engine: str):
    """Return what the engine derives, or the rules violated."""
    try:
        return set(infer(graph, engine=engine))
    except Inconsistent as error:
        return {one.rule for one in error.contradictions}


# One restriction to owl:Thing is narrower than another only as owl:Thing is a class.
SOME_THING = (
    [],
    [],
    [(c, OWL.someValuesFrom, PROPERTIES[0], OWL.Thing) for c in CLASSES[:2]],
)


@pytest.mark.filterwarnings("ignore:.* axioms are not supported in full")
@many
@given(ontologies)
@example((*SOME_THING, [(INDIVIDUALS[0], RDF.type, CLASSES[0])]))
def test_engines_agree_on_any_ontology(parts):
    """The same new triples, or contradictions by the same rules."""
    graph = graph_of(parts)
    assert answer(graph, "nemo") == answer(graph, "owlrl")


@pytest.mark.parametrize("construct", [OWL.someValuesFrom, OWL.allValuesFrom])
@pytest.mark.parametrize(
    "fillers",
    [(OWL.Thing, OWL.Thing), (OWL.Nothing, OWL.Nothing), (OWL.Nothing, OWL.Thing)],
)
def test_restrictions_to_thing_and_nothing_are_compared(construct, fillers):
    """A restriction is narrower than one with a wider filler (scm-svf1, scm-avf1)."""
    graph = Graph()
    for narrow, filler in zip(CLASSES, fillers, strict=False):
        graph.add((narrow, construct, filler))
        graph.add((narrow, OWL.onProperty, PROPERTIES[0]))
    graph.add((INDIVIDUALS[0], RDF.type, CLASSES[0]))
    for engine in ("nemo", "owlrl"):
        assert (INDIVIDUALS[0], RDF.type, CLASSES[1]) in infer(graph, engine=engine)


def test_engines_agree_on_synthetic_facts():
    """Facts of every relation of the ontology, ten thousand triples."""
    graph = Graph().parse("ontology/alaqat.ttl")
    for one in facts(4_000):
        graph.add(one)
    assert answer(graph, "nemo") == answer(graph, "owlrl")


def test_owlrl_compares_literals_by_lexical_form():
    """The class of what has the value 5 contains what has 5.0; owlrl disagrees."""
    five = Literal("5.0", datatype=XSD.decimal)
    graph = graph_of(([], [], [], [(INDIVIDUALS[0], AL.value, five)]))
    for one in (
        (AL.Five, OWL.hasValue, Literal(5)),
        (AL.Five, OWL.onProperty, AL.value),
    ):
        graph.add(one)
    assert answer(graph, "nemo") == {(INDIVIDUALS[0], RDF.type, AL.Five)}
    assert answer(graph, "owlrl") == set()


def test_owlrl_gets_keys_wrong():
    """Individuals are the same if and only if they agree in every key property."""
    graph = graph_of(
        (
            [],
            [(CLASSES[0], OWL.hasKey, PROPERTIES[:2])],
            [],
            [
                *((one, RDF.type, CLASSES[0]) for one in INDIVIDUALS[:3]),
                *((one, PROPERTIES[0], INDIVIDUALS[3]) for one in INDIVIDUALS[:3]),
                *((one, PROPERTIES[1], Literal(5)) for one in INDIVIDUALS[:2]),
                (INDIVIDUALS[2], PROPERTIES[1], Literal(6)),
            ],
        )
    )
    one, other = INDIVIDUALS[:2]
    assert {(one, OWL.sameAs, other), (other, OWL.sameAs, one)} == {
        t for t in answer(graph, "nemo") if t[1] == OWL.sameAs
    }
    untouched = Graph() + graph
    OWLRL_Semantics(untouched, False, False).closure()
    assert (one, OWL.sameAs, INDIVIDUALS[2]) in untouched
    with pytest.raises(InvalidData, match="hasKey"):
        infer(graph, engine="owlrl")


def test_an_unsupported_axiom_is_warned_of_or_refused():
    """All of them are counted and named, as subclass or as superclass."""
    graph = Graph().parse(
        format="turtle",
        data="""
        @prefix : <http://example.org/> .
        @prefix owl: <http://www.w3.org/2002/07/owl#> .
        @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
        :p a owl:ReflexiveProperty .
        :a rdfs:subClassOf [ owl:onProperty :p ; owl:someValuesFrom :b ] .
        [ owl:onProperty :p ; owl:allValuesFrom :b ] rdfs:subClassOf :c .
        :d rdfs:subClassOf [ owl:onProperty :p ; owl:maxCardinality 2 ] .
        :e rdfs:subClassOf [ owl:onProperty :p ; owl:minCardinality 0 ] .
        """,
    )
    assert len(unsupported_axioms(graph)) == 4
    with pytest.warns(UserWarning, match="4 axioms are not supported in full"):
        infer(graph)
    with pytest.raises(InvalidData, match="ReflexiveProperty"):
        infer(graph, strict=True)


def test_axioms_derived_from_data_count():
    """A property derived to be the same as another gets its triples."""
    one, other = INDIVIDUALS[:2]
    graph = Graph()
    for item in (
        (AL.meta, RDF.type, OWL.FunctionalProperty),
        (CLASSES[0], AL.meta, PROPERTIES[0]),
        (CLASSES[0], AL.meta, PROPERTIES[1]),
        (one, PROPERTIES[0], other),
        (PROPERTIES[1], RDFS.domain, CLASSES[1]),
        (AL.under, RDFS.subPropertyOf, RDFS.subClassOf),
        (CLASSES[1], AL.under, CLASSES[2]),
    ):
        graph.add(item)
    closure = ENGINES["nemo"](graph).graph()
    assert (one, PROPERTIES[1], other) in closure
    assert (one, RDF.type, CLASSES[2]) in closure


@pytest.mark.parametrize("engine", ["nemo", "owlrl"])
def test_a_value_outside_its_range_contradicts(engine):
    """A string is not a number, and a byte has an upper bound."""
    graph = Graph().add((AL.size, RDFS.range, XSD.byte))
    graph.add((INDIVIDUALS[0], AL.size, Literal(127)))
    assert answer(graph, engine) == set()
    for value in (Literal("many"), Literal(128)):
        other = graph + Graph().add((INDIVIDUALS[1], AL.size, value))
        assert answer(other, engine) == {"dt-not-type"}
