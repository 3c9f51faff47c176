"""Figures and periods in words: numbers, bounds, units, and when something was.

What the pictures show: rows of saved queries as values for templates.

The pictures: map, timeline, network, missions and figures, as pages and files.
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
    Chart,
    charts,
)
from alaqat.charts.map import (
    THEMES,
    Area,
    City,
    MapTheme,
    cities,
    shade,
    theme,
    world,
)
from alaqat.charts.network import (
    MissionMatrix,
    NetworkChart,
    matrix,
    network_chart,
)
from alaqat.charts.palette import INK
from alaqat.charts.timeline import (
    Scale,
    Timeline,
    timeline,
)
from alaqat.dataset import Dataset
from alaqat.describe.literals import bounds_words
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


def number(value: Decimal, language: str) -> str:
    """A number as people write it."""
    return format_decimal(value, locale=LOCALES[language])


def period(when: Period, language: str) -> str:
    """When something was, as its bounds have it; empty if nothing is known."""
    limits = when.bounds
    starts, ends = (
        (limits.start_earliest, limits.start_latest),
        (limits.end_earliest, limits.end_latest),
    )
    return bounds_words((*starts, *ends), language)


def short_number(value: Decimal, language: str) -> str:
    """A round number with its thousands or millions in letters, for scales."""
    return format_compact_decimal(value, locale=LOCALES[language], fraction_digits=1)


def amount(bar: Bar, language: str) -> str:
    """What a figure says: a number, two bounds, or one."""
    t = texts_in(language)
    if bar.value is not None:
        return number(bar.value, language)
    bounds = [
        number(one, language) for one in (bar.lower, bar.upper) if one is not None
    ]
    if len(bounds) == 2:
        return "\u2013".join(bounds)
    return t["at_most" if bar.lower is None else "at_least"].format(*bounds)


def unit(chart: Chart, words: TermWording) -> str:
    """The unit of a chart: its name, or what is counted."""
    if chart.kind is not None:
        return words.term(chart.kind)
    name = local(str(chart.unit))
    return texts_in(words.language).get(f"unit_{name}", name)


_Made = TypeVar("_Made")
_LARGEST = 1000  # values of one version: several for each party


@dataclass(frozen=True)
class MapChart:
    """A map of what is said of a party and every state.

    Attributes:
        theme: what it is about.
        centre: the party.
        areas: the states that something is said of.
        cities: with missions, if the theme shows them.
        blank: the outlines of which nothing is said, and whose they are.
        own: the outline of the party itself, if it has one.
        counts: how many states each shade has.
    """

    theme: MapTheme
    centre: Node
    areas: tuple[Area, ...]
    cities: tuple[City, ...]
    blank: tuple[tuple[str, Node | None], ...]
    own: str
    counts: Mapping[str, int]

    @property
    def samples(self) -> tuple[Area, ...]:
        """One area of each shade, for the legend, the most frequent first."""
        found = {area.shade: area for area in reversed(self.areas)}
        order = sorted(found, key=lambda shade: (-self.counts[shade], shade))
        return tuple(found[shade] for shade in order)


class ChartData:
    """Makes the values of every picture from the dataset that is current.

    Args:
        dataset: gives the version that is current.
        library: the saved queries.
    """

    def __init__(self, dataset: Callable[[], Dataset], library: Library) -> None:
        self.dataset = dataset
        self._library = library

    def rows(self, name: str, **values: Node) -> list[Record]:
        """The rows of a saved query; kept as long as the dataset is the same."""
        key = (name, *sorted(values.items()))
        return self.made(key, lambda: records(self.answer(name, **values)))

    def answer(self, name: str, **values: Node) -> QueryResult:
        """The answer to a saved query."""
        return self.dataset().store.query(
            with_label_columns(self.query(name)).text, bindings=values
        )

    def query(self, name: str) -> SavedQuery:
        """A saved query."""
        return self._library.get(name)

    def parties(self) -> tuple[Node, ...]:
        """The parties that a picture may be centred on, those with most ties first."""
        return tuple(row["party"] for row in self.rows("parties-by-ties"))

    def centre(self, asked: str) -> Node | None:
        """The party that was asked for, else the one with most ties, if any has some.

        Raises:
            UnknownName: it holds no relations of its own.
        """
        parties = self.parties()
        if not asked:
            return next(iter(parties), None)
        party = read_term(asked)
        if party not in parties:
            raise UnknownName(
                f"{asked} holds no relations here.",
                remedy="Leave the party out, or take one from the list of the page.",
            )
        return party

    def map(self, theme: MapTheme, centre: Node) -> MapChart:
        """What is said of a party and every state."""
        return self.made(("map", theme, centre), lambda: self._map(theme, centre))

    def strips(self) -> Timeline:
        """The dated facts on one scale."""
        return self.made("strips", lambda: timeline(self.rows("facts-in-time")))

    def orbits(self, centre: Node) -> NetworkChart:
        """The ties of a party."""
        rows = "network-of-ties"
        return self.made(
            ("orbits", centre), lambda: network_chart(self.rows(rows), centre)
        )

    def matrix(self) -> MissionMatrix:
        """Who keeps which missions where."""
        missions, denials = "who-has-missions-where", "countries-without-relations"
        return self.made(
            "matrix", lambda: matrix(self.rows(missions), self.rows(denials))
        )

    def charts(self) -> list[Chart]:
        """The reported figures by unit."""
        return self.made("charts", lambda: charts(self.rows("figures-and-doubts")))

    def codes(self) -> Mapping[str, Node]:
        """The states by their M49 codes."""
        rows = self.rows("states-by-code")
        return {str(row["code"]): row["state"] for row in rows}

    def _map(self, theme: MapTheme, centre: Node) -> MapChart:
        codes = self.codes()
        areas = tuple(shade(self.rows(theme.query, party=centre), world()))
        own = next((code for code, state in codes.items() if state == centre), "")
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

    def _blank(self, said: Container[str]) -> tuple[tuple[str, Node | None], ...]:
        """The outlines of which nothing is said, and whose they are."""
        codes = self.codes()
        shapes = world().shapes.items()
        found = [(path, codes.get(code)) for code, path in shapes if code not in said]
        return (*found, *((path, None) for path in world().others))

    def cities(self, centre: Node) -> tuple[City, ...]:
        """The cities with missions that a party sends or hosts."""
        rows = self.rows("missions-by-coordinates")
        own = [row for row in rows if centre in (row["sender"], row["host"])]
        return tuple(cities(own, world()))

    def made(self, key: Hashable, make: Callable[[], _Made]) -> _Made:
        """What was made of this dataset before, or is made now."""
        found: _Made = self.dataset().cached(_values).get_or_create(key, make)
        return found


def _values(_: Dataset) -> LruCache[Any]:
    return LruCache(_LARGEST)


_SVG = "image/svg+xml"


@dataclass(frozen=True, slots=True)
class ChartPage:
    """What one picture shows.

    Attributes:
        picture: its values; None if there is nothing to draw.
        query: the saved query behind it.
        bound: the values of its parameters.
        more: what its template needs besides.
    """

    picture: object
    query: str
    bound: dict[str, Node] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)


def _map(pictures: ChartData) -> ChartPage:
    chosen = theme(request.args.get("theme", THEMES[0].name))
    party = pictures.centre(request.args.get("party", ""))
    more = {"themes": THEMES, "parties": pictures.parties(), "world": world()}
    if party is None:
        return ChartPage(None, chosen.query, more=more)
    return ChartPage(pictures.map(chosen, party), chosen.query, {"party": party}, more)


def _timeline(pictures: ChartData) -> ChartPage:
    asked, strips = request.args.getlist("kind"), pictures.strips()
    groups = [one for one in strips.groups if not asked or str(one[0]) in asked]
    years, whole = _years(strips.scale), strips.scale
    start = whole.at(date(years.first, 1, 1))
    view = start, whole.after(date(years.last, 12, 31)) - start
    more = {"chosen": asked, "groups": groups, "years": years, "view": view}
    return ChartPage(strips, "facts-in-time", more=more)


def _years(whole: Scale) -> Scale:
    """The years that are asked for, as far as there are any in that order."""
    first = request.args.get("from", whole.first, type=int)
    last = request.args.get("to", whole.last, type=int)
    is_within = whole.first <= first <= last <= whole.last
    return Scale(first, last) if is_within else whole


def _network(pictures: ChartData) -> ChartPage:
    party = pictures.centre(request.args.get("party", ""))
    picture = pictures.orbits(party) if party else None
    more = {"parties": pictures.parties()}
    return ChartPage(picture, "network-of-ties", more=more)


def _missions(pictures: ChartData) -> ChartPage:
    return ChartPage(pictures.matrix(), "who-has-missions-where")


def _figures(pictures: ChartData) -> ChartPage:
    return ChartPage(pictures.charts(), "figures-and-doubts")


# What shows each picture, and whether it can be had as SVG; a matrix is a table.
_PICTURES: dict[str, tuple[Callable[[ChartData], ChartPage], bool]] = {
    "map": (_map, True),
    "timeline": (_timeline, True),
    "network": (_network, True),
    "missions": (_missions, False),
    "figures": (_figures, True),
}


def visuals_blueprint(pictures: ChartData) -> Blueprint:
    """The routes of the pictures: each a page, a drawing, and the rows of its query."""
    blueprint = Blueprint("visuals", __name__)
    for name, (show, is_drawn) in _PICTURES.items():
        _add(blueprint, name, pictures, show)
        if is_drawn:
            _add_drawing(blueprint, name, pictures, show)
    return blueprint


def _add(
    blueprint: Blueprint,
    name: str,
    pictures: ChartData,
    show: Callable[[ChartData], ChartPage],
) -> None:
    @blueprint.get(f"/{name}", endpoint=name)
    def page() -> Response:
        return picture_page(pictures, f"visuals/{name}.html", show(pictures))

    @blueprint.get(f"/{name}.csv", endpoint=f"{name}_rows")
    def rows() -> Response:
        shown = show(pictures)
        answer = pictures.answer(shown.query, **shown.bound)
        made = serialize(CSV, lambda out: answer.write(out, CSV))
        return represent(replace(made, vary=()))


def _add_drawing(
    blueprint: Blueprint,
    name: str,
    pictures: ChartData,
    show: Callable[[ChartData], ChartPage],
) -> None:
    @blueprint.get(f"/{name}.svg", endpoint=f"{name}_drawing")
    def drawing() -> Response:
        reply = picture_page(pictures, f"visuals/{name}.svg", show(pictures), INK)
        reply.mimetype = _SVG
        return reply


def picture_page(
    pictures: ChartData,
    template: str,
    shown: ChartPage,
    ink: dict[str, str] | None = None,
) -> Response:
    """A page with a picture, or with ``ink`` the picture alone as a file.

    Templates find ``picture``, the ``label`` of a node, ``when`` something was, the
    words of a ``short_number``, an ``amount`` and a ``unit``, the ``query_address`` of
    what is behind it all, and ``guess_language`` a text.
    """
    language = request_language()
    words = pictures.dataset().wording(language)
    return render(
        template,
        picture=shown.picture,
        label=words.term,
        when=lambda one: period(one, language),
        amount=lambda bar: amount(bar, language),
        short_number=lambda value: short_number(value, language),
        unit=lambda chart: unit(chart, words),
        query_address=query_address(pictures, shown),
        guess_language=guess_language,
        ink=ink,
        **shown.more,
    )


def query_address(pictures: ChartData, shown: ChartPage) -> str:
    """The page of the saved query behind a picture."""
    query = pictures.query(shown.query)
    bound = {name: str(value) for name, value in shown.bound.items()}
    address = url_for("questions.question", topic=topic_of(query), name=query.name)
    return f"{address}?{urlencode(bound)}" if bound else address
