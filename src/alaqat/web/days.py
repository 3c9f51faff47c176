"""What a page shows of one day: lists, a map and a network, and all other days too.

Every thing that held at some time is on the page with its course: a letter for each
interval of days. So a script can move the page to any day without asking the server.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from rdflib import RDFS, Graph
from rdflib.term import Node

from alaqat.asof import IntervalHistory, Levels, most_certain
from alaqat.dataset import Dataset
from alaqat.terms import AL, ONTOLOGY_GRAPH
from alaqat.visuals import Area, outlined, world
from alaqat.web.figures import period
from alaqat.web.pictures import Pictures

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
class Item:
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
class Group:
    """The relations of one kind.

    Attributes:
        kind: their class.
        is_denial: whether they say what there is not.
        items: by their names.
    """

    kind: Node
    is_denial: bool
    items: tuple[Item, ...]

    def held(self, interval: int) -> int:
        """Return how many of them are not excluded in an interval."""
        return sum(item.course[interval] != _OUT for item in self.items)

    def on(self, interval: int) -> list[Item]:
        """Return the items, those first that held most surely in an interval."""
        return sorted(self.items, key=lambda item: _ORDER.index(item.course[interval]))


class Days:
    """All days of a dataset as one page has them.

    Args:
        dataset: which.
        pictures: of the same dataset.
        language: of the page.
    """

    def __init__(self, dataset: Dataset, pictures: Pictures, language: str) -> None:
        self.intervals = dataset.intervals
        self._pictures = pictures
        self._words = dataset.words(language)
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

    def _groups(self) -> Iterable[Group]:
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
            yield Group(kind, kind == AL.NonRelation, tuple(ordered))

    def _item(self, one: IntervalHistory) -> Item:
        fact = one.triple[2]
        when = period(self.intervals.facts[fact].period, self._language)
        return Item(fact, _letters(one.levels), when)


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
