"""A party's ties as orbits: a spoke for each other party, a ring for each kind.

Almost every tie that a document on one party's foreign relations tells has that party
at one end. A layout by forces would make a ball of it; rings and spokes say the same
and can be read. Ties between two others are chords.

Who keeps which missions where, and whether they are returned.
"""

from __future__ import annotations

from collections import defaultdict
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
class NetworkChart:
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


def network_chart(rows: Iterable[Record], centre: Node) -> NetworkChart:
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
    return NetworkChart(
        centre, tuple(rings.items()), spokes, _chords(told, centre, places)
    )


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


@dataclass(frozen=True, slots=True)
class MissionMatrix:
    """Parties against parties.

    Attributes:
        parties: in one order for rows and columns, those with most missions first.
        kinds: what a party keeps in another: embassy, consulate.
        denied: pairs that are said to have no relations, both ways.
    """

    parties: tuple[Node, ...]
    kinds: Mapping[tuple[Node, Node], tuple[str, ...]]
    denied: frozenset[tuple[Node, Node]]

    def mutual(self, one: Node, other: Node) -> tuple[str, ...]:
        """What both keep in one another."""
        back = self.kinds.get((other, one), ())
        return tuple(kind for kind in self.kinds.get((one, other), ()) if kind in back)

    def standing(self, one: Node, other: Node) -> str:
        """How a pair stands: both, sends, hosts, none (stated), or unknown."""
        there, back = (one, other) in self.kinds, (other, one) in self.kinds
        if there or back:
            return {(True, True): "both", (True, False): "sends"}.get(
                (there, back), "hosts"
            )
        return "none" if (one, other) in self.denied else "unknown"

    @property
    def pairs(self) -> tuple[tuple[Node, Node], ...]:
        """Each pair of which something is said, once, the first party first."""
        return tuple(
            (one, other)
            for number, one in enumerate(self.parties)
            for other in self.parties[number + 1 :]
            if self.standing(one, other) != "unknown"
        )


def mission_matrix(rows: Iterable[Record], denials: Iterable[Record]) -> MissionMatrix:
    """The matrix of an answer with a sender, a host and the kinds in each row."""
    kinds: dict[tuple[Node, Node], tuple[str, ...]] = {}
    counts: dict[Node, int] = {}
    for row in rows:
        pair = row["sender"], row["host"]
        true = [kind for kind in ("embassy", "consulate") if row[kind] == Literal(True)]
        kinds[pair] = tuple(true)
        for party in pair:
            counts[party] = counts.get(party, 0) + 1
    stated = {(row["party"], row["country"]) for row in denials}
    both = stated | {(other, one) for one, other in stated}
    parties = sorted(counts, key=lambda party: (-counts[party], str(party)))
    return MissionMatrix(tuple(parties), kinds, frozenset(both))
