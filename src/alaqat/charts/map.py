"""The outlines of the world and where a place lies on them.

The file is written by web/tools/world.mjs from Natural Earth's borders, by M49 codes.

What is said of each state, as shades of a map with markers for cities.
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

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rdflib.term import Node

    from alaqat.store.interface import Record


# Šavrič, Patterson, Jenny: The Equal Earth map projection (2018), equations 1 and 2.
_A1, _A2, _A3, _A4 = 1.340264, -0.081106, 0.000893, 0.003796
_M = sqrt(3) / 2


@dataclass(frozen=True)
class WorldMap:
    """Outlines in the Equal Earth projection, which keeps areas true.

    Attributes:
        source: whose borders they are.
        width: of the drawing; so its height.
        shapes: the path of a state by its M49 code.
        others: the paths of land without a code.
        dots: where a state lies that is too small for a path.
        turn: the meridian in the middle, in degrees east.
        scale: units of the drawing per radian.
        origin: where the middle meridian meets the equator.
    """

    source: str
    width: int
    height: int
    shapes: Mapping[str, str]
    others: tuple[str, ...]
    dots: Mapping[str, tuple[int, int]]
    turn: float
    scale: float
    origin: tuple[float, float]

    def place(self, longitude: float, latitude: float) -> tuple[float, float]:
        """Where a point of the earth lies on the drawing."""
        turned = radians((longitude - self.turn + 180) % 360 - 180)
        angle = asin(_M * sin(radians(latitude)))
        two = angle * angle
        six = two**3
        down = _A1 + 3 * _A2 * two + six * (7 * _A3 + 9 * _A4 * two)
        across = turned * cos(angle) / (_M * down)
        up = angle * (_A1 + _A2 * two + six * (_A3 + _A4 * two))
        x, y = self.origin
        return round(x + self.scale * across, 1), round(y - self.scale * up, 1)


@cache
def world() -> WorldMap:
    """The world as it is shipped."""
    path = files(__package__) / "world.json"
    told = json.loads(path.read_text(encoding="utf-8"))
    projection = told["projection"]
    return WorldMap(
        source=told["source"],
        width=told["width"],
        height=told["height"],
        shapes=told["shapes"],
        others=tuple(told["others"]),
        dots={code: (x, y) for code, (x, y) in told["dots"].items()},
        turn=projection["turn"],
        scale=projection["scale"],
        origin=(projection["x"], projection["y"]),
    )


@dataclass(frozen=True, slots=True)
class MapTheme:
    """What a map is about, and the saved query that tells it."""

    name: str
    query: str


THEMES = (
    MapTheme("relations", "map-of-relations"),
    MapTheme("missions", "map-of-missions"),
    MapTheme("visas", "map-of-visas"),
)

# Two things said of one state, as one.
_TOGETHER = {
    frozenset({"sends", "hosts"}): "mutual",
    frozenset({"related", "denied"}): "contradicted",
}
# Shades for what the data names itself, such as the kinds of visas.
_SHADES = ("first", "second", "third")


@dataclass(frozen=True, slots=True)
class Area:
    """A state on a map.

    Attributes:
        code: its M49 code; empty if it has none.
        party: which it is.
        shade: how it is drawn.
        said: what is said of it: words of ours, or what the data names.
        path: its outline; or, if that is empty,
        dot: where it is marked; None if it cannot be drawn.
    """

    code: str
    party: Node
    shade: str
    said: tuple[Node, ...]
    path: str = ""
    dot: tuple[int, int] | None = None

    @property
    def is_drawn(self) -> bool:
        """Whether it has a place on the map; the table has all."""
        return bool(self.path or self.dot)


@dataclass(frozen=True, slots=True)
class City:
    """A city with missions.

    Attributes:
        place: which it is.
        point: where it lies on the drawing.
        missions: that have their seat in it.
    """

    place: Node
    point: tuple[float, float]
    missions: tuple[Node, ...]


def find_theme(name: str) -> MapTheme:
    """The theme of that name.

    Raises:
        UnknownName: there is none.
    """
    for one in THEMES:
        if one.name == name:
            return one
    raise UnknownName(
        f"No map is named {name}.",
        remedy=f"Take one of: {', '.join(one.name for one in THEMES)}.",
    )


def shade_areas(rows: Iterable[Record], drawn: WorldMap) -> list[Area]:
    """The states that something is said of, in the order of the rows."""
    said: dict[Node, list[Node]] = defaultdict(list)
    codes: dict[Node, str] = {}
    for row in rows:
        if row["status"] not in said[row["country"]]:
            said[row["country"]].append(row["status"])
        codes[row["country"]] = str(row.get("code", ""))
    shades = _shades(status for several in said.values() for status in several)
    return [
        locate_area(
            codes[party], party, _together(several, shades), tuple(several), drawn
        )
        for party, several in said.items()
    ]


def locate_area(
    code: str, party: Node, drawn_as: str, said: tuple[Node, ...], drawn: WorldMap
) -> Area:
    """A state with its outline, or the dot that stands for it."""
    dot = drawn.dots.get(code)
    path = "" if dot else drawn.shapes.get(code, "")
    return Area(code, party, drawn_as, said, path, dot)


def mission_cities(rows: Iterable[Record], drawn: WorldMap) -> list[City]:
    """The cities with missions."""
    missions: dict[Node, list[Node]] = defaultdict(list)
    points: dict[Node, tuple[float, float]] = {}
    for row in rows:
        if "latitude" in row and "longitude" in row:
            where = float(str(row["longitude"])), float(str(row["latitude"]))
            points[row["city"]] = drawn.place(*where)
            missions[row["city"]].append(row["mission"])
    return [City(place, points[place], tuple(missions[place])) for place in points]


def _shades(statuses: Iterable[Node]) -> Mapping[Node, str]:
    """A shade for each status: its own word, or one in turn for what data names."""
    found: dict[Node, str] = {}
    for status in sorted(set(statuses), key=str):
        is_word = "/" not in str(status)
        named = len([one for one in found if "/" in str(one)])
        turn = _SHADES[named] if named < len(_SHADES) else "other"
        found[status] = str(status) if is_word else turn
    return found


def _together(several: list[Node], shades: Mapping[Node, str]) -> str:
    words = [shades[status] for status in several]
    return _TOGETHER.get(frozenset(words), words[0])
