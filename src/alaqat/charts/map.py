"""World map in Equal Earth projection: shaded states, and cities with missions.

``web/tools/world.mjs`` writes ``world.json`` from Natural Earth's borders, by M49 code.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import asin, cos, radians, sin, sqrt
from typing import TYPE_CHECKING

from alaqat.errors import UnknownName
from alaqat.lexical import read_coordinate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rdflib.term import Node

    from alaqat.store.interface import Record


# Šavrič, Patterson, Jenny: The Equal Earth map projection (2018), equations 1 and 2.
_A1, _A2, _A3, _A4 = 1.340264, -0.081106, 0.000893, 0.003796
_M = sqrt(3) / 2


@dataclass(frozen=True)
class WorldMap:
    """Outlines of states in the Equal Earth projection, which preserves areas.

    Attributes:
        source: of the borders.
        width: of the drawing.
        height: of the drawing.
        shapes: SVG path of each state, by M49 code.
        others: SVG paths of land without a code.
        dots: positions of states too small for a path, by M49 code.
        central_meridian: in degrees east.
        scale: units of the drawing per radian.
        origin: where the central meridian meets the equator.
    """

    source: str
    width: int
    height: int
    shapes: Mapping[str, str]
    others: tuple[str, ...]
    dots: Mapping[str, tuple[int, int]]
    central_meridian: float
    scale: float
    origin: tuple[float, float]

    def project(self, longitude: float, latitude: float) -> tuple[float, float]:
        """Return the position of a point of the earth, given in degrees."""
        east = radians((longitude - self.central_meridian + 180) % 360 - 180)
        angle = asin(_M * sin(radians(latitude)))
        two = angle * angle
        six = two**3
        slope = _A1 + 3 * _A2 * two + six * (7 * _A3 + 9 * _A4 * two)
        right = east * cos(angle) / (_M * slope)
        up = angle * (_A1 + _A2 * two + six * (_A3 + _A4 * two))
        x, y = self.origin
        return round(x + self.scale * right, 1), round(y - self.scale * up, 1)


@cache
def world() -> WorldMap:
    """Return the world map of the package."""
    path = files(__package__) / "world.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    projection = data["projection"]
    return WorldMap(
        source=data["source"],
        width=data["width"],
        height=data["height"],
        shapes=data["shapes"],
        others=tuple(data["others"]),
        dots={code: (x, y) for code, (x, y) in data["dots"].items()},
        central_meridian=projection["turn"],
        scale=projection["scale"],
        origin=(projection["x"], projection["y"]),
    )


@dataclass(frozen=True, slots=True)
class MapTheme:
    """The theme of a map, and the saved query behind it."""

    name: str
    query: str


THEMES = (
    MapTheme("relations", "map-of-relations"),
    MapTheme("missions", "map-of-missions"),
    MapTheme("visas", "map-of-visas"),
)

# Shades of states with two statuses.
_COMBINED = {
    frozenset({"sends", "hosts"}): "mutual",
    frozenset({"related", "denied"}): "contradicted",
}
# Shades for statuses that are IRIs, such as kinds of visas.
_SHADES = ("first", "second", "third")


@dataclass(frozen=True, slots=True)
class Area:
    """A state on a map, drawn as an outline or a dot, or only listed.

    Attributes:
        code: M49; empty if it has none.
        party: its node.
        shade: CSS class.
        statuses: keywords such as "related", or IRIs.
        path: SVG path of its outline; may be empty.
        dot: position of its dot.
    """

    code: str
    party: Node
    shade: str
    statuses: tuple[Node, ...]
    path: str = ""
    dot: tuple[int, int] | None = None

    @property
    def is_drawn(self) -> bool:
        """Whether it is drawn on the map; the table lists all areas."""
        return bool(self.path or self.dot)


@dataclass(frozen=True, slots=True)
class City:
    """A city with the missions seated in it."""

    place: Node
    point: tuple[float, float]
    missions: tuple[Node, ...]


def find_theme(name: str) -> MapTheme:
    """Return the theme with a name.

    Raises:
        UnknownName: there is none.
    """
    for theme in THEMES:
        if theme.name == name:
            return theme
    raise UnknownName(
        f"There is no map “{name}”.",
        remedy=f"Maps are: {', '.join(theme.name for theme in THEMES)}.",
    )


def shade_areas(rows: Iterable[Record], world_map: WorldMap) -> list[Area]:
    """Return the states that have a status, in the order of the rows.

    Args:
        rows: of a theme's query: a country, its code and one status of it.
        world_map: to draw them on.
    """
    statuses: dict[Node, dict[Node, None]] = defaultdict(dict)
    codes: dict[Node, str] = {}
    for row in rows:
        statuses[row["country"]][row["status"]] = None
        codes[row["country"]] = str(row.get("code", ""))
    shades = _shades(one for several in statuses.values() for one in several)
    return [
        locate_area(
            codes[party],
            party,
            _combine([shades[one] for one in several]),
            tuple(several),
            world_map,
        )
        for party, several in statuses.items()
    ]


def locate_area(
    code: str, party: Node, shade: str, statuses: tuple[Node, ...], world_map: WorldMap
) -> Area:
    """Return a state with its dot or outline on a map."""
    dot = world_map.dots.get(code)
    path = "" if dot else world_map.shapes.get(code, "")
    return Area(code, party, shade, statuses, path, dot)


def mission_cities(rows: Iterable[Record], world_map: WorldMap) -> list[City]:
    """Return the cities with missions, without those of unknown coordinates.

    Args:
        rows: of the query ``missions-by-coordinates``.
        world_map: to mark them on.
    """
    missions: dict[Node, list[Node]] = defaultdict(list)
    points: dict[Node, tuple[float, float]] = {}
    for row in rows:
        latitude = read_coordinate(row.get("latitude"), 90)
        longitude = read_coordinate(row.get("longitude"), 180)
        if latitude is not None and longitude is not None:
            points[row["city"]] = world_map.project(longitude, latitude)
            missions[row["city"]].append(row["mission"])
    return [City(place, points[place], tuple(missions[place])) for place in points]


def _shades(statuses: Iterable[Node]) -> Mapping[Node, str]:
    """Return the shade of each status: a keyword's own, an IRI's by its order."""
    ranked = sorted(set(statuses), key=str)
    iris = [status for status in ranked if "/" in str(status)]
    by_order = dict(zip(iris, _SHADES, strict=False))
    return {
        status: by_order.get(status, "other") if status in iris else str(status)
        for status in ranked
    }


def _combine(shades: list[str]) -> str:
    return _COMBINED.get(frozenset(shades), shades[0])
