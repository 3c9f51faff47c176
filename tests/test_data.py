"""The project's own dataset says what its document says, word for word."""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from rdflib import OWL, RDF, Graph, Literal, URIRef

from alaqat.build import expected_warnings, validate_sources
from alaqat.sources import read_sources
from alaqat.terms import (
    AL,
    DOC,
    INFERRED_GRAPH,
    OA,
    ONTOLOGY_GRAPH,
    PREFIXES,
    facts_graph,
)
from alaqat.validate.results import findings_of
from conftest import Built

SHA256 = "0ed937b01f3827d1f168bf32cd0450b8f92b2d594e92fb738e73734608b900b9"
SLUG = "kazakhstan"
KAZ = URIRef(PREFIXES["state"] + "KAZ")

# Holder, host, kind, seat, start as stated: read from lines 10, 12, 23, 26 and 27.
MISSIONS = """
    KAZ ARM Embassy   yerevan          1992-01-01 1992-12-31
    KAZ AZE Embassy   baku             1994-12-16 1994-12-16
    KAZ RUS Embassy   moscow           -          -
    KAZ RUS Consulate saint-petersburg -          -
    KAZ RUS Consulate astrakhan        -          -
    KAZ RUS Consulate omsk             -          -
    KAZ UKR Embassy   kyiv             -          -
    KAZ UKR Consulate odesa            -          -
    ARM KAZ Embassy   almaty           1992-01-01 1992-12-31
    AZE KAZ Embassy   astana           -          -
    RUS KAZ Embassy   astana           -          -
    RUS KAZ Consulate almaty           -          -
    RUS KAZ Consulate oral             -          -
    UKR KAZ Embassy   astana           -          -
    UKR KAZ Consulate almaty           -          -
"""

# With whom relations are stated, and from when: lines 8, 10, 12, 14, 17, 21, 23, 53.
RELATIONS = {
    "state/ARM": "1992-08-27",
    "state/AZE": "1992-08-27",
    "state/CHN": "1992-01-03",
    "state/USA": "1991-12-16",
    "state/RUS": None,
    "state/UZB": None,
    "state/VAT": None,
    "state/PSE": None,
    "entity/order-of-malta": None,
    "org/european-union": "1993-02-02",
}

# Line 42, in the order of the text.
VISA_FREE = ["USA", "NLD", "GBR", "FRA", "DEU", "ITA", "MYS", "ARE", "KOR", "JPN"]


@pytest.fixture(scope="module")
def quads(built: Built) -> Mapping[URIRef, Graph]:
    """Return the dataset as it is published."""
    return built.graphs


@pytest.fixture(scope="module")
def facts(quads: Mapping[URIRef, Graph]) -> Graph:
    """Facts and claims with what follows from them."""
    return quads[facts_graph(SLUG)] + quads[INFERRED_GRAPH]


def text(root: Path) -> str:
    """Return the document."""
    return (root / "data" / SLUG / "document.txt").read_bytes().decode()


def local(term: object) -> str:
    """Return the last part of an IRI."""
    return str(term).rpartition("/")[2]


def start(facts: Graph, node: object) -> tuple[str, str]:
    """Return the earliest and latest start of a relation."""
    bounds = (facts.value(node, bound) for bound in (AL.startEarliest, AL.startLatest))
    first, last = (str(bound or "-") for bound in bounds)
    return first, last


def test_the_text_is_the_article_byte_for_byte(root: Path) -> None:
    """Offsets and quotes rest on it."""
    content = (root / "data" / SLUG / "document.txt").read_bytes()
    assert hashlib.sha256(content).hexdigest() == SHA256
    assert (len(content.decode()), content.count(b"\n")) == (9998, 63)


def test_every_quote_stands_at_its_offsets(root: Path, facts: Graph) -> None:
    """Position, words and context of every claim agree with the text."""
    document = text(root)
    claims = list(facts.subjects(RDF.type, AL.Claim))
    assert len(claims) > 200
    for claim in claims:
        position, quote = URIRef(f"{claim}#position"), URIRef(f"{claim}#quote")
        begin, end = (facts.value(position, p).toPython() for p in (OA.start, OA.end))
        before, words, after = (
            str(facts.value(quote, p)) for p in (OA.prefix, OA.exact, OA.suffix)
        )
        assert document[begin:end] == words
        assert document[:begin].endswith(before)
        assert document[end:].startswith(after)


def test_every_claim_stands_in_one_sentence(facts: Graph) -> None:
    """A quote is at most a sentence."""
    for claim in facts.subjects(RDF.type, AL.Claim):
        assert len(list(facts.objects(claim, AL.inSentence))) == 1


def test_missions_are_the_fifteen_of_the_text(facts: Graph) -> None:
    """Who, where, of which kind and since when, no more and no less."""
    found = set()
    for holder, mission in facts.subject_objects(AL.hasMission):
        kinds = {
            kind
            for kind in ("Embassy", "Consulate")
            if (mission, RDF.type, AL[kind]) in facts
        }
        (host,), (seat,) = (
            facts.objects(mission, AL["with"]),
            facts.objects(mission, AL.seat),
        )
        found.add(
            (local(holder), local(host), *kinds, local(seat), *start(facts, mission))
        )
    assert found == {tuple(row.split()) for row in MISSIONS.strip().splitlines()}
    assert len(found) == 15


def test_relations_are_dated_as_the_text_dates_them(facts: Graph) -> None:
    """An exact day, or no bound at all."""
    found = {}
    for relation in facts.objects(KAZ, AL.hasDiplomaticRelation):
        (other,) = facts.objects(relation, AL["with"])
        earliest, latest = start(facts, relation)
        assert earliest == latest
        found[other.removeprefix(PREFIXES["doc"].removesuffix("document/"))] = (
            None if earliest == "-" else earliest
        )
    assert found == RELATIONS


def test_the_sixty_one_without_relations_are_those_of_the_lists(facts: Graph) -> None:
    """Each by its name in the text, on lines 35, 37 and 40."""
    path = Path(__file__).parent / "data" / "states-without-relations.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 61
    found = {
        str(other)
        for node in facts.objects(KAZ, AL.hasNonRelation)
        for other in facts.objects(node, AL["with"])
    }
    assert found == {iri(row) for row in rows}


def iri(row: dict[str, str]) -> str:
    """Return the IRI of a row of the list of states."""
    name = row["entity"]
    prefix, _, rest = name.partition(":")
    return PREFIXES[prefix] + rest


def test_the_ten_visa_waivers_are_those_of_the_announcement(facts: Graph) -> None:
    """In line 42, each resting on the reference at its end."""
    reference = DOC[f"{SLUG}/reference/12"]
    found = set()
    for node in facts.objects(KAZ, AL.hasVisaArrangement):
        if (node, AL.kind, URIRef(PREFIXES["kind"] + "visa-free-entry")) in facts:
            (other,) = facts.objects(node, AL["with"])
            found.add(local(other))
            claims = facts.subjects(OA.hasBody, node)
            cited = {
                c
                for claim in claims
                for c in facts.objects(
                    claim, URIRef(PREFIXES["cito"] + "citesAsEvidence")
                )
            }
            assert cited == {reference}
    assert found == set(VISA_FREE)


def test_every_sentence_is_covered(built: Built) -> None:
    """By a fact, a reference, or a note that says why."""
    assert built.summary.covered == built.summary.sentences == 78


def test_the_shapes_find_only_what_is_expected(root: Path) -> None:
    """No violation; advice is what the source itself gives rise to."""
    report, graphs, sources = validate_sources(root)
    known = expected_warnings(sources)
    assert known
    assert [
        found.text("en")
        for found in findings_of(report, graphs[facts_graph(SLUG)], sources.index.where)
        if found.result in report.unexpected(known)
    ] == []
    assert report.missing(known) == ()


def test_no_shortcut_is_asserted(root: Path) -> None:
    """What follows is derived, so that it has a proof."""
    shortcuts = set(
        read_sources(root).ontology.subjects(
            URIRef(PREFIXES["owl"] + "propertyChainAxiom")
        )
    )
    (source,) = read_sources(root).documents
    assert len(shortcuts) > 8
    assert not shortcuts & set(source.facts.predicates())


def test_every_fact_has_a_label_in_both_languages(facts: Graph) -> None:
    """Pages and tables show it."""
    bodies = set(facts.objects(None, OA.hasBody))
    for fact in bodies:
        labels = facts.objects(fact, URIRef(PREFIXES["rdfs"] + "label"))
        languages = {label.language for label in labels if isinstance(label, Literal)}
        assert languages == {"ar", "en"}, fact


def test_every_term_is_used_by_the_data_or_a_question(root: Path, built: Built) -> None:
    """The ontology says no more than is needed; authoring terms count as written."""
    graphs = dict(built.graphs)
    ontology = graphs.pop(ONTOLOGY_GRAPH)
    written = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("data", "queries")
        for path in (root / folder).rglob("*")
        if path.suffix in {".ttl", ".rq"}
    )
    used = {term for graph in graphs.values() for triple in graph for term in triple}
    terms = {
        term
        for kind in (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty)
        for term in ontology.subjects(RDF.type, kind)
        if isinstance(term, URIRef) and term.startswith(AL)
    }
    assert len(terms) > 100
    names = {term: f"al:{term.removeprefix(AL)}" for term in terms - used}
    unused = {n for n in names.values() if not re.search(rf"{n}(?![\w-])", written)}
    assert unused == set()
