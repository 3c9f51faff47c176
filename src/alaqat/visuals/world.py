"""The outlines of the world and where a place lies on them.

The file is written by web/tools/world.mjs from Natural Earth's borders, by M49 codes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import asin, cos, radians, sin, sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# Šavrič, Patterson, Jenny: The Equal Earth map projection (2018), equations 1 and 2.
_A1, _A2, _A3, _A4 = 1.340264, -0.081106, 0.000893, 0.003796
_M = sqrt(3) / 2


@dataclass(frozen=True)
class World:
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
def world() -> World:
    """The world as it is shipped."""
    path = files(__package__) / "world.json"
    told = json.loads(path.read_text(encoding="utf-8"))
    projection = told["projection"]
    return World(
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
