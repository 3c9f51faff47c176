"""Made-up facts are the same for a seed, as many as asked, and consistent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rdflib import Graph

from alaqat.reason.inference import infer, stream_inferences
from alaqat.terms import AL
from synthetic import facts

ONTOLOGY = Graph().parse(Path(__file__).parent.parent / "ontology" / "alaqat.ttl")


def test_as_many_as_asked_and_no_two_alike():
    """A stream, not a list, of so many different triples."""
    made = facts(5_000)
    assert isinstance(made, Iterator)
    assert len(set(made)) == 5_000


def test_the_seed_decides():
    """The same seed gives the same triples, another gives others."""
    assert list(facts(300)) == list(facts(300))
    assert list(facts(300)) != list(facts(300, seed=2))


def test_they_use_the_words_of_the_ontology_and_do_not_contradict_it():
    """Every property and class of ours is declared, and something follows."""
    made = list(facts(3_000))
    words = {term for triple in made for term in triple if term.startswith(AL)}
    assert words <= set(ONTOLOGY.subjects())
    graph = Graph()
    for triple in (*ONTOLOGY, *made):
        graph.add(triple)
    inferred = set(infer(graph, strict=True))
    assert len(inferred) > 1_000
    assert set(stream_inferences([*ONTOLOGY, *made])) == inferred
