"""Day views, certainty and verdicts, with their evidence."""

from __future__ import annotations

import json
from datetime import date, timedelta
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import OWL, RDF, RDFS, XSD, Graph, Literal, URIRef

from alaqat.asof.intervals import (
    DayView,
    Intervals,
    lifetimes,
)
from alaqat.asof.text import (
    day_as_json,
    day_as_text,
    verdict_as_json,
    verdict_as_text,
)
from alaqat.asof.verdict import check
from alaqat.locations import knowledge_root
from alaqat.proofs.check import proof_flaws
from alaqat.proofs.prover import Prover
from alaqat.proofs.wording import TermWording
from alaqat.queries.library import read_library
from alaqat.reason.inference import infer
from alaqat.sources import read_sources
from alaqat.store.releases import open_store
from alaqat.temporal.certainty import (
    Certainty,
    Period,
    certainty,
    intersect_periods,
    read_periods,
)
from alaqat.temporal.edtf import Bounds
from alaqat.terms import (
    AL,
    BASE,
    INFERRED_GRAPH,
    ONTOLOGY_GRAPH,
    facts_graph,
)
from conftest import Built

CERTAIN, PRESUMED, POSSIBLE = Certainty
D = date.fromisoformat
HAS, LACKS = AL.hasDiplomaticRelationsWith, AL.lacksDiplomaticRelationsWith
DAYS = ("startEarliest", "startLatest", "endEarliest", "endLatest", "attestedOn")


def entity(name: str) -> URIRef:
    """Return an entity of the small datasets below."""
    return URIRef(f"{BASE}id/entity/{name}")


@cache
def ontology() -> Graph:
    """Return the project's ontology."""
    return read_sources(knowledge_root()).ontology


def world(facts: str) -> Prover:
    """Return a prover over the ontology and some facts in Turtle."""
    prefixes = (
        f"@prefix : <{BASE}id/entity/> . @prefix al: <{AL}> .\n"
        f"@prefix xsd: <{XSD}> . @prefix rdfs: <{RDFS}> .\n"
    )
    given_facts = Graph().parse(data=prefixes + facts)
    graphs = {ONTOLOGY_GRAPH: ontology(), facts_graph("small"): given_facts}
    return Prover({**graphs, INFERRED_GRAPH: infer(ontology() + given_facts)})


def days(**known: str) -> str:
    """Return dates of a fact in Turtle."""
    return "".join(f' ; al:{name} "{day}"^^xsd:date' for name, day in known.items())


def view_of(prover: Prover, day: str) -> DayView:
    """Return the view of a day."""
    return Intervals(prover).at(D(day))


# One period, one day


SINCE_2000 = Bounds(D("2000-01-01"), D("2000-12-31"))
SINCE_A_DAY = Bounds(D("2000-05-05"), D("2000-05-05"))
ONE_YEAR = Bounds(*[D("2000-01-01")] * 2, *[D("2001-01-01")] * 2)
UNTIL_2001 = Bounds(None, None, D("2001-01-01"), D("2001-12-31"))
PRESENT = D("2014-12-31")


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        (Period(), {"2000-01-01": POSSIBLE}),
        (
            Period(attested=(PRESENT,)),
            {"2014-12-30": POSSIBLE, "2014-12-31": PRESUMED, "2015-01-01": POSSIBLE},
        ),
        (
            Period(SINCE_2000),
            {
                "1999-12-31": None,
                "2000-06-01": POSSIBLE,
                "2000-12-31": POSSIBLE,
                "2001-01-01": POSSIBLE,
            },
        ),
        (
            Period(SINCE_2000, presumed_until=PRESENT),
            {
                "1999-12-31": None,
                "2000-06-01": POSSIBLE,
                "2000-12-31": PRESUMED,
                "2010-06-15": PRESUMED,
                "2014-12-31": PRESUMED,
                "2015-01-01": POSSIBLE,
            },
        ),
        (
            Period(SINCE_A_DAY, presumed_until=PRESENT),
            {"2000-05-04": None, "2000-05-05": CERTAIN, "2000-05-06": PRESUMED},
        ),
        (
            Period(ONE_YEAR),
            {
                "1999-12-31": None,
                "2000-01-01": CERTAIN,
                "2001-01-01": CERTAIN,
                "2001-01-02": None,
            },
        ),
        (Period(UNTIL_2001), {"2001-06-01": POSSIBLE, "2002-01-01": None}),
    ],
)
def test_certainty_of_a_period_on_some_days(
    period: Period, expected: dict[str, Certainty | None]
) -> None:
    """Certain, presumed, possible or excluded, depending on the known dates."""
    assert {day: certainty(period, D(day)) for day in expected} == expected


some_day = st.dates(date(1990, 1, 1), date(2010, 1, 1))
spans = st.tuples(some_day, *[st.integers(0, 900)] * 3)


def closed(span: tuple[date, int, int, int]) -> Period:
    """Return a period with four known bounds in order."""
    first, *steps = span
    known = [first]
    for step in steps:
        known.append(known[-1] + timedelta(step))
    return Period(Bounds(*known))


@given(spans, some_day)
def test_certainty_with_all_bounds_known(
    span: tuple[date, int, int, int], day: date
) -> None:
    """A day is certain between the inner bounds and excluded outside the outer ones."""
    when = closed(span)
    limits = when.bounds
    assert limits.start_earliest
    assert limits.start_latest
    assert limits.end_earliest
    assert limits.end_latest
    inside = limits.start_latest <= day <= limits.end_earliest
    outside = day < limits.start_earliest or day > limits.end_latest
    expected = CERTAIN if inside else None if outside else POSSIBLE
    assert certainty(when, day) is expected


@given(st.lists(spans, min_size=1, max_size=4), some_day)
def test_an_intersection_is_as_certain_as_its_least_certain_period(
    several: list[tuple[date, int, int, int]], day: date
) -> None:
    """On any day, for any number of periods."""
    periods = [closed(span) for span in several]
    each = [certainty(one, day) for one in periods]
    expected = None if None in each else max(one for one in each if one is not None)
    assert certainty(intersect_periods(periods), day) is expected


# Derived shortcuts

EMBASSY = ":a al:hasEmbassy :e . :e al:with :b"


def test_a_shortcut_is_as_certain_as_its_premises() -> None:
    """A triple derived from a relation has the certainty of the relation."""
    triple = entity("a"), AL.hasMissionIn, entity("b")
    small = world(
        EMBASSY
        + days(startEarliest="1992-01-01", startLatest="1992-12-31")
        + days(presumedUntil="2014-12-31")
        + " ."
    )
    found = {
        day: view_of(small, day).certainty_of(triple)
        for day in (
            "1991-12-31",
            "1992-06-01",
            "2010-06-15",
            "2014-12-31",
            "2020-01-01",
        )
    }
    assert list(found.values()) == [None, POSSIBLE, PRESUMED, PRESUMED, POSSIBLE]


def test_the_most_certain_proof_wins_even_if_it_is_longer() -> None:
    """A short proof from an ended relation loses to a longer one that still holds."""
    small = world(
        ":a al:hasMembership :m . :m al:with :o"
        + days(endLatest="2000-01-01")
        + " . :a al:hasFoundingMembership :f . :f al:with :o"
        + days(attestedOn="2010-06-15")
        + " ."
    )
    triple = entity("a"), AL.memberOf, entity("o")
    view = view_of(small, "2010-06-15")
    assert view.certainty_of(triple) is PRESUMED
    (proof,) = view.proofs_of(triple)
    assert entity("f") in {leaf.triple[0] for leaf in proof.leaves()}
    assert view_of(small, "1999-01-01").certainty_of(triple) is POSSIBLE


def test_nothing_holds_before_its_party_was_founded() -> None:
    """The stated founding of a party limits the possible days."""
    small = world(
        ":a al:hasMembership :m . :m al:with :o . :x a al:Founding ; al:founded :o"
        + days(startEarliest="2000-01-01", startLatest="2000-01-31")
        + " ."
    )
    triple = entity("a"), AL.memberOf, entity("o")
    assert view_of(small, "1999-12-31").certainty_of(triple) is None
    assert view_of(small, "2000-01-01").certainty_of(triple) is POSSIBLE
    known = lifetimes(small.pairs, read_periods(small.pairs))
    assert known == {entity("o"): Period(Bounds(start_earliest=D("2000-01-01")))}


def test_each_proof_of_a_day_is_valid(prover: Prover) -> None:
    """Every shortcut of a day is proved from relations that held on that day."""
    view = view_of(prover, "2010-06-15")
    assert len(view.shortcuts) > 50
    known = {one.facts[0]: one.certainty for one in view.relations}
    for held in view.shortcuts:
        (proof,) = view.proofs_of(held.triple)
        assert not list(proof_flaws(proof, prover.is_asserted))
        assert held.facts
        assert held.certainty == max(known[fact] for fact in held.facts)


def test_the_project_data_on_some_days(prover: Prover) -> None:
    """The embassy in Baku is certain on its first day, and presumed from then on."""
    triple = (
        URIRef(BASE + "id/state/KAZ"),
        AL.hasEmbassyIn,
        URIRef(BASE + "id/state/AZE"),
    )
    found = {
        day: view_of(prover, day).certainty_of(triple)
        for day in (
            "1994-12-15",
            "1994-12-16",
            "2010-06-15",
            "2014-12-31",
            "2015-01-01",
        )
    }
    assert list(found.values()) == [None, CERTAIN, PRESUMED, PRESUMED, POSSIBLE]


# Verdicts

RELATION = ":a al:hasDiplomaticRelation :r . :r al:with :b"
DENIAL = ":a al:hasNonRelation :n . :n al:with :b"


@pytest.mark.parametrize(
    ("facts", "answer"),
    [
        (f"{RELATION} .", "yes"),
        (f"{DENIAL} .", "no"),
        (f"{RELATION} . {DENIAL} .", "both"),
        (f"{EMBASSY} .", "silent"),
    ],
)
def test_there_are_four_answers(facts: str, answer: str) -> None:
    """Yes, no, both and silent; denial is symmetric here."""
    small = world(facts)
    for triple in ((entity("a"), HAS, entity("b")), (entity("b"), HAS, entity("a"))):
        verdict = check(small, triple)
        assert verdict.answer == answer
        assert bool(verdict.pro) == (answer in ("yes", "both"))
        assert bool(verdict.contra) == (answer in ("no", "both"))
    turned = {"yes": "no", "no": "yes"}.get(answer, answer)
    assert check(small, (entity("a"), LACKS, entity("b"))).answer == turned


def test_verdicts_depend_on_the_day() -> None:
    """First no relations, later relations: each day has its own verdict."""
    small = world(
        DENIAL
        + days(
            startLatest="1990-01-01", endEarliest="1999-12-31", endLatest="1999-12-31"
        )
        + f" . {RELATION}"
        + days(startEarliest="2000-01-01", startLatest="2000-01-01")
        + days(presumedUntil="2014-12-31")
        + " ."
    )
    triple = entity("a"), HAS, entity("b")
    assert check(small, triple).answer == "both"
    assert check(small, triple, view_of(small, "1995-01-01")).answer == "no"
    assert check(small, triple, view_of(small, "2005-01-01")).answer == "yes"
    later = check(small, triple, view_of(small, "2020-01-01"))
    assert later.answer == "yes"
    assert later.certainty is POSSIBLE
    assert [side.certainty for side in later.pro] == [POSSIBLE]


@pytest.mark.slow
def test_the_saved_query_of_a_day_agrees_with_its_view(
    built: Built, prover: Prover
) -> None:
    """On every day on which a certainty changes, and on the day before."""
    query = read_library(knowledge_root() / "queries").get("held-on-a-day")
    store = open_store(built.folder / "store")
    intervals = Intervals(prover)
    changes = intervals.starts[1:]
    for day in {*changes, *(one - timedelta(days=1) for one in changes)}:
        answer = store.query(query.text, bindings={"date": Literal(day)})
        found = {(row[1], str(row[0])) for row in answer}
        expected = {f: one.certainty_on(day) for f, one in intervals.facts.items()}
        assert found == {(f, c.word) for f, c in expected.items() if c is not None}


@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_verdict_as_text_and_json(language: str) -> None:
    """The text begins with the answer; the JSON has both sides."""
    small = world(f"{RELATION} . {DENIAL} .")
    verdict = check(small, (entity("a"), HAS, entity("b")))
    text = verdict_as_text(verdict, TermWording(small.graphs, language))
    first = {"en": "Both are said", "ar": "قيل الأمران"}[language]
    assert text.strip("\u200e\u200f").startswith(first)
    as_json = json.loads(
        json.dumps(verdict_as_json(verdict, TermWording.for_programs(small.graphs)))
    )
    assert as_json["answer"] == "both"
    assert as_json["for"][0]["proof"]["rule"]["name"] == "prp-spo2"
    assert as_json["at"] is None


# Snapshots


def test_the_graph_of_a_day_has_its_denials(prover: Prover) -> None:
    """It has the relations, their inferences and the denials."""
    day = D("2014-12-31")
    view = Intervals(prover).at(day)
    snapshot = view.snapshot()
    baku = URIRef(BASE + "id/state/KAZ"), AL.hasEmbassyIn, URIRef(BASE + "id/state/AZE")
    assert baku in snapshot
    negative = set(snapshot.subjects(RDF.type, OWL.NegativePropertyAssertion))
    assert negative
    assert set(snapshot.objects(None, OWL.assertionProperty)) == {HAS}
    assert not view.contradictions
    assert set(view.snapshot(CERTAIN)) <= set(snapshot) <= set(view.snapshot(POSSIBLE))
    assert set(Intervals(prover).at(day).snapshot()) == set(snapshot)


def test_a_contradiction_on_a_day_is_found() -> None:
    """A relation and its denial contradict on days on which both hold, only then."""
    small = world(
        DENIAL
        + days(attestedOn="2014-12-31")
        + f" . {RELATION}"
        + days(attestedOn="2014-12-31")
        + " ."
    )
    found = view_of(small, "2014-12-31").contradictions
    assert {one.rule for one in found} == {"prp-npa1"}
    text = day_as_text(
        view_of(small, "2014-12-31"), TermWording(small.graphs, "en")
    ).splitlines()
    assert any("contradict" in line for line in text)
    assert any(found[0].message.splitlines()[0] in line for line in text)
    assert not view_of(small, "2013-12-31").contradictions


@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_day_as_text(prover: Prover, language: str) -> None:
    """Every relation has a line, and each line has one text direction."""
    view = view_of(prover, "2010-06-15")
    lines = day_as_text(view, TermWording(prover.graphs, language)).splitlines()
    assert len(lines) > len(view.relations) + len(view.shortcuts)
    assert {line[0] for line in lines} == {{"en": "\u200e", "ar": "\u200f"}[language]}


def test_a_day_as_json(prover: Prover) -> None:
    """Each relation has its certainty and its known bounds."""
    view = view_of(prover, "2010-06-15")
    as_json = day_as_json(view, TermWording.for_programs(prover.graphs))
    assert json.dumps(as_json)
    for row in (*as_json["relations"], *as_json["shortcuts"]):
        assert row["standing"] in {"certain", "presumed", "possible"}
        assert row["bounds"].keys() <= set(DAYS)
        assert row["facts"]


def test_the_first_day_of_the_calendar(prover: Prover) -> None:
    """Nothing is certain or presumed."""
    view = Intervals(prover).at(date.min)
    assert {held.certainty for held in view.relations} <= {POSSIBLE}


def test_the_former_name_of_certainty_is_deprecated(prover: Prover) -> None:
    """It still works, with a warning."""
    (held, *_) = view_of(prover, "2010-06-15").relations
    with pytest.warns(DeprecationWarning, match="certainty"):
        assert held.standing is held.certainty


@given(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.sampled_from("ab"), spans, st.booleans()),
        max_size=3,
    ),
    some_day,
)
@settings(max_examples=8, deadline=None)
def test_certainty_of_shortcuts_matches_the_reasoner(
    relations: list[tuple[str, str, tuple[date, int, int, int], bool]], day: date
) -> None:
    """Reasoning over only what held with some certainty gives the same shortcuts."""
    text = ""
    for number, (one, other, span, founding) in enumerate(relations):
        has = "hasFoundingMembership" if founding else "hasMembership"
        known = dict(
            zip(DAYS, map(str, vars(closed(span).bounds).values()), strict=False)
        )
        text += f":{one} al:{has} :f{number} . "
        text += f":f{number} al:with :o{other}{days(**known)} .\n"
    small = world(text)
    view = Intervals(small).at(day)
    for least in Certainty:
        held = [one.triple[2] for one in view.relations if one.certainty <= least]
        facts = Graph()
        for triple in small.graphs[facts_graph("small")]:
            if triple[0] in held or triple[2] in held:
                facts.add(triple)
        expected = set(infer(ontology() + facts).triples((None, AL.memberOf, None)))
        found = {
            held.triple
            for held in view.shortcuts
            if held.certainty <= least and held.triple[1] == AL.memberOf
        }
        assert found == expected


def test_an_invalid_bound_is_no_bound() -> None:
    """A store may hold a literal that is no date; it excludes nothing."""
    small = world(EMBASSY + " .")
    small.graphs[facts_graph("small")].add(
        (entity("e"), AL.startEarliest, Literal("soon", datatype=XSD.string))
    )
    (held,) = view_of(small, "2000-01-01").relations
    assert held.certainty is POSSIBLE
    assert held.period.bounds == Bounds()


@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_day_on_which_nothing_is_known_says_so(language: str) -> None:
    """In one line after the date."""
    small = world(RELATION + days(startEarliest="2014-12-31") + " .")
    view = view_of(small, "2010-06-15")
    assert not view.relations
    first, second = day_as_text(view, TermWording(small.graphs, language)).splitlines()
    assert "2010-06-15" in first
    assert second.strip()
