"""Whether something is so: yes, no, both, or the documents are silent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from alaqat.proofs.prover import denying_triples
from alaqat.temporal.certainty import Certainty

if TYPE_CHECKING:
    from datetime import date

    from alaqat.asof.intervals import DayView
    from alaqat.proofs.model import Proof
    from alaqat.proofs.prover import Prover
    from alaqat.reason.rules import Triple


Answer = Literal["yes", "no", "both", "silent"]

_ANSWERS: dict[tuple[bool, bool], Answer] = {
    (True, False): "yes",
    (False, True): "no",
    (True, True): "both",
    (False, False): "silent",
}


@dataclass(frozen=True, slots=True)
class Side:
    """What speaks for one side: a proof, and on a day how surely it held."""

    proof: Proof
    standing: Certainty | None

    @property
    def counts(self) -> bool:
        """Whether it decides: what is merely possible on a day does not."""
        return self.standing is None or self.standing <= Certainty.PRESUMED


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a triple is so, and what speaks for and against it.

    Attributes:
        triple: what was asked.
        day: that was asked about; None for any time.
        pro: proofs of it.
        contra: proofs of what denies it.
    """

    triple: Triple
    day: date | None
    pro: tuple[Side, ...]
    contra: tuple[Side, ...]

    @property
    def answer(self) -> Answer:
        """Yes, no, both, or silent."""
        pro, contra = (any(s.counts for s in side) for side in (self.pro, self.contra))
        return _ANSWERS[pro, contra]


def check(prover: Prover, triple: Triple, view: DayView | None = None) -> Verdict:
    """Whether a triple is so, at any time or on the day of a view.

    al:deniedBy in the ontology says which triple denies which. That nothing is said is
    no denial. What is only possible on a day is shown, and the documents are silent.
    """
    day = view.day if view else None
    pro = _sides(prover, (triple,), view)
    return Verdict(
        triple, day, pro, _sides(prover, denying_triples(prover, triple), view)
    )


def _sides(
    prover: Prover, triples: tuple[Triple, ...], view: DayView | None
) -> tuple[Side, ...]:
    if view is None:
        found = (prover.proof(triple) for triple in triples)
        return tuple(Side(proof, None) for proof in found if proof)
    return tuple(
        Side(proof, view.standing(triple))
        for triple in triples
        for proof in view.proofs_of(triple)
    )
