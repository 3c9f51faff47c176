"""A party's ties as orbits: a spoke for each other party, a ring for each kind.

Almost every tie that a document on one party's foreign relations tells has that party
at one end. A layout by forces would make a ball of it; rings and spokes say the same
and can be read. Ties between two others are chords.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from math import cos, pi, sin
from typing import TYPE_CHECKING

from alaqat.terms import AL

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rdflib.term import Node

    from alaqat.visuals.records import Record

SIZE = 1000
"""The width and height of the drawing."""

_TONES = 6  # that are told apart; rings are numbered too
_HUB, _RIM = 90.0, 320.0  # where rings begin, and where names stand


@dataclass(frozen=True, slots=True)
class Tie:
    """A kind of tie on a spoke.

    Attributes:
        kind: its class.
        facts: that say so.
        ring: the number of its ring, from within.
        point: where it is marked.
    """

    kind: Node
    facts: tuple[Node, ...]
    ring: int
    point: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Spoke:
    """Another party.

    Attributes:
        party: which it is.
        angle: in degrees clockwise from the top.
        ties: from within.
        name: where its name begins.
    """

    party: Node
    angle: float
    ties: tuple[Tie, ...]
    name: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Orbits:
    """A party and its ties.

    Attributes:
        centre: the party.
        rings: the kinds of ties, from within, each with its radius.
        spokes: the other parties, clockwise from the top.
        chords: ties between others: their kind, both parties, both points.
    """

    centre: Node
    rings: tuple[tuple[Node, float], ...]
    spokes: tuple[Spoke, ...]
    chords: tuple[tuple[Node, Node, Node, tuple[float, float, float, float]], ...]

    def tone(self, kind: Node) -> str:
        """The class that colours a ring; what is denied has its own."""
        number = [one for one, _ in self.rings].index(kind)
        return "denied" if kind == AL.NonRelation else f"kind-{number % _TONES}"


def orbits(rows: Iterable[Record], centre: Node) -> Orbits:
    """The ties of a party, those shared by most kinds first."""
    told = list(rows)
    own: dict[Node, dict[Node, list[Node]]] = defaultdict(lambda: defaultdict(list))
    for row in told:
        ends = [row["party"], row["other"]]
        if centre in ends:
            ends.remove(centre)
            own[ends[0]][row["kind"]].append(row["fact"])
    kinds = _kinds(own)
    rings = {kind: _radius(number, len(kinds)) for number, kind in enumerate(kinds)}
    order = sorted(own, key=lambda party: _order(own[party], kinds, party))
    turn = 360 / max(len(order), 1)
    spokes = tuple(
        _spoke(party, number * turn, own[party], rings)
        for number, party in enumerate(order)
    )
    places = {spoke.party: spoke.name for spoke in spokes}
    return Orbits(centre, tuple(rings.items()), spokes, _chords(told, centre, places))


def _kinds(own: dict[Node, dict[Node, list[Node]]]) -> list[Node]:
    """The kinds of ties, the most frequent outermost, where there is room."""
    counts: dict[Node, int] = defaultdict(int)
    for ties in own.values():
        for kind in ties:
            counts[kind] += 1
    return sorted(counts, key=lambda kind: (counts[kind], str(kind)))


def _order(
    ties: dict[Node, list[Node]], kinds: list[Node], party: Node
) -> tuple[int, tuple[bool, ...], str]:
    """Parties with more ties first, then those with the same kinds together."""
    return -len(ties), tuple(kind not in ties for kind in reversed(kinds)), str(party)


def _radius(number: int, count: int) -> float:
    return round(_HUB + (number + 0.5) * (_RIM - _HUB) / count, 1)


def _spoke(
    party: Node, angle: float, ties: dict[Node, list[Node]], rings: dict[Node, float]
) -> Spoke:
    found = tuple(
        Tie(kind, tuple(ties[kind]), number, _point(angle, radius))
        for number, (kind, radius) in enumerate(rings.items())
        if kind in ties
    )
    return Spoke(party, round(angle, 2), found, _point(angle, _RIM))


def _point(angle: float, radius: float) -> tuple[float, float]:
    """Clockwise from the top."""
    turned = (angle - 90) * pi / 180
    middle = SIZE / 2
    return round(middle + radius * cos(turned), 1), round(
        middle + radius * sin(turned), 1
    )


def _chords(
    rows: Iterable[Record], centre: Node, places: dict[Node, tuple[float, float]]
) -> tuple[tuple[Node, Node, Node, tuple[float, float, float, float]], ...]:
    found = {}
    for row in rows:
        ends = row["party"], row["other"]
        if centre not in ends and ends[0] in places and ends[1] in places:
            found[row["kind"], *ends] = (*places[ends[0]], *places[ends[1]])
    return tuple((*key, points) for key, points in found.items())
