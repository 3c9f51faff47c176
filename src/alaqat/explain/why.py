"""The answer to “why?”: proofs, or that a triple is not there and what is instead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from alaqat.terms import AL, ONTOLOGY_GRAPH

if TYPE_CHECKING:
    from rdflib.term import Node

    from alaqat.explain.explainer import Explainer
    from alaqat.explain.values import Proof
    from alaqat.reason.rules import Triple

Status = Literal["asserted", "derived", "absent"]


@dataclass(frozen=True, slots=True)
class Why:
    """Why a triple holds, or what the dataset says against it.

    Attributes:
        triple: what was asked.
        proofs: shortest ones; none if the triple is not there.
        more: whether there are shortest proofs besides those.
        denials: proofs of triples that deny it.
    """

    triple: Triple
    proofs: tuple[Proof, ...]
    more: bool
    denials: tuple[Proof, ...]

    @property
    def status(self) -> Status:
        """Whether the triple was asserted, is derived, or is not in the dataset."""
        if not self.proofs:
            return "absent"
        return "asserted" if self.proofs[0].rule is None else "derived"


def why(explainer: Explainer, triple: Triple, most: int = 1) -> Why:
    """Why a triple holds; up to `most` shortest proofs, in a fixed order."""
    proofs = tuple(explainer.proofs(triple, most + 1))
    denials = tuple(
        proof
        for denial in denying(explainer, triple)
        for proof in explainer.proofs(denial, most)
    )
    return Why(triple, proofs[:most], len(proofs) > most, denials)


def denying(explainer: Explainer, triple: Triple) -> tuple[Triple, ...]:
    """The triples that would deny one: al:deniedBy in the ontology says which."""
    subject, predicate, value = triple
    return tuple((subject, other, value) for other in opposites(explainer, predicate))


def opposites(explainer: Explainer, predicate: Node) -> tuple[Node, ...]:
    """The properties that cannot hold where one holds, in a fixed order."""
    ontology = explainer.graphs.get(ONTOLOGY_GRAPH)
    if ontology is None:
        return ()
    deny = set(ontology.objects(predicate, AL.deniedBy))
    deny |= set(ontology.subjects(AL.deniedBy, predicate))
    return tuple(sorted(deny, key=str))
