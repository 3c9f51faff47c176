"""Chart pages: map, timeline, network, missions and figures, each also as a file.

Every chart is drawn from the rows of one saved query, which its page links.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Hashable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar
from urllib.parse import urlencode

from babel.numbers import format_compact_decimal, format_decimal
from flask import Blueprint, Response, request, url_for
from rdflib.term import Node

from alaqat.charts.bars import (
    Bar,
    BarChart,
    bar_charts,
)
from alaqat.charts.map import (
    THEMES,
    Area,
    City,
    MapTheme,
    find_theme,
    mission_cities,
    shade_areas,
    world,
)
from alaqat.charts.network import (
    MissionMatrix,
    NetworkChart,
    mission_matrix,
    network_chart,
)
from alaqat.charts.palette import COLOURS
from alaqat.charts.timeline import (
    Scale,
    Timeline,
    timeline,
)
from alaqat.dataset import Dataset
from alaqat.describe.literals import format_bounds
from alaqat.errors import UnknownName
from alaqat.http.representation import serialize
from alaqat.i18n import LOCALES, guess_language
from alaqat.lru import LruCache
from alaqat.proofs.wording import TermWording
from alaqat.queries.library import Library, topic_of
from alaqat.queries.query import SavedQuery, read_term
from alaqat.rdf.formats import CSV
from alaqat.sparql.rewrite import with_label_columns
from alaqat.store.interface import (
    QueryResult,
    Record,
    records,
)
from alaqat.temporal.certainty import Period
from alaqat.terms import local
from alaqat.web.rendering import (
    render,
    request_language,
    texts_in,
)
from alaqat.web.responses import represent

_SVG = "image/svg+xml"
_CACHE_SIZE = 1000  # charts and query results of one version: several for each party

_Value = TypeVar("_Value")


@dataclass(frozen=True)
class MapChart:
    """The map of a party's relations to every state, as the document has them.

    Attributes:
        theme: the subject of the map.
        centre: the party.
        areas: the states that something is said of.
        cities: with missions, if the theme shows them.
        blank: the other outlines, each with its state if it is one.
        own: the outline of the party itself; empty if it has none.
        counts: the number of states of each shade.
    """

    theme: MapTheme
    centre: Node
    areas: tuple[Area, ...]
    cities: tuple[City, ...]
    blank: tuple[tuple[str, Node | None], ...]
    own: str
    counts: Mapping[str, int]

    @property
    def legend(self) -> tuple[Area, ...]:
        """One area of each shade, the most frequent shade first."""
        found = {area.shade: area for area in reversed(self.areas)}
        order = sorted(found, key=lambda shade: (-self.counts[shade], shade))
        return tuple(found[shade] for shade in order)


class ChartData:
    """The data of every chart, cached per dataset version.

    Args:
        dataset: returns the current version.
        library: the saved queries.
    """

    def __init__(self, dataset: Callable[[], Dataset], library: Library) -> None:
        self.dataset = dataset
        self._library = library

    def rows(self, name: str, **bindings: Node) -> list[Record]:
        """Return the rows of a saved query, cached for the current version."""
        key = (name, *sorted(bindings.items()))
        return self.cached(key, lambda: records(self.run(name, **bindings)))

    def run(self, name: str, **bindings: Node) -> QueryResult:
        """Run a saved query."""
        return self.dataset().store.query(
            with_label_columns(self.query(name)).text, bindings=bindings
        )

    def query(self, name: str) -> SavedQuery:
        """Return a saved query."""
        return self._library.get(name)

    def parties(self) -> tuple[Node, ...]:
        """Return the parties that a chart may be centred on, most ties first."""
        return tuple(row["party"] for row in self.rows("parties-by-ties"))

    def centre(self, name: str) -> Node | None:
        """Return a party by its IRI or prefixed name; if empty, the one with most ties.

        Returns:
            None if no name is given and no party has ties.

        Raises:
            UnknownName: no such party has relations of its own.
        """
        parties = self.parties()
        if not name:
            return next(iter(parties), None)
        party = read_term(name)
        if party not in parties:
            raise UnknownName(
                f"{name} has no relations of its own in this dataset.",
                remedy="Leave the party out, or take one from the list of the page.",
            )
        return party

    def map(self, theme: MapTheme, centre: Node) -> MapChart:
        """Return the map of a theme for a party."""
        return self.cached(("map", theme, centre), lambda: self._map(theme, centre))

    def timeline(self) -> Timeline:
        """Return the dated facts on one scale."""
        return self.cached("timeline", lambda: timeline(self.rows("facts-in-time")))

    def network(self, centre: Node) -> NetworkChart:
        """Return the ties of a party."""
        query = "network-of-ties"
        return self.cached(
            ("network", centre), lambda: network_chart(self.rows(query), centre)
        )

    def matrix(self) -> MissionMatrix:
        """Return who keeps which missions where."""
        missions, denials = "who-has-missions-where", "countries-without-relations"
        return self.cached(
            "matrix", lambda: mission_matrix(self.rows(missions), self.rows(denials))
        )

    def bar_charts(self) -> list[BarChart]:
        """Return the reported figures, a chart for each unit."""
        return self.cached("bars", lambda: bar_charts(self.rows("figures-and-doubts")))

    def states_by_code(self) -> Mapping[str, Node]:
        """Return the states by their UN M49 codes."""
        rows = self.rows("states-by-code")
        return {str(row["code"]): row["state"] for row in rows}

    def cities(self, centre: Node) -> tuple[City, ...]:
        """Return the cities with missions that a party sends or hosts."""
        rows = self.rows("missions-by-coordinates")
        own = [row for row in rows if centre in (row["sender"], row["host"])]
        return tuple(mission_cities(own, world()))

    def cached(self, key: Hashable, compute: Callable[[], _Value]) -> _Value:
        """Return the value of a key for the current version, computed if missing."""
        found: _Value = self.dataset().cached(_chart_cache).get_or_create(key, compute)
        return found

    def _map(self, theme: MapTheme, centre: Node) -> MapChart:
        states = self.states_by_code()
        areas = tuple(shade_areas(self.rows(theme.query, party=centre), world()))
        own = next((code for code, state in states.items() if state == centre), "")
        shows_cities = theme.name == "missions"
        return MapChart(
            theme=theme,
            centre=centre,
            areas=areas,
            cities=self.cities(centre) if shows_cities else (),
            blank=self._blank({area.code for area in areas} | {own}),
            own=world().shapes.get(own, ""),
            counts=Counter(area.shade for area in areas),
        )

    def _blank(self, shaded: Container[str]) -> tuple[tuple[str, Node | None], ...]:
        states = self.states_by_code()
        shapes = world().shapes.items()
        found = [
            (path, states.get(code)) for code, path in shapes if code not in shaded
        ]
        return (*found, *((path, None) for path in world().others))


def _chart_cache(_: Dataset) -> LruCache[Any]:
    return LruCache(_CACHE_SIZE)


@dataclass(frozen=True, slots=True)
class ChartView:
    """The template context of one chart.

    Attributes:
        model: the chart; None if there is nothing to draw.
        query: the name of the saved query behind it.
        bindings: the values of the query's parameters.
        context: further variables of the template.
    """

    model: object
    query: str
    bindings: dict[str, Node] = field(default_factory=dict)
    context: dict[str, Any] = field(default_factory=dict)


def _map(data: ChartData) -> ChartView:
    selected = find_theme(request.args.get("theme", THEMES[0].name))
    party = data.centre(request.args.get("party", ""))
    context = {"themes": THEMES, "parties": data.parties(), "world": world()}
    if party is None:
        return ChartView(None, selected.query, context=context)
    chart = data.map(selected, party)
    return ChartView(chart, selected.query, {"party": party}, context)


def _timeline(data: ChartData) -> ChartView:
    kinds, chart = request.args.getlist("kind"), data.timeline()
    groups = [one for one in chart.groups if not kinds or str(one[0]) in kinds]
    years, scale = _requested_years(chart.scale), chart.scale
    start = scale.start_of(date(years.first, 1, 1))
    view = start, scale.end_of(date(years.last, 12, 31)) - start
    context = {"kinds": kinds, "groups": groups, "years": years, "view": view}
    return ChartView(chart, "facts-in-time", context=context)


def _requested_years(whole: Scale) -> Scale:
    """Return the scale of the requested years, or the whole one if they do not fit."""
    first = request.args.get("from", whole.first, type=int)
    last = request.args.get("to", whole.last, type=int)
    is_within = whole.first <= first <= last <= whole.last
    return Scale(first, last) if is_within else whole


def _network(data: ChartData) -> ChartView:
    party = data.centre(request.args.get("party", ""))
    chart = data.network(party) if party else None
    return ChartView(chart, "network-of-ties", context={"parties": data.parties()})


def _missions(data: ChartData) -> ChartView:
    return ChartView(data.matrix(), "who-has-missions-where")


def _figures(data: ChartData) -> ChartView:
    return ChartView(data.bar_charts(), "figures-and-doubts")


# The view of each chart, and whether there is an SVG of it: a matrix is a table.
_CHARTS: dict[str, tuple[Callable[[ChartData], ChartView], bool]] = {
    "map": (_map, True),
    "timeline": (_timeline, True),
    "network": (_network, True),
    "missions": (_missions, False),
    "figures": (_figures, True),
}


def charts_blueprint(data: ChartData) -> Blueprint:
    """Return the routes of the charts: a page, an SVG and the rows as CSV for each."""
    blueprint = Blueprint("charts", __name__)
    for name, (view, has_svg) in _CHARTS.items():
        _add_page(blueprint, name, data, view)
        if has_svg:
            _add_drawing(blueprint, name, data, view)
    return blueprint


def _add_page(
    blueprint: Blueprint,
    name: str,
    data: ChartData,
    view: Callable[[ChartData], ChartView],
) -> None:
    @blueprint.get(f"/{name}", endpoint=name)
    def page() -> Response:
        return render_chart(data, f"charts/{name}.html", view(data))

    @blueprint.get(f"/{name}.csv", endpoint=f"{name}_rows")
    def rows() -> Response:
        chart = view(data)
        result = data.run(chart.query, **chart.bindings)
        representation = serialize(CSV, lambda out: result.write(out, CSV))
        return represent(replace(representation, vary=()))


def _add_drawing(
    blueprint: Blueprint,
    name: str,
    data: ChartData,
    view: Callable[[ChartData], ChartView],
) -> None:
    @blueprint.get(f"/{name}.svg", endpoint=f"{name}_drawing")
    def drawing() -> Response:
        chart = view(data)
        if chart.model is None:
            raise UnknownName(
                "There is nothing to draw.",
                remedy="The dataset has none of the states or facts that it shows.",
            )
        reply = render_chart(data, f"charts/{name}.svg", chart, COLOURS)
        reply.mimetype = _SVG
        return reply


def render_chart(
    data: ChartData,
    template: str,
    view: ChartView,
    ink: dict[str, str] | None = None,
) -> Response:
    """Render the page of a chart, or its SVG file.

    Templates get the chart as ``model``, the functions ``label`` (of a node), ``when``,
    ``amount``, ``short_number``, ``unit`` and ``guess_language``,
    the ``query_address``, and the context of the view.

    Args:
        data: of the charts.
        template: of the page or the SVG.
        view: the chart and its context.
        ink: the colours of an SVG file, which has no style sheet; None for a page.
    """
    language = request_language()
    words = data.dataset().wording(language)
    return render(
        template,
        model=view.model,
        label=words.term,
        when=lambda period: format_period(period, language),
        amount=lambda bar: _format_amount(bar, language),
        short_number=lambda value: _format_compact(value, language),
        unit=lambda chart: _unit_name(chart, words),
        query_address=_query_address(data, view),
        guess_language=guess_language,
        ink=ink,
        **view.context,
    )


def _query_address(data: ChartData, view: ChartView) -> str:
    """Return the address of the saved query behind a chart."""
    query = data.query(view.query)
    values = {name: str(value) for name, value in view.bindings.items()}
    address = url_for("questions.question", topic=topic_of(query), name=query.name)
    return f"{address}?{urlencode(values)}" if values else address


def format_period(period: Period, language: str) -> str:
    """Return the bounds of a period in words; empty if none is known."""
    return format_bounds(period.bounds, language)


def _format_number(value: Decimal, language: str) -> str:
    return format_decimal(value, locale=LOCALES[language])


def _format_compact(value: Decimal, language: str) -> str:
    """Format a round number for a scale, as in 20K or 3M."""
    return format_compact_decimal(value, locale=LOCALES[language], fraction_digits=1)


def _format_amount(bar: Bar, language: str) -> str:
    """Format the value of a figure, or its bounds: 5, 5–7, at least 5, at most 7."""
    t = texts_in(language)
    if bar.value is not None:
        return _format_number(bar.value, language)
    bounds = [
        _format_number(one, language)
        for one in (bar.lower, bar.upper)
        if one is not None
    ]
    if len(bounds) != 1:
        return "\u2013".join(bounds)
    return t["at_most" if bar.lower is None else "at_least"].format(*bounds)


def _unit_name(chart: BarChart, words: TermWording) -> str:
    """Return the name of a chart's unit, or of what it counts."""
    if chart.kind is not None:
        return words.term(chart.kind)
    name = local(str(chart.unit))
    return texts_in(words.language).get(f"unit_{name}", name)
