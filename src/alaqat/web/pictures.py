"""What the pictures show: rows of saved queries as values for templates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

from rdflib.term import Node

from alaqat.dataset import Dataset
from alaqat.errors import UnknownName
from alaqat.library import Library, read_term
from alaqat.store import Answer
from alaqat.visuals import (
    Area,
    Chart,
    City,
    Matrix,
    Orbits,
    Record,
    Strips,
    Theme,
    charts,
    cities,
    matrix,
    orbits,
    records,
    shade,
    strips,
    world,
)


@dataclass(frozen=True)
class Map:
    """A map of what is said of a party and every state.

    Attributes:
        theme: what it is about.
        centre: the party.
        areas: the states that something is said of.
        cities: with missions, if the theme shows them.
        blank: the outlines of which nothing is said, and whose they are.
        own: the outline of the party itself, if it has one.
        counts: how many states each shade has.
    """

    theme: Theme
    centre: Node
    areas: tuple[Area, ...]
    cities: tuple[City, ...]
    blank: tuple[tuple[str, Node | None], ...]
    own: str
    counts: Mapping[str, int]

    @property
    def samples(self) -> tuple[Area, ...]:
        """One area of each shade, for the legend, the most frequent first."""
        found = {area.shade: area for area in reversed(self.areas)}
        order = sorted(found, key=lambda shade: (-self.counts[shade], shade))
        return tuple(found[shade] for shade in order)


class Pictures:
    """Makes the values of every picture from the dataset that is current.

    Args:
        dataset: gives the version that is current.
        library: the saved queries.
    """

    def __init__(self, dataset: Callable[[], Dataset], library: Library) -> None:
        self.dataset = dataset
        self._library = library
        self._lock = Lock()
        self._kept: tuple[Dataset | None, dict[object, Any]] = (None, {})

    def rows(self, name: str, **values: Node) -> list[Record]:
        """The rows of a saved query; kept as long as the dataset is the same."""
        key = (name, *sorted(values.items()))
        found: list[Record] = self._make(
            key, lambda: records(self.answer(name, **values))
        )
        return found

    def answer(self, name: str, **values: Node) -> Answer:
        """The answer to a saved query."""
        text = self._library.get(name).text
        return self.dataset().store.query(text, bindings=values)

    def parties(self) -> tuple[Node, ...]:
        """The parties that a picture may be centred on, those with most ties first."""
        return tuple(row["party"] for row in self.rows("parties-by-ties"))

    def centre(self, asked: str) -> Node:
        """The party that was asked for, else the one with most ties.

        Raises:
            UnknownName: it holds no relations of its own, or nobody does.
        """
        parties = self.parties()
        party = read_term(asked) if asked else next(iter(parties), None)
        if party not in parties or party is None:
            raise UnknownName(
                f"{asked or 'Nobody'} holds relations here.",
                remedy="Leave the party out, or take one from the list of the page.",
            )
        return party

    def map(self, theme: Theme, centre: Node) -> Map:
        """What is said of a party and every state."""
        return self._make(("map", theme, centre), lambda: self._map(theme, centre))

    def strips(self) -> Strips:
        """The dated facts on one scale."""
        return self._make("strips", lambda: strips(self.rows("facts-in-time")))

    def orbits(self, centre: Node) -> Orbits:
        """The ties of a party."""
        rows = "network-of-ties"
        return self._make(("orbits", centre), lambda: orbits(self.rows(rows), centre))

    def matrix(self) -> Matrix:
        """Who keeps which missions where."""
        missions, denials = "who-has-missions-where", "countries-without-relations"
        return self._make(
            "matrix", lambda: matrix(self.rows(missions), self.rows(denials))
        )

    def charts(self) -> list[Chart]:
        """The reported figures by unit."""
        return self._make("charts", lambda: charts(self.rows("figures-and-doubts")))

    def codes(self) -> Mapping[str, Node]:
        """The states by their M49 codes."""
        rows = self.rows("states-by-code")
        return {str(row["code"]): row["state"] for row in rows}

    def _map(self, theme: Theme, centre: Node) -> Map:
        drawn, codes = world(), self.codes()
        areas = tuple(shade(self.rows(theme.query, party=centre), drawn))
        own = next((code for code, state in codes.items() if state == centre), "")
        said = {area.code for area in areas} | {own}
        blank = [(path, codes.get(c)) for c, path in drawn.shapes.items() if c not in said]
        blank += [(path, None) for path in drawn.others]
        shows_cities = theme.name == "missions"
        return Map(
            theme=theme,
            centre=centre,
            areas=areas,
            cities=self.cities(centre) if shows_cities else (),
            blank=tuple(blank),
            own=drawn.shapes.get(own, ""),
            counts=Counter(area.shade for area in areas),
        )

    def cities(self, centre: Node) -> tuple[City, ...]:
        """The cities with missions that a party sends or hosts."""
        rows = self.rows("missions-by-coordinates")
        own = [row for row in rows if centre in (row["sender"], row["host"])]
        return tuple(cities(own, world()))

    def _make(self, key: object, make: Callable[[], Any]) -> Any:
        """What was made of this dataset before, or is made now."""
        current = self.dataset()
        with self._lock:
            if self._kept[0] is not current:
                self._kept = (current, {})
            made = self._kept[1]
        if key not in made:
            made[key] = make()
        return made[key]
