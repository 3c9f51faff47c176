"""What the pictures show: rows of saved queries as values for templates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from rdflib.term import Node

from alaqat.dataset import Dataset
from alaqat.errors import UnknownName
from alaqat.library import Library, Query, read_term
from alaqat.lru import LruCache
from alaqat.store import Answer
from alaqat.store.label_columns import labelled
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

_Made = TypeVar("_Made")
_LARGEST = 1000  # values of one version: several for each party


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

    def rows(self, name: str, **values: Node) -> list[Record]:
        """The rows of a saved query; kept as long as the dataset is the same."""
        key = (name, *sorted(values.items()))
        return self.made(key, lambda: records(self.answer(name, **values)))

    def answer(self, name: str, **values: Node) -> Answer:
        """The answer to a saved query."""
        return self.dataset().store.query(
            labelled(self.query(name)).text, bindings=values
        )

    def query(self, name: str) -> Query:
        """A saved query."""
        return self._library.get(name)

    def parties(self) -> tuple[Node, ...]:
        """The parties that a picture may be centred on, those with most ties first."""
        return tuple(row["party"] for row in self.rows("parties-by-ties"))

    def centre(self, asked: str) -> Node | None:
        """The party that was asked for, else the one with most ties, if any has some.

        Raises:
            UnknownName: it holds no relations of its own.
        """
        parties = self.parties()
        if not asked:
            return next(iter(parties), None)
        party = read_term(asked)
        if party not in parties:
            raise UnknownName(
                f"{asked} holds no relations here.",
                remedy="Leave the party out, or take one from the list of the page.",
            )
        return party

    def map(self, theme: Theme, centre: Node) -> Map:
        """What is said of a party and every state."""
        return self.made(("map", theme, centre), lambda: self._map(theme, centre))

    def strips(self) -> Strips:
        """The dated facts on one scale."""
        return self.made("strips", lambda: strips(self.rows("facts-in-time")))

    def orbits(self, centre: Node) -> Orbits:
        """The ties of a party."""
        rows = "network-of-ties"
        return self.made(("orbits", centre), lambda: orbits(self.rows(rows), centre))

    def matrix(self) -> Matrix:
        """Who keeps which missions where."""
        missions, denials = "who-has-missions-where", "countries-without-relations"
        return self.made(
            "matrix", lambda: matrix(self.rows(missions), self.rows(denials))
        )

    def charts(self) -> list[Chart]:
        """The reported figures by unit."""
        return self.made("charts", lambda: charts(self.rows("figures-and-doubts")))

    def codes(self) -> Mapping[str, Node]:
        """The states by their M49 codes."""
        rows = self.rows("states-by-code")
        return {str(row["code"]): row["state"] for row in rows}

    def _map(self, theme: Theme, centre: Node) -> Map:
        codes = self.codes()
        areas = tuple(shade(self.rows(theme.query, party=centre), world()))
        own = next((code for code, state in codes.items() if state == centre), "")
        shows_cities = theme.name == "missions"
        return Map(
            theme=theme,
            centre=centre,
            areas=areas,
            cities=self.cities(centre) if shows_cities else (),
            blank=self._blank({area.code for area in areas} | {own}),
            own=world().shapes.get(own, ""),
            counts=Counter(area.shade for area in areas),
        )

    def _blank(self, said: Container[str]) -> tuple[tuple[str, Node | None], ...]:
        """The outlines of which nothing is said, and whose they are."""
        codes = self.codes()
        shapes = world().shapes.items()
        found = [(path, codes.get(code)) for code, path in shapes if code not in said]
        return (*found, *((path, None) for path in world().others))

    def cities(self, centre: Node) -> tuple[City, ...]:
        """The cities with missions that a party sends or hosts."""
        rows = self.rows("missions-by-coordinates")
        own = [row for row in rows if centre in (row["sender"], row["host"])]
        return tuple(cities(own, world()))

    def made(self, key: Hashable, make: Callable[[], _Made]) -> _Made:
        """What was made of this dataset before, or is made now."""
        found: _Made = self.dataset().cached(_values).get_or_create(key, make)
        return found


def _values(_: Dataset) -> LruCache[Any]:
    return LruCache(_LARGEST)
