"""Contradictions: facts that contradict the ontology fail the build."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from alaqat.build import build
from alaqat.errors import Inconsistent
from alaqat.reason.rules import AXIOM_RULES, EQUALITY_RULES
from alaqat.terms import BASE

PREFIXES = f"""
@prefix fact: <{BASE}id/fact/atlantis/> .
@prefix state: <{BASE}id/state/> .
@prefix place: <{BASE}id/place/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
EMBASSY = "fact:embassy-of-france-in-japan"
MAXIMUM = "al:Embassy rdfs:subClassOf [ a owl:Restriction ; owl:onProperty al:seat ; "
ZERO = '"0"^^xsd:nonNegativeInteger ] .'
DENIAL = "[] a owl:NegativePropertyAssertion ; "
DIFFERENT = "[] a owl:AllDifferent ; "
SAME = "state:FRA owl:sameAs state:JPN ."
BOTH = f"{EMBASSY} al:with place:tokyo ."

# rule: what is added to the ontology, and to the facts of the small world.
SEEDS = {
    "cax-dw": ("", f"state:JPN al:hasConsulate {EMBASSY} ."),
    "cax-adc": (
        "[] a owl:AllDisjointClasses ; owl:members ( al:Place al:Embassy al:State ) .",
        f"{EMBASSY} a al:State .",
    ),
    "cls-com": (
        "al:Consulate rdfs:subClassOf [ owl:complementOf al:Embassy ] .",
        f"state:JPN al:hasConsulate {EMBASSY} .",
    ),
    "cls-nothing2": ("al:Embassy rdfs:subClassOf owl:Nothing .", ""),
    "cls-maxc1": (f"{MAXIMUM} owl:maxCardinality {ZERO}", ""),
    "cls-maxqc1": (
        f"{MAXIMUM} owl:onClass al:Place ; owl:maxQualifiedCardinality {ZERO}",
        "",
    ),
    "cls-maxqc2": (
        f"{MAXIMUM} owl:onClass owl:Thing ; owl:maxQualifiedCardinality {ZERO}",
        "",
    ),
    "prp-irp": (
        "al:with a owl:IrreflexiveProperty .",
        f"{EMBASSY} al:with {EMBASSY} .",
    ),
    "prp-asyp": (
        "al:hasEmbassyIn a owl:AsymmetricProperty .",
        f"state:JPN al:hasEmbassy {EMBASSY} . {EMBASSY} al:with state:FRA .",
    ),
    "prp-pdw": ("al:seat owl:propertyDisjointWith al:with .", BOTH),
    "prp-adp": (
        "[] a owl:AllDisjointProperties ; "
        "owl:members ( al:location al:seat al:with ) .",
        BOTH,
    ),
    "prp-npa1": (
        f"{DENIAL} owl:sourceIndividual state:FRA ; "
        "owl:assertionProperty al:hasEmbassyIn ; owl:targetIndividual state:JPN .",
        "",
    ),
    "prp-npa2": (
        f"{DENIAL} owl:sourceIndividual {EMBASSY} ; "
        "owl:assertionProperty al:inPresentTense ; owl:targetValue true .",
        "",
    ),
    "eq-diff1": ("state:FRA owl:differentFrom state:JPN .", SAME),
    "eq-diff2": (f"{DIFFERENT} owl:members ( state:FRA state:JPN ) .", SAME),
    "eq-diff3": (f"{DIFFERENT} owl:distinctMembers ( state:FRA state:JPN ) .", SAME),
    "dt-diff": ("rdfs:label a owl:FunctionalProperty .", ""),
    "dt-not-type": ("al:inPresentTense rdfs:range xsd:integer .", ""),
}
QUOTED = "«France has had an embassy in Tokyo since 1859» (line 2 of the text)"
UNQUOTED = {"eq-diff1", "eq-diff2", "eq-diff3", "dt-diff"}  # no claim states these


def test_every_rule_with_the_head_false_is_seeded() -> None:
    """All of OWL 2 Profiles §4.3, including the two on datatypes."""
    table = {row.name for row in (*AXIOM_RULES, *EQUALITY_RULES) if row.head is None}
    assert set(SEEDS) == table | {"dt-diff", "dt-not-type"}


@pytest.mark.parametrize("rule", SEEDS)
def test_a_contradiction_fails_the_build_with_its_evidence(
    rule: str, small: Path, tmp_path: Path
) -> None:
    """Rule, facts with file, line and quote, and axioms; nothing is published."""
    axioms, facts = SEEDS[rule]
    for path, text in (
        (small / "ontology" / "alaqat.ttl", axioms),
        (small / "data" / "atlantis" / "facts" / "embassies.ttl", facts),
    ):
        path.write_text(f"{path.read_text('utf-8')}{PREFIXES}{text}\n", "utf-8")
    with pytest.raises(Inconsistent) as caught:
        build(small, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    found = [one for one in caught.value.contradictions if one.rule == rule]
    assert found
    message = "\n".join(one.message for one in found)
    assert f"(rule {rule})" in message
    assert re.search(r"^    (data|ontology)/\S+\.ttl:\d+$", message, re.MULTILINE)
    assert (QUOTED in message) is (rule not in UNQUOTED)
    assert caught.value.path
    assert caught.value.remedy


def test_the_message_of_a_contradiction_is_verbatim(
    small: Path, tmp_path: Path
) -> None:
    """A curator reads what is wrong, in which file and line, and what the text says."""
    path = small / "data" / "atlantis" / "facts" / "embassies.ttl"
    text = path.read_text("utf-8")
    path.write_text(f"{text}\nstate:JPN al:hasConsulate {EMBASSY} .\n", "utf-8")
    with pytest.raises(Inconsistent) as caught:
        build(small, tmp_path / "out")
    last = len(text.splitlines()) + 2
    message = str(caught.value).splitlines()
    assert message[:8] == [
        f"data/atlantis/facts/embassies.ttl:9: al:Consulate and al:Embassy are "
        f"disjoint, but {EMBASSY} is both (rule cax-dw)",
        f"  state:FRA al:hasEmbassy {EMBASSY}",
        "    data/atlantis/facts/embassies.ttl:9",
        f"    {QUOTED}",
        f"  state:JPN al:hasConsulate {EMBASSY}",
        f"    data/atlantis/facts/embassies.ttl:{last}",
        f"    {QUOTED}",
        "  by the axiom al:Consulate owl:disjointWith al:Embassy",
    ]
    assert message[8].startswith("    ontology/alaqat.ttl:")
