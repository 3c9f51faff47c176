"""Proof checker: each step against its rule, each leaf against the assertions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alaqat.reason.datatypes import certainly_contains, values_equal
from alaqat.reason.literals import DT_EQ, DT_TYPE2
from alaqat.reason.rules import substitute, unify

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from alaqat.proofs.model import Proof
    from alaqat.reason.rules import Bindings, Triple


def proof_flaws(
    proof: Proof,
    is_asserted: Callable[[Triple], bool],
    ancestors: frozenset[Triple] = frozenset(),
) -> Iterator[str]:
    """Yield what is wrong with a proof; nothing if it is valid.

    Args:
        proof: the proof to check.
        is_asserted: whether a triple may be a leaf.
        ancestors: the triples that it helps to prove; none may occur in it again.
    """
    if proof.triple in ancestors:
        yield f"{proof.triple} is used to prove itself"
        return
    if proof.rule is None:
        if not is_asserted(proof.triple):
            yield f"{proof.triple} is a leaf and was not asserted"
        return
    if _conclusion(proof) != proof.triple:
        yield f"{proof.triple} does not follow by {proof.rule}"
    if tuple(axiom.triple for axiom in proof.axioms) != proof.rule.axiom:
        yield f"the axiom of {proof.rule} is not the one proved"
    for premise in (*proof.premises, *proof.axioms):
        yield from proof_flaws(premise, is_asserted, ancestors | {proof.triple})


def _conclusion(proof: Proof) -> Triple | None:
    """Apply the rule to the premises; None if it does not apply."""
    rule = proof.rule
    if rule is DT_EQ:
        return proof.triple if values_equal(*proof.triple[::2]) else None
    if rule is DT_TYPE2:
        return proof.triple if certainly_contains(*proof.triple[::-2]) else None
    if rule is None or rule.head is None or len(rule.body) != len(proof.premises):
        return None
    bindings: Bindings = {}
    for atom, premise in zip(rule.body, proof.premises, strict=True):
        found = unify(atom, premise.triple, bindings)
        if found is None:
            return None
        bindings = found
    return substitute(rule.head, bindings)
