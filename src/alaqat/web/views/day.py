"""What a page shows of one day: lists, a map and a network, and all other days too.

Every thing that held at some time is on the page with its course: a letter for each
interval of days. So a script can move the page to any day without asking the server.

The pages of a day: what held on it, as a page, as JSON and as a snapshot.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from flask import Blueprint, Response, request, url_for
from rdflib import RDFS, Graph, Literal
from rdflib.term import Node

from alaqat.asof.intervals import (
    IntervalHistory,
    Levels,
    most_certain,
)
from alaqat.asof.text import day_as_json
from alaqat.charts.map import (
    THEMES,
    Area,
    outlined,
    world,
)
from alaqat.dataset import Dataset
from alaqat.describe.literals import day_words
from alaqat.errors import InvalidQuery
from alaqat.http.proofs import JSON_FORMAT
from alaqat.http.representation import serialize, serialize_json
from alaqat.rdf.formats import (
    TURTLE,
    Format,
    negotiate,
    of_extension,
)
from alaqat.rdf.writing import write_graph
from alaqat.temporal.certainty import Certainty
from alaqat.temporal.edtf import read_day
from alaqat.terms import AL, ONTOLOGY_GRAPH
from alaqat.web.rendering import request_language
from alaqat.web.responses import represent, wants_page
from alaqat.web.views.charts import (
    ChartData,
    ChartPage,
    period,
    picture_page,
)

LETTERS = {"c": "certain", "p": "presumed", "q": "possible", ".": "out"}
"""How surely something held, as courses write it: a letter for each level."""

_ORDER = "".join(LETTERS)
_OUT = _ORDER[-1]
# What a map of a day shades, by the property of the relation; denials in capitals.
_SHADED = {
    str(AL.hasDiplomaticRelation): str.lower,
    str(AL.hasNonRelation): str.upper,
}


@dataclass(frozen=True, slots=True)
class DayItem:
    """A relation in a list.

    Attributes:
        fact: which it is.
        course: a letter for each interval.
        when: as stated, in words.
    """

    fact: Node
    course: str
    when: str


@dataclass(frozen=True, slots=True)
class DayGroup:
    """The relations of one kind.

    Attributes:
        kind: their class.
        is_denial: whether they say what there is not.
        items: by their names.
    """

    kind: Node
    is_denial: bool
    items: tuple[DayItem, ...]

    def held(self, interval: int) -> int:
        """Return how many of them are not excluded in an interval."""
        return sum(item.course[interval] != _OUT for item in self.items)

    def on(self, interval: int) -> list[DayItem]:
        """Return the items, those first that held most surely in an interval."""
        return sorted(self.items, key=lambda item: _ORDER.index(item.course[interval]))


class DayPages:
    """All days of a dataset as one page has them.

    Args:
        dataset: which.
        pictures: of the same dataset.
        language: of the page.
    """

    def __init__(self, dataset: Dataset, pictures: ChartData, language: str) -> None:
        self.intervals = dataset.intervals
        self._pictures = pictures
        self._words = dataset.wording(language)
        self._language = language
        self._ontology = dataset.graphs.get(ONTOLOGY_GRAPH, Graph())
        self._levels = {one.triple[2]: one.levels for one in self.intervals.relations}
        self.groups = tuple(self._groups())
        self.contradictions = tuple(self._contradictions())
        self.course, self.areas = cache(self._course), cache(self._areas)

    def _course(self, facts: tuple[Node, ...]) -> str:
        """Return the course of the surest of several relations."""
        found = most_certain(self._levels[one] for one in facts if one in self._levels)
        return _OUT * len(self.intervals.starts) if found is None else _letters(found)

    def counts(self, interval: int) -> Mapping[str, int]:
        """Return how many relations held in an interval, by how surely."""
        levels = Counter(known[interval] for known in self._levels.values())
        return {word: levels[level] for level, word in enumerate(LETTERS.values())}

    def _areas(self, centre: Node) -> list[tuple[Area, str]]:
        """The states that a party has relations with, or none, with their courses."""
        told: dict[Node, list[str]] = {}
        for one in self.intervals.relations:
            subject, property_, _ = one.triple
            case = _SHADED.get(str(property_))
            ends = (subject, *one.others)
            if case and centre in ends:
                for other in ends:
                    if other != centre:
                        told.setdefault(other, []).append(case(_letters(one.levels)))
        codes = {state: code for code, state in self._pictures.codes().items()}
        return [
            (outlined(codes.get(party, ""), party, "", (), world()), _shades(courses))
            for party, courses in told.items()
        ]

    def _contradictions(self) -> list[tuple[str, str]]:
        """What contradicts itself, each with the course of the days it does so."""
        found: dict[str, set[int]] = {}
        every = range(len(self.intervals.starts))
        for interval in every:
            for one in self.intervals.contradictions_in(interval):
                found.setdefault(one.message.splitlines()[0], set()).add(interval)
        return [
            (message, "".join("c" if one in those else _OUT for one in every))
            for message, those in sorted(found.items())
        ]

    def _groups(self) -> Iterable[DayGroup]:
        """The relations by the class that their property leads to."""
        by: dict[Node, list[IntervalHistory]] = {}
        for one in self.intervals.relations:
            property_ = one.triple[1]
            kind = self._ontology.value(property_, RDFS.range) or property_
            by.setdefault(kind, []).append(one)
        label = self._words.term
        for kind in sorted(by, key=lambda kind: (kind == AL.NonRelation, label(kind))):
            items = (self._item(one) for one in by[kind])
            ordered = sorted(items, key=lambda item: label(item.fact))
            yield DayGroup(kind, kind == AL.NonRelation, tuple(ordered))

    def _item(self, one: IntervalHistory) -> DayItem:
        fact = one.triple[2]
        when = period(self.intervals.facts[fact].period, self._language)
        return DayItem(fact, _letters(one.levels), when)


def courses_as_json(dataset: Dataset) -> dict[str, Any]:
    """Return how surely everything held on every day, as plain values."""
    intervals = dataset.intervals
    return {
        "version": dataset.version,
        "letters": LETTERS,
        "starts": [day.isoformat() for day in intervals.starts],
        "relations": [_plain(one) for one in intervals.relations],
        "shortcuts": [_plain(one) for one in intervals.shortcuts],
    }


def shade_of(letter: str) -> str:
    """The classes of a letter on the map of a day."""
    if letter == "!":
        return "contradicted"
    word = LETTERS[letter.lower()]
    if word == "out":
        return word
    return f"{'denied' if letter.isupper() else 'related'} {word}"


def neighbours(starts: tuple[date, ...], day: date) -> tuple[date | None, date | None]:
    """The last day before, and the first day after, on which anything changes."""
    before = [one for one in starts[1:] if one < day]
    after = [one for one in starts[1:] if one > day]
    return before[-1] if before else None, after[0] if after else None


def _plain(one: IntervalHistory) -> dict[str, Any]:
    parts = zip(("subject", "predicate", "object"), map(str, one.triple), strict=True)
    return {**dict(parts), "course": _letters(one.levels)}


def _letters(levels: Levels) -> str:
    return "".join(_ORDER[level] for level in levels)


def _shades(courses: list[str]) -> str:
    """Return what a map shades in each interval; ! where two contradict."""
    return "".join(_shade(letters) for letters in zip(*courses, strict=True))


def _shade(letters: tuple[str, ...]) -> str:
    """Return the surest letter, of a relation or its denial; ! if both are sure.

    What is merely possible is not sure. Between equals, the relation goes first.
    """
    held = sorted((one for one in letters if one != _OUT), key=_sureness)
    sides = {one.islower() for one in held if one in "cpCP"}
    if len(sides) > 1:
        return "!"
    return held[0] if held else _OUT


def _sureness(letter: str) -> tuple[int, bool]:
    return _ORDER.index(letter.lower()), letter.isupper()


_FILES = (JSON_FORMAT, TURTLE)


def asof_blueprint(pictures: ChartData) -> Blueprint:
    """The routes of a day."""
    blueprint = Blueprint("asof", __name__)

    @blueprint.get("/as-of")
    def present() -> Response:
        asked = request.args.get("date", "")
        day = _day(asked) if asked else _present(pictures.dataset())
        return _answer(pictures, day)

    @blueprint.get("/as-of/courses.json")
    def courses() -> Response:
        return represent(serialize_json(courses_as_json(pictures.dataset())))

    @blueprint.get("/as-of/<day>")
    def as_of(day: str) -> Response:
        stem, _, ending = day.rpartition(".")
        if form := of_extension(ending, _FILES):
            return _written(pictures.dataset(), _day(stem), form)
        return _answer(pictures, _day(day))

    return blueprint


def _answer(pictures: ChartData, day: date) -> Response:
    """A page for people, a file for programs."""
    if wants_page() or "text/html" in request.accept_mimetypes.values():
        return _page(pictures, day)
    accept = request.headers.get("Accept", "")
    return _written(pictures.dataset(), day, negotiate(accept, _FILES))


def _page(pictures: ChartData, day: date) -> Response:
    dataset, language = pictures.dataset(), request_language()
    days: DayPages = pictures.made(
        ("days", language), lambda: DayPages(dataset, pictures, language)
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
    shown = ChartPage(days, "held-on-a-day", bound, more)
    return picture_page(pictures, "visuals/as-of.html", shown)


def _drawn(pictures: ChartData, days: DayPages, centre: Node | None) -> dict[str, Any]:
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
    if form is JSON_FORMAT:
        return represent(serialize_json(day_as_json(view, dataset.plain_wordings)))
    least = request.args.get("least", "presumed").upper()
    if least not in Certainty.__members__:
        raise InvalidQuery(
            f"Nothing is held as {least.lower()}.",
            remedy="Give least=certain, least=presumed or least=possible.",
        )
    graph = view.snapshot(Certainty[least])
    return represent(serialize(form, lambda out: write_graph(graph, out, form)))


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
