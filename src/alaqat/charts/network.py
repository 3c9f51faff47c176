"""Network chart of a party's ties, and matrix of diplomatic missions.

The network is radial: a spoke for each other party, a ring for each kind of tie. Almost
every tie in a document on one party's foreign relations has that party at one end, and
a force-directed layout would draw a hairball. Ties between two others are chords.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from math import cos, pi, sin
from typing import TYPE_CHECKING

from rdflib import Literal

from alaqat.terms import AL

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rdflib.term import Node

    from alaqat.store.interface import Record


SIZE = 1000
"""The width and height of the drawing."""

_COLOURS = 6  # which repeat; rings are numbered too
_HUB_RADIUS, _RIM_RADIUS = 90.0, 320.0  # rings are between them, names at the rim

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Tie:
    """The ties of one kind on a spoke.

    Attributes:
        kind: their class.
        facts: that state them.
        ring: number of its ring, from the centre.
        point: position of the mark.
    """

    kind: Node
    facts: tuple[Node, ...]
    ring: int
    point: Point


@dataclass(frozen=True, slots=True)
class Spoke:
    """Another party.

    Attributes:
        party: its node.
        angle: in degrees clockwise from the top.
        ties: from the centre outwards.
        name: position of its name.
    """

    party: Node
    angle: float
    ties: tuple[Tie, ...]
    name: Point


@dataclass(frozen=True, slots=True)
class NetworkChart:
    """A party and its ties.

    Attributes:
        centre: the party.
        rings: kind of tie and radius of each, from the centre outwards.
        spokes: the other parties, clockwise from the top.
        chords: ties between others: kind, both parties, and the coordinates of both.
    """

    centre: Node
    rings: tuple[tuple[Node, float], ...]
    spokes: tuple[Spoke, ...]
    chords: tuple[tuple[Node, Node, Node, tuple[float, float, float, float]], ...]

    def colour_class(self, kind: Node) -> str:
        """Return the CSS class that colours a ring; denials have one of their own."""
        number = [one for one, _ in self.rings].index(kind)
        return "denied" if kind == AL.NonRelation else f"kind-{number % _COLOURS}"


def network_chart(rows: Iterable[Record], centre: Node) -> NetworkChart:
    """Return the ties of a party, the parties with most kinds of ties first.

    Args:
        rows: of the query ``network-of-ties``: two parties, the kind and the fact.
        centre: the party.
    """
    ties: dict[Node, dict[Node, list[Node]]] = defaultdict(lambda: defaultdict(list))
    others = []
    for row in rows:
        ends = [row["party"], row["other"]]
        if centre in ends:
            ends.remove(centre)
            ties[ends[0]][row["kind"]].append(row["fact"])
        else:
            others.append((row["kind"], row["party"], row["other"]))
    kinds = _kinds(ties)
    rings = {kind: _radius(number, len(kinds)) for number, kind in enumerate(kinds)}
    parties = sorted(ties, key=lambda party: _order(ties[party], kinds, party))
    step = 360 / max(len(parties), 1)
    spokes = tuple(
        _spoke(party, number * step, ties[party], rings)
        for number, party in enumerate(parties)
    )
    points = {spoke.party: spoke.name for spoke in spokes}
    chords = tuple(
        (kind, one, other, (*points[one], *points[other]))
        for kind, one, other in dict.fromkeys(others)
        if one in points and other in points
    )
    return NetworkChart(centre, tuple(rings.items()), spokes, chords)


def _kinds(ties: Mapping[Node, Mapping[Node, list[Node]]]) -> list[Node]:
    """Return the kinds of ties, the most frequent last: outer rings have more room."""
    counts = Counter(kind for by_kind in ties.values() for kind in by_kind)
    return sorted(counts, key=lambda kind: (counts[kind], str(kind)))


def _order(
    ties: Mapping[Node, list[Node]], kinds: list[Node], party: Node
) -> tuple[int, tuple[bool, ...], str]:
    """Return a sort key: parties with more ties first, the same kinds together."""
    return -len(ties), tuple(kind not in ties for kind in reversed(kinds)), str(party)


def _radius(number: int, count: int) -> float:
    width = (_RIM_RADIUS - _HUB_RADIUS) / count
    return round(_HUB_RADIUS + (number + 0.5) * width, 1)


def _spoke(
    party: Node,
    angle: float,
    ties: Mapping[Node, list[Node]],
    rings: Mapping[Node, float],
) -> Spoke:
    found = tuple(
        Tie(kind, tuple(ties[kind]), number, _point(angle, radius))
        for number, (kind, radius) in enumerate(rings.items())
        if kind in ties
    )
    return Spoke(party, round(angle, 2), found, _point(angle, _RIM_RADIUS))


def _point(angle: float, radius: float) -> Point:
    """Return a position by its angle, in degrees clockwise from the top."""
    radians = (angle - 90) * pi / 180
    x, y = radius * cos(radians), radius * sin(radians)
    return round(SIZE / 2 + x, 1), round(SIZE / 2 + y, 1)


@dataclass(frozen=True, slots=True)
class MissionMatrix:
    """Which missions parties have in one another.

    Attributes:
        parties: of rows and columns, those with most missions first.
        kinds: of missions by sender and host: embassy, consulate.
        denied: pairs that have no relations, in both orders.
    """

    parties: tuple[Node, ...]
    kinds: Mapping[tuple[Node, Node], tuple[str, ...]]
    denied: frozenset[tuple[Node, Node]]

    def mutual(self, one: Node, other: Node) -> tuple[str, ...]:
        """Return the kinds of missions that both have in one another."""
        back = self.kinds.get((other, one), ())
        return tuple(kind for kind in self.kinds.get((one, other), ()) if kind in back)

    def status(self, one: Node, other: Node) -> str:
        """Return both, sends, hosts, none (denied) or unknown."""
        is_sender, is_host = (one, other) in self.kinds, (other, one) in self.kinds
        if is_sender and is_host:
            return "both"
        if is_sender or is_host:
            return "sends" if is_sender else "hosts"
        return "none" if (one, other) in self.denied else "unknown"

    @property
    def pairs(self) -> tuple[tuple[Node, Node], ...]:
        """The pairs with a known status, each once."""
        return tuple(
            (one, other)
            for number, one in enumerate(self.parties)
            for other in self.parties[number + 1 :]
            if self.status(one, other) != "unknown"
        )


def mission_matrix(
    missions: Iterable[Record], denials: Iterable[Record]
) -> MissionMatrix:
    """Return the matrix of missions.

    Args:
        missions: rows of the query ``who-has-missions-where``.
        denials: rows of the query ``countries-without-relations``.
    """
    kinds: dict[tuple[Node, Node], tuple[str, ...]] = {}
    counts: Counter[Node] = Counter()
    for row in missions:
        pair = row["sender"], row["host"]
        kinds[pair] = tuple(
            kind for kind in ("embassy", "consulate") if row[kind] == Literal(True)
        )
        counts.update(pair)
    stated = {(row["party"], row["country"]) for row in denials}
    denied = stated | {(other, one) for one, other in stated}
    parties = sorted(counts, key=lambda party: (-counts[party], str(party)))
    return MissionMatrix(tuple(parties), kinds, frozenset(denied))
