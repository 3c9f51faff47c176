"""Who keeps which missions where, and whether they are returned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rdflib import Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rdflib.term import Node

    from alaqat.visuals.records import Record


@dataclass(frozen=True, slots=True)
class Matrix:
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


def matrix(rows: Iterable[Record], denials: Iterable[Record]) -> Matrix:
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
    return Matrix(tuple(parties), kinds, frozenset(both))
