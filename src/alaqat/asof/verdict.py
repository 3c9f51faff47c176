"""Verdicts on a triple: yes, no, both (contradicted), or silent (unknown)."""

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
    """Evidence for one side: a proof, and on a day its certainty."""

    proof: Proof
    certainty: Certainty | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict on a triple, with the evidence for and against it.

    Attributes:
        triple: the triple in question.
        day: the day in question; None for any time.
        pro: its proofs.
        contra: proofs of the triples that deny it.
    """

    triple: Triple
    day: date | None
    pro: tuple[Side, ...]
    contra: tuple[Side, ...]

    @property
    def answer(self) -> Answer:
        """Yes, no, both, or silent.

        The merely possible counts only if nothing more certain speaks against it.
        """
        pro, contra = _degree(self.pro), _degree(self.contra)
        best = _degree((*self.pro, *self.contra))
        return _ANSWERS[_weighs(pro, best), _weighs(contra, best)]

    @property
    def certainty(self) -> Certainty | None:
        """The certainty of the answer on the day; None without a day or an answer."""
        sides = self.contra if self.answer == "no" else self.pro
        return _degree(sides) if self.day and self.answer != "silent" else None


def _degree(sides: tuple[Side, ...]) -> Certainty | None:
    """Return the greatest certainty among some evidence; None if there is none."""
    return min((side.certainty or Certainty.CERTAIN for side in sides), default=None)


def _weighs(one: Certainty | None, best: Certainty | None) -> bool:
    """Return whether one side counts, given the best certainty of both."""
    if one is None or best is None:
        return False
    return one <= max(best, Certainty.PRESUMED)


def check(prover: Prover, triple: Triple, view: DayView | None = None) -> Verdict:
    """Return the verdict on a triple, at any time or on the day of a view.

    Denials follow al:deniedBy in the ontology; silence is not a denial.
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
        Side(proof, view.certainty_of(triple))
        for triple in triples
        for proof in view.proofs_of(triple)
    )
