"""The pages of a day: what held on it, as a page, as JSON and as a snapshot."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, Response, request, url_for
from rdflib import Literal
from rdflib.term import Node

from alaqat.asof import moment_as_json
from alaqat.dataset import Dataset
from alaqat.describe import day_words
from alaqat.errors import InvalidQuery
from alaqat.formats import TURTLE, Format, negotiate, of_extension
from alaqat.formats.dataset import write_graph
from alaqat.protocol.representation import represent, represent_json
from alaqat.protocol.why import JSON
from alaqat.timeline import Standing, read_day
from alaqat.visuals import THEMES, world
from alaqat.web.days import Days, courses_as_json, neighbours, shade_of
from alaqat.web.pictures import Pictures
from alaqat.web.rendering import language_of_request
from alaqat.web.values import send, wants_page
from alaqat.web.visuals import Shown, picture_page

_FILES = (JSON, TURTLE)


def asof_blueprint(pictures: Pictures) -> Blueprint:
    """The routes of a day."""
    blueprint = Blueprint("asof", __name__)

    @blueprint.get("/as-of")
    def present() -> Response:
        asked = request.args.get("date", "")
        day = _day(asked) if asked else _present(pictures.dataset())
        return _answer(pictures, day)

    @blueprint.get("/as-of/courses.json")
    def courses() -> Response:
        return send(represent_json(courses_as_json(pictures.dataset())))

    @blueprint.get("/as-of/<day>")
    def as_of(day: str) -> Response:
        stem, _, ending = day.rpartition(".")
        if form := of_extension(ending, _FILES):
            return _written(pictures.dataset(), _day(stem), form)
        return _answer(pictures, _day(day))

    return blueprint


def _answer(pictures: Pictures, day: date) -> Response:
    """A page for people, a file for programs."""
    if wants_page() or "text/html" in request.accept_mimetypes.values():
        return _page(pictures, day)
    accept = request.headers.get("Accept", "")
    return _written(pictures.dataset(), day, negotiate(accept, _FILES))


def _page(pictures: Pictures, day: date) -> Response:
    dataset, language = pictures.dataset(), language_of_request()
    days: Days = pictures.made(
        ("days", language), lambda: Days(dataset, pictures, language)
    )
    intervals, centre = days.intervals, pictures.centre(request.args.get("party", ""))
    first, last = intervals.bounds or (day, day)
    before, after = neighbours(intervals.starts, day)
    here = intervals.index(day)
    more = {
        "day": day,
        "told": day_words(day, language),
        "day_told": lambda one: day_words(one, language),
        "first": min(first, day),
        "last": max(last, date.today(), day),  # the slider ends where the reader is
        "here": here,
        "known": intervals.bounds,
        "before": before,
        "after": after,
        "at_path": url_for("asof.present"),
        "shade_of": shade_of,
        "now": lambda course: shade_of(course[here]),
        "world": world(),
        **_drawn(pictures, days, centre),
    }
    bound: dict[str, Node] = {"date": Literal(day)}
    shown = Shown(days, "held-on-a-day", bound, more)
    return picture_page(pictures, "visuals/as-of.html", shown)


def _drawn(pictures: Pictures, days: Days, centre: Node | None) -> dict[str, Any]:
    """What the map and the network of a day are drawn from."""
    if centre is None:
        return {"centre": None}
    return {
        "centre": centre,
        "areas": days.areas(centre),
        "ground": pictures.map(THEMES[0], centre),
        "orbits": pictures.orbits(centre),
        "cities": pictures.cities(centre),
    }


def _written(dataset: Dataset, day: date, form: Format) -> Response:
    """What held on a day as JSON, or the snapshot as Turtle."""
    view = dataset.intervals.at(day)
    if form is JSON:
        return send(represent_json(moment_as_json(view, dataset.plain_words)))
    least = request.args.get("least", "presumed").upper()
    if least not in Standing.__members__:
        raise InvalidQuery(
            f"Nothing is held as {least.lower()}.",
            remedy="Give least=certain, least=presumed or least=possible.",
        )
    graph = view.snapshot(Standing[least])
    return send(represent(form, lambda out: write_graph(graph, out, form)))


def _day(text: str) -> date:
    """The day that is asked for.

    Raises:
        InvalidQuery: it is no day.
    """
    day = read_day(text)
    if day is None:
        raise InvalidQuery(f"{text} is no day.", remedy="Write it as 2010-06-15.")
    return day


def _present(dataset: Dataset) -> date:
    """The last day that the dataset attests anything on, else today."""
    bounds = dataset.intervals.bounds
    return bounds[1] if bounds else date.today()  # as above
