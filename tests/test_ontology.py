"""What must hold of the ontology, its kinds and its alignments."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from rdflib import OWL, RDF, RDFS, SKOS, XSD, Graph, URIRef
from rdflib.collection import Collection

import alaqat
from alaqat.store.interface import Row
from alaqat.store.oxigraph import OxigraphStore
from alaqat.store.oxigraph_writer import amend
from alaqat.terms import (
    AL,
    KIND,
    ONTOLOGY_GRAPH,
    PREFIXES,
)

ROOT = Path(__file__).parents[1]
FILES = [
    ROOT / "ontology" / f"{name}.ttl" for name in ("alaqat", "kinds", "alignments")
]
CHECKS = {
    path.stem: text
    for path in sorted((ROOT / "queries" / "checks").glob("*.rq"))
    if "tags: [ontology," in (text := path.read_text(encoding="utf-8"))
}
ONTOLOGY = Graph()
for file in FILES:
    ONTOLOGY.parse(file)

PROPERTY_TYPES = (OWL.ObjectProperty, OWL.DatatypeProperty)


def ours(*types: URIRef) -> set[URIRef]:
    """Return the terms of our namespace that are declared as one of the types."""
    found = {node for type_ in types for node in ONTOLOGY.subjects(RDF.type, type_)}
    return {node for node in found if node in AL}


def sources() -> str:
    """All the text in which our terms and kinds may be used."""
    patterns = ("data/**/*.ttl", "ontology/**/*.ttl", "queries/**/*.rq", "src/**/*.py")
    paths = [path for pattern in patterns for path in sorted(ROOT.glob(pattern))]
    assert len(paths) >= 20
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


def test_there_are_as_many_classes_as_a_reader_can_hold() -> None:
    """The ontology is small: 35 to 45 classes."""
    assert 35 <= len(ours(OWL.Class)) <= 45


def test_there_are_as_many_properties_as_a_reader_can_hold() -> None:
    """The ontology is small: 45 to 85 properties, beside a few annotations."""
    assert 45 <= len(ours(*PROPERTY_TYPES)) <= 85
    assert len(ours(OWL.AnnotationProperty)) <= 5


@pytest.mark.parametrize(
    "term",
    sorted(ours(OWL.Class, *PROPERTY_TYPES, OWL.AnnotationProperty)),
    ids=lambda term: term.removeprefix(AL),
)
def test_a_term_has_one_label_and_one_definition_in_each_language(term: URIRef) -> None:
    """Every term is named and defined once in Arabic and once in English."""
    for words in (RDFS.label, SKOS.definition):
        languages = [str(word.language) for word in ONTOLOGY.objects(term, words)]
        assert sorted(languages) == ["ar", "en"]
    assert ONTOLOGY.value(term, RDFS.isDefinedBy) == URIRef(AL.removesuffix("#"))


@pytest.mark.parametrize(
    "term", sorted(ours(*PROPERTY_TYPES)), ids=lambda term: term.removeprefix(AL)
)
def test_domain_and_range_are_declared(term: URIRef) -> None:
    """A domain or range is a declared class, or a datatype of OWL 2."""
    declared = set(ONTOLOGY.subjects(RDF.type, OWL.Class))
    declared |= {XSD.boolean, XSD.decimal, XSD.integer}
    for axiom in (RDFS.domain, RDFS.range):
        assert set(ONTOLOGY.objects(term, axiom)) <= declared


def test_a_chain_is_a_holding_and_its_other_end() -> None:
    """Every chain goes from a holder to its node, and from there to the other side."""
    chains = list(ONTOLOGY.subject_objects(OWL.propertyChainAxiom))
    assert len(chains) == 12
    for shortcut, head in chains:
        first, second = Collection(ONTOLOGY, head)
        assert (first, RDFS.subPropertyOf, None) in ONTOLOGY
        assert second in {AL["with"], AL.office}
        assert shortcut not in {first, second}


def test_a_holding_says_the_class_of_its_node() -> None:
    """What a shortcut is derived from fixes the node's class by its range."""
    for _, head in ONTOLOGY.subject_objects(OWL.propertyChainAxiom):
        node_class = ONTOLOGY.value(Collection(ONTOLOGY, head)[0], RDFS.range)
        classes = set(ONTOLOGY.transitive_objects(node_class, RDFS.subClassOf))
        assert AL.DatedRelation in classes


def test_every_list_of_disjoint_classes_names_declared_classes() -> None:
    """The three lists of disjoint classes hold no class twice and none unknown."""
    lists = [
        list(Collection(ONTOLOGY, head)) for head in ONTOLOGY.objects(None, OWL.members)
    ]
    assert len(lists) == 3
    for members in lists:
        assert len(set(members)) == len(members)
        assert set(members) <= set(ONTOLOGY.subjects(RDF.type, OWL.Class))


@pytest.mark.parametrize("above", [AL.Fact, AL.DatedRelation], ids=["fact", "relation"])
def test_kinds_of_fact_are_disjoint(above: URIRef) -> None:
    """The classes just below make up one list of disjoint classes."""
    lists = [
        set(Collection(ONTOLOGY, head)) for head in ONTOLOGY.objects(None, OWL.members)
    ]
    assert set(ONTOLOGY.subjects(RDFS.subClassOf, above)) in lists


def test_there_is_one_version() -> None:
    """Code and ontology carry one version."""
    versions = {str(version) for version in ONTOLOGY.objects(None, OWL.versionInfo)}
    assert versions == {alaqat.__version__}
    assert len(set(ONTOLOGY.subjects(RDF.type, OWL.Ontology))) == len(FILES)


def test_every_term_in_use_is_declared() -> None:
    """No term is used in data, shapes, queries or code that the ontology lacks."""
    used = set(re.findall(r"\bal:([A-Za-z]\w*)", sources()))
    used |= set(re.findall(r"\bAL(?:\.|\[\")([A-Za-z]\w*)", sources()))
    declared = ours(OWL.Class, *PROPERTY_TYPES, OWL.AnnotationProperty)
    assert {AL[name] for name in used} - declared == set()


def test_every_kind_in_use_is_declared() -> None:
    """No kind is used in data, shapes, queries or code that no list of kinds holds."""
    used = set(re.findall(r"\bkind:([a-z][\w-]*)", sources()))
    used |= set(re.findall(r"\bKIND\[\"([\w-]+)\"\]", sources()))
    declared = set(ONTOLOGY.subjects(RDF.type, SKOS.Concept))
    assert len(declared) >= 100
    assert {KIND[name] for name in used} - declared == set()


def test_a_kind_is_in_one_list() -> None:
    """Every kind is in exactly one list, and every list holds a kind."""
    schemes = set(ONTOLOGY.subjects(RDF.type, SKOS.ConceptScheme))
    for kind in ONTOLOGY.subjects(RDF.type, SKOS.Concept):
        assert len(set(ONTOLOGY.objects(kind, SKOS.inScheme)) & schemes) == 1
    assert schemes == set(ONTOLOGY.objects(None, SKOS.inScheme))


def test_what_aligns_is_ours() -> None:
    """The alignments speak only of terms and kinds that we declare."""
    alignments = Graph().parse(FILES[2])
    matched = set(alignments.subjects(SKOS.closeMatch))
    assert len(matched) >= 25
    assert matched <= set(ONTOLOGY.subjects(RDFS.label))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_prefixes_are_those_of_the_house(file: Path) -> None:
    """A prefix that the house knows means the same in the ontology's files."""
    text = file.read_text(encoding="utf-8")
    prefixes = dict(re.findall(r"^@prefix ([\w-]+): <(.+)> \.$", text, re.MULTILINE))
    assert prefixes
    for name, iri in prefixes.items():
        assert PREFIXES.get(name, iri) == iri
        assert re.search(rf"^(?!@prefix).*\b{name}:", text, re.MULTILINE)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_subjects_stand_in_order_under_their_heading(file: Path) -> None:
    """Below each heading the subjects come once and from A to Z."""
    groups = re.split(r"^# ", file.read_text(encoding="utf-8"), flags=re.MULTILINE)[2:]
    assert groups
    for group in groups:
        subjects = re.findall(r"^((?!scheme:)[\w-]+:[\w-]+)$", group, re.MULTILINE)
        assert all(first < second for first, second in pairwise(subjects))


def rows(query: str, *graphs: Graph) -> list[Row]:
    """Return the rows of a query over the union of graphs, by the project's engine."""
    store = OxigraphStore()
    for graph in graphs:
        amend(store, ONTOLOGY_GRAPH, graph)
    return list(store.query(query))


@pytest.mark.parametrize("check", CHECKS)
def test_a_check_of_the_ontology_finds_nothing(check: str) -> None:
    """No check of the ontology has a row."""
    assert len(CHECKS) >= 9
    assert rows(CHECKS[check], ONTOLOGY) == []


@pytest.mark.parametrize(
    ("check", "slip", "found"),
    [
        ("terms-without-words", "al:Odd a owl:Class .", "Odd"),
        ("labels-shared-by-terms", "al:Odd rdfs:label 'state'@en .", "Odd"),
        ("words-in-the-wrong-script", "al:Odd rdfs:label 'state'@ar .", "Odd"),
        ("words-in-the-wrong-script", "al:Odd rdfs:label 'دولة'@en .", "Odd"),
        (
            "definitions-that-repeat-their-label",
            "al:Odd rdfs:label 'odd'@en ; skos:definition 'An odd thing.'@en .",
            "Odd",
        ),
        ("axioms-that-bite", "al:with a owl:FunctionalProperty .", "with"),
        ("axioms-that-bite", "al:edtf rdfs:range xsd:date .", "edtf"),
        (
            "axioms-that-bite",
            "al:memberOf owl:propertyChainAxiom ( al:memberOf al:with ) .",
            "memberOf",
        ),
        (
            "axioms-that-bite",
            "al:seat owl:propertyChainAxiom ( al:with al:with al:with ) .",
            "seat",
        ),
        ("undeclared-terms", "[] al:oddly 1 .", "oddly"),
        ("undeclared-terms", "[] a al:Odd .", "Odd"),
        ("undeclared-kinds", "al:Odd al:kind kind:odd .", "Odd"),
        (
            "versions-that-differ",
            "<https://w3id.org/alaqat/ontology/kinds> owl:versionInfo '9.9.9' .",
            "kinds",
        ),
        ("kinds-without-words", "kind:odd skos:inScheme [] .", "odd"),
        ("kinds-without-words", "kind:aid rdfs:label 'Help'@en .", "aid"),
    ],
)
def test_a_check_finds_the_slip_it_is_for(check: str, slip: str, found: str) -> None:
    """A check names the term that a slip was made in."""
    names = ("al", "kind", "owl", "rdfs", "skos", "xsd")
    header = "".join(f"@prefix {name}: <{PREFIXES[name]}> .\n" for name in names)
    slipped = Graph().parse(data=header + slip, format="turtle")
    slipped.add((AL.Odd, RDFS.isDefinedBy, URIRef(AL.removesuffix("#"))))
    nodes = {str(row[0]) for row in rows(CHECKS[check], ONTOLOGY, slipped)}
    assert found in {re.split("[/#]", node)[-1] for node in nodes}
