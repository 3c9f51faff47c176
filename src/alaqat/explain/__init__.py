"""Proofs: why a triple holds, down to the words of a document and the axioms."""

from alaqat.explain.derived import infer_from
from alaqat.explain.explainer import EVERY, Explainer
from alaqat.explain.names import Names
from alaqat.explain.plain import proof_as_json, triple_as_json, why_as_json
from alaqat.explain.record import Recorder
from alaqat.explain.replay import flaws
from alaqat.explain.telling import tell
from alaqat.explain.values import (
    Citation,
    Doubt,
    Evidence,
    Package,
    Place,
    Proof,
    Reference,
)
from alaqat.explain.why import Why, denying, opposites, why
from alaqat.explain.words import Words

__all__ = [
    "EVERY",
    "Citation",
    "Doubt",
    "Evidence",
    "Explainer",
    "Names",
    "Package",
    "Place",
    "Proof",
    "Recorder",
    "Reference",
    "Why",
    "Words",
    "denying",
    "flaws",
    "infer_from",
    "opposites",
    "proof_as_json",
    "tell",
    "triple_as_json",
    "why",
    "why_as_json",
]
