"""The as-of pages: what held on a day, as a page, as JSON and as a Turtle snapshot.

Time is cut into intervals in which nothing changes. The page carries the *course* of
every relation, a letter of certainty for each interval, so that a script can move it to
any day without a request.
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
    locate_area,
    world,
)
from alaqat.dataset import Dataset
from alaqat.describe.literals import format_day
from alaqat.errors import InvalidQuery
from alaqat.http.proofs import JSON_FORMAT
from alaqat.http.representation import serialize, serialize_json
from alaqat.rdf.formats import (
    TURTLE,
    Format,
    negotiate,
    of_extension,
)
from alaqat.store.pool.dumps import serialize_graph
from alaqat.temporal.certainty import Certainty
from alaqat.temporal.edtf import parse_day
from alaqat.terms import AL, DOC, ONTOLOGY_GRAPH, document_graph, document_slugs
from alaqat.web.rendering import request_language
from alaqat.web.responses import represent, wants_page
from alaqat.web.views.charts import (
    ChartData,
    ChartView,
    format_period,
    render_chart,
)

CERTAINTY_LETTERS = {"c": "certain", "p": "presumed", "q": "possible", ".": "out"}
"""The letters of a course, from the most certain to excluded."""

_LETTERS = "".join(CERTAINTY_LETTERS)
_OUT = _LETTERS[-1]
# The properties that shade the map of a day; the letters of denials are capitals.
_CASE_OF_PROPERTY = {
    str(AL.hasDiplomaticRelation): str.lower,
    str(AL.hasNonRelation): str.upper,
}


@dataclass(frozen=True, slots=True)
class DayItem:
    """A relation in a list.

    Attributes:
        fact: the relation.
        course: a letter for each interval.
        when: its period, in words.
    """

    fact: Node
    course: str
    when: str


@dataclass(frozen=True, slots=True)
class DayGroup:
    """The relations of one class.

    Attributes:
        kind: the class.
        is_denial: whether they state what there is not.
        items: ordered by name.
    """

    kind: Node
    is_denial: bool
    items: tuple[DayItem, ...]

    def held(self, interval: int) -> int:
        """Return how many of them are not excluded in an interval."""
        return sum(item.course[interval] != _OUT for item in self.items)

    def on(self, interval: int) -> list[DayItem]:
        """Return the items, the most certain in an interval first."""
        return sorted(
            self.items, key=lambda item: _LETTERS.index(item.course[interval])
        )


class DayViewModel:
    """The view model of the as-of page: groups, map areas and contradictions.

    Args:
        dataset: the version.
        data: of the charts, of the same version.
        language: of the page.
    """

    def __init__(self, dataset: Dataset, data: ChartData, language: str) -> None:
        self.intervals = dataset.intervals
        self._data = data
        self._words = dataset.wording(language)
        self._language = language
        self._ontology = dataset.graphs.get(ONTOLOGY_GRAPH, Graph())
        self._levels = {one.triple[2]: one.levels for one in self.intervals.relations}
        self.groups = tuple(self._groups())
        self.contradictions = tuple(self._contradictions())
        self.course, self.areas = cache(self._course), cache(self._areas)

    def counts(self, interval: int) -> Mapping[str, int]:
        """Return how many relations held in an interval, by certainty."""
        levels = Counter(relation[interval] for relation in self._levels.values())
        words = CERTAINTY_LETTERS.values()
        return {word: levels[level] for level, word in enumerate(words)}

    def _course(self, facts: tuple[Node, ...]) -> str:
        """Return the course of the most certain of several relations."""
        found = most_certain(self._levels[one] for one in facts if one in self._levels)
        return _OUT * len(self.intervals.starts) if found is None else _letters(found)

    def _areas(self, centre: Node) -> list[tuple[Area, str]]:
        """Return the states that a party has or denies relations with, with courses."""
        courses: dict[Node, list[str]] = {}
        for relation in self.intervals.relations:
            subject, property_, _ = relation.triple
            case = _CASE_OF_PROPERTY.get(str(property_))
            parties = (subject, *relation.others)
            if case and centre in parties:
                for party in parties:
                    if party != centre:
                        course = case(_letters(relation.levels))
                        courses.setdefault(party, []).append(course)
        codes = {state: code for code, state in self._data.states_by_code().items()}
        return [
            (
                locate_area(codes.get(party, ""), party, "", (), world()),
                _merged_course(several),
            )
            for party, several in courses.items()
        ]

    def _contradictions(self) -> list[tuple[str, str]]:
        """Return the message and the course of each contradiction."""
        found: dict[str, set[int]] = {}
        intervals = range(len(self.intervals.starts))
        for interval in intervals:
            for one in self.intervals.contradictions_in(interval):
                found.setdefault(one.message.splitlines()[0], set()).add(interval)
        return [
            (message, "".join("c" if one in those else _OUT for one in intervals))
            for message, those in sorted(found.items())
        ]

    def _groups(self) -> Iterable[DayGroup]:
        """Group the relations by the range of their property, denials last."""
        by_kind: dict[Node, list[IntervalHistory]] = {}
        for relation in self.intervals.relations:
            property_ = relation.triple[1]
            kind = self._ontology.value(property_, RDFS.range) or property_
            by_kind.setdefault(kind, []).append(relation)
        label = self._words.term
        for kind in sorted(
            by_kind, key=lambda one: (one == AL.NonRelation, label(one))
        ):
            items = (self._item(relation) for relation in by_kind[kind])
            ordered = sorted(items, key=lambda item: label(item.fact))
            yield DayGroup(kind, kind == AL.NonRelation, tuple(ordered))

    def _item(self, relation: IntervalHistory) -> DayItem:
        fact = relation.triple[2]
        when = format_period(self.intervals.facts[fact].period, self._language)
        return DayItem(fact, _letters(relation.levels), when)


def courses_as_json(dataset: Dataset) -> dict[str, Any]:
    """Return the courses of all relations and shortcuts as a JSON object."""
    intervals = dataset.intervals
    return {
        "version": dataset.version,
        "letters": CERTAINTY_LETTERS,
        "starts": [day.isoformat() for day in intervals.starts],
        "relations": [_course_as_json(one) for one in intervals.relations],
        "shortcuts": [_course_as_json(one) for one in intervals.shortcuts],
    }


def _course_as_json(history: IntervalHistory) -> dict[str, Any]:
    names = ("subject", "predicate", "object")
    parts = zip(names, map(str, history.triple), strict=True)
    return {**dict(parts), "course": _letters(history.levels)}


def shade_classes(letter: str) -> str:
    """Return the CSS classes of a letter on the map of a day."""
    if letter == "!":
        return "contradicted"
    word = CERTAINTY_LETTERS[letter.lower()]
    if word == "out":
        return word
    return f"{'denied' if letter.isupper() else 'related'} {word}"


def adjacent_changes(
    starts: tuple[date, ...], day: date
) -> tuple[date | None, date | None]:
    """Return the last change before a day and the first one after it."""
    before = [one for one in starts[1:] if one < day]
    after = [one for one in starts[1:] if one > day]
    return before[-1] if before else None, after[0] if after else None


def _letters(levels: Levels) -> str:
    return "".join(_LETTERS[level] for level in levels)


def _merged_course(courses: list[str]) -> str:
    """Return one course for several, with ! where a relation and a denial conflict."""
    return "".join(_merged_letter(letters) for letters in zip(*courses, strict=True))


def _merged_letter(letters: tuple[str, ...]) -> str:
    """Return the most certain letter; ! if relation and denial are both presumed.

    What is merely possible conflicts with nothing. Between equals, the relation wins.
    """
    held = sorted((one for one in letters if one != _OUT), key=_certainty_key)
    sides = {one.islower() for one in held if one in "cpCP"}
    if len(sides) > 1:
        return "!"
    return held[0] if held else _OUT


def _certainty_key(letter: str) -> tuple[int, bool]:
    return _LETTERS.index(letter.lower()), letter.isupper()


_FORMATS = (JSON_FORMAT, TURTLE)


def asof_blueprint(data: ChartData) -> Blueprint:
    """Return the routes of the as-of pages."""
    blueprint = Blueprint("day", __name__)

    @blueprint.get("/as-of")
    def present() -> Response:
        text = request.args.get("date", "")
        return _respond(data, _read_day(text) if text else _latest_day(data.dataset()))

    @blueprint.get("/as-of/courses.json")
    def courses() -> Response:
        return represent(serialize_json(courses_as_json(data.dataset())))

    @blueprint.get("/as-of/<day>")
    def as_of(day: str) -> Response:
        stem, _, extension = day.rpartition(".")
        if form := of_extension(extension, _FORMATS):
            return _file(data.dataset(), _read_day(stem), form)
        return _respond(data, _read_day(day))

    return blueprint


def _respond(data: ChartData, day: date) -> Response:
    """Return the page of a day, or a file if the client does not accept HTML."""
    if wants_page() or "text/html" in request.accept_mimetypes.values():
        return _page(data, day)
    accept = request.headers.get("Accept", "")
    return _file(data.dataset(), day, negotiate(accept, _FORMATS))


def _page(data: ChartData, day: date) -> Response:
    dataset, language = data.dataset(), request_language()
    model: DayViewModel = data.cached(
        ("day", language), lambda: DayViewModel(dataset, data, language)
    )
    intervals, centre = model.intervals, data.centre(request.args.get("party", ""))
    first, last = intervals.bounds or (day, day)
    before, after = adjacent_changes(intervals.starts, day)
    interval = intervals.index(day)
    context = {
        "day": day,
        "day_text": format_day(day, language),
        "format_day": lambda one: format_day(one, language),
        "first": min(first, day),
        "last": max(last, date.today(), day),  # the slider reaches the present
        "interval": interval,
        "bounds": intervals.bounds,
        "present_days": _present_days(dataset),
        "before": before,
        "after": after,
        "base_path": url_for("day.present"),
        "shade_classes": shade_classes,
        "current_shade": lambda course: shade_classes(course[interval]),
        "world": world(),
        **_drawing_context(data, model, centre),
    }
    bindings: dict[str, Node] = {"date": Literal(day)}
    view = ChartView(model, "held-on-a-day", bindings, context)
    return render_chart(data, "charts/day.html", view)


def _drawing_context(
    data: ChartData, model: DayViewModel, centre: Node | None
) -> dict[str, Any]:
    """Return the template variables of the map and the network."""
    if centre is None:
        return {"centre": None}
    return {
        "centre": centre,
        "areas": model.areas(centre),
        "base_map": data.map(THEMES[0], centre),
        "network": data.network(centre),
        "cities": data.cities(centre),
    }


def _file(dataset: Dataset, day: date, form: Format) -> Response:
    """Return what held on a day as JSON, or the snapshot as Turtle.

    Raises:
        InvalidQuery: ``least`` is no certainty.
    """
    view = dataset.intervals.at(day)
    if form is JSON_FORMAT:
        return represent(serialize_json(day_as_json(view, dataset.plain_wordings)))
    least = request.args.get("least", "presumed").upper()
    if least not in Certainty.__members__:
        raise InvalidQuery(
            f"Not a certainty: {least.lower()}.",
            remedy="Give least=certain, least=presumed or least=possible.",
        )
    graph = view.snapshot(Certainty[least])
    return represent(
        serialize(form, lambda out: out.write(serialize_graph(graph, form)))
    )


def _read_day(text: str) -> date:
    """Parse a date.

    Raises:
        InvalidQuery: it is not a valid date.
    """
    day = parse_day(text)
    if day is None:
        raise InvalidQuery(
            f"Not a valid date: {text}.", remedy="Write it as 2010-06-15."
        )
    return day


def _present_days(dataset: Dataset) -> list[date]:
    """Return the days that curators chose as the present of the documents, sorted."""
    days = {
        parse_day(str(day))
        for slug in document_slugs(dataset.graphs)
        for day in dataset.graphs[document_graph(slug)].objects(
            DOC[slug], AL.presentDate
        )
    }
    return sorted(day for day in days if day)


def _latest_day(dataset: Dataset) -> date:
    """Return the last day that the dataset attests anything on, else today."""
    bounds = dataset.intervals.bounds
    return bounds[1] if bounds else date.today()  # the server's own day
