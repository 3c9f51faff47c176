"""Rows of answers as places, strips, rings and bars, before anything is drawn."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from rdflib import Literal, URIRef
from rdflib.term import Node

from alaqat.charts.bars import bar_charts
from alaqat.charts.map import (
    find_theme,
    mission_cities,
    shade_areas,
    world,
)
from alaqat.charts.network import mission_matrix, network_chart
from alaqat.charts.timeline import Scale, timeline
from alaqat.errors import UnknownName
from alaqat.store.interface import Record
from alaqat.terms import (
    AL,
    BASE,
    KIND,
    PREFIXES,
)


def thing(name: str) -> URIRef:
    """A thing of the rows below."""
    return URIRef(f"{BASE}id/entity/{name}")


def row(**values: str | Node) -> Record:
    """A row: what is given as text is a literal."""
    return {
        name: value if isinstance(value, Node) else Literal(value)
        for name, value in values.items()
    }


# The world


def test_the_world_is_small_and_whole() -> None:
    """Shapes and dots by M49 codes, all within the drawing."""
    drawn = world()
    assert len(drawn.shapes) >= 170
    assert len(drawn.shapes.keys() | drawn.dots.keys()) >= 225
    assert sum(map(len, drawn.shapes.values())) < 60_000
    for x, y in drawn.dots.values():
        assert 0 <= x <= drawn.width
        assert 0 <= y <= drawn.height


# Maps


def test_what_is_said_of_a_state_gives_its_shade() -> None:
    """Words of ours shade as they are; two that belong together have their own."""
    told = (("a", "related"), ("b", "sends"), ("b", "hosts"), ("c", "denied"))
    rows = [row(country=thing(name), code="398", status=word) for name, word in told]
    found = {area.party: area.shade for area in shade_areas(rows, world())}
    assert found == {thing("a"): "related", thing("b"): "mutual", thing("c"): "denied"}


def test_what_the_data_names_has_shades_in_turn() -> None:
    """Kinds that the data brings are told apart, the fourth and later are not."""
    rows = [row(country=thing(n), code="", status=thing(f"kind-{n}")) for n in "abcd"]
    found = [area.shade for area in shade_areas(rows, world())]
    assert found == ["first", "second", "third", "other"]


def test_a_state_has_an_outline_or_a_dot_or_neither() -> None:
    """Large ones are drawn, small ones marked, and the rest only listed."""
    rows = [row(country=thing(c), code=c, status="related") for c in ("398", "336", "")]
    large, small, nowhere = shade_areas(rows, world())
    assert large.path
    assert large.dot is None
    assert not small.path
    assert small.dot == world().dots["336"]
    assert [one.is_drawn for one in (large, small, nowhere)] == [True, True, False]


def test_missions_are_gathered_in_their_cities() -> None:
    """One marker a city; a mission without coordinates has none."""
    seat = {"city": thing("x"), "latitude": "43.2", "longitude": "76.9"}
    rows = [row(mission=thing(n), **seat) for n in "ab"]
    rows.append(row(mission=thing("c"), city=thing("y")))
    (city,) = mission_cities(rows, world())
    assert city.missions == (thing("a"), thing("b"))
    assert city.point == world().place(76.9, 43.2)


def test_an_unknown_theme_is_told_with_those_there_are() -> None:
    """By their names."""
    with pytest.raises(UnknownName, match="no such") as caught:
        find_theme("no such")
    assert "relations" in str(caught.value)


# Timelines


def test_a_scale_is_whole_years() -> None:
    """Its first day is 0, the end of its last day the width."""
    scale = Scale(1991, 2014)
    assert scale.at(date(1991, 1, 1)) == 0
    assert scale.after(date(2014, 12, 31)) == 1000
    assert [year for year, _ in scale.ticks] == [1995, 2000, 2005, 2010]


BOUNDS = ("start_earliest", "start_latest", "end_earliest", "end_latest", "attested")


@pytest.mark.parametrize(
    ("days", "maybe", "sure", "point", "ends"),
    [
        (
            ("1992-01-01", "1992-01-01", "1992-01-01", "1992-01-01", ""),
            (0, 2.7),
            (0, 2.7),
            1.4,
            (False, False),
        ),
        (
            ("1992-01-01", "1992-12-31", "1992-01-01", "1992-12-31", ""),
            (0, 1000),
            None,
            None,
            (False, False),
        ),
        (
            ("1992-01-01", "1992-01-01", "", "", ""),
            (0, 1000),
            None,
            None,
            (False, True),
        ),
        (
            ("1992-01-01", "1992-01-01", "", "", "1992-12-31"),
            (0, 1000),
            (0, 1000),
            None,
            (False, True),
        ),
        (
            ("", "", "1992-01-01", "1992-12-31", ""),
            (0, 1000),
            None,
            None,
            (True, False),
        ),
    ],
    ids=["a day", "a year", "since", "since, attested", "until"],
)
def test_a_strip_tells_the_sure_from_the_possible(
    days: tuple[str, ...],
    maybe: tuple[float, float],
    sure: tuple[float, float] | None,
    point: float | None,
    ends: tuple[bool, bool],
) -> None:
    """From the bounds: what is open reaches the edge, what is attested ends there."""
    known = {name: day for name, day in zip(BOUNDS, days, strict=True) if day}
    rows = [row(fact=thing("f"), kind=AL.Event, **known)]
    rows.append(
        row(
            fact=thing("all"), kind=AL.Figure, **dict.fromkeys(BOUNDS[:4], "1992-06-01")
        )
    )
    found = {one.fact: one for one in timeline(rows)}[thing("f")]
    assert found.maybe == pytest.approx(maybe, abs=0.1)
    assert found.sure == (sure if sure is None else pytest.approx(sure, abs=0.1))
    assert found.point == (point if point is None else pytest.approx(point, abs=0.1))
    assert (found.opens, found.lasts) == ends


def test_strips_are_grouped_by_kind_and_ordered_by_time() -> None:
    """Each kind once, the earliest first in it."""
    rows = [
        row(fact=thing(name), kind=kind, start_earliest=day, end_latest=day)
        for name, kind, day in (
            ("late", AL.Event, "1999-01-01"),
            ("other", AL.Agreement, "1995-01-01"),
            ("early", AL.Event, "1991-01-01"),
        )
    ]
    groups = dict(timeline(rows).groups)
    assert [one.fact for one in groups[AL.Event]] == [thing("early"), thing("late")]
    assert timeline([]).groups == ()


# Networks


def test_ties_stand_on_spokes_and_rings() -> None:
    """A spoke for each other party, whichever end tells the tie; chords aside."""
    told = (
        ("hub", "a", AL.Embassy),
        ("a", "hub", AL.Embassy),
        ("hub", "b", AL.Dispute),
    )
    rows = [
        row(
            party=thing(one), other=thing(other), kind=kind, fact=thing(f"{one}{other}")
        )
        for one, other, kind in (*told, ("a", "b", AL.Dispute), ("a", "x", AL.Dispute))
    ]
    found = network_chart(rows, thing("hub"))
    assert {spoke.party for spoke in found.spokes} == {thing("a"), thing("b")}
    (embassy,) = found.spokes[0].ties
    assert set(embassy.facts) == {thing("huba"), thing("ahub")}
    assert [kind for kind, _ in found.rings] == [AL.Dispute, AL.Embassy]
    assert [chord[:3] for chord in found.chords] == [
        (AL.Dispute, thing("a"), thing("b"))
    ]


def test_what_is_denied_has_a_colour_of_its_own() -> None:
    """A denial must not look like one more tie."""
    rows = [
        row(party=thing("hub"), other=thing(n), kind=kind, fact=thing(n))
        for n, kind in (("a", AL.NonRelation), ("b", AL.Embassy))
    ]
    found = network_chart(rows, thing("hub"))
    assert {kind: found.tone(kind) for kind, _ in found.rings} == {
        AL.Embassy: "kind-0",
        AL.NonRelation: "denied",
    }


# Missions


def test_a_matrix_tells_returned_missions_from_others() -> None:
    """Both ways, one way, denied, and not said."""
    flags = {"embassy": Literal(True), "consulate": Literal(False)}
    pairs = (("a", "b"), ("b", "a"), ("a", "c"))
    rows = [row(sender=thing(s), host=thing(h), **flags) for s, h in pairs]
    found = mission_matrix(rows, [row(party=thing("b"), country=thing("c"))])
    assert found.parties == (thing("a"), thing("b"), thing("c"))
    assert found.mutual(thing("a"), thing("b")) == ("embassy",)
    assert found.standing(thing("a"), thing("b")) == "both"
    assert found.standing(thing("a"), thing("c")) == "sends"
    assert found.standing(thing("c"), thing("a")) == "hosts"
    assert found.standing(thing("c"), thing("b")) == "none"
    assert found.standing(thing("a"), thing("a")) == "unknown"
    assert len(found.pairs) == 3


# Figures


def figure(name: str, unit: str, kind: str = "exports", **values: str | Node) -> Record:
    """A row about a figure."""
    named = {"figure": thing(name), "kind": KIND[kind], "words": Literal(name)}
    return row(unit=URIRef(PREFIXES["unit"] + unit), **named, **values)


def test_no_scale_has_two_units() -> None:
    """Nor do numbers of different things share one; ranks are never compared."""
    rows = [
        *(figure("a", "CCY_EUR", value="2"), figure("b", "CCY_EUR", value="1.5")),
        figure("c", "CCY_USD", value="9"),
        *(
            figure("d", "NUM", "ordinal", value="1"),
            figure("e", "NUM", "ordinal", value="27"),
        ),
        *(
            figure("f", "NUM", "mines", value="3"),
            figure("g", "NUM", "rivers", value="4"),
        ),
    ]
    found = bar_charts(rows)
    assert [len(chart.bars) for chart in found] == [2, 2, 1, 1, 1]
    assert [chart.is_comparing for chart in found] == [True, False, False, False, False]
    assert len({(chart.unit, chart.kind) for chart in found}) == 5


def test_bars_are_as_long_as_their_values() -> None:
    """On a scale that ends at a round number; bounds reach, open ones stay open."""
    rows = [
        figure("value", "TONNE", value="150"),
        figure("range", "TONNE", lower="50", upper="100"),
        figure("open", "TONNE", lower="20"),
    ]
    (chart,) = bar_charts(rows)
    assert [value for value, _ in chart.ticks] == [
        Decimal(n) for n in (0, 50, 100, 150, 200)
    ]
    value, between, above = chart.bars
    assert (value.length, value.reach, value.is_open) == (750, None, False)
    assert (between.length, between.reach, between.is_open) == (250, 500, False)
    assert (above.length, above.reach, above.is_open) == (100, None, True)


def test_doubts_are_gathered_at_their_figure() -> None:
    """A row for each doubt, one bar for all of them."""
    rows = [figure("a", "YR", value="5", doubt=KIND[n]) for n in ("note-b", "note-c")]
    ((bar,),) = (chart.bars for chart in bar_charts(rows))
    assert bar.doubts == (KIND["note-b"], KIND["note-c"])
    assert bar_charts([figure("z", "YR", value="0")])[0].bars[0].length == 0
