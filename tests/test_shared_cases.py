"""What server and scripts both draw: one set of cases for Python and TypeScript.

The scripts are tested with them in `web/src/visuals` and `web/src/views`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from alaqat.charts.map import world
from alaqat.charts.timeline import Scale
from alaqat.web.views.day import shade_classes

SHARED = Path(__file__).parent / "data" / "shared"


def cases(name: str) -> Any:
    """The cases of a file."""
    return json.loads((SHARED / f"{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("letter", "classes"), cases("history-letters"))
def test_a_letter_of_a_history_has_its_classes(letter: str, classes: str) -> None:
    """How surely, and whether it is denied."""
    assert shade_classes(letter) == classes


@pytest.mark.parametrize(("first", "last", "years"), cases("year-ticks"))
def test_a_scale_of_years_has_its_ticks(
    first: int, last: int, years: list[int]
) -> None:
    """Round years, eight at most where steps of a century are enough."""
    assert [year for year, _ in Scale(first, last).ticks] == years


@pytest.mark.parametrize(("longitude", "latitude", "x", "y"), cases("places-on-map"))
def test_the_projection_is_that_of_the_borders(
    longitude: float, latitude: float, x: float, y: float
) -> None:
    """The positions are those of d3-geo with the projection of web/tools/world.mjs."""
    assert world().project(longitude, latitude) == pytest.approx((x, y), abs=0.06)
