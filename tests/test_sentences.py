"""Verbalization of facts, dates and amounts in Arabic and English."""

from __future__ import annotations

import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from rdflib import OWL, RDF, RDFS, Graph, Literal, URIRef

from alaqat.describe.entity_views import EntityViewBuilder
from alaqat.describe.grammar import (
    TextPart,
    plain_text,
    render_pattern,
    slot_names,
)
from alaqat.describe.literals import (
    format_amount,
    format_bounds,
    format_edtf,
    format_number,
)
from alaqat.describe.resource import Descriptions
from alaqat.describe.sentences import Verbalizer
from alaqat.describe.view_models import gaps
from alaqat.i18n import LANGUAGES, read_texts
from alaqat.locations import knowledge_root
from alaqat.proofs.prover import Prover
from alaqat.temporal.edtf import Bounds
from alaqat.terms import (
    AL,
    BASE,
    KIND,
    QUDT,
    facts_graph,
    local,
)

FACT = f"{BASE}id/fact/kazakhstan/"

SENTENCES = tomllib.loads(
    (Path(__file__).parent / "data" / "sentences.toml").read_text(encoding="utf-8")
)


@pytest.fixture(scope="module")
def verbalizers(described: Descriptions) -> dict[str, Verbalizer]:
    """Return a verbalizer of each language."""
    return {code: Verbalizer(described, code) for code in LANGUAGES}


@pytest.mark.parametrize("name", SENTENCES)
def test_a_fact_is_verbalized(verbalizers: dict[str, Verbalizer], name: str) -> None:
    """Sentences are those of the table, character by character."""
    fact = URIRef(FACT + name)
    found = {code: plain_text(verbalizers[code].fact(fact)) for code in LANGUAGES}
    assert found == SENTENCES[name]


def test_the_sentences_are_of_many_classes(verbalizers: dict[str, Verbalizer]) -> None:
    """The table covers nearly every sentence pattern."""
    kinds = {verbalizers["en"].kind(URIRef(FACT + name)) for name in SENTENCES}
    assert len(SENTENCES) >= 25
    assert len(kinds) >= 18


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fact_is_verbalized(
    verbalizers: dict[str, Verbalizer], described: Descriptions, language: str
) -> None:
    """No sentence has an empty slot, a bare IRI or text in another language."""
    facts = set(described.union_graph.subjects(RDF.type, AL.Fact))
    assert len(facts) > 250
    for fact in facts:
        sentence = verbalizers[language].fact(fact)
        text = plain_text(sentence)
        assert text.endswith(".")
        assert not any(mark in text for mark in ("{", "[", "http", "  ", " ،", " ."))
        assert not any(part.language for part in sentence), text
        assert sum(part.node is not None for part in sentence) >= 1


def test_sentences_link_the_entities_they_name(
    verbalizers: dict[str, Verbalizer],
) -> None:
    """Names are links, with a prefixed preposition too."""
    sentence = verbalizers["ar"].fact(URIRef(f"{FACT}embassy-of-armenia-in-kazakhstan"))
    linked = {part.text: str(part.node) for part in sentence if part.node is not None}
    assert linked["لأرمينيا"] == f"{BASE}id/state/ARM"
    assert linked["ألماتي"] == f"{BASE}id/place/almaty"


@pytest.mark.parametrize(
    ("property_", "sentences"),
    [
        (
            AL.hasEmbassyIn,
            (
                "The United States has an embassy to China",
                "للولايات المتحدة سفارة لدى الصين",
            ),
        ),
        (
            AL.lacksDiplomaticRelationsWith,
            (
                "The United States has no diplomatic relations with China",
                "لا علاقات دبلوماسية بين الولايات المتحدة والصين",
            ),
        ),
        (
            AL.candidate,
            ("United States — may be — China", "الولايات المتحدة — قد يكون — الصين"),
        ),
    ],
)
def test_a_triple_is_verbalized(
    verbalizers: dict[str, Verbalizer], property_: URIRef, sentences: tuple[str, str]
) -> None:
    """Triples without a pattern are three names in a row."""
    parties = (URIRef(f"{BASE}id/state/USA"), URIRef(f"{BASE}id/state/CHN"))
    found = tuple(
        plain_text(verbalizers[code].triple(parties[0], property_, parties[1]))
        for code in ("en", "ar")
    )
    assert found == sentences


ONTOLOGY = Graph().parse(knowledge_root() / "ontology" / "alaqat.ttl")


def test_every_kind_of_fact_has_a_pattern() -> None:
    """Every class of facts has a pattern of its own or inherits one."""
    patterns = set(read_texts("facts"))
    classes = ONTOLOGY.transitive_subjects(RDFS.subClassOf, AL.Fact)
    for kind in classes:
        above = {
            local(str(one))
            for one in ONTOLOGY.transitive_objects(kind, RDFS.subClassOf)
        }
        assert above & (patterns - {"Fact"}) or kind in (AL.Fact, AL.DatedRelation), (
            kind
        )


def test_every_derived_relation_has_a_pattern() -> None:
    """Every property with a property chain has a sentence pattern."""
    chains = {
        local(str(one)) for one in ONTOLOGY.subjects(OWL.propertyChainAxiom, None)
    }
    assert len(chains) >= 10
    assert chains <= set(read_texts("relations"))


@pytest.mark.parametrize("name", ["facts", "relations", "dates", "amounts", "terms"])
def test_patterns_are_in_every_language(name: str) -> None:
    """Every pattern is in all languages, with the same slots."""
    rows = read_texts(name)
    assert rows
    for key, row in rows.items():
        assert set(row) == set(LANGUAGES), key
        if name in ("facts", "relations"):
            assert slot_names(row["en"]) == slot_names(row["ar"]), key


def test_every_unit_of_the_data_has_a_pattern(described: Descriptions) -> None:
    """Amounts in every unit can be written out."""
    units = {
        local(str(one)) for one in described.union_graph.objects(None, QUDT.hasUnit)
    }
    assert units
    assert units <= set(read_texts("amounts"))


@pytest.mark.parametrize(
    ("edtf", "english", "arabic"),
    [
        ("1992-08-27", "on 27 August 1992", "في 27 أغسطس 1992"),
        ("1994-04", "in April 1994", "في أبريل 1994"),
        ("1993", "in 1993", "في عام 1993"),
        ("1992-08-27/", "since 27 August 1992", "منذ 27 أغسطس 1992"),
        ("1992/..", "since 1992", "منذ عام 1992"),
        ("/2008", "until 2008", "حتى عام 2008"),
        ("1991/1996", "from 1991 to 1996", "من عام 1991 إلى عام 1996"),
        ("1992~", "in about 1992", "في نحو عام 1992"),
        ("1992?", "in 1992 (not certain)", "في عام 1992 (غير مؤكد)"),
        ("1992%", "in about 1992 (not certain)", "في نحو عام 1992 (غير مؤكد)"),
        ("199X", "in the years 1990–1999", "في الأعوام 1990–1999"),
        ("1992-21", "in spring 1992", "في ربيع عام 1992"),
        ("../..", "", ""),
        ("1992-02-31", "in 1992-02-31", "في 1992-02-31"),
    ],
)
def test_dates_keep_their_precision(edtf: str, english: str, arabic: str) -> None:
    """A formatted date states neither more nor less than its EDTF."""
    assert (format_edtf(edtf, "en"), format_edtf(edtf, "ar")) == (english, arabic)


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ((date(1992, 1, 1), date(1992, 12, 31), None, None), "since 1992"),
        ((date(1992, 8, 1), date(1992, 8, 31), None, None), "since August 1992"),
        ((date(1992, 8, 27), date(1992, 8, 27), None, None), "since 27 August 1992"),
        (
            (date(1992, 8, 27), date(1993, 1, 2), None, None),
            "since between 27 August 1992 and 2 January 1993",
        ),
        (
            (date(1992, 3, 1), date(1992, 4, 30), None, None),
            "since between 1 March 1992 and 30 April 1992",
        ),
        ((date(1999, 1, 1), date(1999, 12, 31)) * 2, "in 1999"),
        ((None, None, date(2008, 1, 1), date(2008, 12, 31)), "until 2008"),
        ((None, None, None, None), ""),
    ],
)
def test_bounds_are_formatted(days: tuple[date | None, ...], words: str) -> None:
    """Bounds stand in for a date that no single claim states."""
    assert format_bounds(Bounds(*days), "en") == words


@pytest.mark.parametrize(
    ("value", "unit", "english", "arabic"),
    [
        ("1", "YR", "1 year", "1 سنة"),
        ("5", "YR", "5 years", "5 سنوات"),
        ("18", "TONNE", "18 tonnes", "18 طنًّا"),
        ("718", "M3", "718 cubic metres", "718 مترًا مكعبًا"),
        ("40", "PERCENT", "40%", "40٪"),
        ("6.04", "CCY_EUR", "6.04 euros", "6.04 يورو"),
        ("3", "PARSEC", "3 PARSEC", "3 PARSEC"),
    ],
)
def test_amounts_agree_with_their_number(
    value: str, unit: str, english: str, arabic: str
) -> None:
    """The unit is in the plural form that its number takes."""
    figure, graph = URIRef("http://e/f"), Graph()
    graph.add((figure, AL.value, Literal(Decimal(value))))
    graph.add((figure, QUDT.hasUnit, URIRef(f"http://qudt.org/vocab/unit/{unit}")))
    assert format_amount(graph, figure, "en") == english
    assert format_amount(graph, figure, "ar") == arabic


def test_numbers_are_not_rounded() -> None:
    """Every stated digit is written."""
    assert format_number(Decimal("1234567.8905"), "en") == "1,234,567.8905"


@pytest.mark.parametrize(
    ("slots", "text"),
    [
        ({"a": (TextPart("X"),)}, "X."),
        (
            {"a": (TextPart("X"), TextPart("Y")), "b": (TextPart("الصين"),)},
            "X وY (للصين).",
        ),
        ({"a": (TextPart("X"),), "b": (TextPart("Y"),)}, "X (لY)."),
    ],
)
def test_a_pattern_leaves_out_empty_parts(
    slots: dict[str, tuple[TextPart, ...]], text: str
) -> None:
    """A part in brackets needs all its slots filled."""
    assert plain_text(render_pattern("{a}[ ({ل:b})].", slots, "ar")) == text


def test_a_gap_is_not_a_denial(prover: Prover, described: Descriptions) -> None:
    """A state without relations has a gap; one whose relations are denied has none."""
    views = EntityViewBuilder(described, prover, Verbalizer(described, "en"))
    denied = views.entity(URIRef(f"{BASE}id/state/BRB"))
    assert [group.name.text for group in denied.denied] == ["non-relation"]
    assert denied.derived_denials
    assert "relations" not in {one.key for one in denied.gaps}
    silent = views.entity(URIRef(f"{BASE}id/state/SYR"))
    assert not silent.denied
    assert "relations" in {one.key for one in silent.gaps}


def gaps_of(node: URIRef, graph: Graph) -> dict[str, list[str]]:
    """Return the gaps of a node by kind, with the names of what they are about."""
    described = Descriptions({facts_graph("small"): graph})
    found = gaps(Verbalizer(described, "en"), node, ())
    return {gap.key: [part.text for part in gap.about] for gap in found}


@pytest.mark.parametrize(
    ("kind", "key", "filled"),
    [
        (AL.InternationalOrganization, "members", AL.hasMember),
        (AL.Person, "office", AL.heldOffice),
        (AL.Mission, "seat", AL.seat),
    ],
)
def test_what_an_entity_lacks_is_a_gap(kind: URIRef, key: str, filled: URIRef) -> None:
    """Until there is a value."""
    node, graph = URIRef("http://e/one"), Graph()
    graph.add((node, RDF.type, kind))
    assert key in gaps_of(node, graph)
    graph.add((node, filled, URIRef("http://e/other")))
    assert key not in gaps_of(node, graph)


def test_an_organization_without_a_founding_has_a_gap() -> None:
    """Unless another became it."""
    node, graph = URIRef("http://e/one"), Graph()
    graph.add((node, RDF.type, AL.InternationalOrganization))
    assert "founding" in gaps_of(node, graph)
    graph.add((URIRef("http://e/other"), AL.transformedInto, node))
    assert "founding" not in gaps_of(node, graph)


def test_an_empty_section_is_a_gap_of_what_it_is_about() -> None:
    """It is named."""
    node, section, graph = URIRef("http://e/one"), URIRef("http://e/part"), Graph()
    graph.add((section, AL.about, node))
    graph.add((section, AL.kind, KIND["empty-section"]))
    graph.add((section, RDFS.label, Literal("Relations", lang="en")))
    assert gaps_of(node, graph) == {"section": ["Relations"]}
