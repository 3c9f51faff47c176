"""Completeness of the kinds of fact: colour, sentence pattern, shape, statistics."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from rdflib import RDF, RDFS, SH, BNode, Graph, URIRef

from alaqat.i18n import read_texts
from alaqat.queries.library import read_library
from alaqat.terms import AL, local

ROOT = Path(__file__).parents[1]
ONTOLOGY = Graph().parse(ROOT / "ontology" / "alaqat.ttl")
SHAPES = Graph()
for file in (ROOT / "ontology" / "shapes").glob("*.ttl"):
    SHAPES.parse(file)
STYLE = (ROOT / "web" / "styles" / "kinds.css").read_text(encoding="utf-8")
TOKENS = (ROOT / "web" / "styles" / "tokens.css").read_text(encoding="utf-8")


def below(kind: URIRef) -> set[URIRef]:
    """Return all subclasses of a class."""
    found = set(ONTOLOGY.transitive_subjects(RDFS.subClassOf, kind)) - {kind}
    return {one for one in found if isinstance(one, URIRef)}


KINDS = sorted(below(AL.Fact) - {AL.DatedRelation})
RELATIONS = below(AL.DatedRelation)


def above(kind: URIRef) -> set[str]:
    """Return the names of a class and those superclasses that are kinds of fact."""
    classes = ONTOLOGY.transitive_objects(kind, RDFS.subClassOf)
    return {local(str(one)) for one in classes if one in KINDS}


def test_there_are_kinds_of_fact() -> None:
    """The tests below are not vacuous."""
    assert len(KINDS) >= 20
    assert len(RELATIONS) >= 14


def test_a_kind_of_fact_has_one_colour() -> None:
    """kinds.css names each class once, no other, and only defined colours."""
    coloured = Counter(re.findall(r'\[data-kind="(\w+)"\]', STYLE))
    assert coloured == Counter(local(str(kind)) for kind in KINDS)
    colours = re.findall(r"--kind: var\((--[\w-]+)\)", STYLE)
    assert colours
    assert not {one for one in colours if f"\n  {one}:" not in TOKENS}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: local(str(kind)))
def test_a_kind_of_fact_has_a_pattern_and_a_shape(kind: URIRef) -> None:
    """Both are its own or inherited."""
    targets = {local(str(one)) for one in SHAPES.objects(None, SH.targetClass)}
    assert above(kind) & set(read_texts("facts"))
    assert above(kind) & targets


def test_a_kind_of_relation_is_counted_by_its_class() -> None:
    """The query counts every class but those that have instances by subclasses only."""
    graph = Graph() + ONTOLOGY
    for kind in RELATIONS:
        graph.add((BNode(), RDF.type, kind))
    question = read_library(ROOT / "queries").get("relations-by-class")
    counted = {row[0] for row in graph.query(question.text)}
    assert counted == RELATIONS - {AL.Assessment, AL.Mission}
