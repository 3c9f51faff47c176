"""Proofs: why a triple holds, down to the words of a document and the axioms."""

from alaqat.explain.derivation import Derivations, Step
from alaqat.explain.explainer import MOST, Explainer, rules_of
from alaqat.explain.replay import flaws
from alaqat.explain.values import (
    Citation,
    Doubt,
    Evidence,
    Package,
    Place,
    Proof,
    Reference,
)

__all__ = [
    "MOST",
    "Citation",
    "Derivations",
    "Doubt",
    "Evidence",
    "Explainer",
    "Package",
    "Place",
    "Proof",
    "Reference",
    "Step",
    "flaws",
    "rules_of",
]
