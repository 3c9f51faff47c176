"""Geometry of charts: maps, timelines, networks, matrices and bar charts."""

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
    """Return the IRI of an entity."""
    return URIRef(f"{BASE}id/entity/{name}")


def row(**values: str | Node) -> Record:
    """Return a row of a query, with texts as literals."""
    return {
        name: value if isinstance(value, Node) else Literal(value)
        for name, value in values.items()
    }


# The world


def test_the_world_map_is_small_and_complete() -> None:
    """Shapes and dots by M49 codes, all within the drawing."""
    drawn = world()
    assert len(drawn.shapes) >= 170
    assert len(drawn.shapes.keys() | drawn.dots.keys()) >= 225
    assert sum(map(len, drawn.shapes.values())) < 60_000
    for x, y in drawn.dots.values():
        assert 0 <= x <= drawn.width
        assert 0 <= y <= drawn.height


# Maps


def test_a_status_gives_a_state_its_shade() -> None:
    """A keyword is a shade itself; some pairs of keywords have a shade of their own."""
    statuses = (("a", "related"), ("b", "sends"), ("b", "hosts"), ("c", "denied"))
    rows = [
        row(country=thing(name), code="398", status=word) for name, word in statuses
    ]
    found = {area.party: area.shade for area in shade_areas(rows, world())}
    assert found == {thing("a"): "related", thing("b"): "mutual", thing("c"): "denied"}


def test_statuses_that_are_iris_have_shades_in_order() -> None:
    """Three of them have shades of their own, the rest share one."""
    rows = [row(country=thing(n), code="", status=thing(f"kind-{n}")) for n in "abcd"]
    found = [area.shade for area in shade_areas(rows, world())]
    assert found == ["first", "second", "third", "other"]


def test_a_state_has_an_outline_or_a_dot_or_neither() -> None:
    """Large states are drawn, small ones marked, and the rest only listed."""
    rows = [row(country=thing(c), code=c, status="related") for c in ("398", "336", "")]
    large, small, nowhere = shade_areas(rows, world())
    assert large.path
    assert large.dot is None
    assert not small.path
    assert small.dot == world().dots["336"]
    assert [one.is_drawn for one in (large, small, nowhere)] == [True, True, False]


def test_missions_are_grouped_by_city() -> None:
    """A city has one marker, unless its coordinates are unknown."""
    seat = {"city": thing("x"), "latitude": "43.2", "longitude": "76.9"}
    rows = [row(mission=thing(n), **seat) for n in "ab"]
    rows.append(row(mission=thing("c"), city=thing("y")))
    (city,) = mission_cities(rows, world())
    assert city.missions == (thing("a"), thing("b"))
    assert city.point == world().project(76.9, 43.2)


def test_an_unknown_theme_is_an_error() -> None:
    """Its remedy lists the themes."""
    with pytest.raises(UnknownName, match="no such") as caught:
        find_theme("no such")
    assert "relations" in str(caught.value)


# Timelines


def test_a_scale_covers_whole_years() -> None:
    """Its first day is 0, the end of its last day the width."""
    scale = Scale(1991, 2014)
    assert scale.start_of(date(1991, 1, 1)) == 0
    assert scale.end_of(date(2014, 12, 31)) == 1000
    assert [year for year, _ in scale.ticks] == [1995, 2000, 2005, 2010]


BOUNDS = (
    *("start_earliest", "start_latest", "end_earliest", "end_latest"),
    "presumed_until",
)


@pytest.mark.parametrize(
    ("days", "possible", "certain", "presumed", "point"),
    [
        (
            ("1992-01-01", "1992-01-01", "1992-01-01", "1992-01-01", ""),
            *((0, 2.7), (0, 2.7), None, 1.4),
        ),
        (
            ("1992-01-01", "1992-12-31", "1992-01-01", "1992-12-31", ""),
            *((0, 1000), None, None, None),
        ),
        (
            ("1992-01-01", "1992-01-01", "", "", ""),
            *((0, 1000), (0, 2.7), None, None),
        ),
        (
            ("1992-01-01", "1992-01-01", "", "", "1992-12-31"),
            *((0, 1000), (0, 2.7), (0, 1000), None),
        ),
        (
            ("", "", "1992-01-01", "1992-12-31", ""),
            *((0, 1000), None, None, None),
        ),
    ],
    ids=["a day", "a year", "since", "since, presumed", "until"],
)
def test_a_bar_separates_the_certain_from_the_presumed_and_the_possible(
    days: tuple[str, ...],
    possible: tuple[float, float],
    certain: tuple[float, float] | None,
    presumed: tuple[float, float] | None,
    point: float | None,
) -> None:
    """An open bar reaches the edge; a beginning is certain on its day alone."""
    known = {name: day for name, day in zip(BOUNDS, days, strict=True) if day}
    rows = [row(fact=thing("f"), kind=AL.Event, **known)]
    rows.append(
        row(
            fact=thing("all"), kind=AL.Figure, **dict.fromkeys(BOUNDS[:4], "1992-06-01")
        )
    )
    found = {one.fact: one for one in timeline(rows)}[thing("f")]
    assert found.possible == pytest.approx(possible, abs=0.1)
    for span, expected in ((found.certain, certain), (found.presumed, presumed)):
        assert span == (expected and pytest.approx(expected, abs=0.1))
    assert found.point == (point if point is None else pytest.approx(point, abs=0.1))
    assert found.has_open_start == (not days[0])
    assert found.has_open_end == (not days[3])


def test_bars_are_grouped_by_kind_and_ordered_by_time() -> None:
    """Each kind has one group, with the earliest bar first."""
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


def test_ties_are_on_spokes_and_rings() -> None:
    """Every other party with a tie to the centre has a spoke; other ties are chords."""
    ties = (
        ("hub", "a", AL.Embassy),
        ("a", "hub", AL.Embassy),
        ("hub", "b", AL.Dispute),
    )
    rows = [
        row(
            party=thing(one), other=thing(other), kind=kind, fact=thing(f"{one}{other}")
        )
        for one, other, kind in (*ties, ("a", "b", AL.Dispute), ("a", "x", AL.Dispute))
    ]
    found = network_chart(rows, thing("hub"))
    assert {spoke.party for spoke in found.spokes} == {thing("a"), thing("b")}
    (embassy,) = found.spokes[0].ties
    assert set(embassy.facts) == {thing("huba"), thing("ahub")}
    assert [kind for kind, _ in found.rings] == [AL.Dispute, AL.Embassy]
    assert [chord[:3] for chord in found.chords] == [
        (AL.Dispute, thing("a"), thing("b"))
    ]


def test_denials_have_a_colour_of_their_own() -> None:
    """A denial must not look like a tie."""
    rows = [
        row(party=thing("hub"), other=thing(n), kind=kind, fact=thing(n))
        for n, kind in (("a", AL.NonRelation), ("b", AL.Embassy))
    ]
    found = network_chart(rows, thing("hub"))
    assert {kind: found.colour_class(kind) for kind, _ in found.rings} == {
        AL.Embassy: "kind-0",
        AL.NonRelation: "denied",
    }


# Missions


def test_a_matrix_has_the_status_of_each_pair() -> None:
    """Missions both ways, one way, relations denied, and unknown."""
    flags = {"embassy": Literal(True), "consulate": Literal(False)}
    pairs = (("a", "b"), ("b", "a"), ("a", "c"))
    rows = [row(sender=thing(s), host=thing(h), **flags) for s, h in pairs]
    found = mission_matrix(rows, [row(party=thing("b"), country=thing("c"))])
    assert found.parties == (thing("a"), thing("b"), thing("c"))
    assert found.mutual(thing("a"), thing("b")) == ("embassy",)
    assert found.status(thing("a"), thing("b")) == "both"
    assert found.status(thing("a"), thing("c")) == "sends"
    assert found.status(thing("c"), thing("a")) == "hosts"
    assert found.status(thing("c"), thing("b")) == "none"
    assert found.status(thing("a"), thing("a")) == "unknown"
    assert len(found.pairs) == 3


# Figures


def figure(name: str, unit: str, kind: str = "exports", **values: str | Node) -> Record:
    """Return a row about a figure."""
    named = {"figure": thing(name), "kind": KIND[kind], "words": Literal(name)}
    return row(unit=URIRef(PREFIXES["unit"] + unit), **named, **values)


def test_each_unit_has_a_chart_of_its_own() -> None:
    """Numbers of different things share none; ranks are not comparable."""
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
    assert [chart.is_comparable for chart in found] == [
        True,
        False,
        False,
        False,
        False,
    ]
    assert len({(chart.unit, chart.kind) for chart in found}) == 5


def test_bars_are_as_long_as_their_values() -> None:
    """The scale ends at a round number; only bars with an upper bound have a range."""
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
    assert (value.length, value.upper_length, value.is_open) == (750, None, False)
    assert (between.length, between.upper_length, between.is_open) == (250, 500, False)
    assert (above.length, above.upper_length, above.is_open) == (100, None, True)


def test_a_figure_has_all_its_doubts() -> None:
    """There is a row for each doubt, and one bar."""
    rows = [figure("a", "YR", value="5", doubt=KIND[n]) for n in ("note-b", "note-c")]
    ((bar,),) = (chart.bars for chart in bar_charts(rows))
    assert bar.doubts == (KIND["note-b"], KIND["note-c"])
    assert bar_charts([figure("z", "YR", value="0")])[0].bars[0].length == 0
