"""What held on a day, and whether something is so: three values and their evidence."""

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
from alaqat.proofs.check import proof_flaws
from alaqat.proofs.prover import Prover
from alaqat.proofs.wording import TermWording
from alaqat.queries.library import read_library
from alaqat.reason.inference import infer
from alaqat.sources import knowledge_root, read_sources
from alaqat.store.releases import open_store
from alaqat.temporal.certainty import (
    Certainty,
    Period,
    certainty,
    periods,
    together,
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


def thing(name: str) -> URIRef:
    """A thing of the worlds below."""
    return URIRef(f"{BASE}id/entity/{name}")


@cache
def ontology() -> Graph:
    """The project's ontology."""
    return read_sources(knowledge_root()).ontology


def world(facts: str) -> Prover:
    """The ontology, and facts in Turtle with days as al:…, reasoned over."""
    prefixes = (
        f"@prefix : <{BASE}id/entity/> . @prefix al: <{AL}> .\n"
        f"@prefix xsd: <{XSD}> . @prefix rdfs: <{RDFS}> .\n"
    )
    given_facts = Graph().parse(data=prefixes + facts)
    graphs = {ONTOLOGY_GRAPH: ontology(), facts_graph("small"): given_facts}
    return Prover({**graphs, INFERRED_GRAPH: infer(ontology() + given_facts)})


def days(**known: str) -> str:
    """Days of a fact in Turtle."""
    return "".join(f' ; al:{name} "{day}"^^xsd:date' for name, day in known.items())


def on(prover: Prover, day: str) -> DayView:
    """What a dataset says of a day."""
    return Intervals(prover).at(D(day))


# One period, one day


@pytest.mark.parametrize(
    ("bounds", "attested", "day", "expected"),
    [
        (Bounds(), (), "2000-01-01", POSSIBLE),
        (Bounds(), ("2000-01-01",), "2000-01-01", CERTAIN),
        (Bounds(), ("2000-01-01",), "2000-01-02", POSSIBLE),
        (Bounds(D("2000-01-01"), D("2000-12-31")), (), "1999-12-31", None),
        (Bounds(D("2000-01-01"), D("2000-12-31")), (), "2000-06-01", POSSIBLE),
        (Bounds(D("2000-01-01"), D("2000-12-31")), (), "2001-01-01", POSSIBLE),
        (
            Bounds(D("2000-01-01"), D("2000-12-31")),
            ("2014-12-31",),
            "2010-06-15",
            PRESUMED,
        ),
        (
            Bounds(D("2000-01-01"), D("2000-12-31")),
            ("2014-12-31",),
            "2015-01-01",
            POSSIBLE,
        ),
        (
            Bounds(D("2000-01-01"), D("2000-12-31")),
            ("2014-12-31",),
            "2000-06-01",
            POSSIBLE,
        ),
        (
            Bounds(*[D("2000-01-01")] * 2, *[D("2001-01-01")] * 2),
            (),
            "2000-01-01",
            CERTAIN,
        ),
        (
            Bounds(*[D("2000-01-01")] * 2, *[D("2001-01-01")] * 2),
            (),
            "2001-01-01",
            CERTAIN,
        ),
        (
            Bounds(*[D("2000-01-01")] * 2, *[D("2001-01-01")] * 2),
            (),
            "2001-01-02",
            None,
        ),
        (
            Bounds(None, None, D("2001-01-01"), D("2001-12-31")),
            (),
            "2001-06-01",
            POSSIBLE,
        ),
        (Bounds(None, None, D("2001-01-01"), D("2001-12-31")), (), "2002-01-01", None),
    ],
)
def test_a_period_on_a_day(
    bounds: Bounds, attested: tuple[str, ...], day: str, expected: Certainty | None
) -> None:
    """Certain, presumed, possible or excluded, by the days that are known."""
    assert certainty(Period(bounds, tuple(map(D, attested))), D(day)) is expected


some_day = st.dates(date(1990, 1, 1), date(2010, 1, 1))
spans = st.tuples(some_day, *[st.integers(0, 900)] * 3)


def closed(span: tuple[date, int, int, int]) -> Period:
    """A period of which all four days are known, in their order."""
    first, *steps = span
    known = [first]
    for step in steps:
        known.append(known[-1] + timedelta(step))
    return Period(Bounds(*known))


@given(spans, some_day)
def test_known_days_decide(span: tuple[date, int, int, int], day: date) -> None:
    """With all four days known, a day is certain, possible or excluded, as it lies."""
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
def test_things_hold_together_when_each_does(
    several: list[tuple[date, int, int, int]], day: date
) -> None:
    """Together they are as sure as the least sure of them, and no surer."""
    periods = [closed(span) for span in several]
    each = [certainty(one, day) for one in periods]
    expected = None if None in each else max(one for one in each if one is not None)
    assert certainty(together(periods), day) is expected


# Derived shortcuts

EMBASSY = ":a al:hasEmbassy :e . :e al:with :b"


def test_a_shortcut_holds_as_surely_as_its_premises() -> None:
    """What follows from a relation holds when the relation does."""
    asked = thing("a"), AL.hasMissionIn, thing("b")
    small = world(
        EMBASSY
        + days(startEarliest="1992-01-01", startLatest="1992-12-31")
        + days(attestedOn="2014-12-31")
        + " ."
    )
    found = {
        day: on(small, day).standing(asked)
        for day in (
            "1991-12-31",
            "1992-06-01",
            "2010-06-15",
            "2014-12-31",
            "2020-01-01",
        )
    }
    assert list(found.values()) == [None, POSSIBLE, PRESUMED, CERTAIN, POSSIBLE]


def test_the_surest_way_decides_even_if_it_is_longer() -> None:
    """A short proof from a relation that ended gives way to a longer one that holds."""
    small = world(
        ":a al:hasMembership :m . :m al:with :o"
        + days(endLatest="2000-01-01")
        + " . :a al:hasFoundingMembership :f . :f al:with :o"
        + days(attestedOn="2010-06-15")
        + " ."
    )
    asked = thing("a"), AL.memberOf, thing("o")
    view = on(small, "2010-06-15")
    assert view.standing(asked) is CERTAIN
    (proof,) = view.proofs_of(asked)
    assert thing("f") in {leaf.triple[0] for leaf in proof.leaves()}
    assert on(small, "1999-01-01").standing(asked) is POSSIBLE


def test_nothing_holds_before_its_party_was_founded() -> None:
    """The stated founding of a party limits what is possible."""
    small = world(
        ":a al:hasMembership :m . :m al:with :o . :x a al:Founding ; al:founded :o"
        + days(startEarliest="2000-01-01", startLatest="2000-01-31")
        + " ."
    )
    asked = thing("a"), AL.memberOf, thing("o")
    assert on(small, "1999-12-31").standing(asked) is None
    assert on(small, "2000-01-01").standing(asked) is POSSIBLE
    known = lifetimes(small.pairs, periods(small.pairs))
    assert known == {thing("o"): Period(Bounds(start_earliest=D("2000-01-01")))}


def test_each_proof_of_a_day_replays(prover: Prover) -> None:
    """Every shortcut of a day is proved from relations that held that day."""
    view = on(prover, "2010-06-15")
    assert len(view.shortcuts) > 50
    sure = {one.facts[0]: one.standing for one in view.relations}
    for held in view.shortcuts:
        (proof,) = view.proofs_of(held.triple)
        assert not list(proof_flaws(proof, prover.is_asserted))
        assert held.facts
        assert held.standing == max(sure[fact] for fact in held.facts)


def test_our_document_on_a_day(prover: Prover) -> None:
    """On a day in 2010 the embassy in Baku is presumed, and was not there in 1994."""
    asked = (
        URIRef(BASE + "id/state/KAZ"),
        AL.hasEmbassyIn,
        URIRef(BASE + "id/state/AZE"),
    )
    found = {
        day: on(prover, day).standing(asked)
        for day in (
            "1994-12-15",
            "1994-12-16",
            "2010-06-15",
            "2014-12-31",
            "2015-01-01",
        )
    }
    assert list(found.values()) == [None, PRESUMED, PRESUMED, CERTAIN, POSSIBLE]


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
    """Yes, no, both and silent, either way round; denial is symmetric here."""
    small = world(facts)
    for triple in ((thing("a"), HAS, thing("b")), (thing("b"), HAS, thing("a"))):
        verdict = check(small, triple)
        assert verdict.answer == answer
        assert bool(verdict.pro) == (answer in ("yes", "both"))
        assert bool(verdict.contra) == (answer in ("no", "both"))
    turned = {"yes": "no", "no": "yes"}.get(answer, answer)
    assert check(small, (thing("a"), LACKS, thing("b"))).answer == turned


def test_a_day_decides_between_two_that_exclude_each_other() -> None:
    """No relations at first, relations later: each day has its own answer."""
    small = world(
        DENIAL
        + days(
            startLatest="1990-01-01", endEarliest="1999-12-31", endLatest="1999-12-31"
        )
        + f" . {RELATION}"
        + days(startEarliest="2000-01-01", startLatest="2000-01-01")
        + days(attestedOn="2014-12-31")
        + " ."
    )
    asked = thing("a"), HAS, thing("b")
    assert check(small, asked).answer == "both"
    assert check(small, asked, on(small, "1995-01-01")).answer == "no"
    assert check(small, asked, on(small, "2005-01-01")).answer == "yes"
    later = check(small, asked, on(small, "2020-01-01"))
    assert later.answer == "silent"
    assert [side.standing for side in later.pro] == [POSSIBLE]


@pytest.mark.slow
def test_the_query_behind_a_day_finds_what_its_page_tells(
    built: Built, prover: Prover
) -> None:
    """On every day on which something changes, and on the day before."""
    query = read_library(knowledge_root() / "queries").get("held-on-a-day")
    store = open_store(built.folder / "store")
    intervals = Intervals(prover)
    changes = intervals.starts[1:]
    for day in {*changes, *(one - timedelta(days=1) for one in changes)}:
        answer = store.query(query.text, bindings={"date": Literal(day)})
        found = {(row[1], str(row[0])) for row in answer}
        told = {fact: one.standing(day) for fact, one in intervals.facts.items()}
        assert found == {(fact, s.word) for fact, s in told.items() if s is not None}


@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_verdict_is_told(language: str) -> None:
    """In words it begins with the answer; for programs it has both sides."""
    small = world(f"{RELATION} . {DENIAL} .")
    verdict = check(small, (thing("a"), HAS, thing("b")))
    text = verdict_as_text(verdict, TermWording(small.graphs, language))
    first = {"en": "Both are said", "ar": "قيل الأمران"}[language]
    assert text.strip("\u200e\u200f").startswith(first)
    told = json.loads(
        json.dumps(verdict_as_json(verdict, TermWording.for_programs(small.graphs)))
    )
    assert told["answer"] == "both"
    assert told["for"][0]["proof"]["rule"]["name"] == "prp-spo2"
    assert told["at"] is None


# Snapshots


def test_a_snapshot_holds_the_day_and_its_denials(prover: Prover) -> None:
    """It has the relations, what follows, and what is denied as negative assertions."""
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
    """What is held and denied on one day is told by the reasoner, and only then."""
    small = world(
        DENIAL
        + days(attestedOn="2014-12-31")
        + f" . {RELATION}"
        + days(attestedOn="2014-12-31")
        + " ."
    )
    found = on(small, "2014-12-31").contradictions
    assert {one.rule for one in found} == {"prp-npa1"}
    assert not on(small, "2013-12-31").contradictions


@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_day_is_told(prover: Prover, language: str) -> None:
    """Every relation has a line, each line one direction."""
    view = on(prover, "2010-06-15")
    lines = day_as_text(view, TermWording(prover.graphs, language)).splitlines()
    assert len(lines) > len(view.relations) + len(view.shortcuts)
    assert {line[0] for line in lines} == {{"en": "\u200e", "ar": "\u200f"}[language]}


def test_a_day_for_programs(prover: Prover) -> None:
    """Each relation has its standing and the bounds that are known."""
    view = on(prover, "2010-06-15")
    told = day_as_json(view, TermWording.for_programs(prover.graphs))
    assert json.dumps(told)
    for row in (*told["relations"], *told["shortcuts"]):
        assert row["standing"] in {"certain", "presumed", "possible"}
        assert row["bounds"].keys() <= set(DAYS)
        assert row["facts"]


def test_days_out_of_reach_hold_little(prover: Prover) -> None:
    """On the first day of the calendar nothing is certain or presumed."""
    view = Intervals(prover).at(date.min)
    assert {held.standing for held in view.relations} <= {POSSIBLE}


@given(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.sampled_from("ab"), spans, st.booleans()),
        max_size=3,
    ),
    some_day,
)
@settings(max_examples=8, deadline=None)
def test_shortcuts_follow_from_what_held(
    relations: list[tuple[str, str, tuple[date, int, int, int], bool]], day: date
) -> None:
    """Reasoning over only what held so surely gives the same standing."""
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
        held = [one.triple[2] for one in view.relations if one.standing <= least]
        facts = Graph()
        for triple in small.graphs[facts_graph("small")]:
            if triple[0] in held or triple[2] in held:
                facts.add(triple)
        expected = set(infer(ontology() + facts).triples((None, AL.memberOf, None)))
        found = {
            held.triple
            for held in view.shortcuts
            if held.standing <= least and held.triple[1] == AL.memberOf
        }
        assert found == expected


def test_literals_are_days() -> None:
    """What is no day is refused, not passed over."""
    small = world(EMBASSY + " .")
    small.graphs[facts_graph("small")].add(
        (thing("e"), AL.startEarliest, Literal("soon", datatype=XSD.string))
    )
    with pytest.raises(ValueError, match="soon"):
        on(small, "2000-01-01")
