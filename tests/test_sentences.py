"""Facts, dates and amounts in plain sentences, in Arabic and English."""

from __future__ import annotations

import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from rdflib import OWL, RDF, RDFS, Graph, Literal, URIRef

from alaqat.describe.entity_pages import EntityPages
from alaqat.describe.grammar import (
    PatternPart,
    fill,
    plain,
    slots_of,
)
from alaqat.describe.literals import (
    amount_words,
    bounds_words,
    number_words,
    time_words,
)
from alaqat.describe.resource import Descriptions
from alaqat.describe.sentences import Verbalizer
from alaqat.i18n import LANGUAGES, read_texts
from alaqat.proofs.prover import Prover
from alaqat.sources import knowledge_root
from alaqat.terms import (
    AL,
    BASE,
    QUDT,
    local,
)

FACT = f"{BASE}id/fact/kazakhstan/"

SENTENCES = tomllib.loads(
    (Path(__file__).parent / "data" / "sentences.toml").read_text(encoding="utf-8")
)


@pytest.fixture(scope="module")
def speakers(described: Descriptions) -> dict[str, Verbalizer]:
    """A speaker of each language."""
    return {code: Verbalizer(described, code) for code in LANGUAGES}


@pytest.mark.parametrize("name", SENTENCES)
def test_a_fact_reads_as_a_sentence(speakers: dict[str, Verbalizer], name: str) -> None:
    """Facts of every class read as written here, to the letter."""
    fact = URIRef(FACT + name)
    told = {code: plain(speakers[code].fact(fact)) for code in LANGUAGES}
    assert told == SENTENCES[name]


def test_the_sentences_are_of_many_classes(speakers: dict[str, Verbalizer]) -> None:
    """The table above holds at least one fact of nearly every form."""
    forms = {speakers["en"].form(URIRef(FACT + name)) for name in SENTENCES}
    assert len(SENTENCES) >= 25
    assert len(forms) >= 18


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fact_reads_as_a_sentence(
    speakers: dict[str, Verbalizer], described: Descriptions, language: str
) -> None:
    """No fact is told with an empty slot, a bare IRI or the other language's words."""
    facts = set(described.said.subjects(RDF.type, AL.Fact))
    assert len(facts) > 250
    for fact in facts:
        sentence = speakers[language].fact(fact)
        text = plain(sentence)
        assert text.endswith(".")
        assert not any(mark in text for mark in ("{", "[", "http", "  ", " ،", " ."))
        assert not any(part.language for part in sentence), text
        assert sum(part.node is not None for part in sentence) >= 1


def test_sentences_link_what_they_speak_of(speakers: dict[str, Verbalizer]) -> None:
    """The names in a sentence lead to what they name; the joined preposition too."""
    sentence = speakers["ar"].fact(URIRef(f"{FACT}embassy-of-armenia-in-kazakhstan"))
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
def test_a_triple_reads_as_a_sentence(
    speakers: dict[str, Verbalizer], property_: URIRef, sentences: tuple[str, str]
) -> None:
    """Derived relations have forms; other triples are three names in a row."""
    parties = (URIRef(f"{BASE}id/state/USA"), URIRef(f"{BASE}id/state/CHN"))
    told = tuple(
        plain(speakers[code].triple(parties[0], property_, parties[1]))
        for code in ("en", "ar")
    )
    assert told == sentences


ONTOLOGY = Graph().parse(knowledge_root() / "ontology" / "alaqat.ttl")


def test_every_kind_of_fact_has_a_form() -> None:
    """Every class of facts is told by a form of its own or of a class above it."""
    forms = set(read_texts("facts"))
    classes = ONTOLOGY.transitive_subjects(RDFS.subClassOf, AL.Fact)
    for kind in classes:
        above = {
            local(str(one))
            for one in ONTOLOGY.transitive_objects(kind, RDFS.subClassOf)
        }
        assert above & (forms - {"Fact"}) or kind in (AL.Fact, AL.DatedRelation), kind


def test_every_derived_relation_has_a_form() -> None:
    """Every property that a chain derives is told as a sentence."""
    chains = {
        local(str(one)) for one in ONTOLOGY.subjects(OWL.propertyChainAxiom, None)
    }
    assert len(chains) >= 10
    assert chains <= set(read_texts("relations"))


@pytest.mark.parametrize("name", ["facts", "relations", "dates", "amounts", "terms"])
def test_no_form_of_one_language_is_missing(name: str) -> None:
    """Whatever is said in one language is said in the other, with the same slots."""
    rows = read_texts(name)
    assert rows
    for key, row in rows.items():
        assert set(row) == set(LANGUAGES), key
        if name in ("facts", "relations"):
            assert slots_of(row["en"]) == slots_of(row["ar"]), key


def test_every_unit_of_the_data_has_a_form(described: Descriptions) -> None:
    """Amounts are told in words whatever their unit."""
    units = {local(str(one)) for one in described.said.objects(None, QUDT.hasUnit)}
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
    ],
)
def test_dates_are_told_at_their_precision(
    edtf: str, english: str, arabic: str
) -> None:
    """A date says no more and no less than was stated."""
    assert (time_words(edtf, "en"), time_words(edtf, "ar")) == (english, arabic)


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
        ((date(1999, 1, 1), date(1999, 12, 31)) * 2, "in 1999"),
        ((None, None, date(2008, 1, 1), date(2008, 12, 31)), "until 2008"),
        ((None, None, None, None), ""),
    ],
)
def test_bounds_are_told_where_no_date_is(
    days: tuple[date | None, ...], words: str
) -> None:
    """What only follows from several claims is told by its bounds."""
    first, second, third, last = days
    assert bounds_words((first, second, third, last), "en") == words


@pytest.mark.parametrize(
    ("value", "unit", "english", "arabic"),
    [
        ("1", "YR", "1 year", "1 سنة"),
        ("5", "YR", "5 years", "5 سنوات"),
        ("18", "TONNE", "18 tonnes", "18 طنًّا"),
        ("718", "M3", "718 cubic metres", "718 مترًا مكعبًا"),
        ("40", "PERCENT", "40%", "40٪"),
        ("6.04", "CCY_EUR", "6.04 euros", "6.04 يورو"),
    ],
)
def test_amounts_agree_with_their_number(
    value: str, unit: str, english: str, arabic: str
) -> None:
    """The unit stands in the plural form that its number asks for."""
    figure, said = URIRef("http://e/f"), Graph()
    said.add((figure, AL.value, Literal(Decimal(value))))
    said.add((figure, QUDT.hasUnit, URIRef(f"http://qudt.org/vocab/unit/{unit}")))
    assert amount_words(said, figure, "en") == english
    assert amount_words(said, figure, "ar") == arabic


def test_numbers_are_not_rounded() -> None:
    """Each digit that was stated is told."""
    assert number_words(Decimal("1234567.8905"), "en") == "1,234,567.8905"


@pytest.mark.parametrize(
    ("slots", "text"),
    [
        ({"a": (PatternPart("X"),)}, "X."),
        (
            {"a": (PatternPart("X"), PatternPart("Y")), "b": (PatternPart("الصين"),)},
            "X وY (للصين).",
        ),
        ({"a": (PatternPart("X"),), "b": (PatternPart("Y"),)}, "X (لY)."),
    ],
)
def test_a_form_leaves_out_what_is_empty(
    slots: dict[str, tuple[PatternPart, ...]], text: str
) -> None:
    """A stretch in brackets stands only where each of its slots is filled."""
    assert plain(fill("{a}[ ({ل:b})].", slots, "ar")) == text


def test_silence_is_told_apart_from_denial(
    prover: Prover, described: Descriptions
) -> None:
    """A state without either is silent; a denied one is not silent on it."""
    pages = EntityPages(described, prover, Verbalizer(described, "en"))
    denied = pages.thing(URIRef(f"{BASE}id/state/BRB"))
    assert [group.name.text for group in denied.denied] == ["non-relation"]
    assert denied.denials
    assert "relations" not in {one.key for one in denied.silences}
    silent = pages.thing(URIRef(f"{BASE}id/state/SYR"))
    assert not silent.denied
    assert "relations" in {one.key for one in silent.silences}
