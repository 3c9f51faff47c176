"""What a page shows of one day: lists, a map and a network, and all other days too.

Every thing that held at some time stands on the page with its course, a letter for each
stretch of days. So a script can move the page to any day without asking the server.
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

from alaqat.asof import Course
from alaqat.dataset import Dataset
from alaqat.terms import AL, ONTOLOGY_GRAPH
from alaqat.timeline import Standing
from alaqat.visuals import Area, outlined, world
from alaqat.web.figures import period
from alaqat.web.pictures import Pictures

LETTERS = {"c": "certain", "p": "presumed", "q": "possible", ".": "out"}
"""How surely something held, as courses write it."""

_LETTER = {Standing.CERTAIN: "c", Standing.PRESUMED: "p", Standing.POSSIBLE: "q"}
_OUT = "."
_ORDER = "cpq."
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
        course: a letter for each stretch.
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

    def held(self, stretch: int) -> int:
        """How many of them are not excluded in a stretch."""
        return sum(item.course[stretch] != _OUT for item in self.items)

    def on(self, stretch: int) -> list[Item]:
        """The items with those first that held most surely in a stretch."""
        return sorted(self.items, key=lambda item: _ORDER.index(item.course[stretch]))


class Days:
    """All days of a dataset as one page has them.

    Args:
        dataset: which.
        pictures: of the same dataset.
        language: of the page.
    """

    def __init__(self, dataset: Dataset, pictures: Pictures, language: str) -> None:
        self.stretches = dataset.stretches
        self._pictures = pictures
        self._words = dataset.words(language)
        self._language = language
        self._ontology = dataset.graphs.get(ONTOLOGY_GRAPH, Graph())
        self._of: dict[Node, str] = {}
        for one in self.stretches.relations:
            self._of[one.triple[2]] = _letters(one)
        self.groups = tuple(self._groups())
        self.contradictions = tuple(self._contradictions())
        self.course, self.areas = cache(self._course), cache(self._areas)

    def _course(self, facts: tuple[Node, ...]) -> str:
        """The surest of several relations in every stretch."""
        found = [self._of[fact] for fact in facts if fact in self._of]
        return _surest(found) if found else _OUT * len(self.stretches.starts)

    def counts(self, stretch: int) -> Mapping[str, int]:
        """How many relations held in a stretch, by how surely."""
        letters = Counter(course[stretch] for course in self._of.values())
        return {word: letters[letter] for letter, word in LETTERS.items()}

    def _areas(self, centre: Node) -> list[tuple[Area, str]]:
        """The states that a party has relations with, or none, with their courses."""
        told: dict[Node, list[str]] = {}
        for one in self.stretches.relations:
            subject, property_, fact = one.triple
            case = _SHADED.get(str(property_))
            ends = (subject, *one.others)
            if case and centre in ends:
                for other in ends:
                    if other != centre:
                        told.setdefault(other, []).append(case(self._of[fact]))
        codes = {state: code for code, state in self._pictures.codes().items()}
        return [
            (outlined(codes.get(party, ""), party, "", (), world()), _shades(courses))
            for party, courses in told.items()
        ]

    def _contradictions(self) -> list[tuple[str, str]]:
        """What contradicts itself, each with the course of the days it does so."""
        found: dict[str, set[int]] = {}
        for number, start in enumerate(self.stretches.starts):
            for one in self.stretches.contradictions(start):
                found.setdefault(one.message.splitlines()[0], set()).add(number)
        count = len(self.stretches.starts)
        return [
            (message, "".join("c" if n in days else _OUT for n in range(count)))
            for message, days in sorted(found.items())
        ]

    def _groups(self) -> Iterable[Group]:
        """The relations by the class that their property leads to."""
        by: dict[Node, list[Course]] = {}
        for one in self.stretches.relations:
            property_ = one.triple[1]
            kind = self._ontology.value(property_, RDFS.range) or property_
            by.setdefault(kind, []).append(one)
        label = self._words.term
        for kind in sorted(by, key=lambda kind: (kind == AL.NonRelation, label(kind))):
            items = (self._item(one) for one in by[kind])
            ordered = sorted(items, key=lambda item: label(item.fact))
            yield Group(kind, kind == AL.NonRelation, tuple(ordered))

    def _item(self, one: Course) -> Item:
        fact = one.triple[2]
        when = period(self.stretches.periods[fact], self._language)
        return Item(fact, self._of[fact], when)


def courses_as_json(dataset: Dataset) -> dict[str, Any]:
    """How surely everything held on every day, as plain values."""
    stretches = dataset.stretches
    return {
        "version": dataset.version,
        "letters": LETTERS,
        "starts": [day.isoformat() for day in stretches.starts],
        "relations": [_plain(one) for one in stretches.relations],
        "shortcuts": [_plain(one) for one in stretches.shortcuts],
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


def _plain(one: Course) -> dict[str, Any]:
    parts = zip(("subject", "predicate", "object"), map(str, one.triple), strict=True)
    return {**dict(parts), "course": _letters(one)}


def _letters(one: Course) -> str:
    every = (one.standing(number) for number in range(len(one.levels)))
    return "".join(_OUT if held is None else _LETTER[held] for held in every)


def _surest(courses: list[str]) -> str:
    return "".join(
        min(letters, key=_ORDER.index) for letters in zip(*courses, strict=True)
    )


def _shades(courses: list[str]) -> str:
    """What a map shades in every stretch; ! where a denial meets what it denies."""
    return "".join(_shade(letters) for letters in zip(*courses, strict=True))


def _shade(letters: tuple[str, ...]) -> str:
    """The surest letter, of a relation or its denial; ! if neither is merely possible.

    Between equals, the relation.
    """
    held = sorted((one for one in letters if one != _OUT), key=_sureness)
    sides = {one.islower() for one in held if one in "cpCP"}
    if len(sides) > 1:
        return "!"
    return held[0] if held else _OUT


def _sureness(letter: str) -> tuple[int, bool]:
    return _ORDER.index(letter.lower()), letter.isupper()
