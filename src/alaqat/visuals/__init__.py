"""Looking instead of reading: rows of answers as places, bars and rings to be drawn.

Nothing here draws, and nothing knows a web framework: templates turn these values into
SVG, and every picture is made from the answer to one saved query.
"""

from alaqat.visuals.bars import Bar, Chart, charts
from alaqat.visuals.matrix import Matrix, matrix
from alaqat.visuals.orbits import Orbits, Spoke, Tie, orbits
from alaqat.visuals.palette import INK
from alaqat.visuals.records import Record, records
from alaqat.visuals.shading import (
    THEMES,
    Area,
    City,
    Theme,
    cities,
    outlined,
    shade,
    theme,
)
from alaqat.visuals.strips import Scale, Strip, Strips, strip, strips
from alaqat.visuals.world import World, world

__all__ = [
    "INK",
    "THEMES",
    "Area",
    "Bar",
    "Chart",
    "City",
    "Matrix",
    "Orbits",
    "Record",
    "Scale",
    "Spoke",
    "Strip",
    "Strips",
    "Theme",
    "Tie",
    "World",
    "charts",
    "cities",
    "matrix",
    "orbits",
    "outlined",
    "records",
    "shade",
    "strip",
    "strips",
    "theme",
    "world",
]
